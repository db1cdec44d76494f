"""The benchmark can be believed: its imagery is what it says, its clock sees what programs take, and all programs give the same means."""

from __future__ import annotations

import http.client
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
import rasterio
from benchmarks import areas, bench, collection, counting, jobs, pixels, range_server, table, workload
from benchmarks.interleave import QUIET, Command, Failed, Taken, interleave, least_disturbed, processors, ratio, run, share_stolen
from shapely.geometry import box

from carbonsink.base.environment import GDAL_ENVIRONMENT
from carbonsink.catalogue.holdings import read_folder, served
from carbonsink.declared.sensor import read_sensor
from carbonsink.scenes.address import stored_item
from carbonsink.scenes.item import parse

SIDE = 512


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench")
    os.environ["CARBONSINK_BENCH"] = str(folder)
    return folder


@pytest.fixture(scope="module")
def scenes(cache: Path) -> collection.Collection:
    return collection.ensure(SIDE, 12)


# --- the imagery


def test_a_seed_gives_the_same_scene_and_another_seed_another() -> None:
    one, again, other = (pixels.scene(pixels.Land(128, seed), 3)["nir"] for seed in (1, 1, 2))
    assert np.array_equal(one, again) and not np.array_equal(one, other)


@pytest.mark.parametrize("number", range(pixels.CYCLE))
def test_clouds_cover_as_much_as_is_said_and_every_third_scene_has_a_swath_edge(number: int) -> None:
    classes = pixels.scene(pixels.Land(256, 5), number)["scl"]
    seen = classes != pixels.NO_DATA
    cloudy = np.isin(classes, (pixels.CLOUD_MEDIUM, pixels.CLOUD_HIGH))
    low, high = pixels.CLOUD_SHARES
    assert low - 0.1 < cloudy.sum() / classes.size < high + 0.02
    assert (not seen.all()) == (number % pixels.EDGED == 1)
    assert pixels.swath(128, number).area == pytest.approx(seen.sum(), rel=0.01)


def test_no_pixel_of_a_band_is_fill_where_the_classes_say_data() -> None:
    scene = pixels.scene(pixels.Land(256, 5), 1)
    seen = (scene["scl"] != pixels.NO_DATA).repeat(2, 0).repeat(2, 1)[:256, :256]
    assert ((scene["red"] > 1) == seen).all()


def test_files_are_cogs_as_the_archive_has_them(scenes: collection.Collection) -> None:
    with rasterio.open(scenes.file(scenes.days[0], "nir")) as source:
        assert source.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert (source.block_shapes[0], source.profile["compress"], source.tags(ns="IMAGE_STRUCTURE")["PREDICTOR"]) == ((512, 512), "deflate", "2")
    raw = SIDE * SIDE * 2
    assert 1.3 < raw / scenes.file(scenes.days[0], "red").stat().st_size < 1.8


def test_the_catalogue_is_one_that_ours_reads_and_dates_share_files(scenes: collection.Collection) -> None:
    holdings = read_folder(scenes.folder)
    assert [entry.start.date() for entry in reversed(holdings.entries)] == list(scenes.days)
    more = collection.ensure(SIDE, 36)
    assert more.file(more.days[0], "red").samefile(scenes.file(scenes.days[0], "red"))
    assert more.file(more.days[24], "red").samefile(more.file(more.days[0], "red"))
    assert not more.file(more.days[12], "red").samefile(more.file(more.days[0], "red"))
    assert {day.month for day in more.days} == set(range(1, 10))


def test_items_are_of_the_dialect_and_describe_their_files(scenes: collection.Collection) -> None:
    sensor = read_sensor("sentinel-2-l2a")
    served_item = served(read_folder(scenes.folder).entries[-2], "http://127.0.0.1/")
    item = parse(stored_item(served_item, "http://127.0.0.1/"), sensor.dialects["earth-search"], ("red", "swir16", "scl"))
    assert (item.tile, item.offset_applied, item.baseline) == (collection.TILE, True, "05.09")
    assert item.assets["red"].size == scenes.file(scenes.days[1], "red").stat().st_size
    with rasterio.open(scenes.file(scenes.days[1], "swir16")) as source:
        assert tuple(source.bounds) == item.assets["swir16"].grid.bounds


def test_areas_range_from_a_plot_to_a_landscape_and_lie_in_the_tile() -> None:
    found = areas.outlines(4096, 200)
    tile = box(collection.WEST, collection.NORTH - 40960, collection.WEST + 40960, collection.NORTH)
    assert found[0].area == pytest.approx(400) and found[-1].area == pytest.approx(5e7)
    assert all(tile.contains(one) for one in found)


# --- what a job needs


def test_the_floor_reads_every_block_with_a_clear_pixel_and_no_other() -> None:
    clear = np.zeros((512, 512), dtype=np.bool_)
    clear[10, 10] = clear[10, 300] = clear[511, 511] = True
    assert list(workload._runs(clear, (0, 0, 1024, 1024))) == [(0, 0, 512, 1024), (512, 512, 512, 512)]
    assert list(workload._runs(clear[:200, :200], (0, 0, 400, 400))) == [(0, 0, 400, 400)]


def test_a_polygons_mean_weighs_pixels_by_the_part_it_covers(tmp_path: Path) -> None:
    job = workload.Job(tmp_path, 32633, 0.0, 40.0, 4, (0, 0, 4, 4), (), tmp_path)
    workload.write_job(job, [box(5, 20, 20, 30), box(5, 20, 20, 30), box(0, 0, 10, 10)])
    layer = np.full((4, 4), np.nan)
    layer[1, :2] = 3.0, 6.0
    assert workload.Zones(workload.read_job(tmp_path)).means(layer) == [pytest.approx(5.0), pytest.approx(5.0), None]


def test_polygons_lie_in_their_window_and_reach_every_part_of_it() -> None:
    window = (1024, 0, 1024, 1024)
    found = jobs.polygons(window)
    frame = box(collection.WEST, collection.NORTH - 20480, collection.WEST + 10240, collection.NORTH - 10240)
    assert len(found) == jobs.POLYGONS and all(one.is_valid and frame.contains(one) for one in found)
    west, south, east, north = frame.bounds
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    quarters = [box(x, y, x + (east - west) / 2, y + (north - south) / 2) for x in (west, middle_x) for y in (south, middle_y)]
    assert all(sum(quarter.contains(one) for one in found) > 25 for quarter in quarters)


def test_a_difference_in_what_has_a_mean_is_no_small_difference() -> None:
    one: workload.Means = {"2023-01": {"ndvi": [0.5, None]}}
    assert workload.difference(one, {"2023-01": {"ndvi": [0.25, None]}}) == 0.25
    assert workload.difference(one, {"2023-01": {"ndvi": [0.5, 0.5]}}) == float("inf")
    assert workload.difference(one, {"2023-02": {"ndvi": [0.5, None]}}) == float("inf")


# --- servers


@pytest.mark.parametrize(
    ("asked", "status", "body"),
    [
        (None, 200, b"0123456789"),
        ("bytes=2-4", 206, b"234"),
        ("bytes=7-", 206, b"789"),
        ("bytes=-2", 206, b"89"),
        ("bytes=8-99", 206, b"89"),
        ("bytes=10-", 416, b""),
    ],
)
def test_the_server_gives_exactly_the_bytes_asked_for(asked: str | None, status: int, body: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"0123456789")
    with range_server.serving(tmp_path, log=tmp_path / "log") as url:
        connection = http.client.HTTPConnection(urlsplit(url).netloc)
        for _ in range(2):  # the connection is kept
            connection.request("GET", "/files/a.bin", headers={"Range": asked} if asked else {})
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (status, body)
        connection.request("HEAD", "/files/a.bin")
        answer = connection.getresponse()
        assert (answer.read(), answer.headers["Content-Length"]) == (b"", "10")
        connection.request("GET", "/files/%2e%2e/a.bin")
        assert connection.getresponse().status == 404
        connection.close()
    counted = counting.transfers(tmp_path / "log")
    assert (counted.moved, counted.distinct) == (2 * len(body), len(body))


def test_every_request_waits_for_the_delay(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"x")
    with range_server.serving(tmp_path, 0.05) as url:
        connection = http.client.HTTPConnection(urlsplit(url).netloc)
        start = time.perf_counter()
        for _ in range(3):
            connection.request("GET", "/files/a.bin")
            connection.getresponse().read()
        assert time.perf_counter() - start >= 0.15
        connection.close()


def test_the_catalogue_service_writes_down_what_it_moves(scenes: collection.Collection, tmp_path: Path) -> None:
    path = scenes.file(scenes.days[0], "scl").relative_to(scenes.folder).as_posix()
    with counting.serving(scenes.folder, tmp_path / "log") as url:
        connection = http.client.HTTPConnection(urlsplit(url).netloc)
        for span in ("bytes=0-99", "bytes=50-149"):
            connection.request("GET", f"/files/{path}", headers={"Range": span})
            assert len(connection.getresponse().read()) == 100
        connection.request("GET", "/")
        assert json.loads(connection.getresponse().read())["type"] == "Catalog"
        connection.close()
    counted = counting.transfers(tmp_path / "log")
    assert (counted.count, counted.moved, counted.distinct, counted.repeats) == (2, 200, 150, pytest.approx(4 / 3))


# --- the clock


def python(name: str, code: str) -> Command:
    return Command(name, [sys.executable, "-c", code])


def test_a_compared_program_starts_without_what_we_tell_gdal() -> None:
    """Our package sets it for the process that measures; a plain rasterio's floor is that of a plain shell."""
    assert set(GDAL_ENVIRONMENT) <= set(os.environ)
    told = run(python("plain", f"import json, os; print(json.dumps({{'told': sorted({set(GDAL_ENVIRONMENT)!r} & set(os.environ))}}))"))
    assert told.said["told"] == []


def test_commands_run_in_turn(tmp_path: Path) -> None:
    path = tmp_path / "order"
    commands = [python(name, f"open({str(path)!r}, 'a').write({name!r})") for name in "ABC"]
    taken = interleave(commands, 2)
    assert path.read_text() == "ABCABC" and all(len(runs) == 2 for runs in taken.values())


def test_memory_and_cpu_of_children_count() -> None:
    child = "import time; a = bytearray(150_000_000); t = time.process_time()\nwhile time.process_time() - t < 0.3: pass"
    taken = run(python("parent", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"))
    assert taken.peak_mb > 150 and taken.kernel_cpu > 0.3


def test_a_command_says_its_own_seconds_and_one_that_fails_is_heard() -> None:
    assert run(python("told", """print('{"wall": 1.5, "cpu": 2.5, "more": 3}')""")) == Taken(1.5, 2.5, *run_figures(), {"more": 3}, Any_())  # type: ignore[arg-type]
    with pytest.raises(Failed, match="no such luck"):
        run(python("bad", "raise SystemExit('no such luck')"))


class Any_:
    """Equal to everything: figures that a test leaves open."""

    def __eq__(self, _: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


def run_figures() -> tuple[Any_, Any_]:
    return Any_(), Any_()


def test_a_run_that_the_host_disturbs_is_tried_again_and_the_least_disturbed_counts() -> None:
    def runs(*stolen: float) -> Iterator[Taken]:
        return (Taken(number, 1.0, 1.0, 1.0, {}, share) for number, share in enumerate(stolen))

    def counted(*stolen: float) -> float:
        coming = runs(*stolen)
        return least_disturbed(lambda: next(coming), 3, pause=0).wall

    assert counted(QUIET) == 0
    assert counted(0.2, 0.01) == 1
    assert counted(0.2, 0.1, 0.3, 0.0) == 1, "no more than three are tried"


def test_what_the_host_took_is_its_share_of_the_ticks_that_somebody_wanted() -> None:
    assert share_stolen((100, 10), (300, 60)) == 0.25
    assert share_stolen((100, 10), (100, 10)) == 0
    busy, stolen = processors()
    assert 0 <= stolen <= busy


def test_a_ratio_is_the_median_of_the_rounds() -> None:
    assert ratio([2, 30, 4], [1, 10, 4]) == 2


# --- the verdict


def taken(wall: float, cpu: float = 1.0, peak: float = 100.0) -> list[Taken]:
    return [Taken(wall, cpu, cpu, peak, {})]


def rows(**runs: list[Taken]) -> dict[str, table.Row]:
    names = {name.replace("_", "-"): some for name, some in runs.items()}
    return {row["name"]: row for row in table.judge(table.rows_of(names, dict.fromkeys(names, {})))}


def test_a_row_is_met_only_where_all_that_is_asked_holds() -> None:
    found = rows(floor=taken(1), ours_direct=taken(0.8), ours_rasterio=taken(1.1, peak=501), ours_chips=taken(0.66))
    assert {name: row["met"] for name, row in found.items()} == {"floor": None, "ours-direct": True, "ours-rasterio": False, "ours-chips": False}
    assert found["ours-direct"]["target"] == ["ratio <= 0.85", "peak_mb <= 500"]


def test_the_others_must_be_slower_by_as_much_as_is_claimed() -> None:
    found = rows(ours_direct=taken(1), rioxarray=taken(3.4), stackstac=taken(3.6))
    assert (found["rioxarray"]["met"], found["stackstac"]["met"]) == (False, True)


def test_more_dates_may_take_neither_more_of_the_floor_nor_more_memory() -> None:
    few = {"floor": taken(1), "ours_direct": taken(0.8)}
    assert rows(**few, floor_36=taken(3), ours_36=taken(2.45, peak=105))["ours-36"]["met"]
    assert not rows(**few, floor_36=taken(3), ours_36=taken(2.6))["ours-36"]["met"]
    assert not rows(**few, floor_36=taken(3), ours_36=taken(2.4, peak=120))["ours-36"]["met"]


def test_the_exponent_of_growth_is_the_slope_in_logarithms() -> None:
    assert bench.exponent([(1, 3), (4, 12), (16, 48)]) == pytest.approx(1)
    assert bench.exponent([(1, 1), (4, 16)]) == pytest.approx(2)


def test_a_section_measured_again_replaces_its_rows_and_no_others() -> None:
    before = list(rows(floor=taken(1), ours_direct=taken(0.9), stackstac=taken(4)).values())
    after = table.judge(table.merged(before, list(rows(floor=taken(1), ours_direct=taken(0.8)).values())))
    assert [(row["name"], row["met"]) for row in after] == [("floor", None), ("ours-direct", True), ("stackstac", True)]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_table_shows_every_row_with_its_verdict(language: str) -> None:
    lines = table.markdown(list(rows(floor=taken(1), ours_direct=taken(0.9)).values()), language).splitlines()
    assert len(lines) == 4 and "**" in lines[3] and "0.90" in lines[3]
    assert {line.count("|") for line in lines} == {9}


# --- the whole


def test_all_ways_of_ours_give_the_means_of_the_plain_program(cache: Path, tmp_path: Path) -> None:
    out = tmp_path / "results.json"
    bench.main(["--side", str(SIDE), "--rounds", "1", "--tries", "1", "--only", "stage-two", "--out", str(out)])
    found = {row["name"]: row for row in json.loads(out.read_text())}
    ways = {name for name in found if name.startswith("ours-")}
    assert ways == {"ours-rasterio", "ours-direct", "ours-dask", "ours-cluster", "ours-chips", "ours-written"}
    assert all(found[name]["facts"]["difference"] <= bench.AGREED for name in ways)
    assert len({found[name]["facts"]["difference"] for name in ways}) == 1
    assert found["floor"]["versions"]["rasterio"] == rasterio.__version__


def test_fetching_and_many_areas_are_measured_by_their_transfers(cache: Path, tmp_path: Path) -> None:
    out = tmp_path / "results.json"
    bench.main(["--side", str(SIDE), "--rounds", "1", "--tries", "1", "--areas", "3", "--only", "fetch,many", "--out", str(out)])
    found = {row["name"]: row for row in json.loads(out.read_text())}
    many = found["many-areas"]["facts"]
    assert (many["areas"], many["refused"], many["too_small"]) == (3, 0, 1)
    assert many["transfers"] == 24 * 6 and many["repeats"] == 1  # whole files of so small a tile, each once
    assert found["fetch"]["facts"]["moved_mb"] > 1 and found["one-by-one"]["ratio"] > 1
