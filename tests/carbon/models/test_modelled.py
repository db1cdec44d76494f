"""What an area's declared model gives: project less baseline, an interval from common draws, and every problem of its table."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from carbonsink.base.problems import Problem, Refusal
from carbonsink.base.records import Measured
from carbonsink.base.tables import read_csv, write_csv
from carbonsink.carbon import rothc
from carbonsink.carbon.modelled import factors, modelled
from carbonsink.carbon.work import worksheet
from carbonsink.declared.models import Model, model_problems
from carbonsink.declared.paths import Places
from carbonsink.declared.plan import Plan
from carbonsink.declared.schema import validate
from carbonsink.uncertainty import totals
from tests.carbon import projects
from tests.carbon.models.months import YEAR

NAMES = ("temperature_c", "rain_mm", "evaporation_mm", "carbon_input_t_ha", "manure_t_ha", "covered")
SOIL = {"clay_percent": 23.0, "depth_cm": 23.0, "initial_soc_t_ha": 40.0}
Cells = dict[str, Any]


def table(*strata: str, years: Sequence[int] = (2019, 2020, 2021), more: float = 1.5) -> list[Cells]:
    """Months of the small climate; the project brings `more` times the carbon of the baseline after the first year."""
    rows = []
    for stratum in strata:
        for year in years:
            for scenario, times in (("both", 1.0),) if year == years[0] else (("baseline", 1.0), ("project", more)):
                for month in range(12):
                    values: Cells = dict(zip(NAMES, (float(YEAR[name][month]) for name in YEAR), strict=True))
                    values |= {"carbon_input_t_ha": values["carbon_input_t_ha"] * times, "covered": int(values["covered"])}
                    rows.append({"year": year, "month": month + 1, "scenario": scenario, "stratum": stratum} | values)
    return rows


def plan(folder: Path, rows: Sequence[Mapping[str, Any]], soils: Mapping[str, Any] | None = None, **model: Any) -> Plan:
    """A farmland project of two vintages with a model and its table."""
    with (folder / "soil_model.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, ["year", "month", "scenario", "stratum", *NAMES])
        writer.writeheader()
        writer.writerows(rows)
    raw = {"kind": "rothc", "file": "soil_model.csv", "strata": soils or {"field": SOIL}, "source": "farm records"} | model
    made = projects.project("farmland-soil", dict.fromkeys(raw["strata"], projects.SOIL), projects.SOIL_VALUES, (2020, 2021))
    return replace(made, folder=folder, area=made.area.model_copy(update={"model": [validate(raw, Model, "area.toml")]}))


def project(rows: Sequence[Measured], stratum: str = "field") -> list[Measured]:
    return [row for row in rows if (row.scenario, row.stratum) == ("project", stratum)]


def test_a_gain_is_what_the_project_adds_over_the_baseline(tmp_path: Path) -> None:
    found = project(modelled(plan(tmp_path, table("field"))))
    start = rothc.scaled_to(rothc.equilibrium(**YEAR, clay=23.0, depth=23.0).pools, 40.0)
    year = {name: np.tile(values, 2) for name, values in YEAR.items()}
    runs = [rothc.run(**(year | {"carbon_input": year["carbon_input"] * f}), clay=23.0, depth=23.0, start=start, keep="years") for f in (1.0, 1.5)]
    difference = np.diff([0.0, *(runs[1].total - runs[0].total)])
    assert [row.year for row in found] == [2020, 2021] and {row.unit for row in found} == {"t_C ha^-1 yr^-1"}
    assert [row.value for row in found] == pytest.approx(difference, abs=1e-9)
    assert {(row.distribution, row.low) for row in found} == {("exact", None)}
    assert found[0].value > found[1].value > 0


def test_the_same_practice_gains_nothing_whatever_is_uncertain(tmp_path: Path) -> None:
    uncertain = {"carbon_input_t_ha": 30.0, "rain_mm": 20.0, "clay_percent": 15.0, "initial_soc_t_ha": 20.0}
    rows = modelled(plan(tmp_path, table("field", more=1.0), uncertainty=uncertain))
    assert {(row.value, row.low) for row in rows} == {(0.0, None)}


def test_the_interval_follows_the_inputs_and_holds_the_value(tmp_path: Path) -> None:
    def half(**uncertain: float) -> float:
        row = project(modelled(plan(tmp_path, table("field"), uncertainty=uncertain)))[0]
        assert row.low is not None and row.high is not None and row.low <= row.value <= row.high and row.distribution == "normal"
        return (row.high - row.low) / 2 / row.value

    # The gain is in proportion to the carbon that comes in, so its error is the input's.
    assert half(carbon_input_t_ha=20.0) == pytest.approx(0.2, rel=0.1)
    assert half(carbon_input_t_ha=40.0) == pytest.approx(0.4, rel=0.1)
    assert half(clay_percent=20.0) < 0.05 < half(carbon_input_t_ha=20.0, gain_t_ha=0.2)


def test_the_baseline_is_an_exact_zero(tmp_path: Path) -> None:
    rows = [row for row in modelled(plan(tmp_path, table("field"))) if row.scenario == "baseline"]
    assert [(row.value, row.distribution, row.low) for row in rows] == [(0.0, "exact", None)] * 2


def test_draws_hang_on_names_alone(tmp_path: Path) -> None:
    uncertain = {"carbon_input_t_ha": 20.0, "rain_mm": 10.0}
    alone = project(modelled(plan(tmp_path, table("field"), uncertainty=uncertain)))
    soils = {"aside": SOIL | {"clay_percent": 40.0}, "field": SOIL}
    beside = plan(tmp_path, table("aside", "field"), soils, uncertainty=uncertain)
    assert project(modelled(beside)) == alone
    model = beside.area.model[0]
    assert np.array_equal(factors(model, 1, "a")["rain_mm"], factors(model, 1, "a")["rain_mm"])
    assert not np.array_equal(factors(model, 1, "a")["rain_mm"], factors(model, 2, "a")["rain_mm"])
    assert factors(model, 1, "a")["rain_mm"].shape == (1001, 1) and factors(model, 1, "a")["rain_mm"][0] == 1


def test_without_a_measured_stock_the_first_year_makes_it(tmp_path: Path) -> None:
    soil = {name: value for name, value in SOIL.items() if name != "initial_soc_t_ha"}
    found = project(modelled(plan(tmp_path, table("field"), {"field": soil})))
    assert found[0].value == pytest.approx(project(modelled(plan(tmp_path, table("field"))))[0].value, rel=1e-6)


def test_rows_survive_their_file_and_enter_the_worksheet(tmp_path: Path) -> None:
    made = plan(tmp_path, table("field"), uncertainty={"carbon_input_t_ha": 20.0})
    rows = modelled(made)
    write_csv(tmp_path / "modelled.csv", rows, Measured)
    assert read_csv(tmp_path / "modelled.csv", Measured) == tuple(rows)
    flows = [flow for flow in made.methodology.flow if flow.kind == "removal"]
    by_model = projects.declaring(made, flow=[flows[0].model_copy(update={"equation": "modelled.soil_gain", "when": None})])
    sheet, variables = worksheet(by_model, projects.hectares(made, 10.0), rows)
    gross = totals(sheet, {variable.id: variable.value for variable in variables})[2020, "gross"]
    assert gross == pytest.approx(project(rows)[0].value * 10 * 44 / 12)


# --- refused


def problems(folder: Path, rows: Sequence[Mapping[str, Any]], **model: Any) -> list[Problem]:
    made = plan(folder, rows, **model)
    return list(model_problems(made.area, made.vintages, Places(folder)))


def changed(**change: Any) -> list[Cells]:
    rows = table("field")
    return [*rows[:20], rows[20] | change, *rows[21:]]


BROKEN: list[tuple[Callable[[], list[Cells]], str, str]] = [
    (lambda: table("field")[:-1], "E-MOD-003", "project of 2021 lacks the months 12"),
    (lambda: [row | {"scenario": "project"} if row["year"] == 2019 else row for row in table("field")], "E-MOD-004", "2019"),
    (lambda: table("field", years=(2019, 2020)), "E-MOD-005", "models 2020 to 2020, but the vintages are 2020, 2021"),
    (lambda: [*table("field"), table("field")[30] | {"scenario": "both"}], "E-MOD-006", "stand beside one another"),
    (lambda: [row | {"stratum": "meadow"} for row in table("field")], "E-MOD-002", "field"),
    (lambda: [row | {"stratum": "meadow"} for row in table("field")], "E-MEA-005", "meadow"),
    (lambda: [*table("field"), table("field")[30]], "E-MEA-004", "2 times"),
    (lambda: changed(rain_mm=-3.0), "E-MEA-003", "rain_mm is “-3.0”"),
    (lambda: changed(month=13), "E-MEA-003", "month is “13”"),
    (lambda: changed(year="20"), "E-MEA-003", "year is “20”"),
    (lambda: changed(temperature_c="nan"), "E-MEA-003", "temperature_c is “nan”"),
    (lambda: changed(covered=0.5), "E-MEA-003", "covered is “0.5”"),
]


@pytest.mark.parametrize(("rows", "code", "words"), BROKEN)
def test_a_broken_table_is_told_in_a_line(rows: Callable[[], list[Cells]], code: str, words: str, tmp_path: Path) -> None:
    found = problems(tmp_path, rows())
    mine = [problem.line("en") for problem in found if problem.code == code]
    assert mine and words in mine[0], found
    with pytest.raises(Refusal):
        modelled(plan(tmp_path, rows()))


def test_a_good_table_has_no_problems(tmp_path: Path) -> None:
    assert problems(tmp_path, table("field")) == []


def test_plants_nobody_knows_and_files_that_are_not_there(tmp_path: Path) -> None:
    found = problems(tmp_path, table("field"), soils={"field": SOIL | {"plants": "moss"}}, file="other.csv")
    assert [problem.code for problem in found] == ["E-MOD-007", "E-CFG-020"]
    assert "crop, scrub, forest" in found[0].line("en")


def test_a_stratum_is_modelled_once_and_is_one_of_the_area(tmp_path: Path) -> None:
    made = plan(tmp_path, table("field"))
    twice = made.area.model_copy(update={"model": made.area.model * 2, "strata": {"meadow": made.area.strata["field"]}})
    assert [problem.code for problem in model_problems(twice, made.vintages, Places(tmp_path))] == ["E-MOD-009", "E-MOD-002"]


def test_a_soil_without_carbon_never_settles(tmp_path: Path) -> None:
    bare = [row | {"carbon_input_t_ha": 0.0, "manure_t_ha": 0.0} if row["year"] == 2019 else row for row in table("field")]
    with pytest.raises(Refusal, match="E-MOD-008 soil_model.csv field"):
        modelled(plan(tmp_path, bare))
