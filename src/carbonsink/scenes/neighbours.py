"""One search for areas that lie near each other; each keeps what its own search would have found.

boxes of areas  ->  neighbourhoods no wider than a tile  ->  one walk each  ->  a lock an area, as if searched alone
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shapely.geometry import box

from carbonsink.base.problems import Refusal
from carbonsink.declared.plan import Plan
from carbonsink.scenes.footprint import boxes_around, footprint_of
from carbonsink.scenes.http import Patience
from carbonsink.scenes.item import UNREADABLE
from carbonsink.scenes.lock import freeze
from carbonsink.scenes.pages import Found, walk

Box = tuple[float, float, float, float]
Boxes = tuple[Box, ...]
REACH = 1.0  # degrees along a side of a neighbourhood: about a tile, so that a search finds little that nobody asked for


def search_together(plans: Sequence[Plan], api_url: str, root_url: str | None, patience: Patience | None = None) -> list[dict[str, Any] | Refusal]:
    """A lock for each plan, or what refuses it; all plans ask one API for one collection and period."""
    locks: dict[int, dict[str, Any] | Refusal] = {}
    areas = [boxes_around(plan.land.boundary) for plan in plans]
    for members, boxes in neighbourhoods(areas):
        found = _found(plans[members[0]], api_url, boxes, patience or Patience())
        for number in members:
            locks[number] = found if isinstance(found, Refusal) else _frozen(plans[number], of_area(found, areas[number]), api_url, root_url)
    return [locks[number] for number in range(len(plans))]


def neighbourhoods(areas: Sequence[Boxes]) -> list[tuple[list[int], Boxes]]:
    """Areas by number, in groups whose common box has no side beyond REACH; an area on both sides of the antimeridian stays alone."""
    groups: list[tuple[list[int], Boxes]] = []
    for number in sorted(range(len(areas)), key=lambda number: areas[number]):
        near = next((place for place, (_, boxes) in enumerate(groups) if _near(boxes, areas[number])), None)
        if near is None:
            groups.append(([number], areas[number]))
        else:
            members, boxes = groups[near]
            groups[near] = ([*members, number], (_around(boxes[0], areas[number][0]),))
    return groups


def of_area(found: Found, boxes: Sequence[Box]) -> Found:
    """What a search of an area's own boxes gives: the items whose geometry meets one; an item without a readable one stays, to be refused by name."""
    items = tuple(item for item in found.items if _meets(item, boxes))
    return Found(items, None if found.matched is None else len(items))


def _meets(item: dict[str, Any], boxes: Sequence[Box]) -> bool:
    try:
        footprint = footprint_of(item.get("geometry"))
    except UNREADABLE:
        return True
    return any(footprint.intersects(box(*one)) for one in boxes)


def _near(some: Boxes, others: Boxes) -> bool:
    if len(some) > 1 or len(others) > 1:
        return False
    west, south, east, north = _around(some[0], others[0])
    return east - west <= REACH and north - south <= REACH


def _around(one: Box, other: Box) -> Box:
    return (min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3]))


def _found(plan: Plan, api_url: str, boxes: Boxes, patience: Patience) -> Found | Refusal:
    try:
        return walk(api_url, plan.dialect.collection, boxes, plan.imagery_span, patience, plan.dialect.requests_per_second)
    except Refusal as refusal:
        return refusal


def _frozen(plan: Plan, found: Found, api_url: str, root_url: str | None) -> dict[str, Any] | Refusal:
    try:
        return freeze(plan, found, api_url, root_url)
    except Refusal as refusal:
        return refusal
