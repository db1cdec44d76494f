"""Plans for the simulator: the demonstration itself, and a few of its fields over a shorter period."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from pyproj import Geod
from shapely.ops import unary_union

from carbonsink.declared.load import load
from carbonsink.declared.plan import Plan
from carbonsink.declared.simulation import Simulation

LONGSHAN = Path(__file__).parents[2] / "aoi" / "longshan"


@cache
def longshan() -> Plan:
    return load(LONGSHAN)


@cache
def parcels_file() -> dict[str, Any]:
    content: dict[str, Any] = json.loads((LONGSHAN / "parcels.geojson").read_text(encoding="utf-8"))
    return content


def geodesic_m2(geometry: Any) -> float:
    return float(abs(Geod(ellps="GRS80").geometry_area_perimeter(geometry)[0]))


def fields(count: int, start: date, end: date, stratum: str = "single-rice", planted: Simulation | None = None) -> Plan:
    """The first fields of the demonstration, over a period of their own, with nothing planted but what is given."""
    parcels = tuple(replace(parcel, stratum=stratum) for parcel in longshan().land.parcels[:count])
    land = replace(longshan().land, parcels=parcels, boundary=unary_union([parcel.geometry for parcel in parcels]), digest=f"first {count}")
    period = longshan().area.period.model_copy(update={"start": start, "end": end})
    return replace(longshan(), land=land, area=longshan().area.model_copy(update={"period": period, "simulation": planted}))
