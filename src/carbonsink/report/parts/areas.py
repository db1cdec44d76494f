"""T3's hectares: classes with their error and interval, the estimators side by side, and land that changed class.

Which set of samples adjusted the areas, and why, is said above them; how right the map is stands in T4.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from carbonsink.base.records import SPLITS, ClassArea, EstimatorArea, Transition
from carbonsink.base.tables import total
from carbonsink.declared.language import Language
from carbonsink.declared.plan import Plan
from carbonsink.report.parts.evidence import class_name
from carbonsink.report.parts.parcels import spans
from carbonsink.report.results import Results
from carbonsink.report.tabular import Column, Row, Table, beneath, headed, maybe, number

SHOWN_PAIRS = 3  # transition matrices: those with points first, then the latest
SHOWN_CHANGES = 24  # kinds of change beneath a matrix
NOT_MONITORED = "not monitored"


def areas(plan: Plan, results: Results, w: Language) -> dict[str, Any]:
    """The tables and sentences; None where a table wasn't written or is empty."""
    shown = _shown(results.classes)
    return {
        "area_notes": _notes(plan, shown, w),
        "classes": _known(plan, shown, w) if any(c.standard_error_ha is not None for c in shown) else _bare(plan, shown, w),
        "estimators": _estimators(plan, results.estimators, w) if results.estimators else None,
        "transitions": _transitions(plan, results.transitions, w),
    }


def _shown(classes: Sequence[ClassArea]) -> list[ClassArea]:
    """Of each year the set that feeds the activity, else the one that is known best."""
    best = {c.year: c.split for c in sorted(classes, key=lambda c: (c.used, -(*SPLITS, "none").index(c.split)))}
    return [c for c in classes if c.split == best[c.year] and (c.land_class != NOT_MONITORED or c.mapped_ha > 0)]


def _notes(plan: Plan, shown: Sequence[ClassArea], w: Language) -> list[str]:
    """Which samples adjusted the areas and why, and which standard error goes on to the tonnes."""
    years: dict[str, list[int]] = defaultdict(list)
    for year, split, used in dict.fromkeys((c.year, c.split, c.used) for c in shown):
        years[split if used else "beside"].append(year)
    why = [
        (f"{spans(when)}: " if len(years) > 1 else "") + w("areas.beside" if split == "beside" else f"accuracy.used-{split}") for split, when in years.items()
    ]
    errors = {c.split: "parcels" if c.cautious_error_ha is None else plan.pipeline.areas.error for c in shown if c.used and c.standard_error_ha is not None}
    return why + [w(f"areas.error-{kind}") for kind in dict.fromkeys(errors.values())]


def _bare(plan: Plan, shown: Sequence[ClassArea], w: Language) -> Table:
    """Classes down, years across, where no error is known."""
    found = {(c.land_class, c.year): c.adjusted_ha for c in shown}
    years = sorted({year for _, year in found})
    columns = [*headed(w, "class"), *(number(str(year), w("unit.ha")) for year in years)]
    names = [name for name in (*(c.id for c in plan.pipeline.land.classes), NOT_MONITORED) if any((name, year) in found for year in years)]
    return Table(columns, [Row((_named(plan, n, w), *(maybe(w, found.get((n, year)), 2) for year in years))) for n in names], w("areas.classes"))


def _known(plan: Plan, shown: Sequence[ClassArea], w: Language) -> Table:
    """A line a year and class, with the interval, and both standard errors where the samples have two."""
    two = any(c.cautious_error_ha is not None for c in shown)
    columns = [
        *headed(w, "year!", "class", "samples:", "mapped:ha", "adjusted:ha", "standard-error:ha"),
        *(headed(w, "cautious-error:ha") if two else ()),
        *headed(w, "interval:ha"),
    ]
    lines = []
    for c in shown:
        values = (c.adjusted_ha if c.standard_error_ha is not None else None, c.standard_error_ha, *([c.cautious_error_ha] if two else []))
        cells = (w.number(c.samples, 0), w.number(c.mapped_ha, 2), *(maybe(w, value, 2) for value in values), _ends(c, w))
        lines.append(Row((str(c.year), _named(plan, c.land_class, w), *cells)))
    return Table(columns, lines, w("areas.classes-known"))


def _ends(row: ClassArea | EstimatorArea | Transition, w: Language) -> str:
    return "–" if row.low_ha is None or row.high_ha is None else f"{w.number(row.low_ha, 2)} – {w.number(row.high_ha, 2)}"


def _named(plan: Plan, name: str, w: Language) -> str:
    return w("areas.not-monitored") if name == NOT_MONITORED else class_name(plan, name, w)


def _estimators(plan: Plan, rows: Sequence[EstimatorArea], w: Language) -> Table:
    """Classes down, estimators across; a class stands out where two intervals don't meet."""
    found = {(e.year, e.land_class, e.estimator): e for e in rows}
    used = {e.estimator for e in rows if e.used}
    across = list(dict.fromkeys(e.estimator for e in rows))
    heads = [number(w(f"estimator.{name}") + (w("estimator.used") if name in used else ""), w("unit.ha")) for name in across]
    lines = []
    for year, land_class in dict.fromkeys((e.year, e.land_class) for e in rows):
        line = [found.get((year, land_class, name)) for name in across]
        cells = [beneath(_pair(e.area_ha, e.standard_error_ha, w), _ends(e, w)) if e else "–" for e in line]
        lines.append(Row((str(year), class_name(plan, land_class, w), *cells), "warn" if _apart([e for e in line if e]) else ""))
    return Table([*headed(w, "year!", "class"), *heads], lines, w("estimator.caption"))


def _apart(line: Sequence[EstimatorArea]) -> bool:
    return max(e.low_ha for e in line) > min(e.high_ha for e in line)


def _pair(value: float, error: float, w: Language) -> str:
    return f"{w.number(value, 2)} ± {w.number(error, 2)}"


def _transitions(plan: Plan, rows: Sequence[Transition], w: Language) -> dict[str, Any] | None:
    """The matrices of a few pairs of vintages; None where there is no pair."""
    pairs: dict[tuple[int, int], list[Transition]] = defaultdict(list)
    for t in rows:
        pairs[t.before, t.after].append(t)
    if not pairs:
        return None
    order = sorted(pairs, key=lambda pair: (all(t.adjusted_ha is None for t in pairs[pair]), -pair[1], -pair[0]))
    shown = [_matrix(plan, pair, pairs[pair], w) for pair in sorted(order[:SHOWN_PAIRS])]
    bare = [pair for pair in sorted(order[:SHOWN_PAIRS]) if all(t.adjusted_ha is None for t in pairs[pair])]
    notes = [w("transitions.mapped", pairs=_pairs(bare))] if bare else []
    notes += [w("transitions.left", pairs=_pairs(sorted(order[SHOWN_PAIRS:])))] if len(order) > SHOWN_PAIRS else []
    return {"notes": notes, "matrices": shown}


def _pairs(pairs: Iterable[tuple[int, int]]) -> str:
    return ", ".join(f"{before}–{after}" for before, after in pairs)


def _matrix(plan: Plan, pair: tuple[int, int], rows: Sequence[Transition], w: Language) -> dict[str, Any]:
    years = {"before": pair[0], "after": pair[1]}
    judged = any(t.adjusted_ha is not None for t in rows)
    unseen = total(t.mapped_ha for t in rows if t.from_class == NOT_MONITORED)
    points = w.number(sum(t.samples for t in rows), 0)
    notes = [w("transitions.judged", points=points, **years)] if judged else []
    notes += [w("transitions.unseen", area=w.number(unseen, 2), **years)] if unseen > 0 else []
    seen = [t for t in rows if t.from_class != NOT_MONITORED]
    return {"notes": notes, "matrix": _square(plan, pair, seen, w), "changes": _changes(plan, pair, seen, w) if judged else None}


def _square(plan: Plan, pair: tuple[int, int], rows: Sequence[Transition], w: Language) -> Table:
    """Classes before down, after across: the adjusted area with its error where points say it, else the mapped one."""
    cells = {(t.from_class, t.to_class): t for t in rows}
    areas = {key: _area(t) for key, t in cells.items()}
    names = [c.id for c in plan.pipeline.land.classes if any(c.id in key for key in cells)]
    heads = (number(class_name(plan, name, w), w("unit.ha")) for name in names)
    columns = [Column(w("transitions.corner", before=pair[0], after=pair[1])), *heads, number(w("total"), w("unit.ha"))]
    lines = []
    for a in names:
        whole = total(areas.get((a, b), 0.0) for b in names)
        lines.append(Row((class_name(plan, a, w), *(_cell(cells.get((a, b)), w) for b in names), w.number(whole, 2))))
    sums = [total(areas.get((a, b), 0.0) for a in names) for b in names]
    foot = [w("total"), *(w.number(value, 2) for value in (*sums, total(sums)))]
    return Table(columns, lines, w("transitions.caption", before=pair[0], after=pair[1]), foot)


def _area(t: Transition) -> float:
    return t.mapped_ha if t.adjusted_ha is None else t.adjusted_ha


def _cell(t: Transition | None, w: Language) -> object:
    if t is None:
        return "–"
    if t.adjusted_ha is None or t.standard_error_ha is None:
        return w.number(t.mapped_ha, 2)
    return beneath(_pair(t.adjusted_ha, t.standard_error_ha, w), w("transitions.as-mapped", area=w.number(t.mapped_ha, 2)))


def _changes(plan: Plan, pair: tuple[int, int], rows: Sequence[Transition], w: Language) -> Table:
    """The kinds of change, the largest first."""
    found = sorted((t for t in rows if t.from_class != t.to_class), key=lambda t: (-_area(t), t.from_class, t.to_class))
    shown = found[:SHOWN_CHANGES]
    columns = headed(w, "from", "to", "samples:", "mapped:ha", "adjusted:ha", "standard-error:ha", "interval:ha")
    lines = []
    for t in shown:
        values = (t.mapped_ha, t.adjusted_ha, t.standard_error_ha)
        names = (class_name(plan, t.from_class, w), class_name(plan, t.to_class, w))
        lines.append(Row((*names, w.number(t.samples, 0), *(maybe(w, value, 2) for value in values), _ends(t, w))))
    return Table(columns, lines, w("transitions.changes", before=pair[0], after=pair[1], shown=len(shown), all=len(found)))
