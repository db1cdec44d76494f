"""Inventories from their tables to areas/plots.csv, and everything that may be wrong in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from shapely.geometry import box

from carbonsink.areas.measure import measure
from carbonsink.areas.plots.change import Total, difference
from carbonsink.areas.plots.means import stratified
from carbonsink.base.evidence import file_sha256
from carbonsink.base.problems import Refusal
from carbonsink.base.rasters import Raster, write_raster
from carbonsink.base.records import Activity, Confusion, PlotChange, PlotEstimate
from carbonsink.base.tables import read_csv, write_csv
from carbonsink.declared.plan import Plan
from tests.land import trial
from tests.land.trial import GRID, ground, lonlat, parcel

WEST, SOUTH, EAST, NORTH = GRID.bounds
STRATA = {"upper": "paddy", "lower": "tea"}
COVER = np.repeat([1, 2], 6)[:, None] * np.ones((1, 12), int)
HEADER = "plot,stratum,longitude,latitude,area_m2,biomass_t_ha,secondary"
TREES = "plot,species,dbh_cm,height_m"
TO_CO2 = 44 / 12 * 0.47
PLACES = [(row, column) for row in (1, 4, 7, 10) for column in (1, 4, 7, 10)]  # eight plots in either stratum


def line(number: int, biomass: object = "", secondary: object = "", **changed: object) -> str:
    """A plot in the middle of a pixel."""
    row, column = PLACES[number % len(PLACES)]
    place = lonlat(shapely.Point(WEST + (column + 0.5) * 10, NORTH - (row + 0.5) * 10))
    cells = {
        "plot": f"P{number:02d}",
        "stratum": "upper" if row < 6 else "lower",
        "x": place.x,
        "y": place.y,
        "area": 60,
        "biomass": biomass,
        "secondary": secondary,
    }
    return ",".join(str(value) for value in (cells | changed).values())


def plots(folder: Path, lines: Sequence[str], name: str = "plots.csv", header: str = HEADER) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return name


def inventory(**given: Any) -> dict[str, Any]:
    return {"year": 2020, "file": "plots.csv", "source": "trial", **given}


def plan(folder: Path, *inventories: dict[str, Any], **given: Any) -> Plan:
    return trial.plan(folder, plots=list(inventories), strata=STRATA, areas={"method": "pixel_count"}, **given)


def measured(folder: Path, made: Plan) -> list[PlotEstimate]:
    for year in made.vintages:
        write_raster(folder / "land" / f"cover_{year}.tif", Raster(GRID, ("cover",), COVER.astype(np.uint8)[None], 0))
    write_csv(folder / "land" / "confusion.csv", [], Confusion)
    measure(made, folder)
    return list(read_csv(folder / "areas" / "plots.csv", PlotEstimate))


BIOMASS = np.array([42, 55, 61, 48, 70, 52, 58, 49, 30, 25, 41, 37, 33, 28, 36, 40.0])


def test_plots_alone_by_hand(tmp_path: Path) -> None:
    plots(tmp_path, [line(n, b) for n, b in enumerate(BIOMASS)])
    whole, upper, lower = measured(tmp_path, plan(tmp_path, inventory()))
    areas = {a.stratum: a.area_ha for a in read_csv(tmp_path / "areas" / "activity.csv", Activity)}
    weights = np.array([areas["upper"], areas["lower"]]) / sum(areas.values())
    expected = stratified(BIOMASS, np.repeat([0, 1], 8), weights)
    assert (whole.estimator, whole.stratum, whole.plots, whole.degrees) == ("stratified", "", 16, 14)
    assert whole.mean_t_ha == pytest.approx(float(expected.value), abs=1e-6)
    assert whole.uncertainty_percent == pytest.approx(float(expected.uncertainty_percent(90)), abs=1e-5)
    assert whole.stock_t_co2 == pytest.approx(whole.mean_t_ha * sum(areas.values()) * TO_CO2, abs=1e-4)
    assert (upper.stratum, upper.mean_t_ha, lower.mean_t_ha) == ("upper", pytest.approx(BIOMASS[:8].mean()), pytest.approx(BIOMASS[8:].mean()))
    assert whole.discounted_t_co2 == whole.stock_t_co2 if whole.uncertainty_percent <= 10 else whole.discounted_t_co2 < whole.stock_t_co2


def test_plots_only_looked_at_make_two_phases(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    seen = random.uniform(0.2, 0.9, 32)
    biomass = 80 * seen + random.normal(0, 3, 32)
    plots(tmp_path, [line(n, biomass[n] if n < 16 else "", seen[n]) for n in range(32)])
    rows = {row.estimator: row for row in measured(tmp_path, plan(tmp_path, inventory())) if not row.stratum}
    assert rows["two-phase"].plots == rows["stratified"].plots == 16
    assert rows["two-phase"].standard_error_t_ha < 0.9 * rows["stratified"].standard_error_t_ha


def with_images(folder: Path, features: list[str]) -> list[PlotEstimate]:
    random = np.random.default_rng(2)
    ndvi = random.integers(3000, 9000, (12, 12))
    trial.write_composites(folder, {"2020-07": {"nir": 3000, "ndvi": ndvi}})
    biomass = [ndvi[place] / 100 + random.normal(0, 2) for place in PLACES]
    plots(folder, [line(n, b) for n, b in enumerate(biomass)])
    return measured(folder, plan(folder, inventory(features=features)))


def test_a_regression_on_images_stands_beside_the_plots_alone_and_knows_more(tmp_path: Path) -> None:
    rows = {row.estimator: row for row in with_images(tmp_path, ["ndvi@2020-07"]) if not row.stratum}
    ndvi = np.random.default_rng(2).integers(3000, 9000, (12, 12))
    assert rows["regression"].mean_t_ha == pytest.approx(ndvi.mean() / 100, abs=3), "the land's mean, which these plots alone miss"
    assert rows["regression"].standard_error_t_ha < 0.4 * rows["stratified"].standard_error_t_ha
    assert rows["regression"].degrees == 16 - 2 - 1


def test_strata_of_parcels_are_their_own_land_in_the_image(tmp_path: Path) -> None:
    outlines = {"upper": box(WEST, SOUTH + 60, EAST, NORTH), "lower": box(WEST, SOUTH, EAST, SOUTH + 60)}
    land = ground(parcels=[parcel(name, outline, name) for name, outline in outlines.items()])
    ndvi = np.where(np.arange(12)[:, None] < 6, 8000, 4000) + np.random.default_rng(3).integers(-500, 500, (12, 12))
    trial.write_composites(tmp_path, {"2020-07": {"nir": 3000, "ndvi": ndvi}})
    plots(tmp_path, [line(n, ndvi[place] / 100) for n, place in enumerate(PLACES)])
    made = trial.plan(tmp_path, plots=[inventory(features=["ndvi@2020-07"])], strata=STRATA, areas={"method": "parcels"}, ground=land)
    rows = {row.estimator: row for row in measured(tmp_path, made) if not row.stratum}
    assert rows["regression"].mean_t_ha == pytest.approx(ndvi.mean() / 100, abs=0.05)
    assert rows["regression"].standard_error_t_ha < 1e-3


def test_trees_become_plots(tmp_path: Path) -> None:
    plots(tmp_path, [line(n) for n in range(16)])
    plots(tmp_path, [f"P{n:02d},杉木,{14 + n % 5},12" for n in range(16) for _ in range(4)], "trees.csv", TREES)
    rows = measured(tmp_path, plan(tmp_path, inventory(trees="trees.csv")))
    assert 20 < rows[0].mean_t_ha < 120
    assert measured(tmp_path, plan(tmp_path, inventory(trees="trees.csv", route="biomass")))[0].mean_t_ha != rows[0].mean_t_ha


def test_a_baseline_stock_that_is_uncertain_grows(tmp_path: Path) -> None:
    plots(tmp_path, [line(n, 20 + 40 * (n % 2)) for n in range(16)])
    project, baseline = (measured(tmp_path / side, plan(tmp_path, inventory(scenario=side)))[0] for side in ("project", "baseline"))
    assert project.discount_share > 0
    assert project.stock_t_co2 - project.discounted_t_co2 == pytest.approx(baseline.discounted_t_co2 - baseline.stock_t_co2)


def test_the_same_plots_measured_again_tell_their_change_and_others_tell_two_stocks(tmp_path: Path) -> None:
    plots(tmp_path, [line(n, b) for n, b in enumerate(BIOMASS)], "first.csv")
    plots(tmp_path, [line(n, b + 5 + n % 3) for n, b in enumerate(BIOMASS)], "same.csv")
    plots(tmp_path, [line(n, b + 5 + n % 3, plot=f"Q{n}") for n, b in enumerate(BIOMASS)], "others.csv")
    found = {}
    for second in ("same", "others"):
        made = plan(tmp_path, inventory(file="first.csv"), inventory(file=f"{second}.csv", year=2022), years=(2020, 2021, 2022))
        measured(tmp_path / second, made)
        (found[second],) = read_csv(tmp_path / second / "areas" / "plot_changes.csv", PlotChange)
    again, two = found["same"], found["others"]
    assert (again.method, two.method) == ("remeasured", "independent")
    assert again.change_t_co2 == pytest.approx(two.change_t_co2, rel=1e-6)
    assert again.a_year_t_co2 == pytest.approx(again.change_t_co2 / 2, abs=1e-5)
    assert again.uncertainty_percent < two.uncertainty_percent / 3
    assert (again.discount_share, two.discount_share) == (0, 1)
    stocks = [row for row in read_csv(tmp_path / "others" / "areas" / "plots.csv", PlotEstimate) if not row.stratum]
    apart = difference(*(Total(row.stock_t_co2, row.uncertainty_percent) for row in stocks))
    assert two.uncertainty_percent == pytest.approx(apart.uncertainty_percent, rel=1e-4)


def test_the_order_of_rows_changes_no_byte_and_no_inventory_writes_nothing(tmp_path: Path) -> None:
    lines = [line(n, b) for n, b in enumerate(BIOMASS)]
    digests = set()
    for name, order in (("one", 1), ("other", -1)):
        plots(tmp_path, lines[::order])
        measured(tmp_path / name, plan(tmp_path, inventory()))
        digests.add(file_sha256(tmp_path / name / "areas" / "plots.csv"))
    assert len(digests) == 1
    with pytest.raises(FileNotFoundError):
        measured(tmp_path / "none", plan(tmp_path))


# --- what is wrong with an inventory ---

Breaks = Callable[[list[str], list[str]], dict[str, Any]]


def broken(folder: Path, breaks: Breaks) -> list[str]:
    """The codes of an inventory of good plots and trees that `breaks` spoils; it may change how the inventory is declared."""
    lines, trees = [line(n) for n in range(16)], [f"P{n:02d},杉木,{14 + n % 5},12" for n in range(16)]
    declared = {"trees": "trees.csv"} | breaks(lines, trees)
    header = declared.pop("header", HEADER)
    plots(folder, lines, header=header)
    plots(folder, trees, "trees.csv", TREES)
    trial.write_composites(folder, {"2020-07": {"nir": 3000, "ndvi": declared.pop("ndvi", 5000)}})
    with pytest.raises(Refusal) as caught:
        measured(folder, plan(folder, inventory(**{k: v for k, v in declared.items() if v is not None})))
    return [problem.code for problem in caught.value.problems]


def spoil(table: str, *rows: str, **declared: Any) -> Breaks:
    """Rows added to a table, and another declaration."""

    def breaks(lines: list[str], trees: list[str]) -> dict[str, Any]:
        (lines if table == "plots" else trees).extend(rows)
        return declared

    return breaks


def only(count: int, **declared: Any) -> Breaks:
    """Only some of the plots, with biomass of their own."""

    def breaks(lines: list[str], trees: list[str]) -> dict[str, Any]:
        lines[:] = [line(n, 40 + n, 0.5) for n in range(count)]
        return {"trees": None, **declared}

    return breaks


CASES = {
    "a table that isn't there": (spoil("trees", file="gone.csv"), {"E-ARE-021", "E-ARE-029"}),
    "another column": (spoil("plots", header=HEADER.replace("stratum", "layer")), {"E-ARE-022", "E-ARE-029"}),
    "no number": (spoil("plots", line(3, plot="P90", area="big")), {"E-ARE-023"}),
    "a negative number": (spoil("plots", line(3, -4, plot="P90")), {"E-ARE-023"}),
    "a plot twice": (spoil("plots", line(3)), {"E-ARE-024"}),
    "no stratum of the area": (spoil("plots", line(3, plot="P90", stratum="uper")), {"E-ARE-025"}),
    "outside the land": (spoil("plots", line(3, plot="P90", x=0.0, y=0.0)), {"E-ARE-026"}),
    "one plot in a stratum": (only(9), {"E-ARE-028"}),
    "a tree of no plot": (spoil("trees", "P77,杉木,14,12"), {"E-ARE-029"}),
    "an unknown species": (spoil("trees", "P01,杉,14,12"), {"E-ARE-030", "E-ARE-031"}),
    "a species without an equation": (spoil("trees", "P01,栎类,14,12"), {"E-ARE-031"}),
    "a tree without height": (spoil("trees", "P01,杉木,14,"), {"E-ARE-032"}),
    "a feature nobody made": (only(16, features=["evi@2020-07"]), {"E-ARE-033"}),
    "a period nobody made": (only(16, features=["ndvi@2020-08"]), {"E-ARE-033"}),
    "too many features": (only(16, features=["ndvi@2020-07"] * 3), {"E-ARE-036"}),
    "a feature not seen": (only(16, features=["ndvi@2020-07"], ndvi=trial.MISSING), {"E-ARE-037"}),
}


@pytest.mark.parametrize("name", CASES)
def test_a_broken_inventory_is_refused(name: str, tmp_path: Path) -> None:
    breaks, codes = CASES[name]
    assert set(broken(tmp_path, breaks)) == codes


def test_all_problems_of_both_tables_come_at_once(tmp_path: Path) -> None:
    def breaks(lines: list[str], trees: list[str]) -> dict[str, Any]:
        lines += [line(3), line(4, plot="P90", stratum="uper", area="-")]
        trees += ["P77,杉木,14,12", "P01,杉木,x,12"]
        return {}

    assert sorted(broken(tmp_path, breaks)) == ["E-ARE-023", "E-ARE-023", "E-ARE-024", "E-ARE-025", "E-ARE-029"]


def test_a_plot_of_which_nothing_is_known_and_one_not_looked_at_are_refused(tmp_path: Path) -> None:
    plots(tmp_path, [*(line(n, 40 + n) for n in range(16)), line(3, plot="P90")])
    with pytest.raises(Refusal, match="E-ARE-027 plots.csv P90"):
        measured(tmp_path, plan(tmp_path, inventory()))
    plots(tmp_path, [*(line(n, 40 + n) for n in range(16)), line(3, "", 0.5, plot="P90")])
    with pytest.raises(Refusal, match="E-ARE-035 plots.csv.*P00, P01"):
        measured(tmp_path, plan(tmp_path, inventory()))


def test_plots_of_land_that_has_no_hectares_are_refused(tmp_path: Path) -> None:
    plots(tmp_path, [line(n, 40 + n) for n in range(16)])
    made = trial.plan(tmp_path, plots=[inventory()], strata={"upper": "forest", "lower": "forest"}, areas={"method": "parcels"})
    with pytest.raises(Refusal, match="E-ARE-034"):
        measured(tmp_path, made)


def test_a_run_keeps_the_tables_it_was_reckoned_from(tmp_path: Path) -> None:
    made = plan(tmp_path, inventory(trees="trees.csv"), changes=[{"before": 2020, "after": 2021, "file": "points.csv", "source": "trial"}])
    assert {"plots.csv", "trees.csv", "points.csv"} <= set(made.declared_files())
