"""A mirror: a lock's chips and items as a static catalogue in a folder, to serve and to estimate from without a network.

out/catalog.json  ->  <collection>/collection.json  ->  <item>/<item>.json  ->  <item>/<asset key>.tif

An item is the locked one; an asset has the chip's own file, grid, size and checksum, and `alternate.origin` says where it was
fetched, unsigned. Scale, offset, baseline and every other property stay, so that the same decisions follow.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from carbonsink.base.evidence import file_sha256, write_json
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


def mirror(
    plan: Plan, lock: Json, root_url: str | None, store: Path, out: Path, progress: Callable[[int, int], None], patience: Patience | None = None
) -> None:
    """Pack what a lock's scenes have of the area into the folder `out`, which doesn't exist or is empty; it appears whole or not at all.

    Refusal with every problem found, as from `fetch`.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as folder:
        scenes, packed = Path(folder) / "scenes", Path(folder) / "catalogue"
        fetch(plan, lock, root_url, store, scenes, progress, patience)
        rows: dict[str, list[SceneAsset]] = {}
        for row in read_csv(scenes / "scenes.csv", SceneAsset):
            rows.setdefault(row.item, []).append(row)
        items = [_item(raw, rows[raw["id"]], plan, scenes, packed) for raw in lock["items"] if raw["id"] in rows]
        _catalogue(items, plan, packed)
        packed.replace(out)


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
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(chip, folder / file)  # not a link: what is handed on isn't the store's
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


def _catalogue(items: list[Json], plan: Plan, packed: Path) -> None:
    """Write the collection of the items, and the catalogue of the collection."""
    dialect, name = plan.dialect, plan.dialect.collection
    boxes, times = [item["bbox"] for item in items], sorted(item["properties"]["datetime"] for item in items)
    extent = [min(box[0] for box in boxes), min(box[1] for box in boxes), max(box[-2] for box in boxes), max(box[-1] for box in boxes)]
    words = f"{plan.sensor.title}: the part over {plan.area.id}. {dialect.attribution}. Licence: {dialect.licence}."
    collection = {
        "type": "Collection",
        "stac_version": STAC,
        "id": name,
        "description": words,
        "license": "other",
        "extent": {"spatial": {"bbox": [extent]}, "temporal": {"interval": [[times[0], times[-1]]]}},
        "links": [*_links("../catalog.json", "../catalog.json", None), *({"rel": "item", "href": f"./{i['id']}/{i['id']}.json"} for i in items)],
    }
    catalogue = {
        "type": "Catalog",
        "stac_version": STAC,
        "id": f"mirror-{plan.area.id}",
        "description": words,
        "links": [{"rel": "root", "href": "./catalog.json"}, {"rel": "child", "href": f"./{name}/collection.json"}],
    }
    write_json(packed / name / "collection.json", collection)
    write_json(packed / "catalog.json", catalogue)


def _links(root: str, parent: str, collection: str | None) -> list[Json]:
    found = [{"rel": "root", "href": root}, {"rel": "parent", "href": parent}]
    return [*found, {"rel": "collection", "href": collection}] if collection else found


def _kept(raw: Json) -> list[Json]:
    """Where the item was found (`via`), and its links to the outside that aren't structure."""
    structure = {"self", "root", "parent", "collection", "item", "items", "child"}
    own = [link for link in raw.get("links", []) if str(link.get("href", "")).startswith("https://")]
    via = [{"rel": "via", "href": link["href"]} for link in own if link.get("rel") == "self"]
    return via + [link for link in own if link.get("rel") not in structure | {"via"}]
