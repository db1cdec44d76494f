"""Parcel means of every acquisition: of what was seen that day, none left out, the same bits however it is worked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely

from carbonsink.base.records import CompositeMean, SeriesPoint
from carbonsink.base.tables import read_csv
from carbonsink.composites import block as block_room
from carbonsink.composites import keep
from carbonsink.composites.block import task_bytes, work
from carbonsink.declared.area import Parcel
from carbonsink.declared.pipeline import Composites, NamedWindow
from carbonsink.declared.plan import Plan
from carbonsink.declared.reducing import contradictions
from carbonsink.scenes.fetch import fetch
from tests.composites.stacks import recipe_of
from tests.composites.test_compose import compose_into
from tests.composites.test_keep import task
from tests.scenes.plans import lonlat, plan_of
from tests.scenes.real import run_scenes, zagreb
from tests.scenes.server import serving
from tests.scenes.synthetic import EPSG, INNER, SIDE, bands, item, lay_scene, lock_of

MONTHS = Composites(period="month", bands=["red", "nir"], indices=["ndvi"], series=["ndvi", "red"])


def of_windows(**more: object) -> Composites:
    """One window in June; what is seen at other times lies in no period."""
    window = NamedWindow(name="early", start="06-01", end="06-10")
    return Composites.model_validate({"period": "windows", "windows": [window], "bands": ["red", "nir"], "indices": ["ndvi"], "series": ["red"], **more})


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """Two June dates, the second clear in 22 of the 30 columns; a wholly clouded one in July; two platforms on a day of August."""
    half, white = np.full((SIDE // 2, SIDE // 2), 4, dtype="uint8"), np.full((SIDE // 2, SIDE // 2), 9, dtype="uint8")
    half[:, SIDE // 4 :] = 8
    scenes = []
    with serving() as script:
        for name, day, red, scl, more in (
            ("A", "2018-06-04", 300, None, {}),
            ("B", "2018-06-14", 500, half, {}),
            ("C", "2018-07-04", 700, white, {}),
            ("D", "2018-08-03", 200, None, {}),
            ("E", "2018-08-03", 240, None, {"platform": "sentinel-2b"}),
        ):
            pixels = bands(red=red, nir=3000) if scl is None else bands(red=red, nir=3000, scl=scl)
            scenes.append(lay_scene(script, item(name, f"{day}T10:50:29Z", **more), pixels))
        fetch(plan_of(lonlat(INNER, EPSG), 2018), lock_of(*scenes), script.url, tmp_path / "store", tmp_path / "scenes", lambda done, total: None)
    return tmp_path


def points(run: Path) -> tuple[SeriesPoint, ...]:
    return read_csv(run / "composites" / "series.csv", SeriesPoint)


def test_a_point_is_the_mean_of_what_was_seen_of_the_parcel_that_day(made: Path) -> None:
    compose_into(plan_of(lonlat(INNER, EPSG), 2018, MONTHS), made)
    red = {(p.date, p.platform): p for p in points(made) if p.layer == "red"}
    assert list(red) == [("2018-06-04", "sentinel-2a"), ("2018-06-14", "sentinel-2a"), ("2018-08-03", "sentinel-2a"), ("2018-08-03", "sentinel-2b")]
    assert [p.mean for p in red.values()] == [0.03, 0.05, 0.02, 0.024]
    assert [p.seen_px / p.covered_px for p in red.values()] == pytest.approx([1.0, 22 / 30, 1.0, 1.0])
    ndvi = {p.date: p.mean for p in points(made) if p.layer == "ndvi"}
    assert ndvi["2018-06-04"] == round(2700 / 3300 * 10_000) / 10_000


def test_without_a_series_there_is_no_file_and_nothing_more_in_the_blocks(made: Path, tmp_path: Path) -> None:
    compose_into(plan_of(lonlat(INNER, EPSG), 2018), made)
    assert not (made / "composites" / "series.csv").exists()
    assert work(task(tmp_path / "one")).series is None


@pytest.mark.parametrize("features", [[], ["red.maximum"]])
def test_what_lies_between_the_periods_is_in_the_series_too(made: Path, features: list[str]) -> None:
    compose_into(plan_of(lonlat(INNER, EPSG), 2018, of_windows(features=features)), made)
    assert [(p.date, p.mean) for p in points(made)] == [("2018-06-04", 0.03), ("2018-06-14", 0.05), ("2018-08-03", 0.02), ("2018-08-03", 0.024)]


@pytest.mark.parametrize("reducer", ["medoid", "mean", "max-ndvi", "best-pixel"])
def test_the_periods_reducer_changes_nothing_of_the_series(made: Path, reducer: str) -> None:
    compose_into(plan_of(lonlat(INNER, EPSG), 2018, MONTHS), made)
    median = (made / "composites" / "series.csv").read_bytes()
    compose_into(plan_of(lonlat(INNER, EPSG), 2018, MONTHS.model_copy(update={"reducer": reducer})), made)
    assert (made / "composites" / "series.csv").read_bytes() == median


# --- Zagreb: five dates, two tiles ------------------------------------------------------------------------------------------


def zagreb_plan() -> Plan:
    """A corner of both tiles with two parcels that overlap block borders."""
    plan = zagreb((520000, 5088000, 550000, 5112000))
    composites = plan.pipeline.composites.model_copy(update={"series": ["ndvi", "red"]})
    fields = [(522000, 5090000, 536350, 5111000), (536400, 5089000, 549000, 5100070)]
    parcels = tuple(Parcel(str(n), "", lonlat(box, 32633), 0.0, None) for n, box in enumerate(fields))
    pipeline = plan.pipeline.model_copy(update={"composites": composites})
    return replace(plan, pipeline=pipeline, land=replace(plan.land, parcels=parcels, boundary=shapely.union_all([p.geometry for p in parcels])))


@pytest.fixture(scope="module")
def run(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = run_scenes(zagreb_plan(), shared / "imagery" / "zagreb-2023", tmp_path_factory.mktemp("zagreb"))
    compose_into(zagreb_plan(), run, 512)
    return run


def test_the_mean_of_a_period_with_one_acquisition_is_that_point(run: Path, tmp_path: Path) -> None:
    """The two ways to a parcel's mean meet to the last bit: a window of each day against the series."""
    (tmp_path / "scenes").symlink_to(run / "scenes")
    days = sorted({p.date for p in points(run)})
    windows = [{"name": f"d{n}", "start": day[5:], "end": day[5:]} for n, day in enumerate(days)]
    plan = zagreb_plan()
    composites = Composites.model_validate(plan.pipeline.composites.model_dump() | {"period": "windows", "windows": windows})
    compose_into(replace(plan, pipeline=plan.pipeline.model_copy(update={"composites": composites})), tmp_path)
    means = {(m.period, m.parcel, m.layer): m for m in read_csv(tmp_path / "composites" / "means.csv", CompositeMean) if m.layer in ("ndvi", "red")}
    assert (tmp_path / "composites" / "series.csv").read_bytes() == (run / "composites" / "series.csv").read_bytes()
    of_day = {(f"{day[:4]}-d{n}"): day for n, day in enumerate(days)}
    seen = {(of_day[period], parcel, layer): (m.mean, m.seen_px, m.covered_px) for (period, parcel, layer), m in means.items() if m.mean is not None}
    assert seen == {(p.date, p.parcel, p.layer): (p.mean, p.seen_px, p.covered_px) for p in points(run)}
    assert len(days) == 5


@pytest.mark.parametrize(("block", "scheduler", "workers"), [(64, "threads", 2), (128, "synchronous", None)])
def test_block_size_and_scheduler_change_no_bit(run: Path, tmp_path: Path, block: int, scheduler: str, workers: int | None) -> None:
    (tmp_path / "scenes").symlink_to(run / "scenes")
    compose_into(zagreb_plan(), tmp_path, block, scheduler, workers)
    assert (tmp_path / "composites" / "series.csv").read_bytes() == (run / "composites" / "series.csv").read_bytes()


def test_a_small_working_set_changes_no_bit(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scenes").symlink_to(run / "scenes")
    monkeypatch.setattr(block_room, "WORKING_SET", 2**16)
    compose_into(zagreb_plan(), tmp_path, 1024)
    assert (tmp_path / "composites" / "series.csv").read_bytes() == (run / "composites" / "series.csv").read_bytes()


# --- what a finished block hangs on, and what may be declared ------------------------------------------------------------------


def test_the_series_and_its_days_are_in_a_blocks_name(tmp_path: Path) -> None:
    plain = task(tmp_path)
    declared = replace(plain, recipe=replace(plain.recipe, series=("red",)))
    june = plain.periods[0]
    days = replace(declared, periods=(), days=(june,))
    names = [keep.name_of(one) for one in (plain, declared, replace(declared, recipe=replace(declared.recipe, series=("ndvi",))), days)]
    assert None not in names
    assert len(set(names)) == 4


def test_a_series_costs_its_sums_and_nothing_else(tmp_path: Path) -> None:
    plain = task(tmp_path)
    declared = replace(plain, recipe=recipe_of(("red",), ("ndvi",), series=("red", "ndvi")))
    assert declared.series_shape == (2, 2, 2, 0)
    assert task_bytes(declared) == task_bytes(plain)


def test_a_layer_named_twice_is_refused() -> None:
    twice = MONTHS.model_copy(update={"series": ["red", "red"]})
    (problem,) = contradictions(twice, "p.toml")
    assert (problem.code, problem.where, problem.facts["found"]) == ("E-COM-014", "p.toml [composites.series]", "red")
