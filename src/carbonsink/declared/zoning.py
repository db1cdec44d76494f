"""The zones of an area put into its strata's keys: what was found, what a stratum says otherwise, and why.

In: an area's declarations, its land, and where files lie. Out: the declarations with the keys filled in, and a finding a stratum
and key, which the plan keeps.
"""

from __future__ import annotations

from collections.abc import Mapping

from shapely.geometry.base import BaseGeometry

from carbonsink.base.problems import Problem, Refusal, refuse
from carbonsink.declared.area import AreaFile, Stratum
from carbonsink.declared.paths import Places
from carbonsink.declared.zonelayer import zone_in_layer
from carbonsink.declared.zones import Kind, Zone, ZoneFinding, ZoneSource, read_zones, zone_of


def zones_of(area: AreaFile, boundary: BaseGeometry, places: Places) -> dict[Kind, Zone]:
    """The zone of each kind the area declares facts or a layer for; a Refusal lists every problem."""
    found: dict[Kind, Zone] = {}
    problems: list[Problem] = []
    for kind, source in area.zones.items():
        try:
            found[kind] = _zone(kind, source, boundary, places, f"area.toml [zones.{kind}]")
        except Refusal as refusal:
            problems += refusal.problems
    if problems:
        raise Refusal(problems)
    return found


def apply_zones(area: AreaFile, found: Mapping[Kind, Zone]) -> tuple[AreaFile, tuple[ZoneFinding, ...]]:
    """The declarations with each zone as a key of every stratum that doesn't say the key itself; one that does needs a reason (E-ZON-009)."""
    findings = tuple(_finding(name, stratum, kind, zone) for kind, zone in found.items() for name, stratum in area.strata.items())
    if bare := [one for one in findings if one.used != one.found and not one.reason]:
        raise Refusal(
            Problem("E-ZON-009", f"area.toml [strata.{one.stratum}]", {"key": one.key, "used": one.used, "found": one.found, "why": one.why}) for one in bare
        )
    words = {kind: zone.word for kind, zone in found.items()}
    strata = {name: stratum.model_copy(update={"keys": dict(words) | stratum.keys}) for name, stratum in area.strata.items()}
    return area.model_copy(update={"strata": strata}), findings


def _finding(name: str, stratum: Stratum, kind: Kind, zone: Zone) -> ZoneFinding:
    return ZoneFinding(kind, name, zone.word, stratum.keys.get(kind, zone.word), zone.rule, zone.why, stratum.reasons.get(kind, ""), zone.shares)


def _zone(kind: Kind, source: ZoneSource, boundary: BaseGeometry, places: Places, where: str) -> Zone:
    if bool(source.facts) == bool(source.file) or bool(source.file) != bool(source.legend):
        raise refuse("E-ZON-001", where, found=", ".join(name for name in ("facts", "file", "legend") if getattr(source, name)) or "-")
    if source.file is None:
        return zone_of(kind, source.facts, where)
    return zone_in_layer(places.existing(source.file, where), _legend(kind, source, where), boundary, where)


def _legend(kind: Kind, source: ZoneSource, where: str) -> dict[int, str]:
    zones = read_zones()[kind]
    named = source.legend
    if isinstance(named, str) and named not in zones.legend:
        raise refuse("E-ZON-010", where, found=named, known=", ".join(zones.legend) or "-")
    words = zones.legend[named] if isinstance(named, str) else named or {}
    if strange := [word for word in words.values() if word not in zones.words]:
        raise refuse("E-ZON-011", where, found=", ".join(strange), known=", ".join(zones.words))
    try:
        return {int(value): word for value, word in words.items()}
    except ValueError:
        raise refuse("E-CFG-034", where, found=", ".join(words), example="11") from None
