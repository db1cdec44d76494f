"""The parcels of the map: outlines on the plane, areas, what became of each vintage by vintage, and the evidence on practice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from carbonsink.base.geometry import hectares, hectares_to_mu
from carbonsink.base.rasters import Grid
from carbonsink.base.records import PracticeEvidence
from carbonsink.declared.plan import Plan
from carbonsink.report.mapping.places import on_plane
from carbonsink.report.mapping.series import day_of
from carbonsink.report.results import Results

SHOWN = 2000  # largest first where there are more; the rest stands in areas/parcels.csv
COUNTED = "counted"


def features(plan: Plan, results: Results, grid: Grid) -> list[dict[str, Any]]:
    """The parcels as GeoJSON features on the plane; their properties are codes and numbers, to be told in any language."""
    parcels = sorted(sorted(plan.land.parcels, key=lambda p: (-p.area_m2, p.id))[:SHOWN], key=lambda p: p.id)
    outcomes: dict[str, dict[int, str]] = defaultdict(dict)
    for row in results.parcels:
        outcomes[row.parcel][row.year] = COUNTED if row.counted else row.reason
    evidence: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in results.practice:
        evidence[one.parcel].append(_evidence(one))
    made = []
    for parcel, geometry in zip(parcels, on_plane([p.geometry for p in parcels], grid), strict=True):
        area = hectares(parcel.area_m2)
        said = {"id": parcel.id, "stratum": parcel.stratum, "ha": round(area, 4), "mu": round(hectares_to_mu(area), 3)}
        known = {"outcome": outcomes[parcel.id], "evidence": evidence[parcel.id]}
        made.append({"type": "Feature", "geometry": geometry, "properties": {**said, **known, "against": _against(evidence[parcel.id])}})
    return made


def _against(evidence: Iterable[dict[str, Any]]) -> list[int]:
    """Years in which a finding contradicts the farm record."""
    return sorted({one["year"] for one in evidence if one["verdict"] == "contradicts"})


def _evidence(one: PracticeEvidence) -> dict[str, Any]:
    """A finding as the map keeps it: codes, counts of days, the season and each drainage as days since 1970."""
    season = [day_of(one.start), day_of(one.end)] if one.start and one.end else []
    names = {"practice": one.practice, "found": one.found, "declared": one.declared, "verdict": one.verdict}
    days = {"flooded": one.flooded_days, "drained": one.drained_days, "drainages": one.drainages, "observations": one.observations}
    dry = [day for dates in one.dates.split() for day in map(day_of, dates.split("/"))] if one.practice == "water_regime" else []
    return {"year": one.year, "season": season, "dry": dry, **names, **days}
