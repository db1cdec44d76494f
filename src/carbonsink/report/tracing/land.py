"""What an explanation says of hectares, parcels, points, classes of the map, composites and scenes."""

from __future__ import annotations

from collections.abc import Iterator

from carbonsink.base.records import ParcelShare, SampleLabel, SceneAsset, WorksheetRow
from carbonsink.declared.language import Language
from carbonsink.report.tracing.evidence import Evidence
from carbonsink.report.tracing.node import Node


def areas(evidence: Evidence, row: WorksheetRow) -> Node:
    """A row's hectares: how they are known, the parcels counted, the reference samples, the composites and scenes beneath."""
    return evidence.once(("areas", row.year, row.scenario, row.stratum), lambda: Node(row.stratum, tuple(_areas(evidence, row))))


def _areas(evidence: Evidence, row: WorksheetRow) -> Iterator[Node]:
    w = evidence.w
    for a in evidence.activity:
        if (a.year, a.scenario, a.stratum) == (row.year, row.scenario, row.stratum):
            yield Node(w("trace.activity", area=a.area_ha, error=a.standard_error_ha, method=w(f"method.{a.method}")))
    yield from _parcels(evidence, row.year, row.stratum)
    for split in sorted({s.split for s in evidence.samples if s.year == row.year}):
        samples = [s for s in evidence.samples if (s.year, s.split) == (row.year, split)]
        right = sum(s.count for s in samples if s.map_class == s.reference_class)
        yield Node(w("trace.samples", count=sum(s.count for s in samples), split=split, words=w(f"split.{split}"), right=right))
    yield evidence.once(("composites",), lambda: _composites(evidence))


def _parcels(evidence: Evidence, year: int, stratum: str) -> Iterator[Node]:
    parcels = [p for p in evidence.parcels if (p.year, p.stratum) == (year, stratum)]
    if parcels:
        lines = [evidence.once(("parcel", p.year, p.parcel), lambda p=p: Node(parcel_line(p, evidence.w))) for p in parcels]  # type: ignore[misc]
        text = evidence.w("trace.counted", counted=sum(p.counted for p in parcels), all=len(parcels))
        yield evidence.once(("parcels", year, stratum), lambda: Node(text, evidence.cut(lines, "areas/parcels.csv")))


def _composites(evidence: Evidence) -> Node:
    """The composites of every period, and beneath them the scenes they are made of."""
    w, periods, items = evidence.w, evidence.periods, {s.item for s in (*evidence.scenes, *evidence.radar)}
    seen = [Node(w("trace.period", period=p.period, acquisitions=p.acquisitions, percent=w.number(p.observed_share * 100, 1))) for p in periods]
    chips = len(evidence.scenes) + len(evidence.radar)
    scenes = Node(w("trace.scenes", items=len(items), chips=chips), evidence.cut(_items(evidence), "scenes/scenes.csv"))
    return Node(w("trace.composites", count=len(periods)), (*seen, scenes))


def _items(evidence: Evidence) -> list[Node]:
    """A line an item of the lock: its day, and how many bands were taken of it."""
    found: dict[str, list[SceneAsset]] = {}
    for s in (*evidence.scenes, *evidence.radar):
        found.setdefault(s.item, []).append(s)
    said = [(bands[0].datetime[:10], bands[0].platform, item, len(bands)) for item, bands in found.items()]
    return [Node(evidence.w("trace.item", day=day, platform=platform, item=item, bands=bands)) for day, platform, item, bands in said]


def parcel_line(p: ParcelShare, w: Language) -> str:
    """A parcel in a vintage, and whether it counts."""
    state = w("outcome.counted") if p.counted else w("trace.left-out", reason=w(f"outcome.{p.reason}"))
    facts = {"parcel": p.parcel, "land_class": p.land_class, "state": state}
    return w("trace.parcel", year=p.year, area=p.area_ha, mu=p.area_mu, percent=w.number(p.share * 100, 1), **facts)


def class_lines(evidence: Evidence, name: str) -> Iterator[Node]:
    """A class's areas as adjusted, by every estimator, and what became of it or came to it."""
    w = evidence.w
    for c in evidence.classes:
        if c.land_class == name:
            used = w("estimator.used") if c.used else ""
            error = width(c.standard_error_ha, c.low_ha, c.high_ha, w)
            yield Node(w("trace.class", year=c.year, split=w(f"split.{c.split}"), used=used, mapped=c.mapped_ha, adjusted=c.adjusted_ha, error=error))
    for e in evidence.estimators:
        if e.land_class == name:
            facts = {"estimator": w(f"estimator.{e.estimator}"), "split": w(f"split.{e.split}")}
            yield Node(w("trace.estimator", year=e.year, area=e.area_ha, error=width(e.standard_error_ha, e.low_ha, e.high_ha, w), **facts))
    for t in evidence.transitions:
        if name in (t.from_class, t.to_class):
            error = width(t.standard_error_ha, t.low_ha, t.high_ha, w)
            adjusted = "" if t.adjusted_ha is None else w("trace.by-points", area=t.adjusted_ha, error=error, points=t.samples)
            classes = {"from_class": t.from_class, "to_class": t.to_class}
            yield Node(w("trace.transition", before=t.before, after=t.after, mapped=t.mapped_ha, adjusted=adjusted, **classes))


def point_line(s: SampleLabel, w: Language) -> str:
    """A point of a drawn sample, what was seen there, and its label in the end."""
    seen = w("trace.both", first=s.first, second=s.second) if s.second is not None else s.first
    settled = w("trace.arbitrated", label=s.arbitrated) if s.arbitrated is not None else ""
    return w("trace.point", year=s.year, id=s.id, lon=s.lon, lat=s.lat, map_class=s.map_class, seen=seen, settled=settled, label=s.label)


def scene_line(s: SceneAsset, w: Language) -> str:
    """A band of a scene: where it is from, and the chip cut of it."""
    facts = {"time": s.datetime, "band": s.band, "href": s.href, "sha256": s.sha256, "chip": s.chip}
    return w("trace.asset", offset=s.offset, rule=s.offset_rule, **facts)


def width(error: float | None, low: float | None, high: float | None, w: Language) -> str:
    """A standard error with its 95 % interval; nothing where there is none."""
    return "" if error is None else w("trace.width", error=error, low=low, high=high)
