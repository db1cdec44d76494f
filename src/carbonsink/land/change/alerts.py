"""Changes inside red lines: each an alert with its day, its area within, its parcel, and pictures of the place before and after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from carbonsink.base.geometry import geodesic_area_m2, hectares, multipolygon
from carbonsink.base.outline import projected
from carbonsink.base.rasters import described
from carbonsink.base.records import Alert, LandChange
from carbonsink.base.tables import quantise
from carbonsink.declared.change import Protection, read_change
from carbonsink.declared.plan import Plan
from carbonsink.declared.protection import read_red_line
from carbonsink.land.change.chips import colours, pictures, write_png
from carbonsink.land.change.objects import Patch
from carbonsink.land.change.search import Axis

AREA_PLACES = 6  # of hectares


@dataclass(frozen=True)
class RedLine:
    """A red line's land near the grid: in longitude and latitude, and in the grid's CRS."""

    declared: Protection
    outline: BaseGeometry
    drawn: BaseGeometry


def red_lines(plan: Plan, axis: Axis) -> list[RedLine]:
    """Every declared red line, cut to the grid."""
    found = []
    for line in plan.area.protection:
        outline = read_red_line(plan.path(line.file), line, plan.area.country)
        drawn = projected(outline, axis.grid.crs).intersection(box(*axis.grid.bounds))
        found.append(RedLine(line, outline, drawn))
    return found


def alerts(lines: Sequence[RedLine], changes: Sequence[tuple[LandChange, Patch]], axis: Axis, least_m2: float, run: Path) -> Iterator[Alert]:
    """The alerts by red line and change; their pictures are written below land/alerts."""
    for line in lines:
        for change, patch in changes:
            common = multipolygon([patch.outline.intersection(line.outline)])
            area = geodesic_area_m2(common)
            if area > 0 and area >= least_m2:
                yield _alert(line, change, patch, axis, area, common, run)


def _alert(line: RedLine, change: LandChange, patch: Patch, axis: Axis, area_m2: float, common: BaseGeometry, run: Path) -> Alert:
    settings = read_change().chips
    shown = colours(settings, described(axis.files[0])[1])
    name = f"{line.declared.id}-{change.id}"
    shots = pictures(patch, axis, shown, line.drawn, settings)
    chips = [f"alerts/{name}-{when}.png" for when in ("before", "after")]
    for chip, shot in zip(chips, shots, strict=True):
        write_png(run / "land" / chip, shot)
    point = common.representative_point()
    return Alert(
        id=name,
        protection=line.declared.id,
        change=change.id,
        kind=change.kind,
        date=change.date,
        earliest=change.earliest,
        latest=change.latest,
        area_ha=quantise(hectares(area_m2), AREA_PLACES),
        parcel=change.parcel,
        longitude=quantise(point.x, AREA_PLACES),
        latitude=quantise(point.y, AREA_PLACES),
        period_before=shots[0].period,
        period_after=shots[1].period,
        chip_before=chips[0],
        chip_after=chips[1],
        colours=" ".join(shown),
    )
