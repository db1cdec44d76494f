"""Which of a catalogue's items are computed from; every other is dropped with its reason.

collection  ->  (outlines)  ->  period, area, clouds, bands of the platform  ->  newest of each scene  ->  (assets)  ->  zones
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from carbonsink.declared.plan import Plan
from carbonsink.scenes.cover import share
from carbonsink.scenes.footprint import split
from carbonsink.scenes.item import Item
from carbonsink.scenes.radiometry import baseline_number

Dropped = dict[str, str]


def of_collection(raw: Mapping[str, Any], plan: Plan) -> tuple[list[Any], list[Dropped]]:
    """The items (JSON by id) of the collection asked for, and the others, of which nothing else can be expected."""
    other = {name: str(value.get("collection", "")) for name, value in raw.items() if value.get("collection") != plan.dialect.collection}
    return [value for name, value in raw.items() if name not in other], [
        {"id": name, "reason": "other collection", "detail": found} for name, found in other.items()
    ]


def wanted(items: Iterable[Item], plan: Plan, bands: Sequence[str]) -> tuple[list[Item], list[Dropped]]:
    """The items of the area and the period, one a scene, and the others with their reasons."""
    kept: list[Item] = []
    dropped: list[Dropped] = []
    for item in items:
        reason = _reason(item, plan, bands)
        if reason:
            dropped.append({"id": item.id, **reason})
        else:
            kept.append(item)
    kept, twins = _newest(kept)
    return kept, dropped + twins


def of_needed_zones(items: list[Item], plan: Plan) -> tuple[list[Item], list[Dropped]]:
    """The items of one CRS where its tiles cover the whole area, as nothing is warped then (rule R6); else those of all.

    Of several that cover most, the first by name: composites take other zones by exact nearest.
    """
    crs = sorted({item.grid.crs for item in items})
    if len(crs) < 2:
        return items, []
    boundary = split(plan.land.boundary)
    cover = {name: share(boundary, name, [item.grid for item in items if item.grid.crs == name]) for name in crs}
    chosen = max(crs, key=lambda name: cover[name])
    if cover[chosen] < 1:
        return items, []
    strangers = [item for item in items if item.grid.crs != chosen]
    return [item for item in items if item.grid.crs == chosen], [{"id": s.id, "reason": "other zone", "detail": s.grid.crs} for s in strangers]


def _reason(item: Item, plan: Plan, bands: Sequence[str]) -> dict[str, str] | None:
    first, last = plan.imagery_span
    lacking = plan.sensor.lacking(item.platform, bands)
    if not first <= item.time.date() <= last:
        return {"reason": "outside the period", "detail": item.stamp}
    if not item.footprint.intersects(split(plan.land.boundary)):
        return {"reason": "outside the area", "detail": item.tile}
    if item.cloud_cover is not None and item.cloud_cover > plan.pipeline.imagery.max_cloud_cover:
        return {"reason": "cloud cover", "detail": f"{item.cloud_cover:g} %"}
    if lacking:
        return {"reason": "band not on this platform", "detail": f"{item.platform}: {', '.join(lacking)}"}
    return None


def _newest(items: list[Item]) -> tuple[list[Item], list[Dropped]]:
    """One item per platform, tile and second: of the highest processing baseline, then latest made, then last by id."""
    best: dict[tuple[str, str, str], Item] = {}
    for item in sorted(items, key=lambda item: (baseline_number(item.baseline), item.generated, item.id)):
        best[item.platform, item.tile, item.stamp] = item
    kept = [item for item in items if best[item.platform, item.tile, item.stamp] is item]
    twins = [item for item in items if best[item.platform, item.tile, item.stamp] is not item]
    return kept, [{"id": t.id, "reason": "same scene again", "detail": best[t.platform, t.tile, t.stamp].id} for t in twins]
