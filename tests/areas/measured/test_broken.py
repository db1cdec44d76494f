"""One broken input a message: everything that may be wrong with what an area hands in as measured."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carbonsink.base.problems import Refusal, messages
from carbonsink.base.records import PlotChange, PlotEstimate
from carbonsink.base.tables import write_csv
from carbonsink.declared.load import load
from tests.areas.measured.tables import (
    CENSUS,
    DAYS,
    SITES,
    SOIL,
    STOCKING,
    Cells,
    codes,
    good_soil,
    layer,
    measured,
    plan,
    problems,
    sites,
    stocking,
    units,
    write,
)
from tests.bad.area import good_area

YEARS = (2020, 2021, 2022, 2023)
Table = list[Cells]
Spoil = Callable[[Any], Any]


def changed(number: int, **cells: object) -> Callable[[Table], Table]:
    """A table with another row in place of one."""
    return lambda table: [row | cells if at == number else row for at, row in enumerate(table)]


def without(*names: str) -> Callable[[Table], Table]:
    """A table without columns."""
    return lambda table: [{name: cell for name, cell in row.items() if name not in names} for row in table]


def where(condition: Callable[[Cells], bool], **cells: object) -> Callable[[Table], Table]:
    """A table with cells changed in the rows that fit."""
    return lambda table: [row | cells if condition(row) else row for row in table]


def same(table: Table) -> Table:
    return table


def of_soil(folder: Path, samples: Spoil = same, places: Spoil = same, years: tuple[int, ...] = YEARS, **declared: Any) -> list[str]:
    write(folder, "soil_samples.csv", samples(good_soil()))
    write(folder, "soil_sites.csv", places(sites()))
    return codes(plan(folder, years, soil_samples=SOIL | declared), folder)


def of_census(folder: Path, table: Spoil = same, years: tuple[int, ...] = YEARS, **declared: Any) -> list[str]:
    write(folder, "census.csv", table(units([12, 15, 11, None, 14], date(2022, 6, 1))))
    return codes(plan(folder, years, census=CENSUS | declared), folder)


def of_stocking(folder: Path, table: Spoil = same, years: tuple[int, ...] = YEARS, **declared: Any) -> list[str]:
    write(folder, "stocking.csv", table(stocking()))
    return codes(plan(folder, years, stocking=STOCKING | declared), folder)


def control(name: str) -> Callable[[Cells], bool]:
    return lambda row: row["site"] == name


def donors(row: Cells) -> bool:
    return row["kind"] == "donor"


def dug_twice(table: Table) -> Table:
    return [*table, table[0]]


def half_of_sites_in_one_campaign(table: Table) -> Table:
    return [row for row in table if row["site"] == "P1" or row["date"] == DAYS[0]]


CASES: dict[str, tuple[str, Callable[..., list[str]], dict[str, Any]]] = {
    "a lacking column": ("E-MEA-002", of_soil, {"samples": without("depth_cm")}),
    "an unknown column": ("E-MEA-002", of_census, {"table": lambda t: [row | {"height": 3} for row in t]}),
    "no number": ("E-MEA-003", of_soil, {"samples": changed(0, organic_carbon_g_kg="much")}),
    "no date": ("E-MEA-003", of_census, {"table": changed(0, date="June 2022")}),
    "no such word": ("E-MEA-003", of_census, {"table": changed(0, state="felled")}),
    "out of bounds": ("E-MEA-003", of_soil, {"samples": changed(0, coarse_percent=120)}),
    "stones alone": ("E-MEA-003", of_soil, {"samples": changed(0, coarse_percent=100)}),
    "beyond measure": ("E-MEA-003", of_soil, {"samples": changed(0, organic_carbon_g_kg="1e-300")}),
    "no finite number": ("E-MEA-003", of_census, {"table": changed(0, biomass_kg="nan")}),
    "an empty cell": ("E-MEA-003", of_soil, {"places": changed(0, texture="")}),
    "a layer twice": ("E-MEA-004", of_soil, {"samples": dug_twice}),
    "a site twice": ("E-MEA-004", of_soil, {"places": dug_twice}),
    "a unit twice": ("E-MEA-004", of_census, {"table": dug_twice}),
    "a plot twice": ("E-MEA-004", of_stocking, {"table": dug_twice}),
    "no stratum of the area": ("E-MEA-005", of_census, {"table": changed(0, stratum="uper")}),
    "cells too many": ("E-MEA-007", of_census, {"table": changed(0, biomass_kg="12,5")}),
    "a layer of no mass": ("E-MEA-010", of_soil, {"samples": changed(0, bulk_density_g_cm3="", coarse_percent="")}),
    "a layer of two masses": ("E-MEA-010", of_soil, {"samples": changed(0, mass_g=280, cores=4, diameter_mm=21)}),
    "half of a way to tell a mass": ("E-MEA-010", of_soil, {"samples": changed(0, coarse_percent="")}),
    "too shallow": ("E-MEA-011", of_soil, {"samples": changed(0, depth_cm=20)}),
    "a site of which nothing is known": ("E-MEA-012", of_soil, {"samples": changed(0, site="P9")}),
    "too few samples": ("E-MEA-013", of_soil, {"samples": lambda t: [r for r in t if r["site"] != "P1" or str(r["sample"]) < "P1-2"]}),
    "sampled once": ("E-MEA-014", of_soil, {"samples": lambda t: [r for r in t if r["date"] == DAYS[0]]}),
    "controls sampled once": ("E-MEA-014", of_soil, {"samples": half_of_sites_in_one_campaign}),
    "a control site that moved": ("E-MEA-019", of_soil, {"samples": lambda t: [r for r in t if r["site"] != "C2" or r["date"] == DAYS[0]]}),
    "a control site of one sample": ("E-MEA-024", of_soil, {"samples": lambda t: [r for r in t if r["site"] != "C2" or r["sample"] == "C2-0"]}),
    "campaigns far apart": ("E-MEA-015", of_soil, {"samples": where(lambda r: r["date"] == DAYS[1], date=date(2025, 3, 21))}),
    "censuses far apart": ("E-MEA-015", of_census, {"planted": date(2017, 5, 31)}),
    "two control sites": ("E-MEA-016", of_soil, {"samples": lambda t: [row for row in t if row["site"] != "C3"]}),
    "a stratum without control": ("E-MEA-017", of_soil, {"samples": where(control("P1"), stratum="lower"), "places": changed(0, stratum="lower")}),
    "another texture": ("E-MEA-018", of_soil, {"places": changed(1, texture="sand")}),
    "too far away": ("E-MEA-018", of_soil, {"places": changed(1, distance_km=260)}),
    "no distance": ("E-MEA-018", of_soil, {"places": changed(1, distance_km="")}),
    "more rain": ("E-MEA-018", of_soil, {"places": changed(1, rainfall_mm=1601)}),
    "managed alike for too short": ("E-MEA-018", of_soil, {"places": changed(1, management_years=4)}),
    "converted from another cover": ("E-MEA-018", of_soil, {"places": changed(1, converted_from="forest", converted_year=1990)}),
    "other organic carbon": ("E-MEA-020", of_soil, {"samples": lambda t: [_richer(row) for row in t]}),
    "loose soil, no deeper layer": ("E-MEA-021", of_soil, {"samples": changed(0, bulk_density_g_cm3=1.0)}),
    "no vintage between campaigns": ("E-MEA-022", of_soil, {"years": (2015, 2016)}),
    "no vintage after planting": ("E-MEA-022", of_census, {"years": (2015, 2016)}),
    "a depth above 30 cm": ("E-MEA-023", of_soil, {"depth_cm": 20.0}),
    "a living unit of no weight": ("E-MEA-030", of_census, {"table": changed(0, biomass_kg="")}),
    "a dead unit that weighs": ("E-MEA-030", of_census, {"table": changed(3, biomass_kg=4)}),
    "counted and not sampled": ("E-MEA-031", of_census, {"counted": {"upper": 400, "lower": 20}}),
    "more sampled than counted": ("E-MEA-032", of_census, {"counted": {"upper": 4}}),
    "one living unit": ("E-MEA-033", of_census, {"table": lambda t: units([12, None, None], date(2022, 6, 1))}),
    "measured before it stood": ("E-MEA-034", of_census, {"planted": date(2022, 6, 1)}),
    "planted too close": ("E-MEA-035", of_census, {"counted": {"upper": 501}}),
    "no history": ("E-MEA-040", of_stocking, {"table": without("2011")}),
    "too few plots": ("E-MEA-041", of_stocking, {"table": lambda t: t[1:]}),
    "a plot too large": ("E-MEA-042", of_stocking, {"table": changed(0, area_ha=11)}),
    "a plot half outside": ("E-MEA-042", of_stocking, {"table": changed(0, inside_share=0.5)}),
    "a donor without distance": ("E-MEA-042", of_stocking, {"table": changed(40, distance_km="")}),
    "a gap in the history": ("E-MEA-043", of_stocking, {"table": changed(0, **{"2016": ""})}),
    "a vintage not monitored": ("E-MEA-044", of_stocking, {"years": (2022, 2024)}),
    "too few donors": ("E-MEA-045", of_stocking, {"controls": 5}),
    "donors of other facts": ("E-MEA-046", of_stocking, {"table": lambda t: [_state(n, row) for n, row in enumerate(t)]}),
    "controls unlike the project": ("E-MEA-047", of_stocking, {"table": lambda t: [_stocked(row) for row in t]}),
    "too many gaps": ("E-MEA-048", of_stocking, {"table": changed(0, **{"2022": ""})}),
    "a radius between steps": ("E-MEA-049", of_stocking, {"radius_km": 150.0}),
}


def _richer(row: Cells) -> Cells:
    return row | {"organic_carbon_g_kg": float(str(row["organic_carbon_g_kg"])) + 5} if row["site"] == "C2" else row


def _state(number: int, row: Cells) -> Cells:
    """Half of the plots on state land, and three donors."""
    return row | {"tenure": "state"} if (number < 15 or number > 146) else row


def _stocked(row: Cells) -> Cells:
    return row | {year: float(str(row[year])) + 0.2 for year in ("2011", "2016", "2020")} if donors(row) else row


@pytest.mark.parametrize("name", CASES)
def test_a_broken_input_is_refused(name: str, tmp_path: Path) -> None:
    code, of, given = CASES[name]
    assert set(of(tmp_path, **given)) == {code}


def test_what_isn_t_broken_is_taken(tmp_path: Path) -> None:
    assert of_soil(tmp_path) == of_census(tmp_path) == of_stocking(tmp_path) == []


@pytest.mark.parametrize(
    ("slope", "one", "other", "failed"),
    [("flat", "", "", False), ("hilly", 350, 15, False), ("hilly", 340, 15, True), ("steep", "", 15, True)],
)
def test_the_aspect_counts_on_sloping_land_alone(slope: str, one: object, other: object, failed: bool, tmp_path: Path) -> None:
    def places(table: Table) -> Table:
        return [row | {"slope_class": slope, "aspect_degrees": one if row["site"] == "P1" else other} for row in table]

    assert of_soil(tmp_path, places=places) == (["E-MEA-018"] * 3 if failed else [])


@pytest.mark.parametrize(("year", "failed"), [(1995, False), (2001, True), ("", True)])
def test_land_converted_alike_was_converted_at_about_the_same_time(year: object, failed: bool, tmp_path: Path) -> None:
    def places(table: Table) -> Table:
        return [row | {"converted_from": "forest", "converted_year": year if row["site"] == "C1" else 1990} for row in table]

    assert of_soil(tmp_path, places=places) == (["E-MEA-018"] if failed else [])


def test_a_failed_clause_is_named_with_both_sides(tmp_path: Path) -> None:
    write(tmp_path, "soil_samples.csv", good_soil())
    write(tmp_path, "soil_sites.csv", changed(2, rainfall_mm=1250)(sites()))
    (problem,) = problems(plan(tmp_path, YEARS, soil_samples=SOIL))
    for language in ("en", "zh"):
        assert all(word in problem.line(language) for word in ("C2", "P1", "rainfall_mm", "1250", "1500", "+- 100"))


def test_a_table_that_isn_t_there_or_is_empty(tmp_path: Path) -> None:
    made = plan(tmp_path, YEARS, census=CENSUS)
    assert [problem.code for problem in problems(made)] == ["E-CFG-020"]
    with pytest.raises(Refusal, match="E-MEA-001"):
        measured(made, tmp_path)
    write(tmp_path, "census.csv", [], ("unit", "stratum", "date", "state", "biomass_kg"))
    assert codes(made, tmp_path) == ["E-MEA-006"]


def test_all_problems_of_all_tables_come_at_once(tmp_path: Path) -> None:
    write(tmp_path, "soil_samples.csv", changed(0, depth_cm="deep")(good_soil()))
    write(tmp_path, "soil_sites.csv", changed(0, kind="projekt")(sites()))
    write(tmp_path, "census.csv", units([12, 15], date(2018, 6, 1)))
    write(tmp_path, "stocking.csv", changed(0, area_ha=0.01)(stocking()))
    made = plan(tmp_path, YEARS, soil_samples=SOIL, census=CENSUS, stocking=STOCKING | {"radius_km": 50.0})
    found = [problem.code for problem in problems(made)]
    assert {"E-MEA-003", "E-MEA-034", "E-MEA-042", "E-MEA-049"} <= set(found)
    assert found.count("E-MEA-003") == 2


def test_a_number_measured_in_two_ways_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "census.csv", units([12, 15, 11], date(2022, 6, 1)))
    row = PlotEstimate(2020, "project", "", "stratified", 9, 10.0, 1.0, 1.0, 7, 10.0, 10.0, 1.0, 0.0, 10.0)
    later = PlotEstimate(2022, "project", "", "stratified", 9, 10.0, 1.0, 1.0, 7, 10.0, 20.0, 1.0, 0.0, 20.0)
    write_csv(tmp_path / "areas" / "plots.csv", [row, later], PlotEstimate)
    write_csv(tmp_path / "areas" / "plot_changes.csv", [PlotChange(2020, 2022, "project", "remeasured", 9, 10.0, 5.0, 10.0, 0.0, 10.0)], PlotChange)
    assert set(codes(plan(tmp_path, YEARS, census=CENSUS), tmp_path)) == {"E-MEA-050"}


def test_check_tells_of_them_and_a_run_keeps_the_tables(tmp_path: Path) -> None:
    area = good_area(tmp_path)
    section = '[census]\nfile = "census.csv"\ncounted = { single-rice = 90 }\nplanted = 2019-06-01\nroot_shoot = 0.25\n'
    area.declare("[land]", section + 'root_shoot_source = "trial"\nsource = "trial"\n\n[land]')
    write(tmp_path, "census.csv", units([12, 15, 11], date(2021, 6, 1), "single-rice"))
    assert "census.csv" in load(tmp_path).declared_files()
    write(tmp_path, "census.csv", units([12, 15, np.inf], date(2021, 6, 1), "single-rice"))
    with pytest.raises(Refusal, match="E-MEA-003 census.csv:4"):
        load(tmp_path)


def test_every_message_of_measured_numbers_has_a_broken_input() -> None:
    elsewhere = {"E-MEA-001", "E-MEA-006", "E-MEA-050"}  # their own tests above
    assert {code for code in messages() if code.startswith("E-MEA")} == {code for code, _, _ in CASES.values()} | elsewhere


def test_core_samples_need_the_cores_of_the_probe(tmp_path: Path) -> None:
    row = layer("s", "P1", DAYS[0], 13, mass_g=283.2, cores=4, diameter_mm=21.5, bulk_density_g_cm3="", coarse_percent="")
    assert of_soil(tmp_path, samples=lambda table: [*table, row | {"cores": ""}]) == ["E-MEA-010"]
    assert set(SITES.values()) == {"project", "control"}


NASTY = st.sampled_from(["", " ", "-1", "0", "1e308", "nan", "2020-02-30", "upper", "alive", "P1", "\u202e", "\x00", '"', "99999999999999999999", "½", "١٢"])


@given(st.data())
@settings(max_examples=60)
def test_no_cell_however_odd_ends_in_a_traceback(data: st.DataObject) -> None:
    tables: dict[str, tuple[Callable[..., list[str]], str, Table]] = {
        "soil": (of_soil, "samples", good_soil()),
        "sites": (of_soil, "places", sites()),
        "census": (of_census, "table", units([12, 15, 11, None, 14], date(2022, 6, 1))),
        "stocking": (of_stocking, "table", stocking()),
    }
    of, argument, table = tables[data.draw(st.sampled_from(sorted(tables)))]
    number, column = data.draw(st.integers(0, len(table) - 1)), data.draw(st.sampled_from(sorted(table[0])))
    with TemporaryDirectory() as folder:
        found = of(Path(folder), **{argument: changed(number, **{column: data.draw(NASTY)})})
    assert all(code in messages() for code in found)
