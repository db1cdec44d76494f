"""Practice evidence beside the farm record: how many parcels it supports or contradicts, and the contradictions one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from carbonsink.base.records import PracticeEvidence
from carbonsink.declared.language import Language
from carbonsink.declared.plan import Plan
from carbonsink.report.results import Results
from carbonsink.report.tabular import Row, Table, headed, table

VERDICTS = ("supports", "contradicts", "unclear", "undeclared")
SHOWN = 40  # contradictions; the rest stands in land/practice.csv


def practice(plan: Plan, results: Results, w: Language) -> dict[str, Any]:
    """The tables and sentences; None where the pipeline asks for no evidence."""
    declared, rows = plan.pipeline.practice, results.practice
    if declared is None:
        return {"practice": None}
    against = [row for row in rows if row.verdict == "contradicts"]
    note = w("practice.note"), *_looks(plan, rows, w), w(f"practice.{declared.contradiction}")
    return {"practice": {"notes": note, "summary": _summary(rows, w), "water": _water(rows, w), "against": _against(against, w)}}


def _looks(plan: Plan, rows: Sequence[PracticeEvidence], w: Language) -> list[str]:
    """How many of the observations behind the water regimes are optical and how many radar's; nothing without radar."""
    if plan.radar is None:
        return []
    seen = [row for row in rows if row.practice == "water_regime"]
    every, radar = sum(row.observations for row in seen), sum(row.radar for row in seen)
    numbers = {"all": every, "optical": every - radar, "radar": radar}
    counts = {name: w.number(count, 0) for name, count in numbers.items()}
    return [w("practice.looks", sensor=plan.sensor.title, radar_sensor=plan.radar.sensor.title, **counts)]


def _summary(rows: Sequence[PracticeEvidence], w: Language) -> Table:
    """Parcels' seasons by year, practice and verdict."""
    counts = Counter((row.year, row.practice, row.verdict) for row in rows)
    columns = headed(w, "year!", "practice", "supports:", "contradicts:", "unclear:", "undeclared:")
    lines = []
    for year, kind in sorted({(row.year, row.practice) for row in rows}):
        told = [counts[year, kind, verdict] for verdict in VERDICTS]
        lines.append(Row((str(year), practice_words(kind, w), *(w.number(n, 0) for n in told)), "warn" if told[1] else ""))
    return Table(columns, lines, w("practice.summary"))


def _water(rows: Sequence[PracticeEvidence], w: Language) -> Table:
    """Seasons of paddies by year and the regime found, with the mean of what was measured."""
    columns = headed(w, "year!", "found", "seasons:", "flooded:days", "drained:days", "drainages:", "observations:")
    seen = [row for row in rows if row.practice == "water_regime"]
    lines = []
    for year, found in sorted({(row.year, row.found) for row in seen}):
        mine = [row for row in seen if (row.year, row.found) == (year, found)]
        means = [_mean([getattr(row, name) for row in mine], w) for name in ("flooded_days", "drained_days", "drainages", "observations")]
        lines.append((str(year), found_words(found, w), w.number(len(mine), 0), *means))
    return table(columns, lines, w("practice.water"))


def _against(rows: Sequence[PracticeEvidence], w: Language) -> Table:
    columns = headed(w, "year!", "parcel#", "practice", "record", "found", "chance:%", "dates#")
    lines = [
        (
            str(row.year), row.parcel, practice_words(row.practice, w), found_words(row.declared, w), found_words(row.found, w),
            "–" if row.declared_probability is None else w.number(row.declared_probability * 100, 1), row.dates or "–",
        )
        for row in rows[:SHOWN]
    ]  # fmt: skip
    return table(columns, lines, w("practice.against", shown=len(lines), all=len(rows)))


def practice_words(code: str, w: Language) -> str:
    """A kind of practice as people name it; one without words keeps its code."""
    return w.named("evidence", code)


def found_words(code: str, w: Language) -> str:
    """A finding or a word of the record in the reader's language, where it is one of the library's."""
    return w.named("found", code) if code else w("practice.nothing")


def _mean(values: Sequence[int | None], w: Language) -> str:
    known = [value for value in values if value is not None]
    return w.number(sum(known) / len(known), 1) if known else "–"
