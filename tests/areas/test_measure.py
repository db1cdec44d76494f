"""The areas stage: from a cover map, samples and parcels to hectares of each stratum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shapely.geometry import box

from carbonsink.areas.measure import measure
from carbonsink.base.evidence import file_sha256
from carbonsink.base.problems import Refusal
from carbonsink.base.rasters import Raster, write_raster
from carbonsink.base.records import Activity, ClassArea, Confusion, EstimatorArea, ParcelShare
from carbonsink.base.tables import read_csv, write_csv
from carbonsink.declared.methodology import methodology_names, read_methodology
from carbonsink.declared.plan import Plan
from tests.land import trial
from tests.land.trial import GRID, ground, parcel

WEST, SOUTH, EAST, NORTH = GRID.bounds
STRATA = {"rice": "paddy", "tea-garden": "tea"}


def sample(mapped: str, reference: str, count: int, split: str = "pixel", cluster: str = "", year: int = 2020) -> Confusion:
    return Confusion(year, split, cluster, mapped, reference, count)


PIXELS = [sample("paddy", "paddy", 45), sample("paddy", "tea", 5), sample("tea", "tea", 57), sample("tea", "paddy", 3)]
PARCELS = [
    sample("paddy", "paddy", 25, "parcel", "1"), sample("paddy", "paddy", 15, "parcel", "2"), sample("paddy", "tea", 10, "parcel", "3"),
    sample("tea", "tea", 40, "parcel", "3"), sample("tea", "tea", 12, "parcel", "4"), sample("tea", "paddy", 8, "parcel", "2"),
]  # fmt: skip


def hill() -> np.ndarray:
    """Four columns of paddy, seven of tea, one under cloud."""
    return np.repeat([1, 2, 0], [4, 7, 1]) * np.ones((12, 1), int)


def measured(folder: Path, plan: Plan, samples: Sequence[Confusion] = (), cover: np.ndarray | None = None) -> Path:
    for year in plan.vintages:
        codes = (hill() if cover is None else cover).astype(np.uint8)
        write_raster(folder / "land" / f"cover_{year}.tif", Raster(GRID, ("cover",), codes[None], 0))
    write_csv(folder / "land" / "confusion.csv", samples, Confusion)
    measure(plan, folder)
    return folder / "areas"


def plan(folder: Path, method: str = "error_adjusted", **given: Any) -> Plan:
    areas = {"method": method, **given.pop("areas", {})}
    return trial.plan(folder, **({"strata": STRATA, "classes": (("paddy", 1), ("tea", 2))} | given), areas=areas)


def classes(folder: Path, split: str) -> dict[str, ClassArea]:
    return {row.land_class: row for row in read_csv(folder / "classes.csv", ClassArea) if row.split == split}


def activity(folder: Path) -> tuple[Activity, ...]:
    return read_csv(folder / "activity.csv", Activity)


def test_pixels_counted_without_samples_are_called_that_and_have_no_error(tmp_path: Path) -> None:
    folder = measured(tmp_path, plan(tmp_path, "pixel_count"))
    rows = classes(folder, "none")
    hectares = ground().area_m2 / 10_000
    assert {name: row.mapped_ha for name, row in rows.items()} == pytest.approx(
        {"paddy": hectares * 4 / 12, "tea": hectares * 7 / 12, "not monitored": hectares / 12}, abs=1e-5
    )
    assert all(row.used and row.standard_error_ha is None and row.overall_accuracy is None for row in rows.values())
    assert {(a.stratum, a.area_ha, a.standard_error_ha, a.method) for a in activity(folder)} == {
        ("rice", rows["paddy"].mapped_ha, 0.0, "pixel_count"),
        ("tea-garden", rows["tea"].mapped_ha, 0.0, "pixel_count"),
    }


def test_error_adjusted_without_samples_is_a_pixel_count(tmp_path: Path) -> None:
    assert {a.method for a in activity(measured(tmp_path, plan(tmp_path)))} == {"pixel_count"}


def test_adjusted_areas_follow_the_samples_reckoned_by_hand(tmp_path: Path) -> None:
    folder = measured(tmp_path, plan(tmp_path), PIXELS)
    rows = classes(folder, "pixel")
    paddy, tea = rows["paddy"].mapped_ha, rows["tea"].mapped_ha
    assert rows["paddy"].adjusted_ha == pytest.approx(paddy * 0.9 + tea * 0.05, abs=2e-6)
    assert rows["paddy"].standard_error_ha == pytest.approx((paddy**2 * 0.9 * 0.1 / 49 + tea**2 * 0.05 * 0.95 / 59) ** 0.5, abs=2e-6)
    assert rows["paddy"].users_accuracy == 0.9
    assert rows["tea"].producers_accuracy == pytest.approx(tea * 0.95 / (tea * 0.95 + paddy * 0.1), abs=1e-6)
    assert rows["tea"].overall_accuracy == pytest.approx((paddy * 0.9 + tea * 0.95) / (paddy + tea), abs=1e-6)
    assert (rows["paddy"].samples, rows["tea"].samples) == (50, 60)
    first = activity(folder)[0]
    assert (first.area_ha, first.standard_error_ha, first.method) == (rows["paddy"].adjusted_ha, rows["paddy"].cautious_error_ha, "error_adjusted")


def test_the_split_by_parcels_is_used_where_there_is_one_and_knows_less(tmp_path: Path) -> None:
    folder = measured(tmp_path, plan(tmp_path), [*PIXELS, *PARCELS])
    by_pixel, by_parcel = classes(folder, "pixel"), classes(folder, "parcel")
    assert not any(row.used for row in by_pixel.values())
    assert all(row.used for row in by_parcel.values())
    assert by_parcel["paddy"].standard_error_ha > 2 * by_pixel["paddy"].standard_error_ha
    assert {a.area_ha for a in activity(folder) if a.stratum == "rice"} == {by_parcel["paddy"].adjusted_ha}


@pytest.mark.parametrize("samples", [(), PIXELS, [*PIXELS, *PARCELS]], ids=["no samples", "pixels", "parcels"])
@pytest.mark.parametrize("method", ["pixel_count", "error_adjusted"])
def test_the_classes_of_every_split_make_up_the_boundary(tmp_path: Path, samples: Sequence[Confusion], method: str) -> None:
    land = ground(box(WEST + 13, SOUTH - 35, EAST - 8, NORTH - 21))  # some of it beyond the map
    folder = measured(tmp_path, plan(tmp_path, method, ground=land), samples)
    rows = read_csv(folder / "classes.csv", ClassArea)
    for split in {row.split for row in rows}:
        for column in ("mapped_ha", "adjusted_ha"):
            assert sum(getattr(row, column) for row in rows if row.split == split) == pytest.approx(land.area_m2 / 10_000, abs=3e-6)
    assert {row.used for row in rows if row.split == ("none" if method == "pixel_count" or not samples else rows[-1].split)} == {True}


def test_scenarios_have_the_same_land_and_every_stratum_every_year(tmp_path: Path) -> None:
    rows = activity(measured(tmp_path, plan(tmp_path, years=(2020, 2021)), PIXELS))
    assert [(a.year, a.stratum, a.scenario) for a in rows] == [(y, s, c) for y in (2020, 2021) for s in STRATA for c in ("baseline", "project")]
    for one, other in zip(rows[::2], rows[1::2], strict=True):
        assert replace(one, scenario="project") == other
    assert {a.method for a in rows} == {"error_adjusted"}, "the samples of 2020 serve the same map maker in 2021"


def test_the_order_of_samples_and_runs_changes_no_byte(tmp_path: Path) -> None:
    digests = set()
    for name, order in (("one", 1), ("again", 1), ("reversed", -1)):
        samples = [*PIXELS, *PARCELS][::order]
        folder = measured(tmp_path / name, plan(tmp_path), samples)
        digests.add(tuple(file_sha256(folder / file) for file in ("classes.csv", "parcels.csv", "activity.csv")))
    assert len(digests) == 1


# --- surveyed parcels ---

FIELD = box(WEST, SOUTH, WEST + 40, NORTH)  # all paddy
BORDER = box(WEST + 20, SOUTH, WEST + 60, NORTH)  # half paddy, half tea
SLOPE = box(WEST + 50, SOUTH, WEST + 90, NORTH)  # all tea
CLOUDED = box(EAST - 10, SOUTH, EAST, NORTH)
HAZY = box(EAST - 30, SOUTH, EAST, NORTH)  # two columns of tea, one under cloud
GARDEN = box(WEST + 1, NORTH - 16, WEST + 16, NORTH - 1)  # paddy, 225 m2


def by_parcels(folder: Path, **areas: float) -> Path:
    drawn = {"field": FIELD, "border": BORDER, "slope": SLOPE, "clouded": CLOUDED, "garden": GARDEN}
    land = ground(parcels=[*(parcel(name, outline) for name, outline in drawn.items()), parcel("tea", SLOPE, "tea-garden"), parcel("hazy", HAZY, "tea-garden")])
    return measured(folder, plan(folder, "parcels", ground=land, areas=areas), PIXELS)


def test_a_parcel_counts_with_its_surveyed_area_where_the_map_shows_its_class(tmp_path: Path) -> None:
    folder = by_parcels(tmp_path)
    rows = {row.parcel: row for row in read_csv(folder / "parcels.csv", ParcelShare)}
    assert {name: row.counted for name, row in rows.items()} == {
        "field": True,
        "border": True,  # half is enough
        "slope": False,  # tea, in a stratum that asks for paddy
        "clouded": False,  # nothing known isn't paddy
        "garden": False,  # under 400 m2
        "tea": True,
        "hazy": True,
    }
    assert (rows["field"].share, rows["border"].share, rows["slope"].share) == pytest.approx((1, 0.5, 0), abs=1e-6)
    assert (rows["field"].monitored_share, rows["clouded"].monitored_share) == pytest.approx((1, 0), abs=1e-6)
    assert (rows["hazy"].share, rows["hazy"].monitored_share) == pytest.approx((1, 2 / 3), abs=1e-6), "a share of what was seen"
    assert rows["field"].area_ha == pytest.approx(parcel("field", FIELD).area_m2 / 10_000, abs=1e-6)
    assert rows["field"].area_mu == pytest.approx(15 * rows["field"].area_ha, abs=2e-5)
    found = activity(folder)
    assert {a.stratum: a.area_ha for a in found} == pytest.approx(
        {"rice": rows["field"].area_ha + rows["border"].area_ha, "tea-garden": rows["tea"].area_ha + rows["hazy"].area_ha}
    )
    assert {(a.standard_error_ha, a.method) for a in found} == {(0.0, "parcels")}
    assert not any(row.used for row in read_csv(folder / "classes.csv", ClassArea))


def test_the_least_share_and_the_least_parcel_are_the_pipeline_s(tmp_path: Path) -> None:
    rows = {row.parcel: row.counted for row in read_csv(by_parcels(tmp_path, minimum_share=0.6, minimum_parcel_m2=200.0) / "parcels.csv", ParcelShare)}
    assert (rows["border"], rows["garden"]) == (False, True)


def test_a_stratum_none_of_whose_parcels_count_has_no_hectares(tmp_path: Path) -> None:
    folder = measured(tmp_path, plan(tmp_path, "parcels", ground=ground(parcels=[parcel("slope", SLOPE)])))
    assert {(a.stratum, a.area_ha) for a in activity(folder)} == {("rice", 0.0), ("tea-garden", 0.0)}


@pytest.mark.parametrize(("year", "least"), [(2019, 667.0), (2020, 400.0)])
def test_the_least_parcel_is_the_rule_s_of_the_year_the_project_began(tmp_path: Path, year: int, least: float) -> None:
    drawn = {"small": box(WEST, SOUTH, WEST + 20, SOUTH + 25), "tiny": box(WEST, SOUTH + 30, WEST + 19, SOUTH + 50)}  # 500 and 380 m2
    land = ground(parcels=[parcel(name, outline) for name, outline in drawn.items()])
    rows = {row.parcel: row for row in read_csv(measured(tmp_path, plan(tmp_path, "parcels", ground=land, years=(year,))) / "parcels.csv", ParcelShare)}
    assert {name: row.reason for name, row in rows.items()} == {"small": "too-small" if least > 500 else "", "tiny": "too-small"}


def test_why_a_parcel_isn_t_counted_stands_beside_it(tmp_path: Path) -> None:
    rows = read_csv(by_parcels(tmp_path) / "parcels.csv", ParcelShare)
    assert {row.parcel: row.reason for row in rows if row.reason} == {"slope": "condition", "clouded": "not-monitored", "garden": "too-small"}
    assert all(row.counted == (not row.reason) for row in rows)


def test_the_condition_may_be_read_from_whole_pixels_that_no_neighbour_touches(tmp_path: Path) -> None:
    """A paddy that lies 5 m over into the tea: its edge pixels are mapped as tea, its own are not."""
    land = ground(
        parcels=[parcel("crossing", box(WEST + 15, SOUTH + 15, WEST + 45, NORTH - 15)), parcel("strip", box(WEST + 15, SOUTH + 15, WEST + 24, NORTH - 15))]
    )
    found = {}
    for rule in ("weighted", "whole"):
        folder = measured(tmp_path / rule, plan(tmp_path, "parcels", ground=land, areas={"edge_pixels": rule}))
        found[rule] = {row.parcel: row for row in read_csv(folder / "parcels.csv", ParcelShare)}
    crossing = found["weighted"]["crossing"], found["whole"]["crossing"]
    assert [row.share for row in crossing] == [pytest.approx(25 / 30, abs=1e-3), 1.0]
    assert [row.pixels for row in crossing] == ["weighted", "whole"]
    assert crossing[1].whole_px == 2 * 8 and crossing[1].edge_share == pytest.approx(1 - 16 / 27, abs=1e-3)
    strip = found["whole"]["strip"]
    assert (strip.whole_px, strip.pixels, strip.edge_share) == (0, "weighted", 1.0), "no pixel lies inside, so all that touch are read"


# --- which samples, which estimator ---

DRAWN = [sample("paddy", "paddy", 40, "sample"), sample("paddy", "tea", 10, "sample"), sample("tea", "tea", 50, "sample")]


def test_a_drawn_sample_goes_before_parcels_and_pixels_and_knows_its_year(tmp_path: Path) -> None:
    folder = measured(
        tmp_path,
        plan(tmp_path, years=(2020, 2021)),
        [
            *PIXELS,
            *PARCELS,
            *DRAWN,
            sample("tea", "paddy", 5, "sample", year=2021),
            sample("tea", "tea", 45, "sample", year=2021),
            sample("paddy", "paddy", 50, "sample", year=2021),
        ],
    )
    used = {(row.year, row.land_class): row for row in read_csv(folder / "classes.csv", ClassArea) if row.used}
    assert {row.split for row in used.values()} == {"sample"}
    assert (used[2020, "paddy"].users_accuracy, used[2021, "paddy"].users_accuracy) == (0.8, 1.0)
    assert (used[2020, "tea"].users_accuracy, used[2021, "tea"].users_accuracy) == (1.0, 0.9)


def test_areas_have_ends_and_care_widens_them_where_an_omission_was_never_met(tmp_path: Path) -> None:
    tea = classes(measured(tmp_path, plan(tmp_path), DRAWN), "sample")["tea"]
    assert tea.low_ha == pytest.approx(tea.adjusted_ha - 1.959964 * tea.standard_error_ha, abs=2e-6)
    assert tea.high_ha == pytest.approx(tea.adjusted_ha + 1.959964 * tea.standard_error_ha, abs=2e-6)
    assert tea.cautious_error_ha > 1.05 * tea.standard_error_ha, "none of fifty tea samples was paddy, but the next may be"
    assert {a.standard_error_ha for a in activity(tmp_path / "areas") if a.stratum == "tea-garden"} == {tea.cautious_error_ha}
    published = activity(measured(tmp_path / "published", plan(tmp_path, areas={"error": "published"}), DRAWN))
    assert {a.standard_error_ha for a in published if a.stratum == "tea-garden"} == {tea.standard_error_ha}


def test_samples_of_a_map_before_its_consistency_rules_do_not_judge_the_map_after_them(tmp_path: Path) -> None:
    """A way of knowing areas that no methodology takes; a drawn sample judges the map as it is."""
    ruled = plan(tmp_path, land={"method": "classifier", "consistency": {"minimum_unit_m2": 400.0}})
    assert {a.method for a in activity(measured(tmp_path / "before", ruled, PIXELS))} == {"adjusted_before_rules"}
    assert not any("adjusted_before_rules" in read_methodology(name).area_methods for name in methodology_names())
    assert {a.method for a in activity(measured(tmp_path / "drawn", ruled, DRAWN)) if a.year == 2020} == {"error_adjusted"}


def test_every_estimator_of_parcels_stands_beside_the_one_that_is_used(tmp_path: Path) -> None:
    folder = measured(tmp_path, plan(tmp_path, areas={"estimator": "regression"}), PARCELS)
    rows = read_csv(folder / "estimators.csv", EstimatorArea)
    assert {row.estimator for row in rows} == {"stratified", "regression", "ratio-to-map", "ratio-to-size"}
    assert {row.estimator for row in rows if row.used} == {"regression"}
    monitored = sum(row.mapped_ha for name, row in classes(folder, "parcel").items() if name != "not monitored")
    for estimator in ("stratified", "regression", "ratio-to-size"):
        assert sum(row.area_ha for row in rows if row.estimator == estimator) == pytest.approx(monitored, abs=3e-6)
    paddy = next(row for row in rows if row.used and row.land_class == "paddy")
    assert classes(folder, "parcel")["paddy"].adjusted_ha == paddy.area_ha
    assert {a.area_ha for a in activity(folder) if a.stratum == "rice"} == {paddy.area_ha}
    assert read_csv(measured(tmp_path / "pixels", plan(tmp_path), PIXELS) / "estimators.csv", EstimatorArea) == ()


# --- what can't be measured ---


def test_two_strata_can_t_take_the_same_hectares(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="E-ARE-003.*early, late.*paddy"):
        measured(tmp_path, plan(tmp_path, strata={"early": "paddy", "late": "paddy"}), PIXELS)


@pytest.mark.parametrize(("samples", "code"), [(PIXELS[:2], "E-ARE-001"), ([*PIXELS, *PARCELS[:3]], "E-ARE-002")], ids=["pixels", "parcels"])
def test_a_mapped_class_without_samples_is_refused_not_guessed(tmp_path: Path, samples: Sequence[Confusion], code: str) -> None:
    with pytest.raises(Refusal, match=f"{code} tea"):
        measured(tmp_path, plan(tmp_path), samples)


def test_a_year_wholly_under_cloud_has_no_hectares_of_any_class(tmp_path: Path) -> None:
    folder = measured(tmp_path, plan(tmp_path), PIXELS, cover=np.zeros((12, 12)))
    assert {row.land_class: row.adjusted_ha for row in classes(folder, "pixel").values()}["not monitored"] == pytest.approx(ground().area_m2 / 10_000, abs=1e-6)
    assert {a.area_ha for a in activity(folder)} == {0.0}
