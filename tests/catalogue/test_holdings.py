"""A broken catalogue folder is refused with every problem named, and a whole one is read whatever its links' shape."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from carbonsink.base.problems import Exit, Refusal
from carbonsink.catalogue.holdings import read_folder
from tests.catalogue.conftest import item, write

FIRST = "scenes/00/item.json"


def change(folder: Path, path: str, **values: Any) -> None:
    content = json.loads((folder / path).read_text(encoding="utf-8"))
    write(folder / path, {**content, **values})


def change_asset(folder: Path, href: str) -> None:
    change(folder, FIRST, assets={"red": {"href": href}})


def link_outside(folder: Path) -> None:
    (folder.parent / "outside.tif").write_bytes(b"x")
    (folder / "scenes/00/B04.tif").unlink()
    (folder / "scenes/00/B04.tif").symlink_to(folder.parent / "outside.tif")


BROKEN: list[tuple[str, Callable[[Path], object], str]] = [
    ("no catalog.json", lambda f: (f / "catalog.json").unlink(), "E-CAT-001 catalog.json"),
    ("no such folder", shutil.rmtree, "E-CAT-001 catalog.json"),
    ("collection gone", lambda f: (f / "scenes/collection.json").unlink(), "E-CAT-002 catalog.json: links to ./scenes/collection.json"),
    ("item gone", lambda f: (f / FIRST).unlink(), "E-CAT-002 scenes/collection.json: links to ./00/item.json"),
    ("not JSON", lambda f: (f / FIRST).write_text("{"), f"E-CAT-003 {FIRST}"),
    ("a list", lambda f: write(f / FIRST, []), f"E-CAT-003 {FIRST}: expected a STAC Feature with an id, found: list"),
    ("another type", lambda f: change(f, FIRST, type="Catalog"), "found: type 'Catalog'"),
    ("no id", lambda f: change(f, FIRST, id=None), "id None"),
    ("not UTF-8", lambda f: (f / "catalog.json").write_bytes(b'{"type": "\xff"}'), "E-CAT-003 catalog.json"),
    (
        "link outside",
        lambda f: change(f, "catalog.json", links=[{"rel": "child", "href": "../../x.json"}]),
        "E-CAT-004 catalog.json: ../../x.json leads outside",
    ),
    ("asset outside", lambda f: change_asset(f, "../../../../etc/passwd"), f"E-CAT-004 {FIRST}"),
    ("absolute asset", lambda f: change_asset(f, "/etc/passwd"), f"E-CAT-004 {FIRST}: /etc/passwd"),
    ("escaped asset", lambda f: change_asset(f, "%2e%2e/%2e%2e/%2e%2e/secret.tif"), f"E-CAT-004 {FIRST}"),
    ("symlink outside", link_outside, f"E-CAT-004 {FIRST}: ./B04.tif leads outside"),
    ("asset gone", lambda f: (f / "scenes/00/B04.tif").unlink(), f"E-CAT-005 {FIRST}: asset red names ./B04.tif"),
    ("no datetime", lambda f: change(f, FIRST, properties={}), f"E-CAT-006 {FIRST}"),
    ("odd datetime", lambda f: change(f, FIRST, properties={"datetime": "soon"}), "soon"),
    ("no geometry", lambda f: change(f, FIRST, geometry=None), f"E-CAT-006 {FIRST}"),
    ("odd geometry", lambda f: change(f, FIRST, geometry={"type": "Polygon", "coordinates": [[0]]}), f"E-CAT-006 {FIRST}"),
    ("no assets", lambda f: change(f, FIRST, assets=None), f"E-CAT-006 {FIRST}"),
    ("id twice", lambda f: change(f, "scenes/01/item.json", id="item-00"), f"E-CAT-007 scenes/01/item.json: item scenes/item-00 is here and in {FIRST}"),
    (
        "other collection",
        lambda f: change(f, FIRST, collection="scnees"),
        "E-CAT-008 item-00: the item belongs to collection 'scnees', the catalogue has: scenes",
    ),
    ("file scheme", lambda f: change_asset(f, "file:///etc/passwd"), f"E-CAT-009 {FIRST}: file:///etc/passwd"),
    ("drive letter", lambda f: change_asset(f, "C:\\x.tif"), f"E-CAT-009 {FIRST}"),
    ("remote child", lambda f: change(f, "catalog.json", links=[{"rel": "child", "href": "http://10.0.0.5/c.json"}]), "E-CAT-009 catalog.json"),
    ("empty", lambda f: change(f, "scenes/collection.json", links=[]), "E-CAT-010 catalog.json"),
    ("links no list", lambda f: change(f, "catalog.json", links="none"), "E-CAT-010 catalog.json"),
]


@pytest.mark.parametrize(("damage", "message"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_a_broken_folder_is_refused(folder: Path, damage: Callable[[Path], object], message: str) -> None:
    damage(folder)
    with pytest.raises(Refusal) as refusal:
        read_folder(folder)
    assert refusal.value.exit_code == Exit.SOURCE
    assert any(message in problem.line("en") for problem in refusal.value.problems), [problem.line("en") for problem in refusal.value.problems]
    assert all(problem.line("zh") for problem in refusal.value.problems)


def test_all_problems_come_at_once(folder: Path) -> None:
    (folder / "scenes/00/B04.tif").unlink()
    (folder / "scenes/01/item.json").unlink()
    change(folder, "scenes/02/item.json", properties={})
    with pytest.raises(Refusal) as refusal:
        read_folder(folder)
    assert sorted(problem.code for problem in refusal.value.problems) == ["E-CAT-002", "E-CAT-005", "E-CAT-006"]


def test_nested_catalogues_and_loops_are_walked_once(folder: Path) -> None:
    loop = [{"rel": "child", "href": "../catalog.json"}, {"rel": "child", "href": "../scenes/collection.json"}]
    write(folder / "years" / "catalog.json", {"type": "Catalog", "id": "years", "links": loop})
    change(folder, "catalog.json", links=[{"rel": "child", "href": "./years/catalog.json"}])
    holdings = read_folder(folder)
    assert (list(holdings.collections), len(holdings.entries)) == (["scenes"], 25)


def test_an_item_without_a_collection_belongs_to_the_one_that_links_it(folder: Path) -> None:
    without = {key: value for key, value in item(0).items() if key != "collection"}
    write(folder / FIRST, {**without, "properties": {"datetime": None, "start_datetime": "2020-01-01T00:00:00Z", "end_datetime": "2020-01-31T00:00:00Z"}})
    (entry,) = (entry for entry in read_folder(folder).entries if entry.id == "item-00")
    assert entry.collection == "scenes" and (entry.end - entry.start).days == 30


def test_a_folder_given_by_a_relative_path_or_a_link_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder.parent / "alias").symlink_to(folder)
    monkeypatch.chdir(folder.parent)
    assert len(read_folder(Path("alias")).entries) == len(read_folder(Path("catalogue")).entries) == 25
