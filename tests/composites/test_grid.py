"""The project grid and its blocks, the order of a day's tiles, periods and chapters."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from carbonsink.base.problems import Refusal
from carbonsink.base.rasters import Grid
from carbonsink.composites.grid import Scene, aligned_blocks, anchor, blocks, project_grid
from carbonsink.composites.periods import Period, acquisitions, chapters
from tests.composites.stacks import CRS
from tests.scenes.plans import lonlat


def test_the_anchor_tile_leads_then_the_item_id() -> None:
    grid = Grid(CRS, 0.0, 0.0, 10.0, 4, 4)
    made = [
        Scene(name, day, platform, tile, grid, {})
        for name, day, platform, tile in [
            ("a", "2018-06-04", "2a", "33TWM"),
            ("c", "2018-06-04", "2a", "33TWL"),
            ("b", "2018-06-04", "2a", "33TWL"),
            ("d", "2018-06-04", "2b", "33TWM"),
            ("e", "2018-06-01", "2a", "33TWM"),
        ]
    ]
    assert [[scene.item for scene in day] for day in acquisitions(made, "33TWL")] == [["e"], ["b", "c", "a"], ["d"]]
    assert acquisitions(made[::-1], "33TWL") == acquisitions(made, "33TWL")


def test_the_project_grid_is_the_anchor_tiles_pixels_over_the_area() -> None:
    def scene(item: str, tile: str, grid: Grid) -> Scene:
        return Scene(item, "2023-08-10", "", tile, grid, {})

    south = scene("s", "33TWL", Grid(CRS, 499980.0, 5100000.0, 120.0, 915, 915))
    north = scene("n", "33TWM", Grid(CRS, 499980.0, 5200020.0, 120.0, 915, 915))
    boundary = lonlat((520000, 5080000, 530000, 5104000), 32633)
    assert anchor((north, south), boundary) is south
    grid = project_grid((north, south), boundary)
    assert ((grid.west - 499980.0) % 240, (5100000.0 - grid.north) % 240, grid.height % 2, grid.width % 2) == (0, 0, 0, 0)
    west, bottom, east, top = grid.bounds
    assert 520000 - 240 < west <= 520000
    assert 530000 <= east < 530000 + 480
    assert 5104000 <= top < 5104000 + 480
    assert 5080000 - 480 < bottom <= 5080000
    tie = lonlat((520000, 5095110 - 4000, 530000, 5095110 + 4000), 32633)
    assert anchor((north, south), tie) is south


@pytest.mark.parametrize("side", [64, 256])
def test_blocks_cover_a_grid_once(side: int) -> None:
    grid = Grid(CRS, 0.0, 0.0, 10.0, 300, 130)
    seen = np.zeros((300, 130), dtype=int)
    for row, column, height, width in blocks(grid, side):
        assert (row % 2, column % 2) == (0, 0)
        seen[row : row + height, column : column + width] += 1
    assert (seen == 1).all()


@pytest.mark.parametrize(("west", "north", "side"), [(0.0, 0.0, 64), (-400.0, 620.0, 64), (-12_340.0, 55_560.0, 256)])
def test_blocks_end_where_the_chips_tiles_end(west: float, north: float, side: int) -> None:
    grid = Grid(CRS, 0.0, 0.0, 10.0, 300, 130)
    chip = Scene("a", "2018-06-04", "", "t", Grid(CRS, west, north, 10.0, 6000, 6000), {})
    elsewhere = Scene("b", "2018-06-04", "", "u", Grid("EPSG:32634", 70.0, 70.0, 10.0, 9, 9), {})
    found = aligned_blocks(grid, side, [elsewhere, chip, chip])
    seen = np.zeros((300, 130), dtype=int)
    for row, column, height, width in found:
        seen[row : row + height, column : column + width] += 1
        for start, from_corner in ((row, north / 10 + row), (column, column - west / 10)):
            assert start == 0 or from_corner % side == 0
    assert (seen == 1).all()


def test_scenes_of_another_pixel_size_are_refused_and_those_of_another_zone_are_not() -> None:
    base = Scene("a", "2023-08-10", "", "33TWL", Grid(CRS, 499980.0, 5100000.0, 120.0, 915, 915), {})
    boundary = lonlat((520000, 5080000, 530000, 5090000), 32633)
    zone = Scene("z", "2023-08-10", "", "34TCR", Grid("EPSG:32634", 99960.0, 5100000.0, 120.0, 915, 915), {})
    assert project_grid((base, zone), boundary).crs == CRS
    finer = Scene("f", "2023-08-10", "", "33TWL", Grid(CRS, 499980.0, 5100000.0, 60.0, 915, 915), {})
    with pytest.raises(Refusal, match="E-SRC-017") as caught:
        project_grid((base, base, finer), boundary)
    assert caught.value.problems[0].facts == {"found": "60 m", "expected": "120 m"}


def day(text: str) -> tuple[Scene, ...]:
    return (Scene(text, text, "2a", "t", Grid(CRS, 0.0, 0.0, 10.0, 4, 4), {}),)


def test_spans_that_overlap_are_one_chapter_and_read_nothing_twice() -> None:
    days = [day(f"2018-{month:02d}-{d:02d}") for month in (1, 2, 3) for d in (5, 25)]

    def span(name: str, start: date, end: date) -> Period:
        return Period(name, start, end, tuple(d for d in days if str(start) <= d[0].day <= str(end)))

    february, january = span("2", date(2018, 2, 1), date(2018, 2, 28)), span("1", date(2018, 1, 1), date(2018, 1, 31))
    assert [len(c.acquisitions) for c in chapters((february, january))] == [2, 2]
    year, empty = span("y", date(2018, 1, 1), date(2018, 12, 31)), span("e", date(2018, 5, 1), date(2018, 5, 31))
    (whole,) = chapters((february, january, empty, year))
    assert list(whole.acquisitions) == days
    assert {number: whole.acquisitions[part] for number, part in whole.parts} == {0: tuple(days[2:4]), 1: tuple(days[:2]), 2: (), 3: tuple(days)}
