"""A small catalogue with real files: scenes of one made-up tile, seen on several days, as GeoTIFFs in tiles of 64 pixels.

scenes(2)  ->  [Made(item, {"red": bytes, ...}), ...]  ->  lay(script, scenes)  ->  a STAC API and its files
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carbonsink.declared.plan import Plan
from tests.faults.server import Content, Script
from tests.scenes.plans import lonlat, plan_of
from tests.scenes.synthetic import EPSG, NORTH, WEST, item, tif

SIDE = 256  # pixels of 10 m
INNER = (WEST + 1000, NORTH - 1600, WEST + 1600, NORTH - 1000)  # an area of 60 x 60 pixels over four tiles of a file
BANDS = ("red", "nir", "scl")
PAGE = 10  # items


@dataclass(frozen=True)
class Made:
    """A scene: its item, and its files by asset key."""

    item: dict[str, Any]
    files: dict[str, bytes]

    def path(self, key: str) -> str:
        return f"/files/{self.item['id']}/{key}.tif"

    def but(self, key: str, data: bytes) -> Made:
        """The same scene with another file."""
        return replace(self, files={**self.files, key: data})


def plan(mode: str = "whole") -> Plan:
    """A year over the inner square, whole assets or windows of them."""
    made = plan_of(lonlat(INNER, EPSG), 2018)
    imagery = made.pipeline.imagery.model_copy(update={"fetch": mode})
    return replace(made, pipeline=made.pipeline.model_copy(update={"imagery": imagery}))


def raw_item(number: int) -> dict[str, Any]:
    """The nth item: one every five days."""
    month, day = divmod(number, 6)
    name = f"S2A_31UDS_2018{month + 1:02d}{day * 5 + 1:02d}_0_L2A"
    made = item(name, f"2018-{month + 1:02d}-{day * 5 + 1:02d}T10:50:29.024Z", **{"s2:generation_time": "2018-07-01T00:00:00Z"})
    for key, asset in made["assets"].items():
        asset["proj:shape"] = [SIDE // 2, SIDE // 2] if key == "scl" else [SIDE, SIDE]
    return made


def pixels(number: int) -> dict[str, NDArray[Any]]:
    """Noise around meadow: no two files alike, no pixel at the product's fill, a cloud over the area that is elsewhere each day."""
    rng = np.random.default_rng(number)
    red, nir = (rng.integers(low, low + 200, (SIDE, SIDE), dtype="uint16") for low in (200, 3000))
    scl = np.full((SIDE // 2, SIDE // 2), 4, dtype="uint8")
    scl[50:58, 50 + number : 58 + number] = 9
    return {"red": red, "nir": nir, "scl": scl}


def packed(values: NDArray[Any], **profile: Any) -> bytes:
    """A GeoTIFF in small tiles; the profile may be bent."""
    tiles = {"tiled": True, "blockxsize": 64, "blockysize": 64}
    return tif(values, 20.0 if values.dtype == np.uint8 else 10.0, **(tiles | profile))


@cache
def scene(number: int) -> Made:
    return Made(raw_item(number), {key: packed(values) for key, values in pixels(number).items()})


def scenes(count: int, first: int = 0) -> list[Made]:
    return [scene(number) for number in range(first, first + count)]


def lay(script: Script, made: Sequence[Made], pinned: bool = True, query: str = "") -> list[dict[str, Any]]:
    """Lay scenes and their search on a server; items carry checksum and size where they are pinned, `query` signs their addresses."""
    items = [_laid(script, one, pinned, query) for one in made]
    lay_search(script, items)
    return items


def _laid(script: Script, made: Made, pinned: bool, query: str) -> dict[str, Any]:
    raw = deepcopy(made.item)
    for key, data in made.files.items():
        script.lay(made.path(key), Content(data))
        raw["assets"][key]["href"] = f"{script.url}{made.path(key)}{query}"
        if pinned:
            raw["assets"][key] |= {"file:checksum": "1220" + hashlib.sha256(data).hexdigest(), "file:size": len(data)}
    return raw


def lay_search(script: Script, items: Sequence[dict[str, Any]], matched: int | None = -1, size: int = PAGE) -> None:
    """A STAC API whose search gives the items in pages, each with a link to the next and the count of all (None: no count)."""
    script.lay_json("/", root(script.url))
    pages = [items[at : at + size] for at in range(0, len(items), size)] or [[]]
    for number, some in enumerate(pages):
        following = [{"rel": "next", "href": f"{script.url}/page/{number + 2}", "method": "GET"}] if number + 1 < len(pages) else []
        value = {"type": "FeatureCollection", "features": list(some), "links": following}
        count = len(items) if matched == -1 else matched
        script.lay_json("/search" if number == 0 else f"/page/{number + 1}", value | ({} if count is None else {"numberMatched": count}))


def root(url: str) -> dict[str, Any]:
    """The landing page of an API that can search."""
    links = [("self", "/", "application/json"), ("root", "/", "application/json"), ("search", "/search", "application/geo+json")]
    return {
        "type": "Catalog",
        "id": "scripted",
        "stac_version": "1.0.0",
        "description": "scripted",
        "conformsTo": [f"https://api.stacspec.org/v1.0.0/{name}" for name in ("core", "item-search", "ogcapi-features")],
        "links": [{"rel": rel, "href": url + path, "type": kind, **({"method": "GET"} if rel == "search" else {})} for rel, path, kind in links],
    }


def ids(items: Iterable[dict[str, Any]]) -> list[str]:
    return [one["id"] for one in items]
