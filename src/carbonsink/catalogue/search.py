"""Item search over holdings: space, time, ids, the query extension, CQL2, sorting, fields."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import cql2
import shapely
from shapely.geometry import MultiPolygon, box
from shapely.geometry.base import BaseGeometry

from carbonsink.catalogue.holdings import Entry

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "neq": operator.ne,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
    "startsWith": lambda value, start: str(value).startswith(start),
    "endsWith": lambda value, end: str(value).endswith(end),
    "contains": lambda value, part: part in value,
    "in": lambda value, choices: value in choices,
}
KEPT_FIELDS = ("type", "id", "collection")  # whatever fields are asked for


class SearchError(ValueError):
    """The search can't be understood; the words go back to the client."""


@dataclass(frozen=True)
class Search:
    """One search; None or empty means no such condition. `accepts` is a CQL2 expression's test of an item's JSON."""

    collections: Sequence[str] | None = None
    ids: Sequence[str] | None = None
    area: BaseGeometry | None = None
    start: datetime | None = None
    end: datetime | None = None
    query: Mapping[str, Mapping[str, Any]] | None = None
    accepts: Callable[[dict[str, Any]], bool] | None = None
    sortby: Sequence[tuple[str, bool]] = ()  # field, descending


def find(entries: Iterable[Entry], search: Search) -> list[Entry]:
    """The entries that meet every condition, in the order asked for, else newest first."""
    found = [entry for entry in entries if _named(entry, search) and _timely(entry, search)]
    if search.area is not None:
        hit = shapely.intersects([entry.geometry for entry in found], search.area)
        found = [entry for entry, meets in zip(found, hit, strict=True) if meets]
    for name, conditions in (search.query or {}).items():
        found = [entry for entry in found if _meets(value_of(entry.content, name), conditions)]
    if search.accepts is not None:
        found = [entry for entry in found if search.accepts(entry.content)]
    for name, descending in reversed(search.sortby):
        found = _sorted(found, name, descending)
    return found


def area_of_bbox(bbox: Sequence[float]) -> BaseGeometry:
    """The area of a bbox of 4 or 6 numbers; one that crosses the antimeridian is cut in two."""
    west, south, east, north = bbox if len(bbox) == 4 else (bbox[0], bbox[1], bbox[3], bbox[4])
    if not all(map(math.isfinite, bbox)):
        raise SearchError(f"bbox: {bbox} has a number that isn't finite")
    if south > north:
        raise SearchError(f"bbox: south {south} lies north of north {north}")
    if west > east:
        return MultiPolygon([box(west, south, 180, north), box(-180, south, east, north)])
    return box(west, south, east, north)


def filter_of(expression: str | dict[str, Any]) -> Callable[[dict[str, Any]], bool]:
    """The test of an item's JSON that a CQL2 expression (text or JSON) means; an item without a property asked for fails it."""
    try:
        parsed = cql2.Expr(expression)
        names = set(_properties_in(parsed.to_json()))
    except Exception as error:  # cql2 raises bare exceptions
        raise SearchError(f"filter not understood: {error}") from None

    def accepts(item: dict[str, Any]) -> bool:
        try:
            return bool(parsed.matches(item))
        except Exception as error:
            if any(value_of(item, name) is None for name in names):
                return False
            raise SearchError(f"filter can't be worked out for {item['id']}: {error}") from None

    return accepts


def value_of(item: Mapping[str, Any], name: str) -> Any:
    """An item's value by `properties.x`, a name at the top, or a name of its properties; None where it has none."""
    if name.startswith("properties."):
        return item["properties"].get(name.removeprefix("properties."))
    return item[name] if name in item else item["properties"].get(name)


def with_fields(item: dict[str, Any], include: Iterable[str], exclude: Iterable[str]) -> dict[str, Any]:
    """An item's JSON cut down to the fields asked for; dots lead into objects. The item itself is left as it is."""
    wanted = sorted(include)
    result = _only(item, (*KEPT_FIELDS, *wanted)) if wanted else dict(item)
    for name in exclude:
        parent, _, child = name.partition(".")
        if not child:
            result.pop(parent, None)
        elif isinstance(result.get(parent), dict):
            result[parent] = {key: value for key, value in result[parent].items() if key != child}
    return result


def _only(item: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    chosen: dict[str, Any] = {}
    for name in names:
        parent, _, child = name.partition(".")
        if not child and parent in item:
            chosen[parent] = item[parent]
        elif isinstance(item.get(parent), dict) and child in item[parent]:
            chosen[parent] = {**chosen.get(parent, {}), child: item[parent][child]}
    return chosen


def _properties_in(expression: Any) -> Iterator[str]:
    """The property names of a CQL2-JSON expression."""
    if isinstance(expression, dict):
        if "property" in expression:
            yield expression["property"]
        expression = list(expression.values())
    if isinstance(expression, list):
        for part in expression:
            yield from _properties_in(part)


def _named(entry: Entry, search: Search) -> bool:
    return (not search.collections or entry.collection in search.collections) and (not search.ids or entry.id in search.ids)


def _timely(entry: Entry, search: Search) -> bool:
    return (search.start is None or entry.end >= search.start) and (search.end is None or entry.start <= search.end)


def _meets(value: Any, conditions: Mapping[str, Any]) -> bool:
    for name, operand in conditions.items():
        if name not in OPERATORS:
            raise SearchError(f"query: operator {name!r} is not known; known are {', '.join(OPERATORS)}")
        try:
            if value is None or not OPERATORS[name](value, operand):
                return False
        except TypeError:
            raise SearchError(f"query: {value!r} can't be held against {operand!r} with {name}") from None
    return True


def _sorted(found: list[Entry], name: str, descending: bool) -> list[Entry]:
    with_value = [entry for entry in found if value_of(entry.content, name) is not None]
    without = [entry for entry in found if value_of(entry.content, name) is None]
    try:
        return sorted(with_value, key=lambda entry: value_of(entry.content, name), reverse=descending) + without
    except TypeError:
        raise SearchError(f"sortby: values of {name!r} have no order") from None
