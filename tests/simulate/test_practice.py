"""What the simulator plants and says it planted: water regimes, winter cover, straw, felled and built-up land, cloudy skies."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from shapely.geometry import box

from carbonsink.base.evidence import read_json
from carbonsink.base.problems import Refusal
from carbonsink.base.rasters import read_raster
from carbonsink.declared.load import load
from carbonsink.declared.simulation import Event, Simulation
from carbonsink.simulate import simulate
from carbonsink.simulate.constants import constants
from carbonsink.simulate.extent import extent_of
from carbonsink.simulate.items import acquisition_days
from carbonsink.simulate.landscape import landscape_of
from carbonsink.simulate.phenology import signature
from carbonsink.simulate.practice import State, practised
from carbonsink.simulate.run import simulation_key, tuned
from carbonsink.simulate.sky import sky_over, weather_of
from carbonsink.simulate.truth import REGIMES, WET, practice_truth, water_of
from tests.simulate.plans import LONGSHAN, fields

YEAR = date(2021, 1, 1), date(2021, 12, 31)
RICE = "single-rice"


def indices(cover: str, day: int, *practices: str) -> dict[str, float]:
    """NDVI, LSWI, NDTI and NBR of a cover on a day of its calendar, without gain, noise and sky."""
    known = constants()
    r = dict(zip(known.bands.names, signature(practised(State(cover, practices), known), day, known), strict=True))
    pairs = {"ndvi": ("nir", "red"), "lswi": ("nir", "swir16"), "ndti": ("swir16", "swir22"), "nbr": ("nir", "swir22")}
    return {name: (r[a] - r[b]) / (r[a] + r[b]) for name, (a, b) in pairs.items()}


# --- water ---


@pytest.mark.parametrize("regime", REGIMES)
def test_a_practice_is_the_regime_that_the_truth_counts(regime: str) -> None:
    water = water_of(practised(State(RICE, (regime,)), constants()), 0, 2021, constants())
    assert water is not None and water.regime == regime
    assert date(2021, 5, 15) < water.flooded[0] < date(2021, 6, 1) and date(2021, 8, 31) < water.flooded[1] < date(2021, 9, 20)
    assert all(7 <= (last - first).days + 1 <= 18 for first, last in water.drained)


def test_a_late_field_is_late_in_everything() -> None:
    cover = practised(State(RICE, ("multiple_drainage",)), constants())
    early, late = (water_of(cover, days, 2021, constants()) for days in (-5, 5))
    assert early and late
    assert late.flooded[0] - early.flooded[0] == timedelta(days=10)
    assert {b[0] - a[0] for a, b in zip(early.drained, late.drained, strict=True)} == {timedelta(days=10)}


def test_the_truth_dates_are_those_of_the_pixels() -> None:
    """On every day of the season the ground that the scene shows is wet or dry as the truth says."""
    plan = fields(4, *YEAR)
    known = constants()
    landscape = landscape_of(plan, extent_of(plan.land.boundary, known), known)
    from carbonsink.simulate.knots import at
    from carbonsink.simulate.phenology import day_of

    for row in practice_truth(plan, landscape, [2021], known):
        patch = next(patch for patch in landscape.patches if patch.name == f"parcel {row['parcel']}")
        day, last = (date.fromisoformat(text) for text in row["flooded"])
        while day <= last:
            drained = any(first <= str(day) <= end for first, end in row["drained"])
            cover = practised(patch.on(day), known)
            assert (at(cover.wetness, day_of(day, patch.late_days, known)) < WET) == drained, (row["parcel"], day)
            day += timedelta(days=1)


def test_water_shows_in_lswi_less_and_less_as_the_canopy_closes() -> None:
    open_, closing, closed = (indices(RICE, day, "continuously_flooded")["lswi"] - indices(RICE, day, "multiple_drainage")["lswi"] for day in (178, 198, 218))
    assert open_ > closing > closed > 0.02
    assert open_ > 0.2


def test_parcels_do_what_their_stratum_declares_but_for_what_is_planted() -> None:
    plan = fields(3, *YEAR, planted=Simulation(practices={"LS-002": ["continuously_flooded", "winter_cover"], "LS-003": ["straw_burnt"]}))
    known = constants()
    rows = practice_truth(plan, landscape_of(plan, extent_of(plan.land.boundary, known), known), [2020, 2021], known)
    said = {(row["parcel"], row["year"]): row for row in rows}
    assert said["LS-001", 2021]["practices"] == ["multiple_drainage"]
    assert said["LS-001", 2020]["practices"] == ["continuously_flooded"], "the baseline, before the project begins"
    assert said["LS-002", 2021]["practices"] == ["continuously_flooded", "winter_cover"] and said["LS-002", 2021]["winter_cover"]
    assert (said["LS-003", 2021]["water_regime"], said["LS-003", 2021]["straw"]) == ("multiple_drainage", "straw_burnt")
    assert [len(row["crops"]) for row in rows] == [1] * 6


# --- the other practices ---


def test_winter_cover_is_green_in_winter_and_straw_shows_in_its_indices() -> None:
    assert indices(RICE, 60, "winter_cover")["ndvi"] > 0.5 > 0.35 > indices(RICE, 60)["ndvi"]
    assert indices(RICE, 200, "winter_cover")["ndvi"] == pytest.approx(indices(RICE, 200)["ndvi"], abs=0.02)
    assert indices(RICE, 285, "straw_retained")["ndti"] > indices(RICE, 285)["ndti"] + 0.03
    assert indices(RICE, 285, "straw_burnt")["nbr"] < indices(RICE, 285)["nbr"] - 0.2
    assert indices(RICE, 280, "straw_burnt") == indices(RICE, 280)


# --- events ---

FELLED = date(2021, 6, 12)


def test_an_event_changes_its_land_from_its_day_on_and_nothing_else(tmp_path: Path) -> None:
    start, end = date(2021, 5, 20), date(2021, 7, 10)
    event = Event(kind="felling", on=FELLED, parcel="LS-002")
    simulate(fields(3, start, end, "forest"), tmp_path / "before")
    simulate(fields(3, start, end, "forest", Simulation(event=[event])), tmp_path / "after")
    (said,) = read_json(tmp_path / "after" / "truth" / "events.json")
    parcel = next(p for p in fields(3, start, end).land.parcels if p.id == "LS-002")
    assert (said["kind"], said["on"], said["cover"]) == ("felling", "2021-06-12", "clearing")
    assert said["area_m2"] == pytest.approx(parcel.area_m2, rel=0.02)
    truth = [read_raster(tmp_path / name / "truth" / "cover_2021.tif").pixels[0] for name in ("before", "after")]
    changed = truth[0] != truth[1]
    assert (truth[1][changed] == constants().covers["clearing"].code).all() and changed.sum() * 100 == pytest.approx(parcel.area_m2, rel=0.06)
    import rasterio

    for path in sorted((tmp_path / "before").glob("sentinel-2-l2a/*/B04.tif")):
        with rasterio.open(path) as one, rasterio.open(tmp_path / "after" / path.relative_to(tmp_path / "before")) as other:
            red = one.read(1).astype(int), other.read(1).astype(int)
        if path.parent.name.split("_")[2] < "20210612":
            assert (red[0] == red[1]).all()
        else:
            assert (red[0] != red[1])[~_near(changed)].sum() == 0 and np.median((red[1] - red[0])[changed]) >= 0


def _near(changed: np.ndarray) -> np.ndarray:
    """The changed pixels and their neighbours, which share a part of them."""
    wide = np.pad(changed, 1)
    return np.any([wide[1 + y : 1 + y + changed.shape[0], 1 + x : 1 + x + changed.shape[1]] for y in (-1, 0, 1) for x in (-1, 0, 1)], axis=0)


def test_an_event_in_a_box_takes_the_land_that_lies_there() -> None:
    plan = fields(3, *YEAR)
    west, south, east, north = plan.land.boundary.bounds
    inside = [(3 * west + east) / 4, (3 * south + north) / 4, (west + east) / 2, (south + north) / 2]
    planted = Simulation(event=[Event(kind="conversion", on=date(2021, 8, 1), box=inside)])
    plan = fields(3, *YEAR, planted=planted)
    known = constants()
    landscape = landscape_of(plan, extent_of(plan.land.boundary, known), known)
    (done,) = landscape.events
    from tests.simulate.plans import geodesic_m2

    assert done.area_m2 == pytest.approx(geodesic_m2(box(*inside)), rel=0.02)
    assert all(patch.on(date(2021, 8, 1)).cover == "built-up" for patch in landscape.patches if len(patch.turns) > 2)


# --- the sky ---


@pytest.mark.parametrize("percent", [40, 60, 80])
def test_the_declared_cloud_share_is_that_of_the_scenes(percent: int) -> None:
    """Mean of eo:cloud_cover over a year, at five and at ten days' revisit, within three points."""
    plan = fields(1, *YEAR)
    extent = extent_of(plan.land.boundary, constants())
    for revisit in (5, 10):
        known = tuned(fields(3, *YEAR, planted=Simulation(revisit_days=revisit)), constants())
        days = acquisition_days(*YEAR, known)
        weather = weather_of(days, percent, known)
        classes = [sky_over(extent, str(day), day, weather[day], known).classes for day in days]
        assert abs(np.isin(classes, (8, 9, 10)).mean() * 100 - percent) < 3, revisit


def test_a_simulation_is_part_of_what_a_catalogue_hangs_on() -> None:
    plain, cloudy = (fields(3, *YEAR, planted=planted) for planted in (None, Simulation(cloud_percent=40)))
    assert simulation_key(plain) != simulation_key(cloudy)


# --- what can't be planted ---

REFUSED = [
    ("E-SIM-022 .*'LS-099'", Simulation(practices={"LS-099": ["winter_cover"]})),
    ("E-SIM-022 .*'LS-099'", Simulation(event=[Event(kind="felling", on=FELLED, parcel="LS-099")])),
    ("E-SIM-023 .*'dry_seeding'.*winter_cover", Simulation(practices={"LS-001": ["dry_seeding"]})),
    ("E-SIM-023 .*'flood'.*felling", Simulation(event=[Event(kind="flood", on=FELLED, parcel="LS-001")])),
    ("E-SIM-023 .*'50'.*40, 60, 80", Simulation(cloud_percent=50)),
    ("E-SIM-024 .*2020-01-01", Simulation(event=[Event(kind="felling", on=date(2020, 1, 1), parcel="LS-001")])),
    ("E-SIM-025 .*10.0", Simulation(event=[Event(kind="felling", on=FELLED, box=[10.0, 10.0, 10.1, 10.1])])),
]


@pytest.mark.parametrize(("words", "planted"), REFUSED, ids=[words[:20] for words, _ in REFUSED])
def test_what_cannot_be_planted_is_refused(words: str, planted: Simulation, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=words):
        simulate(fields(2, *YEAR, planted=planted), tmp_path / "c")
    assert list(tmp_path.iterdir()) == []


def test_all_that_cannot_be_planted_is_said_at_once(tmp_path: Path) -> None:
    planted = Simulation(cloud_percent=50, practices={"LS-099": [], "LS-001": ["x", "y"]})
    with pytest.raises(Refusal) as refused:
        simulate(fields(2, *YEAR, planted=planted), tmp_path / "c")
    assert [problem.code for problem in refused.value.problems] == ["E-SIM-023", "E-SIM-022", "E-SIM-023", "E-SIM-023"]


@pytest.mark.parametrize(
    ("code", "old", "new"),
    [
        ("E-SIM-020", 'imagery = { catalogue = "simulated" }', ""),
        ("E-SIM-021", "revisit_days = 5", 'event = [{ kind = "felling", on = 2021-06-12 }]'),
        ("E-SIM-021", "revisit_days = 5", 'event = [{ kind = "felling", on = 2021-06-12, parcel = "LS-001", box = [1.0, 2.0, 3.0, 4.0] }]'),
    ],
)
def test_a_simulation_out_of_place_is_refused_when_the_area_is_read(code: str, old: str, new: str, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(LONGSHAN, tmp_path / "aoi" / "longshan", ignore=shutil.ignore_patterns("scenes.lock.json"))
    shutil.copytree(LONGSHAN.parents[1] / "pipelines", tmp_path / "pipelines")
    path = tmp_path / "aoi" / "longshan" / "area.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(Refusal, match=code):
        load(path.parent)
