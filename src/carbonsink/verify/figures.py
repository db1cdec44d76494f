"""The figures of a run beside those of the stages run again: areas, stocks, intervals and postings, both values of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from carbonsink.base.evidence import read_json
from carbonsink.base.records import Activity, ClassArea, Posting, Spread, WorksheetRow
from carbonsink.base.tables import read_csv, total
from carbonsink.verify.weights import leaves, number, percent

Kind = Literal["area", "class_area", "stock", "interval", "posting", "report"]
Key = tuple[Kind, int, str, str, str]  # kind, year, scenario or split, what, unit
CREDITED = ("removals", "avoided", "baseline")
CREDITS = ("issued", "withheld")  # judged by themselves; other postings by the vintage's gross


@dataclass(frozen=True)
class Figure:
    """One figure as the run states it and as it comes out again; None on a side that lacks it."""

    kind: Kind
    year: int
    scenario: str
    name: str  # stratum and kind of flow, class, quantity, account, or the key in report.json
    unit: str
    stated: float | None
    again: float | None
    of: float = 0.0  # what it is judged by where that is more than the figure itself

    @property
    def difference(self) -> float | None:
        """Run again less stated."""
        return None if self.stated is None or self.again is None else self.again - self.stated

    @property
    def differs(self) -> bool:
        """Whether the sides aren't the same number."""
        return self.stated != self.again

    @property
    def percent(self) -> float:
        """The difference in percent of the larger side; 100 where one side is missing."""
        return 100.0 if self.stated is None or self.again is None else percent(self.stated, self.again)

    @property
    def judged_percent(self) -> float:
        """The difference in percent of what it is judged by."""
        return 100.0 if self.stated is None or self.again is None else percent(self.stated, self.again, self.of)


def figures(run: Path, again: Path) -> tuple[Figure, ...]:
    """Every figure of either side, areas first and postings last; a Refusal where a table can't be read."""
    stated, found = dict(_figures_of(run)), dict(_figures_of(again))
    gross = _gross(found)
    keys = [*stated, *(key for key in found if key not in stated)]
    return tuple(Figure(*key, stated.get(key), found.get(key), _judged_by(key, gross)) for key in keys)


def differing_figures_of_report(run: Path, again: Path) -> tuple[Figure, ...]:
    """The numbers that report.json gives otherwise than the report made again."""
    stated, found = (dict(leaves(read_json(folder / "report" / "report.json"))) for folder in (run, again))
    keys = [key for key in sorted(stated.keys() | found.keys()) if stated.get(key) != found.get(key)]
    pairs = [(key, number(stated.get(key, "")), number(found.get(key, ""))) for key in keys]
    return tuple(Figure("report", 0, "", key, "", a, b) for key, a, b in pairs if a is not None or b is not None)


def _figures_of(run: Path) -> Iterator[tuple[Key, float]]:
    for row in read_csv(run / "areas" / "activity.csv", Activity):
        yield ("area", row.year, row.scenario, row.stratum, "ha"), row.area_ha
    for one in read_csv(run / "areas" / "classes.csv", ClassArea):
        yield ("class_area", one.year, one.split, one.land_class, "ha"), one.adjusted_ha
    stocks: dict[Key, list[float]] = defaultdict(list)
    for line in read_csv(run / "carbon" / "worksheet.csv", WorksheetRow):
        stocks["stock", line.year, line.scenario, f"{line.stratum} {line.kind}".strip(), "t CO2e"].append(line.co2e_t)
    yield from ((key, total(parts)) for key, parts in stocks.items())
    for spread in read_csv(run / "uncertainty" / "uncertainty.csv", Spread):
        name = f"{spread.quantity} {spread.approach} {spread.level_percent:g} %"
        yield ("interval", spread.year, "", name, "%"), spread.half_width_percent
    for posting in read_csv(run / "credit" / "statement.csv", Posting):
        yield ("posting", posting.vintage, "", posting.account, "t CO2e"), float(posting.co2e_t)


def _gross(found: dict[Key, float]) -> dict[int, float]:
    """The gross of each vintage, as run again [t CO2e]."""
    parts: dict[int, list[float]] = defaultdict(list)
    for (kind, year, _, name, _), value in found.items():
        if kind == "posting" and name in CREDITED:
            parts[year].append(value)
    return {year: abs(total(values)) for year, values in parts.items()}


def _judged_by(key: Key, gross: dict[int, float]) -> float:
    kind, year, _, name, _ = key
    return gross.get(year, 0.0) if kind == "posting" and name not in CREDITS else 0.0
