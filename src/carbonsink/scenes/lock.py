"""The lock: one search, frozen as full item JSON with what was dropped and why; every later step computes from it alone.

    {"schema", "catalogue", "dialect", "collection", "query", "matched", "returned", "items", "dropped", "gaps"}

No clock, no port of ours and no signature stands in a lock: the same catalogue gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from carbonsink.base.evidence import read_json, sha256
from carbonsink.base.geometry import canonical_wkb, geodesic_area_m2, hectares
from carbonsink.base.problems import Exit, Problem, Refusal, refuse
from carbonsink.declared.indices import bands_needed
from carbonsink.declared.plan import SIMULATED, Plan
from carbonsink.declared.sensor import bands_and_masks, witnesses
from carbonsink.scenes.address import is_loopback, problem_of, stored_item
from carbonsink.scenes.asset import absolute
from carbonsink.scenes.choose import Dropped, of_collection, of_needed_zones, wanted
from carbonsink.scenes.cover import uncovered_m2
from carbonsink.scenes.difference import Change, Difference, difference
from carbonsink.scenes.footprint import boxes_around, split
from carbonsink.scenes.http import Patience
from carbonsink.scenes.item import Item, furnish, outline, parse
from carbonsink.scenes.pages import Found, walk

__all__ = ["Change", "Difference", "difference", "gaps", "items_of", "query", "read_lock", "search"]
SCHEMA = "carbonsink-lock/1"
LISTS = {"items": frozenset({"id"}), "dropped": frozenset({"id", "reason"}), "gaps": frozenset({"start", "end", "days"})}  # and what each of theirs has
Value = TypeVar("Value")


def search(plan: Plan, api_url: str, root_url: str | None, patience: Patience | None = None) -> dict[str, Any]:
    """Search the catalogue once and freeze the answer as a lock (a JSON value).

    `root_url` is the base of a catalogue of ours on loopback; addresses below it are stored as `catalogue:/<path>`.
    Refusal (exit 4, 5) where the search isn't whole, an item isn't STAC, a needed asset is missing, or nothing is left.
    """
    found = walk(
        api_url, plan.dialect.collection, boxes_around(plan.land.boundary), plan.imagery_span, patience or Patience(), plan.dialect.requests_per_second
    )
    return freeze(plan, found, api_url, root_url)


def freeze(plan: Plan, found: Found, api_url: str, root_url: str | None) -> dict[str, Any]:
    """What a search found, as the lock of an area."""
    first, last = plan.imagery_span
    raw = {str(item["id"]): stored_item(absolute(item), root_url) for item in found.items}
    items, dropped = _chosen(raw, plan)
    _check_cover(items, plan, found, dropped)
    return {
        "schema": SCHEMA,
        "catalogue": "catalogue:/" if is_loopback(urlsplit(api_url).hostname) else api_url,
        "dialect": _dialect_name(plan),
        "collection": plan.dialect.collection,
        "query": query(plan),
        "matched": found.matched,
        "returned": len(found.items),
        "items": [raw[item.id] for item in items],
        "dropped": sorted(dropped, key=lambda drop: drop["id"]),
        "gaps": [gap for tile, days in _by_tile(items).items() for gap in gaps(tile, days, first, last, plan.sensor.revisit_gap_days)],
    }


def query(plan: Plan) -> dict[str, Any]:
    """What a lock answers: the area's box and outline, the period, and the clouds allowed. Another query needs another lock.

    The outline counts for itself: which tiles are needed and which items are dropped hangs on it. A box whose west lies east of its east
    crosses the antimeridian (RFC 7946, section 5.2).
    """
    first, last = plan.imagery_span
    boxes = boxes_around(plan.land.boundary)
    return {
        "bbox": [boxes[0][0], min(one[1] for one in boxes), boxes[-1][2], max(one[3] for one in boxes)],
        "datetime": f"{first}T00:00:00Z/{last}T23:59:59Z",
        "boundary": sha256(canonical_wkb(plan.land.boundary)),
        "max_cloud_cover": plan.pipeline.imagery.max_cloud_cover,
    }


def items_of(lock: dict[str, Any], plan: Plan) -> tuple[Item, ...]:
    """The records of a lock's items, in its order."""
    if lock.get("schema") != SCHEMA:
        raise refuse("E-STAC-011", "lock", Exit.INTEGRITY, found=lock.get("schema"), expected=SCHEMA)
    if lock.get("dialect", _dialect_name(plan)) != _dialect_name(plan):
        raise refuse("E-STAC-023", "lock", Exit.INVALID, found=lock["dialect"], expected=_dialect_name(plan))
    bands = _bands(plan), witnesses(plan.sensor, _bands(plan))
    return tuple(_each(lock["items"], lambda raw: _checked(parse(raw, plan.dialect, *bands), raw, plan)))


def read_lock(path: Path) -> dict[str, Any]:
    """A lock beside an area; Refusal where somebody's hand or another program left something else there."""
    try:
        kept = read_json(path)
    except (OSError, ValueError, RecursionError) as error:
        raise refuse("E-LOCK-003", str(path), Exit.INTEGRITY, why=error) from None
    if not isinstance(kept, dict) or not isinstance(kept.get("query"), dict):
        raise refuse("E-LOCK-003", str(path), Exit.INTEGRITY, why="query")
    if lacking := [name for name, keys in LISTS.items() if not _all_have(kept.get(name), keys)]:
        raise refuse("E-LOCK-003", str(path), Exit.INTEGRITY, why=", ".join(lacking))
    return kept


def _all_have(value: Any, keys: frozenset[str]) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) and keys <= one.keys() for one in value)


def gaps(tile: str, days: Iterable[date], first: date, last: date, longest: int) -> list[dict[str, Any]]:
    """Stretches of the period longer than `longest` days without an item of a tile, ends of the period included."""
    marks = sorted({first, *days, last})
    pairs = zip(marks[:-1], marks[1:], strict=True)
    return [{"tile": tile, "start": str(a), "end": str(b), "days": (b - a).days} for a, b in pairs if (b - a).days > longest]


def _by_tile(items: Iterable[Item]) -> dict[str, list[date]]:
    """The days on which each tile was seen: one tile's don't fill another's gaps."""
    found: dict[str, list[date]] = {}
    for item in sorted(items, key=lambda item: item.tile):
        found.setdefault(item.tile, []).append(item.time.date())
    return found


def _dialect_name(plan: Plan) -> str:
    return plan.area.imagery.dialect or next(iter(plan.sensor.dialects))


def _bands(plan: Plan) -> tuple[str, ...]:
    return bands_and_masks(plan.sensor, bands_needed(plan.pipeline.composites))


def _chosen(raw: dict[str, dict[str, Any]], plan: Plan) -> tuple[list[Item], list[Dropped]]:
    """The items to compute from, by time and id, and the others with their reasons; assets are asked only of items that stay."""
    bands, beside = _bands(plan), witnesses(plan.sensor, _bands(plan))
    ours, foreign = of_collection(raw, plan)
    kept, dropped = wanted(_each(ours, lambda value: outline(value, plan.dialect)), plan, bands)
    items = _each(kept, lambda item: _checked(furnish(item, raw[item.id], plan.dialect, bands, beside), raw[item.id], plan))
    items, strangers = of_needed_zones(items, plan)
    return sorted(items, key=lambda item: (item.time, item.id)), foreign + dropped + strangers


def _each(values: Iterable[Value], read: Callable[[Value], Item]) -> list[Item]:
    """What `read` makes of every value; the Refusal holds the problems of all that it refuses."""
    items: list[Item] = []
    problems: list[Problem] = []
    for value in values:
        try:
            items.append(read(value))
        except Refusal as refusal:
            problems += refusal.problems
    if problems:
        raise Refusal(problems, Exit.SOURCE)
    return items


def _checked(item: Item, raw: dict[str, Any], plan: Plan) -> Item:
    """The item, if its files may be asked for and it is what the plan takes it for."""
    wrong = [problem for asset in item.assets.values() if (problem := problem_of(asset.href, f"{item.id} {asset.band}"))]
    if raw["properties"].get(SIMULATED) and not plan.simulated:
        wrong.append(Problem("E-STAC-012", item.id))
    if wrong:
        raise Refusal(wrong, Exit.SOURCE)
    return item


def _check_cover(items: list[Item], plan: Plan, found: Found, dropped: list[Dropped]) -> None:
    """Refuse an empty lock, and tiles that leave part of the area out by more than a pixel."""
    if not items:
        counts = {reason: sum(drop["reason"] == reason for drop in dropped) for reason in sorted({drop["reason"] for drop in dropped})}
        raise refuse("E-STAC-010", plan.area.id, Exit.SOURCE, returned=len(found.items), dropped=counts or "none")
    boundary = split(plan.land.boundary)
    outside = uncovered_m2(boundary, [item.grid for item in items])
    if outside > 0:
        total, crs = geodesic_area_m2(boundary), ", ".join(sorted({item.grid.crs for item in items}))
        raise refuse("E-SRC-009", plan.area.id, Exit.SOURCE, uncovered=f"{hectares(outside):.2f}", total=f"{hectares(total):.2f}", crs=crs)
