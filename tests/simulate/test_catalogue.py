"""The simulated catalogue as files: the true grid, Earth Search's metadata, the same bytes twice, whole or not at all."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pystac
import pytest
import rasterio

from carbonsink.base.evidence import read_json
from carbonsink.base.problems import Refusal
from carbonsink.simulate import run, simulate
from carbonsink.simulate.constants import constants
from carbonsink.simulate.extent import extent_of
from carbonsink.simulate.items import FILES, acquisition_days, baseline_of
from carbonsink.simulate.run import imagery_period
from tests.simulate.conftest import Simulated, read_catalogue
from tests.simulate.plans import fields

PINNED = "ca2ae50d09b65e1f6087cf78fe10ef800ee9424d104eb207f992b28a2cebf75f"
START, END = date(2022, 1, 1), date(2022, 2, 10)


def digests(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_second_run_makes_the_same_bytes_with_any_number_of_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = fields(3, START, END)
    simulate(plan, tmp_path / "one")
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    simulate(plan, tmp_path / "two")
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    assert len(read_catalogue(tmp_path / "one").shots) == 4


def test_pixels_are_those_of_every_other_machine(tmp_path: Path) -> None:
    """The pinned digest changes only with the constants, the code or the parcels; never with the machine."""
    simulate(fields(3, START, date(2022, 1, 12)), tmp_path / "c")
    (shot,) = read_catalogue(tmp_path / "c").shots
    pixels = b"".join(shot.numbers(band).astype("<u2").tobytes() for band in FILES)
    assert hashlib.sha256(pixels).hexdigest() == PINNED


def test_a_whole_catalogue_is_kept_and_another_key_replaces_it(tmp_path: Path) -> None:
    folder = tmp_path / "catalogue"
    simulate(fields(3, START, END), folder)
    before = (folder / "catalog.json").stat().st_mtime_ns
    simulate(fields(3, START, END), folder)
    assert (folder / "catalog.json").stat().st_mtime_ns == before
    (folder / "simulation.json").unlink()  # as after an interruption
    simulate(fields(3, START, END), folder)
    assert (folder / "catalog.json").stat().st_mtime_ns != before
    simulate(fields(4, START, date(2022, 1, 20)), folder)
    assert len(read_catalogue(folder).shots) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["catalogue"]


def test_a_catalogue_that_another_process_finished_meanwhile_stays_for_those_who_read_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan, folder, write = fields(3, START, date(2022, 1, 12)), tmp_path / "catalogue", run._write_catalogue

    def slowly(*arguments: Any) -> None:
        write(*arguments)
        monkeypatch.setattr(run, "_write_catalogue", write)
        monkeypatch.setattr("os.getpid", lambda: 1)  # the other process
        simulate(plan, folder)
        other.append(folder.stat().st_ino)

    other: list[int] = []
    monkeypatch.setattr(run, "_write_catalogue", slowly)
    simulate(plan, folder)
    assert [folder.stat().st_ino] == other
    assert [path.name for path in tmp_path.iterdir()] == ["catalogue"]


def test_dates_do_not_change_with_the_period(tmp_path: Path) -> None:
    """One item is the same whatever else is simulated: chance is keyed by names."""
    simulate(fields(3, START, END), tmp_path / "long")
    simulate(fields(3, date(2022, 1, 1), date(2022, 1, 31)), tmp_path / "short")
    long, short = digests(tmp_path / "long"), digests(tmp_path / "short")
    scenes = [name for name in short if name.endswith(".tif") and "truth" not in name]
    assert scenes and all(long[name] == short[name] for name in scenes)


def test_the_grid_is_that_of_tile_50rnn() -> None:
    extent = extent_of(fields(1000, START, END).land.boundary, constants())
    assert (extent.tile, extent.epsg) == ("50RNN", 32650)
    assert (extent.west - 499_980) % 20 == 0 and (2_800_020 - extent.north) % 20 == 0
    assert extent.height % 2 == 0 and extent.width % 2 == 0
    assert 300 <= extent.width <= 340 and 290 <= extent.height <= 340


@pytest.mark.parametrize(
    ("lon", "lat", "tile", "corner"),
    [(15.6, 46.5, "33TWM", (499_980, 5_200_020)), (15.6, 45.7, "33TWL", (499_980, 5_100_000)), (3.0237, 50.816, "31UES", (499_980, 5_700_000))],
)
def test_tiles_are_those_of_real_scenes(lon: float, lat: float, tile: str, corner: tuple[int, int]) -> None:
    from shapely.geometry import box

    extent = extent_of(box(lon, lat, lon + 0.01, lat + 0.01), constants())
    assert extent.tile == tile
    assert ((extent.west - corner[0]) % 20, (corner[1] - extent.north) % 20) == (0, 0)


def test_files_are_what_the_items_say(season: Simulated) -> None:
    for shot in season.shots[:4]:
        for asset in shot.item["assets"].values():
            path = shot.folder / asset["href"]
            assert path.stat().st_size == asset["file:size"]
            assert asset["file:checksum"] == "1220" + hashlib.sha256(path.read_bytes()).hexdigest()
            with rasterio.open(path) as source:
                assert list(source.transform)[:6] == asset["proj:transform"]
                assert f"EPSG:{source.crs.to_epsg()}" == shot.item["properties"]["proj:code"]
                assert (source.compression.name, source.profile["tiled"], source.nodata) == ("deflate", True, 0)


def test_items_are_stac_and_marked_simulated(season: Simulated) -> None:
    catalogue = pystac.Catalog.from_file(str(season.folder / "catalog.json"))
    assert all(item.properties["carbonsink:simulated"] is True for item in catalogue.get_items(recursive=True))
    items = [item for item in catalogue.get_items(recursive=True) if item.collection_id == "sentinel-2-l2a"]
    assert len(items) == len(season.shots)
    for item in items:
        assert item.properties["grid:code"] == "MGRS-50RNN"
        assert item.id.startswith("S2A" if item.properties["platform"] == "sentinel-2a" else "S2B")
    legend = read_json(season.folder / "truth" / "legend.json")
    assert [cover["code"] for cover in legend] == list(range(1, 13))


def test_the_offset_trap_of_baseline_0400_is_set(tmp_path: Path) -> None:
    simulate(fields(3, START, END), tmp_path / "c")
    for shot in read_catalogue(tmp_path / "c").shots:
        new = shot.day >= date(2022, 1, 25)
        assert shot.item["properties"]["s2:processing_baseline"] == ("04.00" if new else "03.00")
        assert shot.item["properties"]["earthsearch:boa_offset_applied"] is new
        assert shot.item["assets"]["red"]["raster:bands"][0]["offset"] == (-0.1 if new else 0.0)
        assert int(shot.numbers("red")[shot.clear].mean()) < 2500  # nothing is added to the numbers


def test_three_years_have_110_dates_and_three_baselines() -> None:
    days = acquisition_days(date(2020, 1, 1), date(2022, 12, 31), constants())
    assert len(days) == 110 and days[0] == date(2020, 1, 1)
    assert {baseline_of(day, constants()).number for day in days} == {"02.14", "03.00", "04.00"}
    assert acquisition_days(date(2020, 1, 2), date(2020, 1, 12), constants()) == [date(2020, 1, 11)]


def test_imagery_reaches_into_the_months_before_and_after() -> None:
    plan = fields(1, date(2020, 1, 1), date(2020, 12, 31))
    assert imagery_period(plan) == (date(2020, 1, 1), date(2020, 12, 31))
    imagery = plan.pipeline.imagery.model_copy(update={"lead_months": 2, "tail_months": 2})
    longer = replace(plan, pipeline=plan.pipeline.model_copy(update={"imagery": imagery}))
    assert imagery_period(longer) == (date(2019, 11, 1), date(2021, 2, 28))
    features = plan.pipeline.composites.model_copy(update={"features": ["ndvi.seasons"], "features_from": 7})
    july = replace(plan, pipeline=plan.pipeline.model_copy(update={"composites": features}))
    assert imagery_period(july) == (date(2019, 7, 1), date(2020, 12, 31))


def test_land_that_cannot_be_simulated_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="E-SIM-001 .*'maize'.*single-rice"):
        simulate(fields(2, START, END, stratum="maize"), tmp_path / "c")
    plan = fields(2, START, END)
    with pytest.raises(Refusal, match="E-SIM-002"):
        simulate(replace(plan, land=replace(plan.land, parcels=())), tmp_path / "c")
    with pytest.raises(Refusal, match="E-SIM-003 .* 12 km"):
        simulate(replace(plan, land=replace(plan.land, boundary=plan.land.boundary.buffer(0.2))), tmp_path / "c")
    assert list(tmp_path.iterdir()) == []


def test_every_number_of_the_constants_has_a_source_and_a_place() -> None:
    known = constants()
    tables = [*known.baseline, *known.spectra.values(), *known.covers.values(), *known.practices.values(), *known.events.values(), *known.cloudy.values()]
    tables += [known.grid, known.tile, known.acquisitions, known.sun, known.bands, known.landscape, known.sky, known.noise, known.scl]  # type: ignore[list-item]
    assert all(table.source and table.place for table in tables)
    for cover in known.covers.values():
        check_calendar([cover.canopy, cover.ripeness, cover.wetness, *cover.laid.values()], 1, 365)
    for practice in known.practices.values():
        check_calendar([knots for knots in (practice.canopy, practice.ripeness, practice.wetness, *(practice.laid or {}).values()) if knots], 1, 365)
        assert set(practice.of) <= set(known.covers) and set(practice.laid or {}) <= set(known.spectra)
    check_calendar([sky.thick_permille for sky in known.cloudy.values()], 0, 1000)
    assert {event.cover for event in known.events.values()} <= set(known.covers)


def check_calendar(lines: list[list[list[int]]], first: int, last: int) -> None:
    for knots in lines:
        assert (knots[0][0], knots[-1][0]) == (first, last)
        assert all(0 <= value <= 1000 for _, value in knots) and knots == sorted(knots)
