"""Every case worked and judged: the pair that is furthest off, against the case's tolerance.

outcomes()   ->  [Outcome(name, ours, published, difference, tolerance, source, passed, ...), ...]
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.cases.kinds import Pair, pairs

FOLDER = Path(__file__).parent
RELATIVE = 1e-9  # where a case says nothing else
WIDE = 72  # characters of a name or a source in the table


@dataclass(frozen=True)
class Outcome:
    """One case, worked: its furthest pair, and whether that is within the tolerance; `passed` is None where its data isn't here."""

    id: str
    name: str
    source: str
    compared: int
    where: str  # the furthest pair's label
    ours: float | None
    published: tuple[float, float] | None  # both ends of a range, or the same number twice
    difference: float | None
    tolerance: str
    passed: bool | None


def shared() -> Path:
    """The shared test data (`CARBONSINK_SHARED`)."""
    return Path(os.environ.get("CARBONSINK_SHARED", FOLDER.parents[2] / "shared"))


def case_files() -> list[Path]:
    """Every case, in the order of names."""
    return sorted(FOLDER.glob("*.toml"))


def outcomes(paths: Iterable[Path]) -> Iterator[Outcome]:
    """Every case's outcome, one after the other."""
    return (outcome(path) for path in paths)


def outcome(path: Path) -> Outcome:
    """One case's outcome."""
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    said = (path.stem, case["name"], ", ".join(case[key] for key in ("source", "place") if key in case))
    if "needs" in case and not (shared() / case["needs"]).is_dir():
        return Outcome(*said, 0, "", None, None, None, tolerance_words(case), None)
    try:
        found = pairs(case)
    except Exception as error:  # one case that can't be worked must not hide the others
        return Outcome(*said, 0, f"{type(error).__name__}: {error}", None, None, None, tolerance_words(case), False)
    worst = max(found, key=lambda one: one.difference / allowed(case, one))
    within = all(one.difference <= allowed(case, one) for one in found)
    return Outcome(*said, len(found), worst.label, worst.ours, (worst.low, worst.high), worst.difference, tolerance_words(case), within)


def allowed(case: dict[str, Any], one: Pair) -> float:
    """How far a pair may be apart: `absolute`, else `tolerance` of what was published; never quite nothing."""
    within = case["absolute"] if "absolute" in case else case.get("tolerance", RELATIVE) * max(abs(one.low), abs(one.high))
    return max(float(within), 1e-300)


def tolerance_words(case: dict[str, Any]) -> str:
    """The tolerance as the table shows it."""
    if "range" in case:
        return "in range"
    return f"{case['absolute']:g} abs" if "absolute" in case else f"{case.get('tolerance', RELATIVE):g} rel"


def table(found: Sequence[Outcome]) -> str:
    """The outcomes as people read them, and a last line that counts."""
    head = f"{'':<6} {'case':<{WIDE}} {'ours':>16} {'published':>20} {'difference':>11} {'tolerance':>12}  source"
    marks = {True: "ok", False: "FAILED", None: "no data"}
    lines = [f"{marks[one.passed]:<7}{_label(one):<{WIDE}} {_numbers(one)} {one.tolerance:>12}  {_cut(one.source, WIDE)}" for one in found]
    counted = [sum(one.passed is state for one in found) for state in (True, False, None)]
    without = f", {counted[2]} need the shared test data (CARBONSINK_SHARED)" if counted[2] else ""
    return "\n".join([head, *lines, f"{counted[0]} of {len(found)} cases agree, {counted[1]} don't{without}"])


def value(found: Sequence[Outcome]) -> list[dict[str, Any]]:
    """The outcomes as JSON."""
    return [asdict(one) for one in found]


def _label(one: Outcome) -> str:
    """The case's name, and of a vector how many numbers were compared and which is furthest off; of a failure, why."""
    more = f" ({one.where})" if one.compared == 0 and one.where else f" ({one.compared}: {one.where})" if one.compared > 1 else ""
    return _cut(one.name, WIDE - min(len(more), WIDE // 2)) + _cut(more, WIDE // 2)


def _numbers(one: Outcome) -> str:
    if one.ours is None or one.published is None or one.difference is None:
        return f"{'':>16} {'':>20} {'':>11}"
    low, high = one.published
    published = f"{low:.10g}" if low == high else f"{low:.6g} to {high:.6g}"
    return f"{one.ours:>16.10g} {published:>20} {one.difference:>11.3g}"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
