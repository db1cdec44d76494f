"""Stage 6 whole: both approaches, shares and rank correlations of strata that share nothing, each with eight symbols of its own.

python -m benchmarks.programs.stage_six STRATA DRAWS
"""

from __future__ import annotations

import sys

from tests.uncertainty.worksheets import ONE, row, variable

from benchmarks import workload
from carbonsink.base.evidence import digest
from carbonsink.base.records import Variable, WorksheetRow
from carbonsink.uncertainty import Sampling, approach_1, approach_2, draw, half_widths, simulate, variance_shares
from carbonsink.uncertainty.shares import with_ranks

KINDS = ("normal", "lognormal", "triangular", "uniform")
AFTER, BEFORE = "{0} * {1} * ({2} * {3} - {4}) / {5} + {6} * {7}", "{0} * {6}"
WIDTH = 0.3


def main() -> None:
    """Lay the worksheet, work the stage, report the digest of its two tables."""
    strata, draws = int(sys.argv[1]), int(sys.argv[2])
    rows, variables = laid(strata)
    sampling, clock = Sampling(draws, 1, "benchmark"), workload.Clock()
    draw(variables[1], sampling, 0, 4)  # imports what drawing needs
    with clock.running():
        drawn, moves = simulate(rows, variables, sampling), half_widths(rows, variables)
        spreads = [*approach_1(rows, variables, moves), *approach_2(drawn)]
        shares = with_ranks(list(variance_shares(variables, moves)), variables, drawn, sampling)
    stated = [repr(one) for one in (*spreads, *shares)]
    workload.report(clock, digest=digest(stated), rows=len(rows), variables=len(variables))


def laid(strata: int) -> tuple[list[WorksheetRow], list[Variable]]:
    """Two rows a stratum over eight variables of its own, of every distribution in turn."""
    rows, variables = [], [ONE]
    for stratum in range(strata):
        names = [f"s{stratum:05d}v{number}" for number in range(8)]
        for number, name in enumerate(names):
            value = 10.0 + number + stratum / 7
            variables.append(variable(KINDS[number % len(KINDS)], value, value * (1 - WIDTH), value * (1 + WIDTH), name))
        rows.append(row(AFTER.format(*names), *names))
        rows.append(row(BEFORE.format(*names), names[0], names[6], scenario="baseline"))
    return rows, variables


if __name__ == "__main__":
    main()
