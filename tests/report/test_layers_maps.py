"""maps/*.tif: Cloud Optimized, by the layout of their bytes, with the legend inside and the run's own pixels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
import tifffile

from carbonsink.base.cog import LEGEND, cog, cog_of
from carbonsink.base.manifest import content_digest
from carbonsink.base.rasters import Grid, Raster, read_raster, write_raster
from carbonsink.declared.plan import Plan
from carbonsink.report.layers.maps import best_composites
from carbonsink.report.results import gather

Run = tuple[Plan, Path]
GRID = Grid("EPSG:32650", 540000.0, 2722000.0, 10.0, 700, 900)


def assert_cloud_optimized(path: Path) -> list[tuple[int, ...]]:
    """The rules of OGC 21-026: tiled; overviews halve; all directories before any tile; the smallest image's tiles first. The images' shapes."""
    with tifffile.TiffFile(path) as file:
        pages = list(file.pages)
        assert all(page.is_tiled and page.tile == (256, 256) for page in pages)
        directories, tiles = [page.offset for page in pages], [min(filter(None, page.dataoffsets)) for page in pages]
        assert directories == sorted(directories) and max(directories) < min(tiles)
        assert tiles == sorted(tiles, reverse=True) and all(page.is_reduced for page in pages[1:])
        shapes = [page.shape[:2] for page in pages]
        assert all(small == (-(-large[0] // 2), -(-large[1] // 2)) for large, small in zip(shapes, shapes[1:], strict=False))
        assert max(shapes[-1]) <= 512
    with rasterio.open(path) as opened:
        assert opened.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
    return shapes


@pytest.mark.parametrize("run", ["rice", "soil"])
def test_each_vintage_has_its_cover_map_and_its_best_composite(run: str, request: pytest.FixtureRequest) -> None:
    plan, folder = request.getfixturevalue(run)
    best = best_composites(plan, gather(plan, folder))
    expected = {f"cover_{year}.tif" for year in plan.vintages} | {f"composite_{c.period}.tif" for c in best}
    assert {p.name for p in (folder / "report/maps").iterdir()} == expected and len(best) == len(plan.vintages)
    for path in (folder / "report/maps").iterdir():
        assert_cloud_optimized(path)


def test_pixels_are_the_stages_own(rice: Run) -> None:
    for year in rice[0].vintages:
        assert content_digest(rice[1] / f"report/maps/cover_{year}.tif") == content_digest(rice[1] / f"land/cover_{year}.tif")
    for best in best_composites(rice[0], gather(*rice)):
        assert content_digest(rice[1] / f"report/maps/composite_{best.period}.tif") == content_digest(rice[1] / "composites" / best.file)


def test_the_legend_is_in_the_file(rice: Run) -> None:
    with rasterio.open(rice[1] / "report/maps/cover_2022.tif") as opened:
        colours, words = opened.colormap(1), opened.tags(1)
        assert opened.nodata == 0 and opened.descriptions == ("cover",)
    for c in rice[0].pipeline.land.classes:
        assert words[f"{LEGEND}{c.code}"] == f"{c.name.zh} / {c.name.en}"
        assert "#{:02x}{:02x}{:02x}".format(*colours[c.code][:3]) == c.colour


def test_large_rasters_get_overviews_of_classes_that_exist(tmp_path: Path) -> None:
    codes = np.where(np.add.outer(np.arange(700), np.arange(900)) % 3 == 0, 9, 2).astype(np.uint8)
    codes[:100] = 0
    (tmp_path / "c.tif").write_bytes(cog(Raster(GRID, ("cover",), codes[None], 0), {2: "#112233", 9: "#445566"}, {2: "茶园", 9: '<b>&"'}, "MODE"))
    assert assert_cloud_optimized(tmp_path / "c.tif")[:2] == [(700, 900), (350, 450)]
    with rasterio.open(tmp_path / "c.tif", overview_level=0) as small:
        assert set(np.unique(small.read(1))) <= {0, 2, 9}
    with rasterio.open(tmp_path / "c.tif") as whole:
        assert (whole.read(1) == codes).all() and whole.tags(1)[f"{LEGEND}9"] == '<b>&"'


def test_overviews_of_a_composite_are_means_of_what_was_seen(tmp_path: Path) -> None:
    pixels = np.full((2, 700, 900), 400, np.int16)
    pixels[:, :, 1::2] = -32768
    write_raster(tmp_path / "s.tif", Raster(GRID, ("red", "ndvi"), pixels, -32768))
    (tmp_path / "c.tif").write_bytes(cog_of(tmp_path / "s.tif", "AVERAGE"))
    assert_cloud_optimized(tmp_path / "c.tif")
    with rasterio.open(tmp_path / "c.tif", overview_level=0) as small:
        assert set(np.unique(small.read())) == {400}
    assert read_raster(tmp_path / "c.tif").layers == ("red", "ndvi")


def test_the_same_raster_gives_the_same_bytes(tmp_path: Path) -> None:
    raster = Raster(GRID, ("cover",), np.ones((1, 700, 900), np.uint8), 0)
    assert cog(raster, {1: "#112233"}, {1: "a"}, "MODE") == cog(raster, {1: "#112233"}, {1: "a"}, "MODE")


def test_the_best_composite_is_the_earliest_of_equals_and_none_where_nothing_was_seen(rice: Run) -> None:
    results = gather(*rice)
    same = replace(results, composites=tuple(replace(c, observed_share=0.5 if c.start[:4] == "2021" else 0.0) for c in results.composites))
    assert [c.period for c in best_composites(rice[0], same)] == ["2021-01"]
