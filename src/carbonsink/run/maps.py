"""Published maps of an area: found in its files or in a STAC catalogue, and cut to chips in stage 1.

    files, folder                     ->  chips
    catalogue -> maps.lock.json       ->  store  ->  chips          the lock as for scenes: searched once, frozen, kept beside the area

A verifier needs neither: the run holds the chips, the lock and the digest of every whole file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from carbonsink.base.evidence import digest, read_json, write_json
from carbonsink.base.problems import Exit, refuse
from carbonsink.base.rasters import Grid
from carbonsink.base.store import Store
from carbonsink.declared.covermap import CoverMap
from carbonsink.declared.legend import Legend
from carbonsink.declared.plan import Plan
from carbonsink.declared.sensor import Dialect
from carbonsink.run.imagery import Source, Sources
from carbonsink.run.means import Means

if TYPE_CHECKING:
    from carbonsink.land.mapchips import Held

LOCK = "maps.lock.json"
SCHEMA = "carbonsink-maps-lock/1"
BAND = "map"
UNSAID = Grid("EPSG:4326", 0.0, 0.0, 1.0, 0, 0)  # the grid of a file is the file's own to say


def bring_maps(plan: Plan, run: Path, sources: Sources, means: Means) -> None:
    """Cut the maps that the vintages take into run/scenes; nothing to do where the cover isn't a published map."""
    from carbonsink.land.legend import legend_of
    from carbonsink.land.mapchips import gather_maps

    maps = plan.area.cover_map
    if plan.pipeline.land.method != "published" or maps is None:
        return
    if maps.served:
        held = list(_served(plan, maps, legend_of(plan), run, sources, means))
    else:
        held = list(_filed(plan, maps))
    gather_maps(plan, held, run / "scenes")


def _filed(plan: Plan, maps: CoverMap) -> Iterator[Held]:
    """The declared files of every year that is needed."""
    from carbonsink.land.mapchips import Held

    folder = plan.path(maps.folder) if maps.folder else None
    for year in maps.years(plan.vintages):
        yield from (Held(year, text, plan.path(text)) for text in maps.found(folder, year))


def _served(plan: Plan, maps: CoverMap, legend: Legend, run: Path, sources: Sources, means: Means) -> Iterator[Held]:
    """The items of the lock, fetched whole into the store."""
    from carbonsink.land.mapchips import Held

    assert legend.stac is not None, "checked where the plan was made"
    source = map_source(plan, maps, legend, sources)
    lock = _lock(plan, maps, legend, source)
    write_json(run / "scenes" / LOCK, lock)
    items = [(int(year), item) for year, found in lock["items"].items() for item in found]
    with fetching([item for _, item in items], legend, source, Store(means.store)) as fetch:
        yield from (Held(year, item["assets"][legend.stac.asset]["href"], fetch(item)) for year, item in items)


def map_source(plan: Plan, maps: CoverMap, legend: Legend, sources: Sources, catalogue: Path | None = None) -> Source:
    """Where served maps come from; `catalogue` is where a folder that the area names lies here, if it isn't where it says."""
    assert legend.stac is not None
    name = maps.catalogue or legend.stac.catalogue
    return Source(name, None) if name.startswith("https://") else sources.served_from(catalogue or plan.path(name))


def _lock(plan: Plan, maps: CoverMap, legend: Legend, source: Source) -> dict[str, Any]:
    """The lock beside the area where it answers this query; else one search, kept there if the folder may be written."""
    query = _query(plan, maps, legend)
    kept = plan.folder / LOCK
    if kept.is_file() and (known := read_json(kept)).get("query") == query:
        return dict(known)
    lock = {"schema": SCHEMA, "query": query, "items": {str(year): _found(plan, year, legend, source) for year in maps.years(plan.vintages)}}
    if os.access(plan.folder, os.W_OK):
        write_json(kept, lock)
    return lock


def _query(plan: Plan, maps: CoverMap, legend: Legend) -> dict[str, Any]:
    from carbonsink.scenes.footprint import boxes_around

    assert legend.stac is not None
    return {
        "catalogue": maps.catalogue or legend.stac.catalogue,
        "collection": legend.stac.collection,
        "asset": legend.stac.asset,
        "boxes": [list(box) for box in boxes_around(plan.land.boundary)],
        "years": list(maps.years(plan.vintages)),
    }


def _found(plan: Plan, year: int, legend: Legend, source: Source) -> list[dict[str, Any]]:
    """The items of a year that hold part of the area, in the order of their ids; refused where there is none."""
    from shapely.geometry import shape

    from carbonsink.scenes.address import stored_item
    from carbonsink.scenes.asset import absolute
    from carbonsink.scenes.footprint import boxes_around
    from carbonsink.scenes.http import Patience
    from carbonsink.scenes.pages import walk

    assert legend.stac is not None
    served, span = legend.stac, (date(year, 1, 1), date(year, 12, 31))
    found = walk(source.api, served.collection, boxes_around(plan.land.boundary), span, Patience(), _dialect(legend).requests_per_second)
    ours = [item for item in found.items if _year(item) == year and served.asset in item["assets"] and shape(item["geometry"]).intersects(plan.land.boundary)]
    if not ours:
        raise refuse(
            "E-LND-049", served.collection, Exit.SOURCE, year=year, asset=served.asset, found=", ".join(str(item["id"]) for item in found.items) or "-"
        )
    return [stored_item(absolute(item), source.root) for item in sorted(ours, key=lambda item: str(item["id"]))]


def _year(item: dict[str, Any]) -> int:
    """The year a map is of: that in which its time begins."""
    properties = item["properties"]
    return int(str(properties.get("start_datetime") or properties.get("datetime"))[:4])


@contextmanager
def fetching(items: Sequence[dict[str, Any]], legend: Legend, source: Source, store: Store) -> Iterator[Callable[[dict[str, Any]], Path]]:
    """How a locked item's file is had, whole in the store."""
    from carbonsink.scenes.address import resolved
    from carbonsink.scenes.asset import Asset
    from carbonsink.scenes.http import Patience, asking
    from carbonsink.scenes.whole import obtain

    assert legend.stac is not None
    name = legend.stac.asset
    urls = [resolved(item["assets"][name]["href"], item["id"], source.root) for item in items]
    with asking(_dialect(legend), urls, source.root, Patience()) as asker:

        def fetch(item: dict[str, Any]) -> Path:
            raw = item["assets"][name]
            asset = Asset(BAND, raw["href"], UNSAID, None, None, None, raw.get("file:size"), raw.get("file:checksum"))
            identity = digest({"item": item["id"], "asset": raw, "told": item["properties"].get("updated")})
            return store.path(obtain(asset, identity, item["id"], source.root, store, asker))

        yield fetch


def _dialect(legend: Legend) -> Dialect:
    """How the map's provider is asked."""
    assert legend.stac is not None
    s = legend.stac
    return Dialect(
        catalogue=s.catalogue, collection=s.collection, assets={BAND: s.asset}, largest_pixels=1, tile=["-"], credentials=s.credentials, sign_url=s.sign_url,
        licence=legend.licence, attribution=legend.attribution, source=legend.source, place=legend.place,
    )  # fmt: skip
