"""What an explanation says of hectares, parcels, points, classes of the map and scenes."""

from __future__ import annotations

from collections.abc import Iterator

from carbonsink.base.records import ParcelShare, SampleLabel, SceneAsset, WorksheetRow
from carbonsink.explain.evidence import Evidence
from carbonsink.explain.node import Node


def areas(evidence: Evidence, row: WorksheetRow) -> Iterator[Node]:
    """A row's hectares: how they are known, the parcels counted, the reference samples, the composites and scenes beneath."""
    for activity in evidence.activity:
        if (activity.year, activity.scenario, activity.stratum) == (row.year, row.scenario, row.stratum):
            yield Node(f"{activity.area_ha} ha, standard error {activity.standard_error_ha} ha, by {activity.method}")
    parcels = [p for p in evidence.parcels if (p.year, p.stratum) == (row.year, row.stratum)]
    if parcels:
        yield Node(f"{sum(p.counted for p in parcels)} of {len(parcels)} parcels counted", tuple(Node(parcel_line(p)) for p in parcels))
    for split in sorted({s.split for s in evidence.samples if s.year == row.year}):
        samples = [s for s in evidence.samples if (s.year, s.split) == (row.year, split)]
        right = sum(s.count for s in samples if s.map_class == s.reference_class)
        yield Node(f"{sum(s.count for s in samples)} reference samples by {split}, {right} agree with the map")
    yield from (Node(f"{p.period}: {p.acquisitions} acquisitions, {p.observed_share:.1%} of the area observed") for p in evidence.periods)
    yield Node(f"{len({s.item for s in evidence.scenes})} locked items in scenes/lock.json, {len(evidence.scenes)} chips in scenes/scenes.csv")


def parcel_line(p: ParcelShare) -> str:
    """A parcel in a vintage, and whether it counts."""
    state = "counted" if p.counted else f"not counted: {p.reason}"
    return f"{p.year} {p.parcel}: {p.area_ha} ha ({p.area_mu} mu), {p.share:.1%} shows {p.land_class}, {state}"


def class_lines(evidence: Evidence, name: str) -> Iterator[Node]:
    """A class's areas as adjusted, by every estimator, and what became of it or came to it."""
    for c in evidence.classes:
        if c.land_class == name:
            used = ", used" if c.used else ""
            yield Node(f"{c.year} by {c.split}{used}: {c.mapped_ha} ha mapped, {c.adjusted_ha} ha{width(c.standard_error_ha, c.low_ha, c.high_ha)}")
    for e in evidence.estimators:
        if e.land_class == name:
            yield Node(f"{e.year} {e.estimator} of {e.split}: {e.area_ha} ha{width(e.standard_error_ha, e.low_ha, e.high_ha)}")
    for t in evidence.transitions:
        if name in (t.from_class, t.to_class):
            adjusted = "" if t.adjusted_ha is None else f", {t.adjusted_ha} ha{width(t.standard_error_ha, t.low_ha, t.high_ha)} by {t.samples} points"
            yield Node(f"{t.before} {t.from_class} to {t.after} {t.to_class}: {t.mapped_ha} ha mapped{adjusted}")


def point_line(s: SampleLabel) -> str:
    """A point of a drawn sample, what was seen there, and its label in the end."""
    seen = f"{s.first} and {s.second}" if s.second is not None else s.first
    settled = f", arbitrated as {s.arbitrated}" if s.arbitrated is not None else ""
    return f"{s.year} {s.id} at {s.lon} {s.lat}: map {s.map_class}, seen as {seen}{settled}; label {s.label}"


def scene_line(s: SceneAsset) -> str:
    """A band of a scene: where it is from, and the chip cut of it."""
    return f"{s.datetime} {s.band}: {s.href} sha256 {s.sha256}; chip {s.chip}; offset {s.offset} by {s.offset_rule}"


def width(error: float | None, low: float | None, high: float | None) -> str:
    """A standard error with its 95 % interval; nothing where there is none."""
    return "" if error is None else f" +- {error} ({low} to {high} at 95 %)"
