"""Changes of the land and alerts as points of the map, largest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import shapely

from carbonsink.base.rasters import Grid
from carbonsink.base.records import Alert, LandChange
from carbonsink.base.tables import read_if_there
from carbonsink.report.mapping.places import on_plane
from carbonsink.report.results import Results

SHOWN = 500  # of changes, and of alerts; the rest stands in land/changes.csv and land/alerts.csv


def marks(results: Results, run: Path, grid: Grid) -> list[dict[str, Any]]:
    """Each change and alert with its kind, day, hectares and place on the plane [m]; nothing of a run without."""
    changes = read_if_there(run / "land" / "changes.csv", LandChange)
    return [*_points("change", changes, grid), *_points("alert", results.alerts, grid)]


def _points(what: str, found: Iterable[LandChange | Alert], grid: Grid) -> list[dict[str, Any]]:
    shown: Sequence[LandChange | Alert] = sorted(found, key=lambda c: (-c.area_ha, c.id))[:SHOWN]
    places = on_plane([shapely.Point(c.longitude, c.latitude) for c in shown], grid)
    facts = [{"what": what, "kind": c.kind, "date": c.date, "ha": round(c.area_ha, 2), "parcel": c.parcel} for c in shown]
    return [fact | {"at": place["coordinates"]} for fact, place in zip(facts, places, strict=True)]
