"""What the map is drawn from: places on the plane, pictures, series, and data that nothing can break out of."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
import shapely
from pyproj import Transformer

from carbonsink.base.rasters import Grid
from carbonsink.declared.language import read_languages
from carbonsink.declared.plan import Plan
from carbonsink.report.mapping.data import map_data
from carbonsink.report.mapping.leaflet import leaflet
from carbonsink.report.mapping.pictures import LARGEST, RAMP, address, coloured, green, thinned
from carbonsink.report.mapping.places import NODES, on_plane, plane
from carbonsink.report.page.program import block
from carbonsink.report.results import gather
from tests.report.mapped import AGAINST, with_everything

Run = tuple[Plan, Path]
GRID = Grid("EPSG:32650", 540000.0, 2722000.0, 10.0, 1000, 1000)


def test_longitude_and_latitude_between_nodes_are_right_to_a_hundredth_of_a_pixel() -> None:
    made = plane(GRID)
    x, y = made["width"] * 0.4375, made["height"] * 0.5625  # the middle of a cell of the nodes
    cells = [row * NODES + column for row in (4, 5) for column in (3, 4)]
    told = [sum(made[axis][n] for n in cells) / 4 for axis in ("longitude", "latitude")]
    back = Transformer.from_crs("EPSG:4326", GRID.crs, always_xy=True).transform(*told)
    assert np.hypot(back[0] - made["west"] - x, back[1] - made["south"] - y) < 0.1


def test_shapes_lie_on_the_plane_in_metres() -> None:
    to_degrees = Transformer.from_crs(GRID.crs, "EPSG:4326", always_xy=True).transform
    corners = [to_degrees(*point) for point in ((540100, 2712050), (540200, 2712050), (540200, 2712150))]
    (made,) = on_plane([shapely.Polygon(corners)], GRID)
    assert made == {"type": "Polygon", "coordinates": (((100.0, 50.0), (200.0, 50.0), (200.0, 150.0), (100.0, 50.0)),)}


def test_pictures_show_the_ramp_from_brown_to_green_and_nothing_where_nothing_was_seen() -> None:
    steps, table = green(np.array([[-9000, 10000, -32768]], np.int16))
    assert [bytes(pixel) for pixel in table[steps[0]]] == [bytes.fromhex(RAMP[0][1:]) + b"\xff", bytes.fromhex(RAMP[-1][1:]) + b"\xff", bytes(4)]
    bands = np.stack([np.arange(100, dtype=np.int16).reshape(10, 10)] * 3)
    bands[0, 0, 0] = -32768
    shown = coloured(bands)
    assert not shown[0, 0].any() and shown[9, 9].tolist() == [255] * 4 and shown[0, 1].tolist() == [0, 0, 0, 255]
    assert not coloured(np.full((3, 2, 2), -32768, np.int16)).any()


def test_a_picture_is_a_png_no_larger_than_it_is_drawn() -> None:
    assert thinned(np.zeros((LARGEST * 2 + 1, 10))).shape == (LARGEST * 2 // 3 + 1, 4)
    image = np.arange(48, dtype=np.uint8).reshape(3, 4, 4)
    assert (decoded(address(image)) == image).all()


def test_codes_with_a_table_of_colours_are_the_same_picture() -> None:
    codes = np.arange(35, dtype=np.uint8).reshape(5, 7) % 4
    table = np.array([[0, 0, 0, 0], [179, 38, 30, 255], [31, 43, 37, 255], [255, 255, 255, 255]], np.uint8)
    assert (decoded(address(codes, table)) == table[codes]).all()


def decoded(address: str) -> np.ndarray[Any, Any]:
    """The pixels of a data address, as RGBA."""
    made: np.ndarray[Any, Any] = imagecodecs.png_decode(base64.b64decode(address.removeprefix("data:image/png;base64,")))
    return made


def test_a_run_gives_the_map_its_layers_parcels_and_series(rice: Run, tmp_path: Path) -> None:
    plan, run = rice[0], with_everything(*rice, tmp_path)
    languages = read_languages(["zh", "en"])
    made = map_data(plan, gather(plan, run), run, languages)
    assert [(p["kind"], p["of"]) for p in made["pictures"]][:4] == [("cover", "2020"), ("cover", "2021"), ("cover", "2022"), ("ndvi", "2022-01")]
    assert sum(p["kind"] == "ndvi" for p in made["pictures"]) == 12
    known = {f["properties"]["id"]: f["properties"] for f in made["parcels"]["features"]}
    assert known[AGAINST]["against"] == [2020] and known["LS-001"]["against"] == []
    assert known["LS-006"]["outcome"] == {2020: "condition", 2021: "condition", 2022: "condition"}
    assert made["series"]["LS-001"]["seen"][:3] == [18265, 200, 7] and len(made["series"]["LS-001"]["mean"]) == 2 * 11
    assert [(m["what"], m["parcel"]) for m in made["marks"]] == [("change", "LS-001"), ("alert", "LS-001")]
    assert made["words"]["en"].keys() == made["words"]["zh"].keys()
    assert map_data(plan, gather(plan, run), run, languages) == made


def test_land_without_parcels_has_the_series_of_its_boundary(soil: Run) -> None:
    plan, run = soil
    made = map_data(plan, gather(plan, run), run, read_languages(["en"]))
    assert made["parcels"]["features"] == [] and made["boundary"]["type"] in ("Polygon", "MultiPolygon") and made["series"] == {}


@pytest.mark.parametrize("text", ["</script><b>", "<!--<script>", "]]>&amp;", "\u2028\u2029", "\u202e\x00"])
def test_no_text_ends_a_block_of_data(text: str) -> None:
    made = str(block("x", {"a": [text], text: 1}))
    inside = made.removeprefix('<script type="application/json" id="x">').removesuffix("</script>")
    assert not set(inside) & set("<>&\u2028\u2029\u202e\x00")
    assert json.loads(inside)["a"] == [text.replace("\u202e", "⟨U+202E⟩").replace("\x00", "⟨U+0000⟩")] or "\u2028" in text


def test_the_library_is_read_whole_and_its_absence_is_no_fault() -> None:
    found = leaflet()
    assert found and found.version.startswith("1.") and "url(images" not in found.style and "</script" not in found.script
    assert leaflet("xstatic.pkg.no_such_library") is None
