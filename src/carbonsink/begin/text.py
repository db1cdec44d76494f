"""area.toml of a new area: a draft in TOML, a comment before every section in the language that was chosen."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from carbonsink.begin.draft import Draft, plots_name
from carbonsink.declared.area import LandFile
from carbonsink.declared.language import Language, read_languages
from carbonsink.declared.legend import read_legend
from carbonsink.declared.paths import Places

PUBLIC = "earth-search"  # the answer that means the sensor's own catalogue


def area_text(area_id: str, draft: Draft, land: LandFile, places: Places, pipeline: str, simulation: Mapping[str, Any]) -> str:
    """The text of area.toml; `land` names the file beside it, `pipeline` the recipe's or a file of the folder."""
    (w,) = read_languages([draft.language])
    sections = [
        _head(area_id, draft, pipeline, w),
        _land(draft, land, w),
        *_zones(draft, w),
        *_strata(draft, w),
        *_values(draft, w),
        *_plots(draft, w),
        *(_cover_map(draft, places, w) if pipeline == draft.recipe.pipeline else ()),
        *_simulation(simulation, w),
    ]
    return "\n\n".join(sections) + "\n"


def toml(value: Any) -> str:
    """A value as TOML on one line."""
    match value:
        case str():
            return json.dumps(value, ensure_ascii=False)
        case bool():
            return str(value).lower()
        case date():
            return value.isoformat()
        case Mapping():
            return "{ " + ", ".join(f"{_name(str(key))} = {toml(one)}" for key, one in value.items()) + " }" if value else "{}"
        case list():
            return "[" + ", ".join(map(toml, value)) + "]"
    return repr(value)


def _name(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isalnum() and key.isascii() else json.dumps(key, ensure_ascii=False)


def _lines(table: Mapping[str, Any]) -> str:
    return "\n".join(f"{_name(key)} = {toml(value)}" for key, value in table.items() if value not in (None, {}, []))


def _head(area_id: str, draft: Draft, pipeline: str, w: Language) -> str:
    first, last = draft.years
    period = {"start": date(first, 1, 1), "end": date(last, 12, 31)}
    imagery = {} if draft.imagery == PUBLIC else {"catalogue": draft.imagery}
    stated = {"id": area_id, "name": draft.name, "country": draft.country, "pipeline": pipeline, "period": period, "imagery": imagery}
    note = f"# {w('begin.public')}\n" if draft.imagery == PUBLIC else ""
    return f"# {w('begin.head')}\n{_lines(stated)}\n{note}".rstrip()


def _land(draft: Draft, land: LandFile, w: Language) -> str:
    return f"# {w('begin.land')}\n[land]\n{_lines(land.model_dump(exclude_none=True))}"


def _zones(draft: Draft, w: Language) -> Iterator[str]:
    for number, zone in enumerate(zone for zone in draft.zones if zone.facts):
        note = f"# {w('begin.zones')}\n" if number == 0 else ""
        yield f"{note}# -> {zone.word}: {zone.why}\n[zones.{zone.kind}]\n{_lines({'facts': zone.facts} | draft.zone_source)}"


def _strata(draft: Draft, w: Language) -> Iterator[str]:
    recipe, zones = draft.recipe, {zone.kind: zone.word for zone in draft.zones if not zone.facts}
    for number, (word, treated) in enumerate(draft.strata.items()):
        note = f"# {w('begin.stratum', methodology=recipe.methodology)}\n" if number == 0 else ""
        name = {"zh": word, "en": word} if draft.stratum_column else recipe.name.model_dump()
        stated = {"cover": recipe.cover, "name": name, "keys": zones | treated.keys | recipe.fixed} | treated.practices
        yield f"{note}[strata.{_name(word)}]\n{_lines(stated)}"


def _values(draft: Draft, w: Language) -> Iterator[str]:
    for number, value in enumerate(draft.values):
        yield (f"# {w('begin.values')}\n" if number == 0 else "") + f"[[value]]\n{_lines(value)}"


def _plots(draft: Draft, w: Language) -> Iterator[str]:
    source = draft.values[0]["source"] if draft.values else ""
    for number, year in enumerate(draft.plots):
        yield (f"# {w('begin.plots')}\n" if number == 0 else "") + f"[[plots]]\n{_lines({'year': year, 'file': plots_name(year), 'source': source})}"


def _cover_map(draft: Draft, places: Places, w: Language) -> Iterator[str]:
    """The published map: its own years, and for the others the nearest one, which the report says."""
    if draft.recipe.legend is None:
        return
    known = read_legend(draft.recipe.legend, places, "[cover_map]").years
    wanted = [year for year in range(draft.years[0], draft.years[1] + 1) if year not in known]
    stands_in = {str(year): min(known, key=lambda one: (abs(one - year), one)) for year in wanted}
    yield f"# {w('begin.cover_map')}\n[cover_map]\n{_lines({'stands_in': stands_in})}".rstrip()


def _simulation(simulation: Mapping[str, Any], w: Language) -> Iterator[str]:
    if simulation:
        yield f"# {w('begin.simulation')}\n[simulation]\n{_lines(simulation)}"
