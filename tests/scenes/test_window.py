"""Fetching in parts: only the header and the tiles of the area move, and what comes of it is the same chip, pixel by pixel."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carbonsink.base.problems import Exit, Refusal
from carbonsink.base.rasters import read_raster
from carbonsink.base.records import PixelBudget, SceneAsset
from carbonsink.base.store import Store
from carbonsink.base.tables import read_csv
from carbonsink.base.tiff.layout import known_layout
from carbonsink.declared.sensor import read_sensor
from carbonsink.scenes.chips import Kind, cut
from carbonsink.scenes.fetch import fetch
from carbonsink.scenes.http import Patience
from carbonsink.scenes.item import parse
from carbonsink.scenes.packs import Place
from carbonsink.scenes.parts import Tiles
from carbonsink.scenes.pieces import Held
from carbonsink.scenes.window import BLOCK, LONGEST_RUN, NEAR, runs_of
from tests.scenes.large import EPSG, LAYOUTS, SIDE, TILE, TILED, body, scene, square
from tests.scenes.plans import lonlat, plan_of
from tests.scenes.server import Answer, Script, serving
from tests.scenes.synthetic import lay_asset, lock_of

PATIENCE = Patience(attempts=2, first_wait=0.01)
SMALL = square(200, 200, 60)
NEIGHBOUR = square(200, 240, 60)


class Bureau:
    """An office with one store and many areas."""

    def __init__(self, script: Script, folder: Path) -> None:
        self.script, self.folder = script, folder

    def fetch(self, *items: dict[str, Any], of: tuple[float, float, float, float] = SMALL, mode: Any = "window", store: str = "store") -> dict[str, SceneAsset]:
        plan = plan_of(lonlat(of, EPSG), 2018, fetch=mode)
        fetch(plan, lock_of(*items), self.script.url, self.folder / store, self.folder / "scenes", lambda *_: None, PATIENCE)
        return {f"{row.item} {row.band}": row for row in read_csv(self.folder / "scenes/scenes.csv", SceneAsset)}

    def asked(self) -> int:
        return len(self.script.asked)


@pytest.fixture
def bureau(tmp_path: Path) -> Iterator[Bureau]:
    with serving() as script:
        yield Bureau(script, tmp_path)


def digests(rows: dict[str, SceneAsset]) -> dict[str, str]:
    return {name: row.chip_sha256 for name, row in rows.items()}


@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_both_ways_of_fetching_give_the_same_chips_whatever_the_layout(bureau: Bureau, layout: str, capsys: pytest.CaptureFixture[str]) -> None:
    raw = scene(bureau.script, **LAYOUTS[layout])
    parts = bureau.fetch(raw, mode="window", store="one")
    budget = read_csv(bureau.folder / "scenes/pixel_budget.csv", PixelBudget)
    whole = bureau.fetch(raw, mode="whole", store="two")
    assert digests(parts) == digests(whole)
    assert read_csv(bureau.folder / "scenes/pixel_budget.csv", PixelBudget) == budget
    known = "doesn't know" not in layout
    assert {row.mode for row in parts.values()} == {"window" if known else "whole"}
    assert {row.mode for row in whole.values()} == {"whole"}
    said = [line.split(", ")[0].split(" and ")[0] for line in capsys.readouterr().err.splitlines()]
    by_gdal = f"W-SRC-002 scenes: {len(whole)} files are read by GDAL"
    assert said == ([] if known else [f"W-SRC-001 scenes: {len(parts)} assets can't be taken in parts", by_gdal, by_gdal])
    assert all((parts[name].size < whole[name].size) == known for name in whole if "scl" not in name)
    assert not list((bureau.folder / "one" / "parts").iterdir())


@pytest.mark.parametrize("layout", ["tiles, deflate", "cloud-optimized", "tiles, not packed"])
def test_the_bytes_that_move_are_those_of_the_tiles_and_of_the_header(bureau: Bureau, layout: str) -> None:
    rows = bureau.fetch(scene(bureau.script, **LAYOUTS[layout]))
    taken = sum(row.size for row in rows.values())  # tiles and header
    assert taken <= bureau.script.moved <= 1.3 * taken
    assert taken <= 6 * 6 * TILE * TILE * 2 * 2 + len(rows) * BLOCK
    assert bureau.asked() <= len(rows) * (1 + 3)  # the header in one request, a row of tiles in one


def test_neighbours_share_tiles_and_ask_only_for_their_own(bureau: Bureau) -> None:
    raw = scene(bureau.script)
    alone = bureau.fetch(raw, of=NEIGHBOUR, store="alone")
    moved_alone = bureau.script.moved
    bureau.fetch(raw, of=SMALL)
    before = bureau.script.moved
    assert digests(bureau.fetch(raw, of=NEIGHBOUR)) == digests(alone)
    assert bureau.script.moved - before < 0.5 * moved_alone
    asked = bureau.asked()
    inside = bureau.fetch(raw, of=square(210, 210, 20))
    assert bureau.asked() == asked
    assert {row.mode for row in inside.values()} == {"window"}


def test_what_was_taken_has_one_digest_whoever_fetched_it_before(bureau: Bureau) -> None:
    raw = scene(bureau.script)
    alone = bureau.fetch(raw, of=NEIGHBOUR, store="alone")
    bureau.fetch(raw, of=SMALL)
    after = bureau.fetch(raw, of=NEIGHBOUR)
    assert {name: (row.sha256, row.size) for name, row in after.items()} == {name: (row.sha256, row.size) for name, row in alone.items()}


def test_small_files_that_their_item_pins_and_large_parts_are_fetched_whole_the_rest_in_parts(bureau: Bureau) -> None:
    pinned, free = scene(bureau.script), scene(bureau.script, "S2B_31UDS_20180609_0_L2A", "2018-06-09T10:50:29Z", checksums=False)
    rows = bureau.fetch(pinned, free, mode="auto")
    assert {row.mode for row in rows.values() if row.item == pinned["id"]} == {"whole"}
    assert {row.mode for row in rows.values() if row.item == free["id"]} == {"window"}
    half = bureau.fetch(free, of=square(0, 0, SIDE // 2), mode="auto")
    assert {row.mode for row in half.values()} == {"whole"}


def test_a_server_without_ranges_gives_the_whole_file(bureau: Bureau) -> None:
    raw = scene(bureau.script)
    parts = bureau.fetch(raw, store="parts")
    for answers in bureau.script.answers.values():
        answers[0].ranges = False
    whole = bureau.fetch(raw, store="whole")
    assert digests(whole) == digests(parts)
    assert {row.mode for row in whole.values()} == {"whole"}


def test_with_the_network_gone_a_second_run_takes_everything_from_the_store(tmp_path: Path) -> None:
    with serving() as script:
        bureau = Bureau(script, tmp_path)
        raw = scene(script)
        first = bureau.fetch(raw)
        known = bureau.fetch(raw, of=square(205, 205, 40))
    assert bureau.fetch(raw) == first
    assert bureau.fetch(raw, of=square(205, 205, 40)) == known
    with pytest.raises(Refusal) as caught:
        bureau.fetch(raw, of=square(400, 300, 40))
    assert [problem.where.split()[1] for problem in caught.value.problems] == ["scl", "nir", "red"]  # all at once
    assert caught.value.exit_code == Exit.SOURCE


# --- files that change, end early, or come damaged ------------------------------------------------------------------------


def test_a_file_that_changed_since_is_fetched_anew_and_never_mixed(bureau: Bureau) -> None:
    raw = scene(bureau.script, checksums=False)
    bureau.script.lay("/files/lasting.tif", *bureau.script.answers[f"/files/{raw['id']}/red.tif"])
    bureau.fetch(raw, of=SMALL)
    fresh = np.full((SIDE, SIDE), 2000, dtype="uint16")
    fresh[::2] = np.random.default_rng(1).integers(1100, 1900, (SIDE // 2, SIDE), dtype="uint16")
    lay_asset(bureau.script, raw, "red", body("red", fresh, **TILED), checksums=False)
    rows = bureau.fetch(raw, of=NEIGHBOUR)
    assert digests(rows) == digests(bureau.fetch(raw, of=NEIGHBOUR, mode="whole", store="other"))


def test_a_file_that_changed_since_without_its_server_saying_so_is_never_mixed(bureau: Bureau) -> None:
    """The same length, and neither ETag nor date to tell one file from the other: what came before is not used again."""
    raw = scene(bureau.script)
    path = f"/files/{raw['id']}/red.tif"
    for number, of in ((1000, SMALL), (3000, NEIGHBOUR)):
        flat = body("red", np.full((SIDE, SIDE), number, dtype="uint16"), **(TILED | {"compress": None}))
        raw["assets"]["red"]["file:size"] = len(flat)
        bureau.script.lay(path, Answer(flat, ranges=True))
        chip = bureau.folder / "scenes" / bureau.fetch(raw, of=of)[f"{raw['id']} red"].chip
        assert set(np.unique(read_raster(chip).pixels)) == {number}


def test_a_file_that_changes_under_every_request_is_refused(bureau: Bureau) -> None:
    raw = scene(bureau.script)
    path = f"/files/{raw['id']}/red.tif"
    kept = bureau.script.answers[path][0]
    bureau.script.lay(path, *(Answer(kept.body, headers={"ETag": f'"{n}"'}, ranges=True) for n in range(40)))
    with pytest.raises(Refusal, match="E-SRC-046"):
        bureau.fetch(raw)


def test_a_file_that_ends_before_its_tiles_is_refused_as_damaged(bureau: Bureau) -> None:
    raw = scene(bureau.script)
    path = f"/files/{raw['id']}/red.tif"
    data = bureau.script.answers[path][0].body
    raw["assets"]["red"].pop("file:size")
    bureau.script.lay(path, Answer(data[: len(data) // 4], ranges=True))
    with pytest.raises(Refusal, match="E-SRC-047") as caught:
        bureau.fetch(raw)
    assert caught.value.exit_code == Exit.INTEGRITY


def test_another_length_than_the_item_states_is_refused(bureau: Bureau) -> None:
    raw = scene(bureau.script)
    raw["assets"]["red"]["file:size"] += 1
    with pytest.raises(Refusal, match="E-SRC-022"):
        bureau.fetch(raw)


def test_a_range_of_other_bytes_than_asked_is_never_taken(bureau: Bureau) -> None:
    raw = scene(bureau.script)
    path = f"/files/{raw['id']}/red.tif"
    good = bureau.script.answers[path][0]
    shifted = Answer(good.body[100:], 206, {"Content-Range": f"bytes 100-{len(good.body) - 1}/{len(good.body)}"})
    bureau.script.lay(path, shifted, good)
    rows = bureau.fetch(raw)
    assert digests(rows) == digests(bureau.fetch(raw, mode="whole", store="other"))
    bureau.script.lay(path, shifted)
    with pytest.raises(Refusal, match=r"E-SRC-020.*asked for bytes 0-"):
        bureau.fetch(raw, store="third")


def test_damaged_tiles_are_refused_and_forgotten_so_that_a_healed_server_is_believed(bureau: Bureau) -> None:
    raw = scene(bureau.script)
    path = f"/files/{raw['id']}/red.tif"
    good = bureau.script.answers[path][0]
    bureau.script.lay(path, Answer(good.body[:4000] + bytes(len(good.body) - 4000), headers=good.headers, ranges=True))
    with pytest.raises(Refusal, match="E-SRC-0"):
        bureau.fetch(raw)
    bureau.script.lay(path, good)
    assert digests(bureau.fetch(raw)) == digests(bureau.fetch(raw, mode="whole", store="other"))


@pytest.mark.parametrize("damage", [lambda data: data[:-1] + b"\xff", lambda data: b""], ids=["a bit", "all of it"])
def test_an_object_altered_on_disk_is_put_aside_and_fetched_again_once(bureau: Bureau, damage: Any) -> None:
    raw = scene(bureau.script)
    first = bureau.fetch(raw)
    asked = bureau.asked()
    objects, packs = ([path for path in (bureau.folder / "store" / kind).rglob("*") if path.is_file()] for kind in ("objects", "packs"))
    for path in (*objects, *packs):
        path.chmod(0o644)
        path.write_bytes(damage(path.read_bytes()))
    assert bureau.fetch(raw) == first
    again = bureau.asked()
    assert asked < again <= 2 * asked
    assert len(list((bureau.folder / "store/quarantine").iterdir())) == len(objects)
    assert bureau.fetch(raw) == first
    assert bureau.asked() == again


# --- the guard --------------------------------------------------------------------------------------------------------------


def test_a_window_that_would_touch_bytes_that_were_not_fetched_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "red.tif"
    path.write_bytes(body("red", **TILED))
    raw = scene(Script())
    found, kind = parse(raw, next(iter(read_sensor("sentinel-2-l2a").dialects.values())), ("red",)), Kind("geotiff", ("uint16",), 0)
    with path.open("rb") as stream:
        layout = known_layout(stream)
    places = {(start, count): Place(path, start, "") for start, count in zip(layout.offsets.ravel().tolist(), layout.counts.ravel().tolist(), strict=True)}
    with pytest.raises(Refusal, match="E-SRC-045") as caught:
        cut(path, found, "red", (0, 0, SIDE, SIDE), kind, Tiles(layout, dict(list(places.items())[:2])))
    assert caught.value.problems[0].facts["block"] == "0/2"
    assert cut(path, found, "red", (0, 0, SIDE, SIDE), kind, Tiles(layout, places)).raster.pixels.shape == (1, SIDE, SIDE)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 12)), max_size=12), st.integers(0, 70), st.integers(1, 8))
def test_what_is_held_is_every_byte_added_and_no_other(added: list[tuple[int, int]], start: int, length: int) -> None:
    held, true = Held(added), {byte for offset, count in added for byte in range(offset, offset + count)}
    assert held.size == len(true)
    assert held.covers(start, start + length) == (set(range(start, start + length)) <= true)


@given(st.lists(st.tuples(st.integers(0, 10**8), st.integers(1, 10**6)), min_size=1, max_size=30))
def test_runs_hold_every_piece_once_and_move_little_more(pieces: list[tuple[int, int]]) -> None:
    runs = runs_of(pieces)
    assert [piece for run in runs for piece in run] == sorted(pieces)
    for run in runs:
        holes = [b[0] - sum(a) for a, b in zip(run[:-1], run[1:], strict=True)]
        assert all(hole <= min(NEAR, 0.1 * min(a[1], b[1])) for hole, a, b in zip(holes, run[:-1], run[1:], strict=True))
        assert len(run) == 1 or sum(run[-1]) - run[0][0] <= LONGEST_RUN


def test_tiles_that_touch_are_one_request() -> None:
    assert runs_of([(0, 100), (108, 1000), (5000, 10), (1112, 1000)]) == [[(0, 100), (108, 1000), (1112, 1000)], [(5000, 10)]]
    assert TILE * 2 < SIDE


# --- at once -----------------------------------------------------------------------------------------------------------------


def test_parallel_asks_for_one_window_are_one_transfer(bureau: Bureau) -> None:
    raw = scene(bureau.script)
    for answers in bureau.script.answers.values():
        answers[0].delay = 0.1
    plan = plan_of(lonlat(SMALL, EPSG), 2018, fetch="window")

    def one(number: int) -> list[SceneAsset]:
        out = bureau.folder / f"scenes-{number}"
        fetch(plan, lock_of(raw), bureau.script.url, bureau.folder / "store", out, lambda *_: None, PATIENCE)
        return read_csv(out / "scenes.csv", SceneAsset)

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(one, range(8)))
    assert all(result == results[0] for result in results)
    ranges = [(path, headers["Range"]) for path, headers in bureau.script.asked]
    assert len(ranges) == len(set(ranges))


def test_many_requests_wait_side_by_side(bureau: Bureau) -> None:
    days = range(1, 13)
    items = [scene(bureau.script, f"S2A_31UDS_201806{day:02d}_0_L2A", f"2018-06-{day:02d}T10:50:29Z") for day in days]
    for answers in bureau.script.answers.values():
        answers[0].delay = 0.25  # so long that the machine's own work doesn't count
    bureau.fetch(*items)
    assert statistics.median(bureau.script.waiting) >= 8


def test_the_store_is_shared_with_whole_files(bureau: Bureau) -> None:
    raw = scene(bureau.script)
    rows = bureau.fetch(raw, mode="whole")
    store = Store(bureau.folder / "store")
    assert all(store.get(row.sha256) for row in rows.values())
