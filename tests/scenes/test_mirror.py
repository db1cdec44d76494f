"""A mirror is the way into an office without a network: the same chips, the same decisions, from a folder."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from carbonsink.base.evidence import file_sha256
from carbonsink.base.problems import Refusal
from carbonsink.base.records import PixelBudget, SceneAsset
from carbonsink.base.tables import read_csv
from carbonsink.catalogue.serve import Catalogue
from carbonsink.declared.plan import Plan
from carbonsink.scenes.fetch import fetch
from carbonsink.scenes.http import Patience
from carbonsink.scenes.lock import search
from carbonsink.scenes.mirror import Part, mirror
from tests.scenes.large import scene, square
from tests.scenes.plans import lonlat, plan_of
from tests.scenes.server import Script, serving
from tests.scenes.synthetic import EPSG, EXTENT, INNER, bands, item, lay_scene, lock_of

PATIENCE = Patience(attempts=2, first_wait=0.01)


@pytest.fixture
def script() -> Iterator[Script]:
    with serving() as script:
        yield script


def pack(plan: Plan, lock: dict[str, Any], url: str, folder: Path) -> Path:
    mirror([Part(plan, lock, url)], folder.parent / f"{folder.name}-store", folder, lambda *_: None, PATIENCE)
    return folder


def chips(plan: Plan, lock: dict[str, Any], url: str, folder: Path) -> tuple[dict[str, str], list[PixelBudget], list[tuple[str, float, float, str]]]:
    """What stage 1 says of a lock: pixels, budgets, and what was decided of each band."""
    fetch(plan, lock, url, folder / "store", folder / "scenes", lambda *_: None, PATIENCE)
    rows = read_csv(folder / "scenes/scenes.csv", SceneAsset)
    decided = [(f"{row.item} {row.band}", row.scale, row.offset, row.offset_rule) for row in rows]
    return {row.chip: row.chip_sha256 for row in rows}, read_csv(folder / "scenes/pixel_budget.csv", PixelBudget), decided


@pytest.mark.parametrize("mode", ["whole", "window"])
def test_an_estimate_over_a_mirror_has_the_chips_of_the_original(script: Script, tmp_path: Path, mode: Any) -> None:
    plan = plan_of(lonlat(square(203, 207, 61), EPSG), 2018, fetch=mode)
    lock = lock_of(scene(script), scene(script, "S2B_31UDS_20180609_0_L2A", "2018-06-09T10:50:29Z", compress="zstd"))
    original = chips(plan, lock, script.url, tmp_path / "original")
    folder = pack(plan, lock, script.url, tmp_path / "mirror")
    script.answers.clear()  # the network is gone
    with Catalogue(folder) as catalogue:
        again = search(plan, catalogue.url, catalogue.url)
        assert [found["id"] for found in again["items"]] == [raw["id"] for raw in lock["items"]]
        assert chips(plan, again, catalogue.url, tmp_path / "again") == original


def test_a_mirror_of_a_mirror_has_the_same_files(script: Script, tmp_path: Path) -> None:
    west, south, _, north = EXTENT
    plan = plan_of(lonlat((west + 5, south, west + 95, north), EPSG), 2018)
    lock = lock_of(lay_scene(script, item(), bands()))
    one = pack(plan, lock, script.url, tmp_path / "one")
    with Catalogue(one) as catalogue:
        two = pack(plan, search(plan, catalogue.url, catalogue.url), catalogue.url, tmp_path / "two")
    digests = [{path.relative_to(folder): file_sha256(path) for path in folder.rglob("*.tif")} for folder in (one, two)]
    assert digests[0] == digests[1]
    assert len(digests[0]) == 3


def test_items_keep_what_decides_and_say_where_they_are_from(script: Script, tmp_path: Path) -> None:
    raw = lay_scene(script, item(**{"earthsearch:boa_offset_applied": False, "proj:shape": [1, 1]}), bands(red=1400, nir=4600))
    raw["links"] = [{"rel": "self", "href": "https://example.org/items/1"}, {"rel": "license", "href": "https://example.org/licence"}]
    folder = pack(plan_of(lonlat(INNER, EPSG), 2018), lock_of(raw), script.url, tmp_path / "mirror") / "sentinel-2-l2a" / raw["id"]
    kept = json.loads((folder / f"{raw['id']}.json").read_text())
    assert kept["properties"] == {key: value for key, value in raw["properties"].items() if key != "proj:shape"}
    red, chip = kept["assets"]["red"], folder / "red.tif"
    assert (red["file:size"], red["file:checksum"]) == (chip.stat().st_size, "1220" + file_sha256(chip))
    assert red["raster:bands"] == raw["assets"]["red"]["raster:bands"]
    assert red["alternate"]["origin"]["href"] == raw["assets"]["red"]["href"]
    links = {link["rel"]: link["href"] for link in kept["links"]}
    assert (links["via"], links["license"]) == ("https://example.org/items/1", "https://example.org/licence")


def test_a_mirror_appears_whole_or_not_at_all(script: Script, tmp_path: Path) -> None:
    raw = lay_scene(script, item(), bands(red=np.zeros((64, 64), dtype="uint16")))
    with pytest.raises(Refusal, match="E-SRC-014"):
        pack(plan_of(lonlat(INNER, EPSG), 2018), lock_of(raw), script.url, tmp_path / "mirror")
    assert [path.name for path in tmp_path.iterdir()] == ["mirror-store"]
    (tmp_path / "mirror").mkdir()
    good = lay_scene(script, item(), bands())
    assert (pack(plan_of(lonlat(INNER, EPSG), 2018), lock_of(good), script.url, tmp_path / "mirror") / "catalog.json").is_file()


@pytest.mark.parametrize("heights", [None, (), (-10.0, 900.0)], ids=["no bbox", "flat", "with heights"])
def test_a_collection_covers_its_items_however_they_say_where_they_lie(script: Script, tmp_path: Path, heights: tuple[float, ...] | None) -> None:
    raw = lay_scene(script, item(), bands())
    west, south, east, north = raw.pop("bbox")
    if heights is not None:
        raw["bbox"] = [west, south, *heights[:1], east, north, *heights[1:]]
    folder = pack(plan_of(lonlat(INNER, EPSG), 2018), lock_of(raw), script.url, tmp_path / "mirror")
    collection = json.loads((folder / "sentinel-2-l2a/collection.json").read_text())
    assert collection["extent"]["spatial"]["bbox"] == [pytest.approx([west, south, east, north])]
    plan = plan_of(lonlat(INNER, EPSG), 2018)
    with Catalogue(folder) as catalogue:
        assert [found["id"] for found in search(plan, catalogue.url, catalogue.url)["items"]] == [raw["id"]]


def test_a_mirror_is_on_the_disk_before_it_has_its_name(script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw, out = lay_scene(script, item(), bands()), tmp_path / "mirror"
    flushed: set[int] = set()
    lacking: list[Path] = []
    fsync, replace = os.fsync, Path.replace

    def flushing(descriptor: int) -> None:
        fsync(descriptor)
        flushed.add(os.fstat(descriptor).st_ino)

    def renaming(path: Path, target: Any) -> Path:
        if Path(target) == out:
            lacking.extend(each for each in (path, *path.rglob("*")) if each.stat().st_ino not in flushed)
            flushed.clear()
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", flushing)
    monkeypatch.setattr(Path, "replace", renaming)
    pack(plan_of(lonlat(INNER, EPSG), 2018), lock_of(raw), script.url, out)
    assert lacking == []
    assert out.parent.stat().st_ino in flushed
