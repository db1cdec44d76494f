"""The lock: one search, frozen as full item JSON with what was dropped and why; every later step computes from it alone.

    {"schema", "catalogue", "collection", "query", "matched", "returned", "pages", "items", "dropped", "gaps"}

No clock and no port of ours stands in a lock: the same catalogue gives the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from shapely.geometry import box
from shapely.ops import unary_union

from carbonsink.base.geometry import hectares
from carbonsink.base.outline import projected
from carbonsink.base.problems import Exit, Problem, Refusal, refuse
from carbonsink.declared.indices import bands_needed
from carbonsink.declared.plan import SIMULATED, Plan
from carbonsink.scenes.address import is_loopback, problem_of, stored_item
from carbonsink.scenes.item import Item, parse
from carbonsink.scenes.pages import Found, walk
from carbonsink.scenes.radiometry import baseline_number

SCHEMA = "carbonsink-lock/1"
Dropped = dict[str, str]


def search(plan: Plan, api_url: str, root_url: str | None) -> dict[str, Any]:
    """Search the catalogue once and freeze the answer as a lock (a JSON value).

    `root_url` is the base of a catalogue of ours on loopback; addresses below it are stored as `catalogue:/<path>`.
    Refusal (exit 4, 5) where the search isn't whole, an item isn't STAC, a needed asset is missing, or nothing is left.
    """
    asked, (first, last) = query(plan), plan.imagery_span
    found = walk(api_url, plan.sensor.collection, asked["bbox"], asked["datetime"])
    raw = {str(item["id"]): stored_item(item, root_url) for item in found.items}
    items, dropped = _choose(_parse_all(raw, plan), plan)
    _check_cover(items, plan, found, dropped)
    return {
        "schema": SCHEMA,
        "catalogue": "catalogue:/" if is_loopback(urlsplit(api_url).hostname) else api_url,
        "collection": plan.sensor.collection,
        "query": asked,
        "matched": found.matched,
        "returned": len(found.items),
        "pages": found.pages,
        "items": [raw[item.id] for item in items],
        "dropped": sorted(dropped, key=lambda drop: drop["id"]),
        "gaps": gaps([item.time.date() for item in items], first, last, plan.sensor.revisit_gap_days),
    }


def query(plan: Plan) -> dict[str, Any]:
    """What a lock answers: the area's box, the period, and the clouds allowed. Another query needs another lock."""
    first, last = plan.imagery_span
    return {
        "bbox": list(_outwards(plan.land.boundary.bounds)),
        "datetime": f"{first}T00:00:00Z/{last}T23:59:59Z",
        "max_cloud_cover": plan.pipeline.imagery.max_cloud_cover,
    }


def items_of(lock: dict[str, Any], plan: Plan) -> tuple[Item, ...]:
    """The records of a lock's items, in its order."""
    if lock.get("schema") != SCHEMA:
        raise refuse("E-STAC-011", "lock", Exit.INTEGRITY, found=lock.get("schema"), expected=SCHEMA)
    return _parse_all({str(n): raw for n, raw in enumerate(lock["items"])}, plan)


def gaps(days: Iterable[date], first: date, last: date, longest: int) -> list[dict[str, Any]]:
    """Stretches of the period longer than `longest` days without an item, ends of the period included."""
    marks = sorted({first, *days, last})
    pairs = zip(marks[:-1], marks[1:], strict=True)
    return [{"start": str(a), "end": str(b), "days": (b - a).days} for a, b in pairs if (b - a).days > longest]


def _parse_all(raw: dict[str, dict[str, Any]], plan: Plan) -> tuple[Item, ...]:
    bands = (*bands_needed(plan.pipeline.composites), plan.sensor.mask.band)
    items: list[Item] = []
    problems: list[Problem] = []
    for value in raw.values():
        try:
            item = parse(value, plan.sensor, bands)
        except Refusal as refusal:
            problems += refusal.problems
            continue
        wrong = (problem_of(asset.href, f"{item.id} {asset.band}") for asset in item.assets.values())
        problems += [problem for problem in wrong if problem]
        if value["properties"].get(SIMULATED) and not plan.simulated:
            problems.append(Problem("E-STAC-012", item.id))
        items.append(item)
    if problems:
        raise Refusal(problems, Exit.SOURCE)
    return tuple(items)


def _choose(items: tuple[Item, ...], plan: Plan) -> tuple[list[Item], list[Dropped]]:
    """The items to compute from, ordered by time and id, and the others with their reasons."""
    kept: list[Item] = []
    dropped: list[Dropped] = []
    for item in items:
        reason = _reason(item, plan)
        if reason:
            dropped.append({"id": item.id, **reason})
        else:
            kept.append(item)
    kept, twins = _newest(kept)
    kept, strangers = _one_crs(kept, plan)
    return sorted(kept, key=lambda item: (item.time, item.id)), dropped + twins + strangers


def _reason(item: Item, plan: Plan) -> dict[str, str] | None:
    first, last = plan.imagery_span
    west, _, east, _ = item.footprint.bounds
    if item.collection != plan.sensor.collection:
        return {"reason": "other collection", "detail": item.collection}
    if not first <= item.time.date() <= last:
        return {"reason": "outside the period", "detail": item.stamp}
    if east - west > 180 or not item.footprint.intersects(plan.land.boundary):
        return {"reason": "outside the area", "detail": item.tile}
    if item.cloud_cover is not None and item.cloud_cover > plan.pipeline.imagery.max_cloud_cover:
        return {"reason": "cloud cover", "detail": f"{item.cloud_cover:g} %"}
    return None


def _newest(items: list[Item]) -> tuple[list[Item], list[Dropped]]:
    """One item per platform, tile and second: of the highest processing baseline, then latest made, then last by id."""
    best: dict[tuple[str, str, str], Item] = {}
    for item in sorted(items, key=lambda item: (baseline_number(item.baseline), item.generated, item.id)):
        best[item.platform, item.tile, item.stamp] = item
    kept = [item for item in items if best[item.platform, item.tile, item.stamp] is item]
    twins = [item for item in items if best[item.platform, item.tile, item.stamp] is not item]
    return kept, [{"id": t.id, "reason": "same scene again", "detail": best[t.platform, t.tile, t.stamp].id} for t in twins]


def _one_crs(items: list[Item], plan: Plan) -> tuple[list[Item], list[Dropped]]:
    """Items of the CRS whose tiles cover most of the area, ties by name: imagery is never warped (rule R6)."""
    crs = {item.grid.crs for item in items}
    if len(crs) < 2:
        return items, []
    cover = {name: _covered(items, name, plan) for name in sorted(crs)}
    chosen = max(sorted(cover), key=lambda name: cover[name])
    strangers = [item for item in items if item.grid.crs != chosen]
    return [item for item in items if item.grid.crs == chosen], [{"id": s.id, "reason": "other zone", "detail": s.grid.crs} for s in strangers]


def _covered(items: list[Item], crs: str, plan: Plan) -> float:
    """Share of the area that the tiles of a CRS cover, to the millionth, so that equal is equal in two CRSs."""
    boundary = projected(plan.land.boundary, crs)
    tiles = unary_union([box(*bounds) for bounds in {item.grid.bounds for item in items if item.grid.crs == crs}])
    return round(float(boundary.intersection(tiles).area / boundary.area), 6)


def _check_cover(items: list[Item], plan: Plan, found: Found, dropped: list[Dropped]) -> None:
    """Refuse an empty lock, and tiles that leave part of the area out by more than a pixel."""
    if not items:
        counts = {reason: sum(drop["reason"] == reason for drop in dropped) for reason in sorted({drop["reason"] for drop in dropped})}
        raise refuse("E-STAC-010", plan.area.id, Exit.SOURCE, returned=len(found.items), dropped=counts or "none")
    crs = items[0].grid.crs
    boundary = projected(plan.land.boundary, crs)
    tiles = unary_union([box(*item.grid.bounds).buffer(item.grid.resolution, join_style="mitre") for item in items])
    outside = boundary.difference(tiles).area
    if outside > 0:
        raise refuse("E-SRC-009", plan.area.id, Exit.SOURCE, uncovered=f"{hectares(outside):.2f}", total=f"{hectares(boundary.area):.2f}", crs=crs)


def _outwards(bounds: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """The bounding box rounded outwards to 1e-6 degree, so that a lock doesn't hang on a last bit."""
    west, south, east, north = bounds
    return (math.floor(west * 1e6) / 1e6, math.floor(south * 1e6) / 1e6, math.ceil(east * 1e6) / 1e6, math.ceil(north * 1e6) / 1e6)
