"""Change of the land: what the series say, changes as a table, and alerts inside red lines with pictures before and after."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from carbonsink.base.geometry import hectares_to_mu
from carbonsink.base.records import Alert, LandChange
from carbonsink.base.tables import read_csv, total
from carbonsink.declared.change import Change, Protection, dating_bands
from carbonsink.declared.language import Language
from carbonsink.declared.plan import Plan
from carbonsink.report.tabular import Row, Table, headed

SHOWN_CHANGES = 40  # largest first; the rest stands in land/changes.csv
SHOWN_ALERTS = 24  # with pictures; the rest stands in land/alerts.csv


@dataclass(frozen=True)
class Changes:
    """The change files of a run."""

    changes: tuple[LandChange, ...]
    alerts: tuple[Alert, ...]
    folder: Path  # the run's land folder


@dataclass(frozen=True)
class Shot:
    """One alert as shown: its words, and two pictures as data addresses."""

    heading: str
    facts: Sequence[tuple[str, str]]
    before: str
    after: str
    before_words: str
    after_words: str


def read_changes(land: Path) -> Changes:
    """What the search for change wrote in a run's land folder."""
    return Changes(read_csv(land / "changes.csv", LandChange), read_csv(land / "alerts.csv", Alert), land)


def changing(plan: Plan, run: Path, w: Language) -> dict[str, Any]:
    """The view of the part: `change` is None where nothing was looked for."""
    change = plan.pipeline.land.change
    if change is None:
        return {"change": None}
    found = read_changes(run / "land")
    shots = [_shot(plan, found, alert, w) for alert in found.alerts[:SHOWN_ALERTS]]
    view = {"sentences": _sentences(plan, change, found, w), "kinds": _kinds(found, w), "changes": _changes(found, w), "alerts": _alerts(plan, found, w)}
    return {"change": {**view, "shots": shots, "left": len(found.alerts) - len(shots)}}


def _sentences(plan: Plan, change: Change, found: Changes, w: Language) -> list[str]:
    composites = plan.pipeline.composites
    names = {"layer": change.layer.upper(), "bands": ", ".join(dating_bands(change, composites.bands)), "test": w(f"change.test-{change.test}")}
    method = w("change.method", **names, percent=change.significance_percent, months=change.history_months)
    least = w("change.least", magnitude=w.number(change.least_magnitude, 2), area=w.number(change.minimum_unit_m2, 0))
    lines = w("change.lines", lines=len(plan.area.protection), alerts=len(found.alerts)) if plan.area.protection else w("change.no-lines")
    return [method, least, lines]


def _kinds(found: Changes, w: Language) -> Table:
    counts = Counter(c.kind for c in found.changes)
    sums = {kind: total(c.area_ha for c in found.changes if c.kind == kind) for kind in counts}
    rows = [Row((kind_words(kind, w), w.number(counts[kind], 0), w.number(sums[kind], 2), w.number(hectares_to_mu(sums[kind]), 1))) for kind in sorted(counts)]
    return Table(headed(w, "change-kind", "number:", "area:ha", "area:mu"), rows)


def _changes(found: Changes, w: Language) -> Table:
    shown = sorted(found.changes, key=lambda c: (-c.area_ha, c.id))[:SHOWN_CHANGES]
    columns = headed(w, "change-date!", "between!", "change-kind", "area:ha", "parcel!", "magnitude:", "severity!", "recovered:%")
    caption = w("change.table", shown=len(shown), all=len(found.changes))
    return Table(columns, [Row(_change(c, w)) for c in shown], caption)


def _change(c: LandChange, w: Language) -> tuple[str, ...]:
    severity = w(f"severity.{c.severity}") if c.severity else "–"
    numbers = (w.number(c.magnitude, 2), severity, w.number(c.recovered_share * 100, 0))
    return (c.date, f"{c.earliest} – {c.latest}", kind_words(c.kind, w), w.number(c.area_ha, 2), c.parcel or "–", *numbers)


def _alerts(plan: Plan, found: Changes, w: Language) -> Table:
    columns = headed(w, "red-line", "change-date!", "change-kind", "area:ha", "area:mu", "parcel!", "place!")
    return Table(columns, [Row(_alert(plan, a, w), "grave") for a in found.alerts], w("change.alerts"))


def _alert(plan: Plan, a: Alert, w: Language) -> tuple[str, ...]:
    areas = (w.number(a.area_ha, 2), w.number(hectares_to_mu(a.area_ha), 1))
    return (w.of(_line(plan, a).name), a.date, kind_words(a.kind, w), *areas, a.parcel or "–", _place(a, w))


def _shot(plan: Plan, found: Changes, a: Alert, w: Language) -> Shot:
    line = _line(plan, a)
    day = w.date(date.fromisoformat(a.date))
    facts = [
        (w("column.red-line"), f"{w.of(line.name)} · {w(f'protection.{line.kind}')}"),
        (w("column.change-date"), f"{day} ({a.earliest} – {a.latest})"),
        (w("column.area"), f"{w.number(a.area_ha, 2)} {w('unit.ha')} = {w.number(hectares_to_mu(a.area_ha), 1)} {w('unit.mu')}"),
        (w("column.parcel"), a.parcel or "–"),
        (w("column.place"), _place(a, w)),
        (w("change.colours"), a.colours.replace(" ", " / ")),
    ]
    pictures = [_picture(found.folder / chip) for chip in (a.chip_before, a.chip_after)]
    words = [w(f"change.{when}", period=period) for when, period in (("before", a.period_before), ("after", a.period_after))]
    return Shot(f"{kind_words(a.kind, w)} · {a.id}", facts, pictures[0], pictures[1], words[0], words[1])


def _picture(path: Path) -> str:
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode("ascii")


def _line(plan: Plan, a: Alert) -> Protection:
    return next(line for line in plan.area.protection if line.id == a.protection)


def _place(a: Alert, w: Language) -> str:
    return f"{w.number(a.longitude, 5)}, {w.number(a.latitude, 5)}"


def kind_words(kind: str, w: Language) -> str:
    """A kind of change in words."""
    return w(f"change-kind.{kind}")
