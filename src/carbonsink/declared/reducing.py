"""Whether what a pipeline says of its composites agrees with itself: windows and periods, reducers and what they need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from carbonsink.base.problems import Problem
from carbonsink.declared.calendar import day_of
from carbonsink.declared.pipeline import Composites

OWN = ("count", "clear")  # layers that every composite has
JANUARY = 1  # the month that the year of features begins in where none is said
MIDDLE = 50.0  # the percentile where none is said


def contradictions(composites: Composites, where: str) -> Iterator[Problem]:
    """Every contradiction; `where` is the pipeline's file name."""
    if (composites.period == "windows") != bool(composites.windows):
        yield Problem("E-COM-010", f"{where} [composites.windows]", {"period": composites.period, "count": len(composites.windows)})
    yield from _windows(composites, where)
    if composites.percentile != MIDDLE and composites.reducer != "percentile":
        yield Problem("E-COM-011", f"{where} [composites.percentile]", {"found": composites.percentile, "reducer": composites.reducer})
    if composites.reducer == "max-ndvi" and "ndvi" not in composites.indices:
        yield Problem("E-COM-012", f"{where} [composites.indices]", {"found": ", ".join(composites.indices) or "-"})
    if composites.features_from != JANUARY and not composites.features:
        yield Problem("E-COM-020", f"{where} [composites.features_from]", {"found": composites.features_from})
    for name, count in Counter((*composites.bands, *composites.indices, *OWN)).items():
        if count > 1:
            yield Problem("E-COM-014", f"{where} [composites]", {"found": name, "count": count})
    for name, count in Counter(composites.series).items():
        if count > 1:
            yield Problem("E-COM-014", f"{where} [composites.series]", {"found": name, "count": count})


def _windows(composites: Composites, where: str) -> Iterator[Problem]:
    for number, window in enumerate(composites.windows):
        for key, text in (("start", window.start), ("end", window.end)):
            try:
                day_of(2000, text)
            except ValueError:
                yield Problem("E-COM-013", f"{where} [composites.windows.{number}.{key}]", {"found": text})
    for name, count in Counter(window.name for window in composites.windows).items():
        if count > 1:
            yield Problem("E-COM-014", f"{where} [composites.windows]", {"found": name, "count": count})
