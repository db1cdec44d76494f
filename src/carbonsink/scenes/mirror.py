"""A mirror: the chips and items of an area's locks as a static catalogue in a folder, to serve and to estimate from without a network.

out/catalog.json  ->  <collection>/collection.json, one a lock  ->  <item>/<item>.json  ->  <item>/<asset key>.tif

An item is the locked one; an asset has the chip's own file, grid, size and checksum, and `alternate.origin` says where it was
fetched, unsigned. Scale, offset, baseline and every other property stay, so that the same decisions follow.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shapely.geometry import shape

from carbonsink.base.evidence import file_sha256, move_whole, write_json, write_whole
from carbonsink.base.rasters import grid_of
from carbonsink.base.records import SceneAsset
from carbonsink.base.tables import read_csv
from carbonsink.declared.plan import Plan
from carbonsink.scenes.chips import opened
from carbonsink.scenes.fetch import fetch
from carbonsink.scenes.http import Patience

Json = dict[str, Any]
OF_THE_GRID = ("proj:shape", "proj:transform", "proj:bbox", "proj:geometry", "proj:centroid", "proj:epsg")  # hold for the source, not for its chip
OF_THE_FILE = (*OF_THE_GRID, "alternate", "file:size", "file:checksum", "file:header_size", "file:values")
GEOTIFF = "image/tiff; application=geotiff"
STAC = "1.0.0"


@dataclass(frozen=True)
class Part:
    """One collection of a mirror: a plan's lock, and the root of its catalogue where that is ours."""

    plan: Plan
    lock: Json
    root_url: str | None


def mirror(parts: Sequence[Part], store: Path, out: Path, progress: Callable[[int, int], None], patience: Patience | None = None) -> None:
    """Pack what the locks' scenes have of an area into the folder `out`, which doesn't exist or is empty; it appears whole or not at all.

    The parts are an area's imagery and its radar, in collections of different names. Refusal with every problem found, as from `fetch`.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as folder:
        packed = Path(folder) / "catalogue"
        for part in parts:
            scenes = Path(folder) / part.plan.dialect.collection
            fetch(part.plan, part.lock, part.root_url, store, scenes, progress, patience)
            _collection(_items(part, scenes, packed), part.plan, packed)
        _catalogue([part.plan for part in parts], packed)
        move_whole(packed, out)


def _items(part: Part, scenes: Path, packed: Path) -> list[Json]:
    """Write a lock's items that hold part of the area; their JSON."""
    rows: dict[str, list[SceneAsset]] = {}
    for row in read_csv(scenes / "scenes.csv", SceneAsset):
        rows.setdefault(row.item, []).append(row)
    return [_item(raw, rows[raw["id"]], part.plan, scenes, packed) for raw in part.lock["items"] if raw["id"] in rows]


def _item(raw: Json, rows: Iterable[SceneAsset], plan: Plan, scenes: Path, packed: Path) -> Json:
    """Write one item with its files; its JSON."""
    folder = packed / plan.dialect.collection / raw["id"]
    assets = {plan.dialect.assets[row.band]: row for row in rows}
    item = {
        **raw,
        "properties": {key: value for key, value in raw["properties"].items() if key not in OF_THE_GRID},
        "links": [*_links("../../catalog.json", "../collection.json", "../collection.json"), *_kept(raw)],
        "assets": {key: _asset(raw["assets"][key], key, row, scenes, folder) for key, row in assets.items()},
    }
    write_json(folder / f"{raw['id']}.json", item)
    return item


def _asset(raw: Json, key: str, row: SceneAsset, scenes: Path, folder: Path) -> Json:
    """Lay one chip into the item's folder; its asset JSON."""
    chip, file = scenes / row.chip, f"{key}.tif"
    write_whole(folder / file, lambda part: shutil.copyfile(chip, part))  # not a link: what is handed on isn't the store's
    with opened(chip, row.item, row.band, "geotiff") as source:
        grid = grid_of(source)
    return {
        **{name: value for name, value in raw.items() if name not in OF_THE_FILE},
        "href": f"./{file}",
        "type": GEOTIFF,
        "proj:code": grid.crs,
        "proj:shape": [grid.height, grid.width],
        "proj:transform": list(grid.transform)[:6],
        "file:size": chip.stat().st_size,
        "file:checksum": f"1220{file_sha256(chip)}",
        "alternate": {"origin": {"href": row.href, "carbonsink:sha256": row.sha256, "carbonsink:mode": row.mode}},
    }


def _collection(items: list[Json], plan: Plan, packed: Path) -> None:
    """Write the collection of a plan's items."""
    name = plan.dialect.collection
    boxes, times = [_box(item) for item in items], sorted(item["properties"]["datetime"] for item in items)
    west, south, east, north = zip(*boxes, strict=True)
    extent = [min(west), min(south), max(east), max(north)]
    collection = {
        "type": "Collection",
        "stac_version": STAC,
        "id": name,
        "description": _words(plan),
        "license": "other",
        "extent": {"spatial": {"bbox": [extent]}, "temporal": {"interval": [[times[0], times[-1]]]}},
        "links": [*_links("../catalog.json", "../catalog.json", None), *({"rel": "item", "href": f"./{i['id']}/{i['id']}.json"} for i in items)],
    }
    write_json(packed / name / "collection.json", collection)


def _box(item: Json) -> tuple[float, float, float, float]:
    """West, south, east and north of an item: by its bbox, heights left out, or by its geometry."""
    box = tuple(map(float, item.get("bbox") or shape(item["geometry"]).bounds))
    west, south, east, north = box if len(box) == 4 else (*box[:2], *box[3:5])
    return west, south, east, north


def _catalogue(plans: Sequence[Plan], packed: Path) -> None:
    """Write the catalogue of the plans' collections."""
    children = [{"rel": "child", "href": f"./{plan.dialect.collection}/collection.json"} for plan in plans]
    catalogue = {
        "type": "Catalog",
        "stac_version": STAC,
        "id": f"mirror-{plans[0].area.id}",
        "description": " ".join(_words(plan) for plan in plans),
        "links": [{"rel": "root", "href": "./catalog.json"}, *children],
    }
    write_json(packed / "catalog.json", catalogue)


def _words(plan: Plan) -> str:
    dialect = plan.dialect
    return f"{plan.sensor.title}: the part over {plan.area.id}. {dialect.attribution}. Licence: {dialect.licence}."


def _links(root: str, parent: str, collection: str | None) -> list[Json]:
    found = [{"rel": "root", "href": root}, {"rel": "parent", "href": parent}]
    return [*found, {"rel": "collection", "href": collection}] if collection else found


def _kept(raw: Json) -> list[Json]:
    """Where the item was found (`via`), and its links to the outside that aren't structure."""
    structure = {"self", "root", "parent", "collection", "item", "items", "child"}
    own = [link for link in raw.get("links", []) if str(link.get("href", "")).startswith("https://")]
    via = [{"rel": "via", "href": link["href"]} for link in own if link.get("rel") == "self"]
    return via + [link for link in own if link.get("rel") not in structure | {"via"}]
