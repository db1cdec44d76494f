"""T1 to T4: the land, the imagery, the map and how far it can be trusted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from carbonsink.base.geometry import hectares, hectares_to_mu
from carbonsink.base.records import ClassArea, Confusion
from carbonsink.declared.language import Language
from carbonsink.declared.plan import Plan
from carbonsink.report.results import Results, dropped_words, source_words
from carbonsink.report.tabular import Column, Row, Table, headed, maybe, number, table


def evidence(plan: Plan, results: Results, w: Language) -> dict[str, Any]:
    """The tables and sentences of T1 to T4."""
    return {
        "boundary": _boundary(plan, w), "clauses": _clauses(plan, w), "imagery": _imagery(plan, results, w),
        "scenes": _scenes(results, w), "budget": _budget(results, w), "strata": _strata(plan, results, w), "accuracy": _accuracy(plan, results, w),
    }  # fmt: skip


def _boundary(plan: Plan, w: Language) -> list[tuple[str, str]]:
    land, declared = plan.land, plan.area.land.declared_area
    area_ha = hectares(land.area_m2)
    rows = [
        (w("boundary.area"), f"{w.number(area_ha, 2)} {w('unit.ha')} = {w.number(hectares_to_mu(area_ha), 1)} {w('unit.mu')}"),
        (w("boundary.method"), w("boundary.geodesic")),
        (w("boundary.crs"), land.source_crs),
        (w("boundary.parcels"), w.number(len(land.parcels), 0) if land.parcels else w("boundary.no-parcels")),
        (w("boundary.digest"), land.digest),
    ]
    if declared:
        measured = area_ha if declared.unit == "ha" else hectares_to_mu(area_ha)
        apart = w.number((measured - declared.value) / declared.value * 100, 2)
        text = w("boundary.apart", value=w.number(declared.value, 2), unit=w(f"unit.{declared.unit}"), percent=apart)
        rows.insert(1, (w("boundary.declared"), text))
    return rows


def _clauses(plan: Plan, w: Language) -> Table:
    columns = headed(w, "clause", "requires", "source")
    return table(columns, [(w.of(a.name), a.requires, f"{source_words(a.source)}, {a.place}") for a in plan.methodology.applicability])


def _imagery(plan: Plan, results: Results, w: Language) -> list[tuple[str, str]]:
    seen = results.imagery
    start, end = plan.imagery_span
    own = [
        (w("imagery.catalogue"), seen.source),
        (w("imagery.collection"), f"{seen.collection} · {plan.sensor.title}"),
        (w("imagery.span"), w("imagery.from-to", start=w.date(start), end=w.date(end))),
        (w("imagery.acquired"), w("imagery.from-to", start=w.date(seen.first), end=w.date(seen.last))),
        (w("imagery.items"), w("imagery.items-days", items=w.number(seen.items, 0), days=w.number(seen.days, 0))),
        (w("imagery.dropped"), "; ".join(f"{dropped_words(reason, w)}: {w.number(n, 0)}" for reason, n in seen.dropped.items()) or w("none")),
        (w("imagery.terms"), f"{plan.dialect.attribution} ({plan.dialect.licence})"),
    ]
    return [*own, *_radar(plan, results, w)]


def _radar(plan: Plan, results: Results, w: Language) -> list[tuple[str, str]]:
    """What the radar beside the imagery is, and on whose terms; nothing where there is none."""
    seen, radar = results.radar, plan.radar
    if seen is None or radar is None:
        return []
    used = w("imagery.items-days", items=w.number(seen.items, 0), days=w.number(seen.days, 0))
    terms = f"{radar.dialect.attribution} ({radar.dialect.licence})"
    return [(w("imagery.radar"), f"{seen.source} · {seen.collection} · {radar.sensor.title} · {used}"), (w("imagery.radar-terms"), terms)]


def _scenes(results: Results, w: Language) -> Table:
    groups: dict[tuple[str, str, str], set[tuple[str, str]]] = defaultdict(set)
    for scene in (*results.scenes, *results.radar_scenes):
        groups[scene.platform, scene.tile, scene.datetime[:4]].add((scene.item, scene.datetime[:10]))
    columns = headed(w, "platform!", "tile!", "year!", "items:", "first!", "last!")
    rows = [
        (*(part or "–" for part in key), w.number(len(found), 0), min(d for _, d in found), max(d for _, d in found)) for key, found in sorted(groups.items())
    ]
    return table(columns, rows)


def _budget(results: Results, w: Language) -> Table:
    names = ("pixels", "valid", "masked", "outside", "nodata", "read_failed")
    budget = (*results.budget, *results.radar_budget)
    bands = sorted({b.band for b in budget})
    sums = {band: [sum(getattr(b, name) for b in budget if b.band == band) for name in names] for band in bands}
    columns = [*headed(w, "band!"), *(number(w(f"budget.{name}")) for name in names), number(w("budget.valid-share"), "%")]
    rows = [(band, *(w.number(n, 0) for n in values), w.number(values[1] / values[0] * 100 if values[0] else 0, 1)) for band, values in sums.items()]
    return table(columns, rows)


def _strata(plan: Plan, results: Results, w: Language) -> Table:
    columns = headed(w, "year!", "scenario!", "stratum", "area:ha", "area:mu", "standard-error:ha", "method!")
    rows = [
        (str(a.year), w(f"scenario.{a.scenario}"), w.of(plan.area.strata[a.stratum].name), w.number(a.area_ha, 2), w.number(hectares_to_mu(a.area_ha), 1),
         w.number(a.standard_error_ha, 2), w(f"method.{a.method}"))
        for a in results.activity
    ]  # fmt: skip
    return table(columns, rows)


def class_name(plan: Plan, land_class: str, w: Language) -> str:
    """A cover class in words; one the plan doesn't know keeps its id."""
    return next((w.of(c.name) for c in plan.pipeline.land.classes if c.id == land_class), land_class)


def _accuracy(plan: Plan, results: Results, w: Language) -> dict[str, Any]:
    judged = [c for c in results.classes if c.overall_accuracy is not None]
    return {
        "sentences": _sentences(plan, results, judged, w), "overall": _overall(results, judged, w), "classes": _per_class(plan, judged, w),
        "matrices": [_matrix(plan, results.reference, key, w) for key in sorted({(c.year, c.split) for c in results.reference})],
    }  # fmt: skip


def _sentences(plan: Plan, results: Results, judged: Sequence[ClassArea], w: Language) -> list[str]:
    methods = sorted({a.method for a in results.activity})
    if not judged:
        return [w(f"accuracy.none-{method.replace('_', '-')}") for method in methods]
    reference = plan.area.reference
    source = [w("accuracy.reference", source=reference.source, place=reference.place, year=reference.year)] if reference else []
    by_split = {c.split: c for c in judged}
    return [*source, *_difference(by_split, w)]


def _difference(by_split: dict[str, ClassArea], w: Language) -> list[str]:
    """The honest word: how much of the accuracy is recognition of parcels the classifier has already seen."""
    if not {"pixel", "parcel"} <= by_split.keys():
        return []
    pixel, parcel = ((c.overall_accuracy or 0.0, c.overall_standard_error or 0.0) for c in (by_split["pixel"], by_split["parcel"]))
    apart = pixel[0] - parcel[0]
    known = apart > (pixel[1] ** 2 + parcel[1] ** 2) ** 0.5
    numbers = {"apart": apart, "pixel": pixel[0], "pixel_se": pixel[1], "parcel": parcel[0], "parcel_se": parcel[1]}
    return [w("accuracy.differs" if known else "accuracy.alike", **{name: w.number(value * 100, 1) for name, value in numbers.items()})]


def _overall(results: Results, judged: Sequence[ClassArea], w: Language) -> Table:
    first = {(c.year, c.split): c for c in reversed(judged)}
    columns = headed(w, "year!", "split!", "samples:", "overall:%", "standard-error:%", "used!")
    rows = []
    for (year, split), c in sorted(first.items()):
        accuracy = (maybe(w, c.overall_accuracy, 1, 100), maybe(w, c.overall_standard_error, 1, 100))
        cells = (str(year), w(f"split.{split}"), w.number(results.samples(year, split), 0), *accuracy, w("yes") if c.used else w("no"))
        rows.append(Row(cells, "chosen" if c.used else ""))
    return Table(columns, rows)


def _per_class(plan: Plan, judged: Sequence[ClassArea], w: Language) -> Table:
    error = number("±", "%")
    users, producers = headed(w, "users:%", "producers:%")
    columns = [*headed(w, "year!", "split!", "class"), users, error, producers, error, *headed(w, "adjusted:ha"), number("±", w("unit.ha"))]
    rows = []
    for c in judged:
        accuracy = (c.users_accuracy, c.users_standard_error, c.producers_accuracy, c.producers_standard_error)
        names = (str(c.year), w(f"split.{c.split}"), class_name(plan, c.land_class, w))
        cells = (*names, *(maybe(w, value, 1, 100) for value in accuracy), w.number(c.adjusted_ha, 2), maybe(w, c.standard_error_ha, 2))
        rows.append(Row(cells, "chosen" if c.used else ""))
    return Table(columns, rows)


def _matrix(plan: Plan, confusion: Iterable[Confusion], key: tuple[int, str], w: Language) -> Table:
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for c in confusion:
        if (c.year, c.split) == key:
            counts[c.map_class, c.reference_class] += c.count
    classes = [c.id for c in plan.pipeline.land.classes if any(c.id in pair for pair in counts)]
    columns = [Column(w("accuracy.mapped-as")), *(number(class_name(plan, c, w)) for c in classes)]
    rows = [(class_name(plan, mapped, w), *(w.number(counts[mapped, reference], 0) for reference in classes)) for mapped in classes]
    return table(columns, rows, w("accuracy.matrix", year=key[0], split=w(f"split.{key[1]}")))
