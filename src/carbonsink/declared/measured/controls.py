"""Sites of soil samples and what VM0042 Table 7 asks of control sites: each clause that fails is a problem with both sides.

    site, stratum, kind (project | control), slope_class, texture, soil_group, ecoregion, climate, rainfall_mm,
    aspect_degrees (on sloping land), distance_km, management_years (of a control), converted_from, converted_year

A site that lies in two strata has a row for each. A control is held against every site of the project in its stratum. The clause
on the content of organic carbon is a test of samples: areas/measured/soil.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from carbonsink.base.problems import Problem
from carbonsink.declared.measured.settings import Similarity, read_measured_settings
from carbonsink.declared.measured.table import Column, Row, read_table, twice

FACTS = ("slope_class", "texture", "soil_group", "ecoregion", "climate")
COLUMNS = (
    Column("site"),
    Column("stratum"),
    Column("kind", words=("project", "control")),
    *(Column(name) for name in FACTS),
    Column("rainfall_mm", float, least=0),
    Column("aspect_degrees", float, needed=False, least=0, most=360),
    Column("distance_km", float, needed=False, least=0),
    Column("management_years", float, needed=False, least=0),
    Column("converted_from", needed=False),
    Column("converted_year", float, needed=False, least=0),
)
Failed = tuple[str, str, str, str]  # clause, what the control has, what the project has, the rule


@dataclass(frozen=True)
class Site:
    """A site's part in a stratum: project or control, and its facts by column."""

    id: str
    stratum: str
    kind: str
    texts: Mapping[str, str]
    numbers: Mapping[str, float]


def read_sites(path: Path, file: str, found: list[Problem]) -> tuple[Site, ...]:
    """The sites in the order of stratum and id; problems go to `found`."""
    rows = read_table(path, file, COLUMNS, found)
    found += twice((file, f"{row.texts['site']}, {row.texts['stratum']}") for row in rows)
    return tuple(sorted(map(_site, rows), key=lambda site: (site.stratum, site.id)))


def control_problems(sites: Sequence[Site]) -> Iterator[Problem]:
    """Too few control sites, strata without one, and every clause of Table 7 that a control fails."""
    rules = read_measured_settings().soil
    controls = [site for site in sites if site.kind == "control"]
    if (count := len({site.id for site in controls})) < rules.controls.least_sites:
        yield Problem("E-MEA-016", "area.toml [soil_samples.sites]", {"count": count, "least": rules.controls.least_sites})
    for stratum in sorted({site.stratum for site in sites}):
        mine = [site for site in sites if site.stratum == stratum]
        if sum(site.kind == "control" for site in mine) < rules.controls.least_in_stratum:
            yield Problem("E-MEA-017", stratum, {"least": rules.controls.least_in_stratum})
    for control in controls:
        for project in (site for site in sites if site.kind == "project" and site.stratum == control.stratum):
            for clause, one, other, rule in failed_clauses(control, project, rules.similarity):
                facts: dict[str, object] = {"control": control.id, "project": project.id, "clause": clause, "one": one, "other": other, "rule": rule}
                yield Problem("E-MEA-018", control.stratum, facts)


def failed_clauses(control: Site, project: Site, rules: Similarity) -> Iterator[Failed]:
    """The clauses of VM0042 Table 7 that a control site doesn't meet against a site of the project; a fact not told isn't met."""
    for name in rules.same:
        if control.texts[name] != project.texts[name]:
            yield name, control.texts[name], project.texts[name], "="
    yield from _most("distance_km", control.numbers.get("distance_km"), rules.most_distance_km)
    yield from _aspect(control, project, rules)
    one, other = control.numbers["rainfall_mm"], project.numbers["rainfall_mm"]
    if abs(one - other) > rules.most_rainfall_mm:
        yield "rainfall_mm", f"{one:g}", f"{other:g}", f"+- {rules.most_rainfall_mm:g}"
    years = control.numbers.get("management_years")
    if years is None or years < rules.least_management_years:
        yield "management_years", _text(years), "-", f">= {rules.least_management_years:g}"
    yield from _conversion(control, project, rules)


def angle(one: float, other: float) -> float:
    """The angle between two directions [degrees], 0 to 180."""
    apart = abs(one - other) % 360
    return min(apart, 360 - apart)


def _most(clause: str, value: float | None, most: float) -> Iterator[Failed]:
    if value is None or value > most:
        yield clause, _text(value), "-", f"<= {most:g}"


def _aspect(control: Site, project: Site, rules: Similarity) -> Iterator[Failed]:
    """The aspect counts where either lies on sloping land."""
    if not {control.texts["slope_class"], project.texts["slope_class"]} & set(rules.sloping):
        return
    one, other = (site.numbers.get("aspect_degrees") for site in (control, project))
    if one is None or other is None or angle(one, other) > rules.most_aspect_degrees:
        yield "aspect_degrees", _text(one), _text(other), f"+- {rules.most_aspect_degrees:g}"


def _conversion(control: Site, project: Site, rules: Similarity) -> Iterator[Failed]:
    """Land converted from another cover: from the same, at about the same time."""
    one, other = (site.texts.get("converted_from", "-") for site in (control, project))
    if one != other:
        yield "converted_from", one, other, "="
    years = [site.numbers.get("converted_year") for site in (control, project)]
    if one == other != "-" and (None in years or abs((years[0] or 0) - (years[1] or 0)) > rules.most_converted_years):
        yield "converted_year", _text(years[0]), _text(years[1]), f"+- {rules.most_converted_years:g}"


def _site(row: Row) -> Site:
    return Site(row.texts["site"], row.texts["stratum"], row.texts["kind"], row.texts, row.numbers)


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"
