"""T4's drawn samples: how many points of each map class, how far two interpreters agree, and the points a third had to settle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from carbonsink.base.records import Agreement, SampleLabel
from carbonsink.declared.language import Language
from carbonsink.declared.plan import Plan
from carbonsink.report.parts.evidence import class_name
from carbonsink.report.results import UNCLEAR, Results
from carbonsink.report.tabular import Column, Row, Table, headed, maybe, number, table

SHOWN_POINTS = 30  # that the two disagreed on; the rest stands in areas/samples.csv


def samples(plan: Plan, results: Results, w: Language) -> dict[str, Any]:
    """The sentences and tables; None where no sample was drawn."""
    if not results.agreement:
        return {"samples": None}
    double = [a.year for a in results.agreement if a.second is not None]
    notes = [w("samples.note"), *([w("samples.kappa")] if double else []), *(w("samples.single", year=a.year) for a in results.agreement if a.second is None)]
    declared = [w("samples.source", year=s.year, source=s.source) for s in plan.area.samples]
    between = [_between(plan, [s for s in results.labels if s.year == year], year, w) for year in double]
    points = {"strata": _strata(plan, results.labels, w), "between": between, "settled": _settled(plan, results.labels, w)}
    return {"samples": {"notes": [*notes, *declared], "agreement": _agreement(results.agreement, w), **points}}


def _agreement(rows: Sequence[Agreement], w: Language) -> Table:
    columns = headed(w, "year!", "interpreters", "arbiter", "points:", "agreed:", "agreed:%", "kappa:", "arbitrated:", "unlabelled:")
    lines = []
    for a in rows:
        share = None if a.agreed is None or not a.points else a.agreed / a.points
        kappa = maybe(w, a.kappa, 3) + (f" ± {w.number(a.kappa_standard_error, 3)}" if a.kappa_standard_error is not None else "")
        people = (", ".join(name for name in (a.first, a.second) if name), a.arbiter or "–")
        counts = (w.number(a.points, 0), maybe(w, a.agreed, 0), maybe(w, share, 1, 100), kappa, w.number(a.arbitrated, 0), w.number(a.unclear, 0))
        lines.append(Row((str(a.year), *people, *counts)))
    return Table(columns, lines, w("samples.agreement"))


def _strata(plan: Plan, rows: Sequence[SampleLabel], w: Language) -> Table:
    """Points by year and map class, with the chance each of its pixels had."""
    columns = headed(w, "year!", "map-class", "points:", "inclusion:", "agreed:", "arbitrated:", "doubtful:", "unlabelled:")
    lines = []
    for year, name in sorted({(s.year, s.map_class) for s in rows}, key=lambda key: (key[0], _place(plan, key[1]))):
        here = [s for s in rows if (s.year, s.map_class) == (year, name)]
        agreed = sum(s.first == s.second for s in here) if any(s.second is not None for s in here) else None
        counts = (sum(s.arbitrated is not None for s in here), sum(not s.certain for s in here), sum(s.label == UNCLEAR for s in here))
        chance = w.significant(here[0].inclusion, 3)
        lines.append((str(year), class_name(plan, name, w), w.number(len(here), 0), chance, maybe(w, agreed, 0), *(w.number(n, 0) for n in counts)))
    return table(columns, lines, w("samples.strata"))


def _between(plan: Plan, rows: Sequence[SampleLabel], year: int, w: Language) -> Table:
    """The first interpreter's labels down, the second's across."""
    counts = Counter((s.first, s.second or "") for s in rows)
    words = sorted({word for pair in counts for word in pair}, key=lambda word: _place(plan, word))
    columns = [Column(w("samples.corner")), *(number(_word(plan, word, w)) for word in words)]
    return table(columns, [(_word(plan, a, w), *(w.number(counts[a, b], 0) for b in words)) for a in words], w("samples.between", year=year))


def _settled(plan: Plan, rows: Sequence[SampleLabel], w: Language) -> Table:
    """The points that the two labelled differently."""
    found = [s for s in rows if s.second is not None and s.second != s.first]
    columns = headed(w, "year!", "point!", "place!", "map-class", "first-label", "second-label", "label")
    shown = found[:SHOWN_POINTS]
    lines = [
        (str(s.year), s.id, f"{w.number(s.lon, 5)}, {w.number(s.lat, 5)}", class_name(plan, s.map_class, w), *(_word(plan, x or "", w) for x in labels))
        for s, labels in ((s, (s.first, s.second, s.label)) for s in shown)
    ]
    return table(columns, lines, w("samples.settled", shown=len(shown), all=len(found)))


def _word(plan: Plan, label: str, w: Language) -> str:
    return w("samples.unclear") if label == UNCLEAR else class_name(plan, label, w)


def _place(plan: Plan, name: str) -> int:
    """Where a class stands in the pipeline; what isn't one comes last."""
    ids = [c.id for c in plan.pipeline.land.classes]
    return ids.index(name) if name in ids else len(ids)
