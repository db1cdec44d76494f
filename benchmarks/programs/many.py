"""Many areas in one call, as `carbonsink estimate AREA ...` works them: python -m benchmarks.programs.many OUT AREA [AREA ...]"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from benchmarks import workload
from carbonsink.run import Means, estimate_all

TOO_SMALL = "E-AOI-017"  # fewer than nine pixels: refused by rule


def main() -> None:
    """Estimate all and report."""
    out, folders = Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]]
    clock = workload.Clock()
    with clock.running():
        outcomes = estimate_all(folders, out / "runs", Means(out / "store"), quiet)
    codes = [{problem.code for problem in outcome.refusal.problems} for outcome in outcomes if outcome.refusal]
    by_rule = sum(found == {TOO_SMALL} for found in codes)
    workload.report(clock, refused=len(codes) - by_rule, too_small=by_rule, codes=Counter(code for found in codes for code in found), areas=len(outcomes))


def quiet(*_: object) -> None:
    """Progress nobody watches."""


if __name__ == "__main__":
    main()
