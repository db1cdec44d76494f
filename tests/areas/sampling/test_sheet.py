"""The interpretation sheet: whole in itself, blind, worked by keys, and what it saves can be taken back."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest

from carbonsink.areas.sampling import sheet as room
from carbonsink.areas.sampling.chips import UNSEEN, Views, pictures_of, stretched, views
from carbonsink.areas.sampling.points import Point, name_of
from carbonsink.areas.sampling.returned import COLUMNS, read_table, wrong
from carbonsink.areas.sampling.sheet import in_order, sheet
from carbonsink.base.problems import Refusal
from carbonsink.base.rasters import COMPOSITE_NODATA
from carbonsink.declared.language import read_languages
from carbonsink.declared.schema import Words
from tests.areas.sampling.world import LAYERS, World, kept
from tests.report.test_page import browse

NAME = "李 Lei <b>"
PAGE = Path(room.__file__).parent / "page"


@pytest.fixture(scope="module")
def points(world: World) -> tuple[Point, ...]:
    return world.sample(24, minimum=4)


@pytest.fixture(scope="module")
def seen(world: World, points: tuple[Point, ...]) -> Views:
    return views(world.plan, world.run, points)


@pytest.fixture(scope="module")
def page(world: World, points: tuple[Point, ...], seen: Views) -> str:
    return sheet(world.plan, points, seen, NAME)


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    value: dict[str, Any] = json.loads(found[1])
    return value


def test_a_strip_shows_every_period_of_the_samples_year(seen: Views, points: tuple[Point, ...]) -> None:
    assert seen.periods == tuple(f"2020-{month:02d}" for month in range(1, 13)) and len(seen.days) == 24
    assert seen.pictures == ("true-colour", "colour-infrared") and seen.layers == ("ndvi",)
    strip = imagecodecs.png_decode(seen.of[points[0].id].strips[0])
    assert strip.shape == (25, 12 * 25, 3) and strip.dtype == np.uint8


def test_a_chip_is_the_composite_around_the_point(world: World, points: tuple[Point, ...], seen: Views) -> None:
    grid = world.cover.grid
    for point in points:
        strip = imagecodecs.png_decode(seen.of[point.id].strips[1]).reshape(25, 12, 25, 3)
        row, column = int((grid.north - point.y) // 10), int((point.x - grid.west) // 10)
        august = strip[:, 7, :, 0]  # near infrared: paddies are bright, water isn't
        around = world.truth[row - 12 : row + 13, column - 12 : column + 13]
        assert august[around == 1].min() > august[around == 2].max()


def test_what_no_period_saw_is_grey_and_has_no_value(world: World, points: tuple[Point, ...], seen: Views) -> None:
    middle = world.cover.grid.north - world.cover.grid.height // 2 * 10
    for point in points:
        strip = imagecodecs.png_decode(seen.of[point.id].strips[0]).reshape(25, 12, 25, 3)
        north = point.y > middle
        assert bool((strip[12, 5, 12] == UNSEEN).all()) == north
        assert (seen.of[point.id].series[0][5] is None) == north
        assert all(value is not None for n, value in enumerate(seen.of[point.id].series[0]) if n not in (5, 17))


def test_beyond_the_raster_there_is_nothing(world: World, points: tuple[Point, ...]) -> None:
    grid = world.cover.grid
    corner = replace(points[0], x=grid.west + 15, y=grid.north - 25)
    strip = imagecodecs.png_decode(views(world.plan, world.run, [corner]).of[corner.id].strips[0]).reshape(25, 12, 25, 3)
    assert (strip[:10, 0] == UNSEEN).all() and (strip[:, 0, :11] == UNSEEN).all()
    assert not (strip[10:, 0, 11:] == UNSEEN).all(axis=-1).any()


def test_all_chips_of_a_band_share_one_stretch() -> None:
    chips = np.arange(0, 4000, dtype=np.int16).reshape(10, 1, 1, 20, 20)
    chips[0, 0, 0, 0, 0] = COMPOSITE_NODATA
    bright = stretched(chips)
    assert np.all(np.diff(bright.ravel()[1:].astype(int)) >= 0) and (bright == 0).mean() == pytest.approx(0.02, abs=0.005)
    assert (bright == 255).mean() == pytest.approx(0.02, abs=0.005)
    assert not stretched(np.full((2, 1, 1, 3, 3), COMPOSITE_NODATA, np.int16)).any()


def test_the_pictures_are_those_the_bands_allow() -> None:
    assert [p.id for p in pictures_of(["blue", "red", "nir", "swir16", "ndvi"])] == ["short-wave", "infrared-blue"]
    assert [p.id for p in pictures_of(LAYERS)] == ["true-colour", "colour-infrared"]
    with pytest.raises(Refusal, match="E-SMP-026 .*red, nir"):
        pictures_of(["red", "nir"])


def test_the_page_knows_nothing_of_the_map(world: World, points: tuple[Point, ...], seen: Views, page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "name_of", lambda points: name_of(world.sample(24, minimum=4)))
    swapped = tuple(replace(p, map_class="water" if p.map_class == "paddy" else "paddy", class_px=1, inclusion=0.5, class_points=3) for p in points)
    assert sheet(world.plan, swapped, seen, NAME) == page
    assert set(data_of(page)["points"][0]) == {"id", "lon", "lat", "strips", "series"}


def test_each_interpreter_has_an_order_of_their_own(points: tuple[Point, ...]) -> None:
    first, second = (in_order(points, "s", name) for name in ("A", "B"))
    assert sorted(p.id for p in first) == sorted(p.id for p in second) and first != second
    assert in_order(points[::-1], "s", "A") == first


def test_hostile_names_stay_words(world: World, points: tuple[Point, ...], seen: Views) -> None:
    name = '</script><script>alert(1)</script>"\u2028'
    area = world.plan.area.model_copy(update={"name": Words(zh=name, en=name)})
    text = sheet(replace(world.plan, area=area), points, seen, name)
    assert text.count("<script>") == 1 and text.count("</script>") == 2 and "\u2028" not in text.split('id="data">')[1]
    assert data_of(text)["interpreter"] == name


def test_its_policy_names_its_only_script(page: str) -> None:
    script = page.rsplit("<script>", 1)[1].split("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:" in page
    assert not re.search(r"\bon\w+=|https?://(?!www\.w3\.org/2000/svg)|@import|<link|<iframe", page.split('id="data">')[0] + script)


def test_every_word_it_asks_for_is_there_in_both_languages() -> None:
    texts = [(PAGE / name).read_text(encoding="utf-8") for name in ("sheet.html.j2", "sheet.js")]
    asked = set(re.findall(r'data-(?:word|label)="([a-z-]+)"', texts[0])) | set(re.findall(r"w\('sheet\.([a-z-]+)'\)", texts[0]))
    asked |= set(re.findall(r'(?:word|filled)\("([a-z-]+)"', texts[1])) | set(re.findall(r'"(key-[a-z-]+)"', texts[1])) | {"progress", "complete", "unclear"}
    for language in read_languages(["zh", "en"]):
        words = {key.removeprefix("sheet.") for key in language.words if key.startswith("sheet.")}
        assert {w for w in words if not w.startswith("picture-")} == {w for w in asked if w != "picture-"}


def test_every_picture_of_the_library_has_a_name() -> None:
    from carbonsink.declared.sampling import read_sampling

    for language in read_languages(["zh", "en"]):
        assert all(language.has(f"sheet.picture-{picture.id}") for picture in read_sampling().sheet.picture)


DRIVER = """
<script>
const press = (code, key, shiftKey) => document.dispatchEvent(new KeyboardEvent("keydown", {code, key: key ?? "", shiftKey: !!shiftKey, bubbles: true}));
const note = (name, text) => { const p = document.createElement("pre"); p.id = "note-" + name; p.textContent = text; document.body.append(p); };
WORK
</script>
"""


def worked(chromium: str, page: str, folder: Path, work: str) -> dict[str, str]:
    """What a script of the test's notes on the page; the page's policy, which would keep it out, is taken away."""
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    (folder / "driven.html").write_text(text.replace("</body>", DRIVER.replace("WORK", work) + "</body>"), encoding="utf-8")
    dumped = browse(chromium, folder, "--virtual-time-budget=2000", "--dump-dom", (folder / "driven.html").as_uri())
    return {name: re.sub(r"&lt;", "<", text) for name, text in re.findall(r'<pre id="note-(\w+)">(.*?)</pre>', dumped, re.DOTALL)}


def saved(notes: dict[str, str], folder: Path) -> Path:
    path = folder / "labels.csv"
    path.write_text("\ufeff" + notes["csv"].replace("&gt;", ">").replace("&amp;", "&"), encoding="utf-8")
    return path


def test_a_point_is_labelled_by_one_key(chromium: str, page: str, points: tuple[Point, ...], world: World, tmp_path: Path) -> None:
    work = """
    press("Digit1"); press("Digit2", "@", true); press("Digit0"); press("Numpad2");
    press("ArrowLeft"); press("Backspace"); press("ArrowLeft"); press("ArrowLeft");
    document.getElementById("remark").value = 'two, "halves"'; document.getElementById("remark").dispatchEvent(new Event("input"));
    note("at", document.getElementById("number").textContent);
    press("Enter"); note("open", document.getElementById("number").textContent);
    press("KeyL"); note("en", document.getElementById("count").textContent); press("Digit9"); press("KeyQ");
    note("csv", table());
    """
    notes = worked(chromium, page, tmp_path, work)
    assert notes["at"] == "2 / 24" and notes["open"] == "4 / 24" and notes["en"] == "3 of 24 points labelled"
    assert notes["csv"].splitlines()[0] == ",".join(COLUMNS)
    table = read_table(saved(notes, tmp_path))
    order = in_order(points, name_of(points), NAME)
    assert [(label.id, label.label, label.certain, label.remark) for label in table.labels] == [
        (order[0].id, "paddy", True, ""), (order[1].id, "water", False, 'two, "halves"'), (order[2].id, "?", True, ""),
    ]  # fmt: skip
    assert {p.code for p in wrong(world.plan, points, [table])} == {"E-SMP-021"}  # the other points are open


def test_a_whole_sheet_comes_back_without_a_fault(chromium: str, page: str, points: tuple[Point, ...], world: World, tmp_path: Path) -> None:
    keys = ", ".join(f'"Digit{1 if world.true(p) == "paddy" else 2}"' for p in in_order(points, name_of(points), NAME))
    notes = worked(
        chromium, page, tmp_path, f'for (const key of [{keys}]) press(key); note("csv", table()); note("count", document.getElementById("count").textContent);'
    )
    assert notes["count"] == "24 点已全部判读：请保存表格并交回"
    table = read_table(saved(notes, tmp_path))
    assert list(wrong(world.plan, points, [table])) == [] and table.interpreter == NAME
    assert all(table.by_id[p.id].label == world.true(p) for p in points)


def test_a_saved_table_is_gone_on_from_and_a_strange_one_is_not(chromium: str, page: str, tmp_path: Path) -> None:
    work = """
    press("Digit1"); press("Digit2"); const text = "\\ufeff" + table(); press("ArrowLeft"); press("Backspace"); press("ArrowLeft"); press("Backspace");
    note("empty", String(labels.size)); take(text); note("taken", String(labels.size)); note("at", document.getElementById("number").textContent);
    take(text.replaceAll(data.sample, "0000")); note("said", document.getElementById("said").textContent);
    """
    notes = worked(chromium, page, tmp_path, work)
    assert (notes["empty"], notes["taken"], notes["at"]) == ("0", "2", "3 / 24")
    assert notes["said"] == "该表格不属于本样本和本判读员"


def test_its_policy_lets_it_work_and_it_asks_nobody_for_anything(chromium: str, page: str, tmp_path: Path) -> None:
    (tmp_path / "sheet.html").write_text(page, encoding="utf-8")
    log = tmp_path / "net.json"
    address = (tmp_path / "sheet.html").as_uri()
    dumped = browse(chromium, tmp_path, f"--log-net-log={log}", "--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=2000", "--dump-dom", address)
    assert '<strong id="number">1 / 24</strong>' in dumped and dumped.count('class="chip"') == 24
    assert "李 Lei &lt;b&gt;" in dumped and dumped.count("<circle") in (22, 24)  # 24 periods, one point in a cloudy June
    asked = set(re.findall(r'"url":"([^"]+)"', log.read_text()))
    assert not {a for a in asked if a.startswith(("http", "ws")) and "google" not in a}


def test_it_is_to_be_seen(chromium: str, page: str, tmp_path: Path) -> None:
    (tmp_path / "sheet.html").write_text(page, encoding="utf-8")
    shot = tmp_path / "sheet.png"
    browse(chromium, tmp_path, f"--screenshot={shot}", "--window-size=1280,1200", "--virtual-time-budget=2000", (tmp_path / "sheet.html").as_uri())
    picture = imagecodecs.png_decode(shot.read_bytes())[..., :3]
    assert picture.shape[1] >= 1200
    chips = picture[200:500, 60:800].reshape(-1, 3).astype(int)
    assert len(np.unique(chips, axis=0)) > 100  # chips, and not an empty page
    gold = (np.abs(chips - (246, 195, 67)).sum(axis=1) < 12).sum()
    assert gold > 200  # the marks around the points


def test_the_sample_beside_the_sheet_is_the_one_it_names(points: tuple[Point, ...], page: str, tmp_path: Path) -> None:
    from carbonsink.areas.sampling.points import read_points

    assert data_of(page)["sample"] == name_of(read_points(kept(tmp_path, points)))
