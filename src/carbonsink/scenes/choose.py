"""Which of a catalogue's items are computed from; every other is dropped with its reason.

collection  ->  (outlines)  ->  period, area  ->  newest of each scene  ->  clouds, bands of the platform  ->  (assets)  ->  zones
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from itertools import takewhile
from typing import Any

from carbonsink.declared.plan import Plan
from carbonsink.scenes.cover import share
from carbonsink.scenes.footprint import split
from carbonsink.scenes.item import Item
from carbonsink.scenes.radiometry import baseline_number

Dropped = dict[str, str]
SAME_TIME = timedelta(seconds=1)
SAME_GROUND = 0.5  # of the smaller footprint: halves of a tile meet in a strip


def of_collection(raw: Mapping[str, Any], plan: Plan) -> tuple[list[Any], list[Dropped]]:
    """The items (JSON by id) of the collection asked for, and the others, of which nothing else can be expected."""
    other = {name: str(value.get("collection", "")) for name, value in raw.items() if value.get("collection") != plan.dialect.collection}
    return [value for name, value in raw.items() if name not in other], [
        {"id": name, "reason": "other collection", "detail": found} for name, found in other.items()
    ]


def wanted(items: Iterable[Item], plan: Plan, bands: Sequence[str]) -> tuple[list[Item], list[Dropped]]:
    """The items of the area and the period, one a scene, and the others with their reasons.

    Clouds are asked of the newest alone: an older making that saw fewer of them isn't taken instead.
    """
    kept, elsewhere = _parted(items, lambda item: _elsewhere(item, plan))
    kept, twins = _newest(kept)
    kept, unwanted = _parted(kept, lambda item: _unwanted(item, plan, bands))
    return kept, elsewhere + twins + unwanted


def _parted(items: Iterable[Item], reason_of: Callable[[Item], dict[str, str] | None]) -> tuple[list[Item], list[Dropped]]:
    kept: list[Item] = []
    dropped: list[Dropped] = []
    for item in items:
        if reason := reason_of(item):
            dropped.append({"id": item.id, **reason})
        else:
            kept.append(item)
    return kept, dropped


def of_needed_zones(items: list[Item], plan: Plan) -> tuple[list[Item], list[Dropped]]:
    """The items of one CRS where its tiles cover the whole area, as nothing is warped then (rule R6); else those of all.

    Of several that cover most, that of most items, then the first by name: composites take other zones by exact nearest.
    """
    crs = sorted({item.grid.crs for item in items})
    if len(crs) < 2:
        return items, []
    boundary = split(plan.land.boundary)
    cover = {name: share(boundary, name, [item.grid for item in items if item.grid.crs == name]) for name in crs}
    chosen = max(crs, key=lambda name: (cover[name], sum(item.grid.crs == name for item in items)))
    if cover[chosen] < 1:
        return items, []
    strangers = [item for item in items if item.grid.crs != chosen]
    return [item for item in items if item.grid.crs == chosen], [{"id": s.id, "reason": "other zone", "detail": s.grid.crs} for s in strangers]


def _elsewhere(item: Item, plan: Plan) -> dict[str, str] | None:
    first, last = plan.imagery_span
    if not first <= item.time.date() <= last:
        return {"reason": "outside the period", "detail": item.stamp}
    if not item.footprint.intersects(split(plan.land.boundary)):
        return {"reason": "outside the area", "detail": item.tile}
    return None


def _unwanted(item: Item, plan: Plan, bands: Sequence[str]) -> dict[str, str] | None:
    if item.cloud_cover is not None and item.cloud_cover > plan.pipeline.imagery.max_cloud_cover:
        return {"reason": "cloud cover", "detail": f"{item.cloud_cover:g} %"}
    if lacking := plan.sensor.lacking(item.platform, bands):
        return {"reason": "band not on this platform", "detail": f"{item.platform}: {', '.join(lacking)}"}
    return None


def _newest(items: list[Item]) -> tuple[list[Item], list[Dropped]]:
    """One item of a scene: of the highest processing baseline, then latest made, then last by id."""
    kept: list[Item] = []
    twins: list[Dropped] = []
    for scene in _scenes(items):
        *older, best = sorted(scene, key=lambda item: (baseline_number(item.baseline), item.generated, item.id))
        kept.append(best)
        twins += [{"id": item.id, "reason": "same scene again", "detail": best.id} for item in older]
    return kept, twins


def _scenes(items: Iterable[Item]) -> list[list[Item]]:
    """Items by scene; a tile that came in two halves is two scenes."""
    scenes: list[list[Item]] = []
    for item in sorted(items, key=lambda item: (_track(item), item.time)):
        known = next(filter(partial(_same_ground, item), takewhile(partial(_at_once, item), reversed(scenes))), None)
        if known is None:
            scenes.append([item])
        else:
            known.append(item)
    return scenes


def _at_once(item: Item, scene: list[Item]) -> bool:
    """Whether an item is of a scene's platform, tile and moment: makings of a scene may round its time differently."""
    return _track(scene[-1]) == _track(item) and item.time - scene[-1].time <= SAME_TIME


def _track(item: Item) -> tuple[str, str]:
    return item.platform.lower(), item.tile


def _same_ground(item: Item, scene: list[Item]) -> bool:
    one, other = item.footprint, scene[-1].footprint
    return bool(one.intersection(other).area >= SAME_GROUND * min(one.area, other.area))
