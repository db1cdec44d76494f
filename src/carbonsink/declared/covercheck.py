"""Whether the classes, the published maps and the consistency of the land stage agree with the library, the area and the calendar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from carbonsink.base.problems import Problem, Refusal, refuse
from carbonsink.declared.agreement import Draft, unknown
from carbonsink.declared.covermap import YEAR, CoverMap
from carbonsink.declared.gbt import categories_of, uses
from carbonsink.declared.land import Consistency, Land
from carbonsink.declared.legend import Legend, is_file, legend_names, read_legend, values_of
from carbonsink.declared.paths import Places
from carbonsink.declared.period import vintages
from carbonsink.declared.schema import nearest

AREA = "area.toml [cover_map"


def cover_problems(found: Draft, area: Mapping[str, Any], recipe: Mapping[str, Any], places: Places) -> Iterator[Problem]:
    """Every disagreement; `area` and `recipe` are the raw declarations, so that a class with a wrong code is named."""
    land, raw_maps = recipe.get("land"), area.get("cover_map")
    yield from _uses(land.get("classes") if isinstance(land, dict) else None, f"{found.pipeline} [land.classes")
    cover, maps = found.cover, _read(raw_maps)
    if not cover or (raw_maps is not None and not maps):
        return
    years = vintages(found.period) if found.period else ()
    yield from _ways(cover, maps, found.pipeline)
    if cover.consistency:
        yield from _consistency(cover.consistency, cover, maps, years, f"{found.pipeline} [land.consistency")
    legend, problems = _legend(cover, places, f"{found.pipeline} [land.published.legend]")
    yield from problems
    if legend:
        yield from meanings(cover, legend, f"{found.pipeline} [land.published.values]")
    if maps and cover.method == "published":
        yield from _maps(maps, legend, years, places)


def meanings(cover: Land, legend: Legend, where: str) -> Iterator[Problem]:
    """The values of a legend that no class, or more than one, can stand for, and those that are named without being any."""
    ids = [c.id for c in cover.classes]
    named = cover.published.values if cover.published else {}
    for value, land_class in named.items():
        if value not in legend.classes:
            yield unknown(value, legend.classes, where)
        if land_class not in ids:
            yield unknown(land_class, ids, where)
    for value, meaning in legend.classes.items():
        fitting = [c.id for c in cover.classes if c.ipcc == meaning.ipcc]
        if value not in named and len(fitting) != 1:
            yield Problem("E-LND-043", where, {"value": value, "name": meaning.en, "ipcc": meaning.ipcc, "classes": ", ".join(fitting) or "-"})


def _uses(classes: Any, where: str) -> Iterator[Problem]:
    """Classes whose GB/T code is none, or doesn't fall into their category."""
    for number, raw in enumerate(classes if isinstance(classes, list) else []):
        code = raw.get("gbt") if isinstance(raw, dict) else None
        if not isinstance(code, str):
            continue
        place, ipcc = f"{where}.{number}.gbt]", raw.get("ipcc")
        if code not in uses():
            yield Problem("E-LND-040", place, {"found": code, "nearest": nearest(code, list(uses()))})
        elif ipcc is not None and ipcc not in categories_of(code):
            yield Problem("E-LND-041", place, {"code": code, "name": uses()[code].name_zh, "ipcc": ipcc, "allowed": " | ".join(categories_of(code))})


def _ways(cover: Land, maps: CoverMap | None, pipeline: str) -> Iterator[Problem]:
    """A published map needs a legend and somewhere to lie; neither says anything to another way."""
    published = cover.method == "published"
    for found, name, where in ((cover.published, "[land.published]", pipeline), (maps, "[cover_map]", "area.toml")):
        if published != (found is not None):
            yield Problem("E-LND-042", where, {"method": cover.method, "section": name})


def _legend(cover: Land, places: Places, where: str) -> tuple[Legend | None, list[Problem]]:
    """The legend, or what is wrong with it."""
    if not cover.published:
        return None, []
    name = cover.published.legend
    if not is_file(name) and name not in legend_names():
        return None, [unknown(name, legend_names(), where)]
    try:
        legend = read_legend(name, places, where)
        values_of(legend)
    except Refusal as refusal:
        return None, list(refusal.problems)
    except ValueError as error:
        return None, [Problem("E-CFG-034", where, {"found": error, "example": "11"})]
    return legend, []


def _maps(maps: CoverMap, legend: Legend | None, needed: Sequence[int], places: Places) -> Iterator[Problem]:
    """One way of naming them, files that are there, a map for every vintage."""
    if len(maps.ways) > 1 or (maps.folder is not None) != (maps.name is not None) or (maps.name is not None and YEAR not in maps.name):
        yield Problem("E-LND-048", f"{AREA}]", {"found": ", ".join(maps.ways)})
        return
    if maps.served and legend and not legend.stac:
        yield Problem("E-LND-048", f"{AREA}]", {"found": "-"})
        return
    folder: Path | None = None
    try:
        folder = places.existing(maps.folder, f"{AREA}.folder]") if maps.folder and not places.copies else None
        for one in maps.files if not places.copies else ():
            places.existing(one.file, f"{AREA}.files]")
        if maps.catalogue and not places.copies:
            _check_catalogue(maps.catalogue, places)
    except Refusal as refusal:
        yield from refusal.problems
        return
    if not places.copies:
        yield from _years(maps, legend, needed, folder)


def _check_catalogue(text: str, places: Places) -> None:
    """An address must be https, without credentials; anything else is a folder that exists."""
    if "://" not in text:
        places.existing(text, f"{AREA}.catalogue]")
    elif (address := urlsplit(text)).scheme != "https" or address.username is not None:
        raise refuse("E-CFG-010", f"{AREA}.catalogue]", host=address.hostname or "-", scheme=address.scheme)


def _years(maps: CoverMap, legend: Legend | None, needed: Sequence[int], folder: Path | None) -> Iterator[Problem]:
    """Vintages without a map of their year."""
    known = sorted(one.year for one in maps.files) or (legend.years if legend else [])
    for vintage in needed:
        year = maps.year_of(vintage)
        there = any(maps.found(folder, year)) if not maps.served else not known or year in known
        if not there:
            yield Problem("E-LND-044", f"{AREA}]", {"vintage": vintage, "year": year, "known": ", ".join(map(str, known)) or "-"})


def _consistency(found: Consistency, cover: Land, maps: CoverMap | None, years: Sequence[int], where: str) -> Iterator[Problem]:
    ids = [c.id for c in cover.classes]
    words = [word for before, after in found.allowed.items() for word in (before, *after)]
    yield from (unknown(word, ids, f"{where}.allowed]") for word in dict.fromkeys(words) if word not in ids)
    twice = [vintage for vintage in years if maps and maps.year_of(vintage) in {maps.year_of(v) for v in years if v < vintage}]
    if cover.method == "published" and found.smoother != "none" and twice:
        yield Problem("E-LND-054", f"{where}.smoother]", {"smoother": found.smoother, "vintages": ", ".join(map(str, twice))})


def _read(raw: Any) -> CoverMap | None:
    """The section, where it is well formed by itself; what is wrong with it the whole declaration says."""
    try:
        return CoverMap.model_validate(raw)
    except ValidationError:
        return None
