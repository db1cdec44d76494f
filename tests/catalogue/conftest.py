"""Catalogues to serve: the real ones of the shared test data, and a small one of our own to break."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from carbonsink.catalogue.serve import Catalogue

ASSET = bytes(range(256)) * 40


def write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")


def item(number: int) -> dict[str, Any]:
    """The nth item: one a day, a degree further east each, one percent cloudier each."""
    ring = [[number, 0], [number + 0.5, 0], [number + 0.5, 1], [number, 1], [number, 0]]
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "id": f"item-{number:02d}",
        "collection": "scenes",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "bbox": [number, 0, number + 0.5, 1],
        "properties": {"datetime": f"2020-01-{number + 1:02d}T02:55:21Z", "eo:cloud_cover": float(number), "platform": "ab"[number % 2]},
        "links": [{"rel": "license", "href": "https://example.org/licence"}, {"rel": "collection", "href": "../collection.json"}],
        "assets": {"red": {"href": "./B04.tif", "type": "image/tiff"}, "far": {"href": "https://example.org/B04.tif"}},
    }


def write_catalogue(folder: Path, count: int = 25) -> Path:
    child = {"rel": "child", "href": "./scenes/collection.json"}
    write(folder / "catalog.json", {"type": "Catalog", "id": "small", "stac_version": "1.0.0", "description": "small", "links": [child]})
    links = [{"rel": "item", "href": f"./{n:02d}/item.json"} for n in range(count)]
    extent = {"spatial": {"bbox": [[0, 0, 25, 1]]}, "temporal": {"interval": [["2020-01-01T00:00:00Z", None]]}}
    head = {"type": "Collection", "id": "scenes", "stac_version": "1.0.0", "description": "scenes", "license": "CC0-1.0", "extent": extent}
    write(folder / "scenes" / "collection.json", {**head, "links": links})
    for number in range(count):
        write(folder / "scenes" / f"{number:02d}" / "item.json", item(number))
        (folder / "scenes" / f"{number:02d}" / "B04.tif").write_bytes(ASSET)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small catalogue of 25 items on disk."""
    return write_catalogue(tmp_path / "catalogue")


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    """The small catalogue, served; a secret lies beside its folder."""
    place = tmp_path_factory.mktemp("served")
    (place / "secret.tif").write_bytes(b"secret")
    (place / "catalogue-secret").mkdir()
    (place / "catalogue-secret" / "x.tif").write_bytes(b"secret")
    with Catalogue(write_catalogue(place / "catalogue")) as catalogue:
        yield catalogue


@pytest.fixture(scope="session", params=["flanders-2018", "zagreb-2023"])
def real(request: pytest.FixtureRequest, shared: Path) -> Iterator[Catalogue]:
    """Each real catalogue of the shared test data, served."""
    with Catalogue(shared / "imagery" / request.param) as catalogue:
        yield catalogue


def items_on_disk(folder: Path) -> list[dict[str, Any]]:
    found = [json.loads(path.read_text(encoding="utf-8")) for path in folder.rglob("*.json")]
    return [content for content in found if content.get("type") == "Feature"]
