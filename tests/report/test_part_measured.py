"""What is said of measured and modelled numbers: the samples, units and controls they stand on, on the page, in the workbook, by explain."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from carbonsink.base.evidence import sha256, write_json
from carbonsink.base.measurements import Measurements, read_measurements
from carbonsink.base.records import MatchedControl, Measured, SoilStock
from carbonsink.base.tables import read_csv, write_csv
from carbonsink.declared.language import read_languages
from carbonsink.declared.plan import Plan
from carbonsink.explain import explain
from carbonsink.report.parts.measured import SHOWN_NUMBERS, measured
from carbonsink.report.parts.plots import plots
from carbonsink.report.render import render
from carbonsink.report.results import gather
from tests.report import measured_runs
from tests.report.test_page import HOSTILE, Reader, html
from tests.report.test_workbook import assert_same_statement, recalculated, rows

EN, ZH = read_languages(["en", "zh"])
Run = tuple[Plan, Path]


@pytest.fixture(scope="module")
def soil(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return measured_runs.soil_run(tmp_path_factory.mktemp("soil"))


@pytest.fixture(scope="module")
def census(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return measured_runs.census_run(tmp_path_factory.mktemp("census"))


@pytest.fixture(scope="module")
def stocking(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return measured_runs.stocking_run(tmp_path_factory.mktemp("stocking"))


def told(run: Run, w: Any = EN) -> dict[str, Any]:
    view: dict[str, Any] = measured(run[0], gather(*run), w)["measured"]
    return view


def test_soil_is_told_by_change_and_site_on_one_mass(soil: Run) -> None:
    (block,) = told(soil)["blocks"]
    changes, stocks = block["tables"]
    assert [line.cells[2] for line in changes.rows] == ["Project", "Control sites", "Project less controls"]
    assert [line.cells for line in changes.rows][2] == ("upper terraces", "2020–2024", "Project less controls", "2.24 ± 0.11", "1.96 – 2.51", "6.9")
    assert [line.mark for line in changes.rows] == ["", "", "chosen"]
    assert stocks.rows[0].cells == ("upper terraces", "2020", "Project", "all sites", "6", "3,750", "3,750", "47.31 ± 1.84")
    assert len(stocks.rows) == 12 and "12 of 12 rows" in stocks.caption
    assert "Stocks down to 30 cm" in block["notes"][0] and "Source: trial." in block["notes"][-1]
    assert told(soil, ZH)["blocks"][0]["tables"][0].rows[2].cells[2] == "项目减对照"


def test_a_census_is_told_by_day_with_what_is_taken_off(census: Run) -> None:
    """W18: 400 units, 34.639 t CO2e and UNC 22.21605 % at the second census."""
    (block,) = told(census)["blocks"]
    (table,) = block["tables"]
    assert table.rows[2].cells == ("31 May 2027", "all strata", "400", "10", "8", "–", "–", "9.447 ± 3.043", "22.22")
    assert table.rows[3].cells == ("31 May 2027", "slopes", "400", "10", "8", "20.0", "50.25 ± 2.71", "9.447 ± 3.043", "–")
    assert "what exceeds 10 %" in block["notes"][0] and "0.25 of that above it (trial)" in block["notes"][1]
    assert told(census, ZH)["blocks"][0]["tables"][0].rows[0].cells[0] == "2022年6月1日"


def test_controls_are_told_by_growth_balance_and_match(stocking: Run) -> None:
    (block,) = told(stocking)["blocks"]
    benchmarks, balance, matches = block["tables"]
    assert [(line.cells[0], line.cells[1], line.cells[5]) for line in benchmarks.rows] == [
        ("2021", "60", "1"),
        ("2022", "90", "0.3974"),
        ("2023", "120", "0.4002"),
    ]
    assert [line.cells[0] for line in balance.rows] == ["2011", "2016", "2020"] and {line.cells[3] for line in balance.rows} == {"0.25"}
    assert len(matches.rows) == 12 and "12 of 30 plots" in matches.caption
    assert matches.rows[0].cells[0] == "p000" and matches.rows[0].cells[1].count("distance") == 2
    assert "30 plots of the project, each with 2 controls" in block["notes"][0]


def test_numbers_stand_by_symbol_with_interval_unit_and_how_they_are_known(soil: Run) -> None:
    sampled, modelled = told(soil)["numbers"]["tables"]
    assert sampled.caption == "gain of soil organic carbon measured again, less that of the control sites (t C ha⁻¹ yr⁻¹)"
    assert sampled.rows[0].cells[:5] == ("2020", "Project", "upper terraces", "0.437556", "0.383681 – 0.491431")
    assert sampled.rows[0].cells[5].startswith("soil_samples.csv: 2020-03-20 to 2024-03-20")
    assert [line.cells[1:3] for line in modelled.rows] == [("Project", "lower fields")] * 2, "the baseline's zeros are said in a sentence"
    assert "rothc, soil_model.csv" in modelled.rows[0].cells[5]


def test_what_holds_for_the_whole_area_is_said_of_all_strata(stocking: Run) -> None:
    gains, benchmark = told(stocking)["numbers"]["tables"]
    assert {line.cells[2] for line in (*gains.rows, *benchmark.rows)} == {"all strata"}
    assert benchmark.rows[0].cells[1:5] == ("Both", "all strata", "1", "exact")
    assert told(stocking, ZH)["numbers"]["tables"][1].rows[0].cells[1:3] == ("两种情景", "全部分层")
    text = Reader(html(stocking)).text
    assert "trees, beyond the performance benchmark" in text and "min(" in text and "minimum(" in text, "as people write it, and as it is reckoned"


def test_a_number_no_equation_asks_for_is_named(soil: Run) -> None:
    plan, folder = soil
    found = gather(plan, folder)
    extra = Measured(2020, "project", "", "tree_carbon_gain", 1.0, "t_C yr^-1", 0.5, 1.5, "normal", "plots")
    view = measured(plan, replace(found, measured=replace(found.measured, numbers=(*found.measured.numbers, extra))), EN)["measured"]
    assert view["numbers"]["notes"][1:] == [
        "Measured, but asked for by no equation of this methodology: measured gain of carbon in trees, all strata together."
    ]


def test_a_long_series_is_cut_and_says_where_the_rest_is(soil: Run) -> None:
    plan, folder = soil
    many = tuple(Measured(1900 + n, "project", "", "tree_carbon_gain", 1.0, "t_C yr^-1", None, None, "exact", "plots") for n in range(SHOWN_NUMBERS + 5))
    (table,) = measured(plan, replace(gather(plan, folder), measured=Measurements(numbers=many)), EN)["measured"]["numbers"]["tables"]
    assert len(table.rows) == SHOWN_NUMBERS and "60 of 65 rows; all: areas/measured.csv" in table.caption


def test_nothing_is_said_where_nothing_was_measured(rice: Run) -> None:
    assert measured(rice[0], gather(*rice), EN) == {"measured": None}
    assert read_measurements(rice[1]) == Measurements()


def test_inventories_that_are_credited_aren_t_said_to_stand_beside(stocking: Run, rice: Run) -> None:
    beside, credited = "stand beside the reckoning", "goes into the worksheet"
    notes = " ".join(plots(stocking[0], gather(*stocking), EN)["plots"]["notes"])
    assert credited in notes and beside not in notes
    inventories = gather(*stocking)
    notes = " ".join(plots(rice[0], replace(gather(*rice), plots=inventories.plots), EN)["plots"]["notes"])
    assert beside in notes and credited not in notes


def test_calendar_years_have_no_grouped_digits(soil: Run) -> None:
    text = Reader(html(soil)).text
    assert "2,020" not in text and "2,019" not in text


def test_both_languages_tell_the_same_tables(soil: Run, census: Run, stocking: Run) -> None:
    for run in (soil, census, stocking):
        zh, en = html(run).partition("</main>")[0].split('<article id="')[1:]
        assert all(zh.count(tag) == en.count(tag) for tag in ("<table", "<tr", "<h3", "<p"))
        assert not Reader(html(run)).open


def test_report_json_holds_them(soil: Run, stocking: Run) -> None:
    one, other = (json.loads((run / "report" / "report.json").read_text()) for _, run in (soil, stocking))
    assert [row["symbol"] for row in one["measured"] if row["scenario"] == "project"] == ["soc_gain_measured"] * 2 + ["soc_gain_modelled"] * 2
    assert [row["kind"] for row in one["soil_changes"]] == ["project", "control", "net"]
    assert one["zones"][0]["reason"] == measured_runs.WHY and set(one["zones"][-1]["shares"]) == {"lac", "wetland"}
    assert [row["benchmark"] for row in other["benchmarks"]] == ["1.0", *(row["benchmark"] for row in other["benchmarks"][1:])]


def test_the_workbook_shows_measured_variables_with_their_place_and_lives(census: Run, libreoffice: str, tmp_path: Path) -> None:
    plan, folder = census
    book = openpyxl.load_workbook(folder / "report" / "workbook.xlsx", data_only=True)
    row = rows(book["parameters"])["measured:tree_carbon_gain:project::2023"]
    assert row[8:10] == ("areas/measured.csv", "census.csv: 2022-06-01 to 2027-05-31, 10 units sampled of 400")
    assert any(row[0] == "areas/measured.csv" and "a table of this run" in str(row[1]) for row in book["sources"].iter_rows(values_only=True))
    trees = next(row for row in book["worksheet"].iter_rows(min_row=6, values_only=True) if row[4] == "trees")
    assert trees[3] == "全部分层 / all strata"
    assert_same_statement(recalculated(libreoffice, folder / "report" / "workbook.xlsx", tmp_path), plan, gather(plan, folder))


def explained(run: Run, folder: Path, what: str) -> str:
    """The explanation of a finished copy of the run."""
    copy = Path(shutil.copytree(run[1], folder / "run"))
    files = {"soil_samples.csv": "07/soil_samples.csv", "stocking.csv": "08/stocking.csv"}
    write_json(copy / "declared" / "files.json", files)
    (copy / "declared/07").mkdir(parents=True)
    (copy / "declared/07/soil_samples.csv").write_text("site\n")
    write_json(copy / "manifest.json", {})
    return "\n".join(explain(copy, what).lines())


def test_explain_goes_from_what_is_issued_down_to_samples_and_their_file(soil: Run, tmp_path: Path) -> None:
    text = explained(soil, tmp_path, "2021/issued")
    assert "soc_gain_measured: 0.558419604 (0.48966314 to 0.627176068) t_C ha^-1 yr^-1" in text
    assert f"declared/07/soil_samples.csv sha256 {sha256(b'site' + bytes([10]))}" in text and "stocking.csv" not in text
    assert "2020 to 2024, net: 2.235208333 t C/ha" in text
    assert "2024 C3: 50.238125 t C/ha of 6 samples on 3750.0 t/ha of soil" in text


@pytest.mark.parametrize(
    ("kind", "what", "lines"),
    [
        ("census", "2023/removals", ["2027-05-31 all strata: 8 of 10 sampled units live, 400 counted", "UNC 22.22%"]),
        ("stocking", "2022/removals", ["Z 4.0", "p000: control d", "index of 2016: standardised difference", "30 plots, remeasured: 600.0 t CO2 +- 12.0 %"]),
    ],
)
def test_explain_goes_down_to_units_and_controls(kind: str, what: str, lines: list[str], request: pytest.FixtureRequest, tmp_path: Path) -> None:
    text = explained(request.getfixturevalue(kind), tmp_path, what)
    assert not [line for line in lines if line not in text]


def test_hostile_names_of_sites_plots_and_places_are_printed_literally(soil: Run, stocking: Run, tmp_path: Path) -> None:
    evil = " · ".join(HOSTILE)
    plan, folder = hostile_soil(soil, evil, tmp_path)
    render(plan, folder)
    page = Reader(html((plan, folder)))
    assert page.text.count(evil) >= 2 * 5 and not page.tags & {"script", "img", "b"}
    other = Path(shutil.copytree(stocking[1], tmp_path / "stocking"))
    matches = [replace(row, plot=evil, control=evil) for row in read_csv(other / "areas" / "matches.csv", MatchedControl)[:2]]
    write_csv(other / "areas" / "matches.csv", matches, MatchedControl)
    render(stocking[0], other)
    page = Reader(html((stocking[0], other)))
    assert page.text.count(evil) == 2 * 3 and not page.tags & {"script", "img", "b"}


def hostile_soil(soil: Run, evil: str, folder: Path) -> Run:
    """The run with hostile words wherever an area or a table may bring its own."""
    plan, copy = soil[0], Path(shutil.copytree(soil[1], folder / "soil"))
    sites = [replace(row, site=row.site and evil) for row in read_csv(copy / "areas" / "soil_sites.csv", SoilStock)]
    write_csv(copy / "areas" / "soil_sites.csv", sites, SoilStock)
    numbers = [replace(row, place=evil) for row in read_csv(copy / "areas" / "measured.csv", Measured)]
    write_csv(copy / "areas" / "measured.csv", numbers, Measured)
    assert plan.area.soil_samples
    climate = plan.area.zones["climate"].model_copy(update={"source": evil, "place": evil})
    change = {"zones": plan.area.zones | {"climate": climate}, "soil_samples": plan.area.soil_samples.model_copy(update={"source": evil})}
    zones = tuple(replace(one, reason=one.reason and evil) for one in plan.zones)
    return replace(plan, area=plan.area.model_copy(update=change), zones=zones), copy
