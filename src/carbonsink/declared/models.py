"""A model of soil carbon as an area declares it: area.toml [[model]] and its table of months, read and held against one another.

    [[model]]
    kind = "rothc"
    file = "soil_model.csv"          year, month, scenario, stratum, temperature_c, rain_mm, evaporation_mm, carbon_input_t_ha,
    source = "farm records 2019"     manure_t_ha, covered
    [model.strata.field]
    clay_percent = 23.0
    depth_cm = 23.0
    initial_soc_t_ha = 41.0
    [model.uncertainty]
    carbon_input_t_ha = 20.0

A stratum's first calendar year is the land before the project, the same in both scenarios: it sets the soil up. A row of scenario
`both` stands for baseline and project.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from carbonsink.base.problems import Problem, Refusal
from carbonsink.declared.measured.table import Column, Row, is_year, read_table, strange_strata, twice
from carbonsink.declared.parameters import COLDEST, DEW, HOTTEST, read_parameters
from carbonsink.declared.paths import Places
from carbonsink.declared.schema import Declared

if TYPE_CHECKING:
    from carbonsink.declared.area import AreaFile

MONTHS = tuple(str(month) for month in range(1, 13))
SCENARIOS = ("baseline", "project")
BOTH = "both"
QUANTITIES = ("temperature_c", "rain_mm", "evaporation_mm", "carbon_input_t_ha", "manure_t_ha", "covered")
COLUMNS = (
    Column("year"),
    Column("month", words=MONTHS),
    Column("scenario", words=(*SCENARIOS, BOTH)),
    Column("stratum"),
    Column("temperature_c", float, least=COLDEST, most=HOTTEST),
    Column("rain_mm", float, least=0),
    Column("evaporation_mm", float, least=DEW),
    Column("carbon_input_t_ha", float, least=0),
    Column("manure_t_ha", float, least=0),
    Column("covered", words=("0", "1")),
)


class ModelSoil(Declared):
    """The soil of a stratum: clay, the depth that is modelled, the stock measured before the project where there is one."""

    clay_percent: float = Field(ge=0, le=100)
    depth_cm: float = Field(gt=0)
    initial_soc_t_ha: float | None = Field(default=None, gt=0)  # without it: what the first year's carbon would end in
    plants: str = "crop"  # whose carbon comes in: a choice of dpm_rpm in library/models/rothc.csv


class ModelUncertainty(Declared):
    """Half-widths of 95 % intervals: in percent of an input, one draw of it for all months and both scenarios; absolute for the gain itself."""

    rain_mm: float = Field(default=0.0, ge=0)
    evaporation_mm: float = Field(default=0.0, ge=0)
    carbon_input_t_ha: float = Field(default=0.0, ge=0)
    manure_t_ha: float = Field(default=0.0, ge=0)
    clay_percent: float = Field(default=0.0, ge=0)
    initial_soc_t_ha: float = Field(default=0.0, ge=0)
    gain_t_ha: float = Field(default=0.0, ge=0)  # of a year's gain, t C/ha: the model's own error, as a validation with measured stocks found it


class Model(Declared):
    """One model of soil carbon over the months of a table."""

    kind: Literal["rothc"]
    file: str
    strata: dict[str, ModelSoil] = Field(min_length=1)
    uncertainty: ModelUncertainty = ModelUncertainty()
    draws: int = Field(default=1_000, ge=100, le=100_000)
    source: str  # where weather, carbon inputs and soil are from


@dataclass(frozen=True)
class Months:
    """A stratum's months by quantity: the first year, and the years after it by scenario, January first."""

    first: Mapping[str, tuple[float, ...]]
    years: tuple[int, ...]
    after: Mapping[str, Mapping[str, tuple[float, ...]]]


def read_months(model: Model, path: Path, vintages: Sequence[int]) -> dict[str, Months] | list[Problem]:
    """Every stratum's months, or every problem of the table: cells first, then what rows say together."""
    found: list[Problem] = []
    rows = read_table(path, model.file, COLUMNS, found)
    found += [Problem("E-MEA-003", row.where, _wrong_year(row)) for row in rows if not is_year(row.texts["year"])]
    found += [*strange_strata(rows, list(model.strata)), *twice((model.file, "-".join(_cell(row))) for row in rows)]
    lacking = sorted(set(model.strata) - {row.texts["stratum"] for row in rows})
    if rows and lacking:
        found.append(Problem("E-MOD-002", model.file, {"strata": ", ".join(lacking)}))
    if found:
        return found
    by_stratum = {name: [row for row in rows if row.texts["stratum"] == name] for name in model.strata}
    problems = [problem for name, own in by_stratum.items() for problem in _year_problems(f"{model.file} {name}", own, vintages)]
    return problems or {name: _months(own) for name, own in by_stratum.items()}


def model_problems(area: AreaFile, vintages: Sequence[int], places: Places) -> Iterator[Problem]:
    """Everything wrong with an area's [[model]] sections and their tables."""
    counted = Counter(name for model in area.model for name in model.strata)
    yield from (Problem("E-MOD-009", f"area.toml [model.strata.{name}]", {"count": count}) for name, count in counted.items() if count > 1)
    yield from (Problem("E-MOD-002", "area.toml [strata]", {"strata": name}) for name in counted if name not in area.strata)
    known = read_parameters("rothc").choices("dpm_rpm")
    for model in area.model:
        for name, soil in model.strata.items():
            if soil.plants not in known:
                yield Problem("E-MOD-007", f"area.toml [model.strata.{name}.plants]", {"found": soil.plants, "known": ", ".join(known)})
        try:
            answer = read_months(model, places.existing(model.file, "area.toml [model.file]"), vintages)
        except Refusal as refusal:
            yield from refusal.problems
        else:
            yield from answer if isinstance(answer, list) else ()


def _wrong_year(row: Row) -> dict[str, object]:
    return {"column": "year", "found": row.texts["year"], "wanted": "YYYY"}


def _cell(row: Row) -> tuple[str, ...]:
    return tuple(row.texts[name] for name in ("stratum", "scenario", "year", "month"))


def _year_problems(where: str, rows: Sequence[Row], vintages: Sequence[int]) -> Iterator[Problem]:
    """A first year that isn't of both scenarios, months told twice or not at all, vintages that aren't modelled."""
    years = sorted({int(row.texts["year"]) for row in rows})
    said = {row.texts["scenario"] for row in rows if int(row.texts["year"]) == years[0]} - {BOTH}
    if said:
        yield Problem("E-MOD-004", where, {"year": years[0], "found": ", ".join(sorted(said))})
    if not set(vintages) <= set(range(years[0] + 1, years[-1] + 1)):
        yield Problem("E-MOD-005", where, {"first": years[0] + 1, "last": years[-1], "vintages": ", ".join(map(str, vintages))})
    held = {_cell(row)[1:] for row in rows}
    for scenario, year, month in sorted(held):
        if scenario != BOTH and (BOTH, year, month) in held:
            yield Problem("E-MOD-006", where, {"scenario": scenario, "year": year, "month": month})
    for whole in range(years[0] if not said else years[0] + 1, years[-1] + 1):
        for side in SCENARIOS:
            lacking = [month for month in MONTHS if not {(side, str(whole), month), (BOTH, str(whole), month)} & held]
            if lacking:
                yield Problem("E-MOD-003", where, {"scenario": side, "year": whole, "months": ", ".join(lacking)})


def _months(rows: Sequence[Row]) -> Months:
    held = {_cell(row)[1:]: row.numbers | {"covered": float(row.texts["covered"])} for row in rows}
    years = sorted({int(row.texts["year"]) for row in rows})

    def series(scenario: str, wanted: Sequence[int]) -> dict[str, tuple[float, ...]]:
        cells = [held.get((scenario, str(year), month)) or held[BOTH, str(year), month] for year in wanted for month in MONTHS]
        return {name: tuple(numbers[name] for numbers in cells) for name in QUANTITIES}

    after = {scenario: series(scenario, years[1:]) for scenario in SCENARIOS}
    return Months(series(BOTH, years[:1]), tuple(years[1:]), after)
