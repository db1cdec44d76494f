"""Whether [land.change] and the red lines agree with the composites, with each other and with the files there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from carbonsink.base.problems import Problem, Refusal
from carbonsink.declared.agreement import Draft
from carbonsink.declared.change import Change, Protection
from carbonsink.declared.paths import Places
from carbonsink.declared.pipeline import Composites
from carbonsink.declared.protection import read_red_line
from carbonsink.declared.schema import nearest_alone


def change_problems(found: Draft, area: Mapping[str, Any], places: Places) -> Iterator[Problem]:
    """Every disagreement; `area` is the raw declaration, so that one wrong red line hides no other."""
    change = found.cover.change if found.cover else None
    if change and found.composites:
        yield from _series(change, found.composites, f"{found.pipeline} [land.change]")
    raw = area.get("protection")
    lines = [_section(one) for one in raw] if isinstance(raw, list) else []
    if lines and found.cover and not change:
        yield Problem("E-CHG-004", "area.toml [protection]", {"count": len(lines), "pipeline": found.pipeline})
    known: set[str] = set()
    for number, line in enumerate(lines):
        if line:
            yield from _red_line(line, known, f"area.toml [protection.{number}", found.country, places)


def _series(change: Change, composites: Composites, where: str) -> Iterator[Problem]:
    """Layers the composites don't have, and periods of a whole year, in which no season shows."""
    held = (*composites.bands, *composites.indices)
    for name in dict.fromkeys((change.layer, *change.bands)):
        if name not in held:
            yield Problem("E-CHG-001", where, {"found": name, "known": ", ".join(held), "nearest": nearest_alone(name, held)})
    if composites.period == "year":
        yield Problem("E-CHG-002", where)


def _red_line(line: Protection, known: set[str], where: str, country: str, places: Places) -> Iterator[Problem]:
    """An id that stands twice, a file that isn't there or can't be used."""
    if line.id in known:
        yield Problem("E-CHG-003", f"{where}.id]", {"found": line.id})
    known.add(line.id)
    try:
        read_red_line(places.existing(line.file, f"{where}.file]"), line, country)
    except Refusal as refusal:
        yield from refusal.problems


def _section(raw: Any) -> Protection | None:
    try:
        return Protection.model_validate(raw)
    except ValidationError:
        return None
