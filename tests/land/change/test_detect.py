"""The stage on a small run: a felling in a red line, a field built over, a fire; files, kinds, alerts, pictures."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from shapely.geometry import box

from carbonsink.base.evidence import file_sha256
from carbonsink.base.problems import Refusal
from carbonsink.base.rasters import Grid, read_raster
from carbonsink.base.records import Alert, LandChange
from carbonsink.base.tables import read_csv
from carbonsink.declared.change import Protection
from carbonsink.declared.plan import Plan
from carbonsink.land.change import search
from carbonsink.land.change.detect import detect
from tests.land import trial
from tests.land.change.scenes import BANDS, LAYERS, Event, monthly, write_cover, write_outline, write_series

SIDE = 72
GRID = Grid("EPSG:32650", 500_000.0, 2_720_000.0, 10.0, SIDE, SIDE)
CLASSES = [("paddy", 1, "cropland"), ("built", 2, "settlements"), ("forest", 3, "forest land")]
FELLED, BURNT, BUILT, SPECK = (slice(8, 16), slice(10, 22)), (slice(24, 30), slice(50, 60)), (slice(50, 58), slice(30, 40)), (slice(4, 5), slice(40, 43))
DAYS = {"felling": date(2021, 8, 15), "fire": date(2021, 10, 20), "built-up": date(2021, 11, 20)}


def metres(rows: slice, columns: slice) -> tuple[float, float, float, float]:
    """West, south, east and north of a block of pixels."""
    return GRID.west + columns.start * 10, GRID.north - rows.stop * 10, GRID.west + columns.stop * 10, GRID.north - rows.start * 10


def plan_of(folder: Path, **change: object) -> Plan:
    classes = [{"id": name, "code": code, "ipcc": ipcc, "name": trial.WORDS, "colour": "#7cb342"} for name, code, ipcc in CLASSES]
    ground = trial.ground(box(*GRID.bounds), [trial.parcel("P-1", box(*metres(slice(46, 62), slice(26, 44))))])
    plan = trial.plan(
        folder, years=(2020, 2021, 2022), ground=ground, composites={"bands": list(BANDS), "indices": ["ndvi", "nbr"]},
        land={"method": "rules", "classes": classes, "change": change},
    )  # fmt: skip
    write_outline(folder / "red.geojson", box(*metres(slice(6, 20), slice(6, 16))))
    line = Protection(id="eco", kind="ecological", name=trial.WORDS, file="red.geojson", source="a plan", place="sheet 1")  # type: ignore[arg-type]
    return replace(plan, area=plan.area.model_copy(update={"protection": [line]}))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("change")
    forest, paddy = (monthly(cover, SIDE * SIDE, seed=seed).reshape(len(LAYERS), 36, SIDE, SIDE) for cover, seed in (("forest", 1), ("single-rice", 2)))
    values = np.concatenate((forest[:, :, :40], paddy[:, :, 40:]), axis=2)
    for place, cover, event in (
        (FELLED, "forest", Event(DAYS["felling"], "clearing")),
        (SPECK, "forest", Event(DAYS["felling"], "clearing")),
        (BURNT, "forest", Event(DAYS["fire"], "burnt-forest")),
        (BUILT, "single-rice", Event(DAYS["built-up"], "built-up")),
    ):
        rows, columns = (part.stop - part.start for part in place)
        values[:, :, *place] = monthly(cover, rows * columns, event=event, seed=9).reshape(len(LAYERS), 36, rows, columns)
    write_series(folder, dict(zip(LAYERS, values, strict=True)), GRID)
    cover = np.full((SIDE, SIDE), 3, np.uint8)
    cover[40:] = 1
    write_cover(folder, cover, GRID)
    detect(plan_of(folder), folder)
    return folder


def large(run: Path) -> dict[str, LandChange]:
    """The planted changes, by kind."""
    return {c.kind: c for c in read_csv(run / "land" / "changes.csv", LandChange) if c.pixels >= 40}


def test_planted_changes_are_listed_with_kind_day_and_area(run: Path) -> None:
    found = large(run)
    assert set(found) == set(DAYS)
    for kind, place in (("felling", FELLED), ("fire", BURNT), ("built-up", BUILT)):
        change = found[kind]
        pixels = (place[0].stop - place[0].start) * (place[1].stop - place[1].start)
        assert abs((date.fromisoformat(change.date) - DAYS[kind]).days) <= 30
        assert date.fromisoformat(change.earliest) <= DAYS[kind] <= date.fromisoformat(change.latest)
        assert change.pixels == pytest.approx(pixels, abs=3)
        assert change.area_ha == pytest.approx(change.pixels / 100, rel=0.002)  # UTM's scale of 0.9996, squared
        assert change.magnitude < -0.2 and change.recovery_days is None


def test_a_fire_has_a_severity_and_a_field_its_parcel(run: Path) -> None:
    found = large(run)
    fire = found["fire"]
    assert fire.dnbr is not None and fire.dnbr > 0.44 and fire.severity in ("moderate-high", "high")
    assert found["built-up"].parcel == "P-1" and found["built-up"].parcel_ha == pytest.approx(found["built-up"].area_ha, rel=0.05)
    assert found["felling"].parcel == "" and found["felling"].class_before == "forest"


def test_changes_below_the_minimum_unit_are_on_the_map_and_in_no_list(run: Path) -> None:
    rows, columns = SPECK
    assert (read_raster(run / "land" / "breaks.tif", ["day_1"]).pixels[0, rows, columns] > 0).all()
    west, south, east, north = trial.lonlat(box(*metres(rows, columns))).bounds
    listed = read_csv(run / "land" / "changes.csv", LandChange)
    assert not [c for c in listed if west <= c.longitude <= east and south <= c.latitude <= north]


def test_few_changes_are_listed_that_were_not_planted(run: Path) -> None:
    others = [c for c in read_csv(run / "land" / "changes.csv", LandChange) if c.kind not in DAYS or c.pixels < 40]
    assert sum(c.pixels for c in others) <= 0.002 * SIDE * SIDE


def test_the_map_of_breaks_says_where_nothing_broke_and_where_nothing_was_seen(run: Path, tmp_path: Path) -> None:
    day = read_raster(run / "land" / "breaks.tif", ["day_1", "earliest_1", "latest_1", "magnitude_1"]).pixels
    broke = day[0] > 0
    assert (day[0] >= 0).all() and (day[:, ~broke] == 0).all()
    assert (day[1][broke] < day[0][broke]).all() and (day[0][broke] < day[2][broke]).all()
    assert 0.03 < broke.mean() < 0.06


def test_the_part_inside_the_red_line_is_an_alert_with_pictures(run: Path) -> None:
    (alert,) = read_csv(run / "land" / "alerts.csv", Alert)
    assert (alert.protection, alert.kind, alert.colours) == ("eco", "felling", "swir16 nir red")
    assert alert.area_ha == pytest.approx(0.48, abs=0.03)  # 8 rows of 6 pixels of it
    before, after = (imagecodecs.png_decode((run / "land" / chip).read_bytes()) for chip in (alert.chip_before, alert.chip_after))
    assert before.shape == after.shape == (256, 256, 3)
    assert alert.period_before < alert.date[:7] < alert.period_after
    yellow = (after == (255, 221, 51)).all(axis=-1)
    assert yellow.any() and (yellow == (before == (255, 221, 51)).all(axis=-1)).all(), "the same outline on both"
    rows, columns = np.nonzero(yellow)
    inside = (slice(rows.min() + 4, rows.max() - 4), slice(columns.min() + 4, columns.max() - 4))
    assert float(np.median(before[inside][..., 0])) + 20 < float(np.median(after[inside][..., 0])), "cut land is bright in SWIR"


def test_blocks_of_any_size_give_the_same_bytes(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["breaks.tif", "changes.csv", "alerts.csv", *(f"alerts/{p.name}" for p in sorted((run / "land" / "alerts").iterdir()))]
    before = {name: file_sha256(run / "land" / name) for name in names}
    monkeypatch.setattr(search, "ACROSS", 23)
    monkeypatch.setattr(search, "TILE", 17)
    detect(plan_of(run), run)
    assert {name: file_sha256(run / "land" / name) for name in names} == before


def test_without_its_section_nothing_is_written(tmp_path: Path) -> None:
    detect(trial.plan(tmp_path), tmp_path)
    assert not (tmp_path / "land").exists()


def test_without_composites_it_is_refused(tmp_path: Path) -> None:
    trial.write_composites(tmp_path, {})
    with pytest.raises(Refusal, match="E-CHG-005"):
        detect(plan_of(tmp_path), tmp_path)


def test_composites_on_two_grids_are_refused_with_both(tmp_path: Path) -> None:
    plan = trial.plan(tmp_path, land={"method": "rules", "change": {}})
    trial.write_composites(tmp_path, {"2020-02": {"ndvi": 1}}, replace(trial.GRID, west=500_100.0))
    trial.write_composites(tmp_path, {"2020-01": {"ndvi": 1}, "2020-02": {"ndvi": 1}})
    trial.write_composites(tmp_path / "other", {"2020-02": {"ndvi": 1}}, replace(trial.GRID, west=500_100.0))
    (tmp_path / "other" / "composites" / "2020-02.tif").replace(tmp_path / "composites" / "2020-02.tif")
    with pytest.raises(Refusal, match=r"E-LND-002 2020-02.tif.*500100.*500000"):
        detect(plan, tmp_path)


def test_a_series_too_short_for_a_history_is_refused_with_what_is_needed(tmp_path: Path) -> None:
    trial.write_composites(tmp_path, {f"2020-{month:02d}": {"ndvi": 1} for month in range(1, 13)})
    with pytest.raises(Refusal, match=r"E-CHG-007.*12 periods over 12 months.*lead_months"):
        detect(trial.plan(tmp_path, land={"method": "rules", "change": {}}), tmp_path)
