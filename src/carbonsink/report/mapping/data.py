"""All the map is drawn from, as one JSON value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from carbonsink.declared.language import Language
from carbonsink.declared.plan import Plan
from carbonsink.report.mapping.marks import marks
from carbonsink.report.mapping.parcels import COUNTED, features
from carbonsink.report.mapping.pictures import pictures, ramp
from carbonsink.report.mapping.places import on_plane, plane
from carbonsink.report.mapping.series import series
from carbonsink.report.parts.practice import found_words
from carbonsink.report.results import Results

SERIES_SHOWN = 400  # parcels with a chart: those whose evidence contradicts the record first; the rest stands in composites/series.csv
SECTION = "onmap."


def map_data(plan: Plan, results: Results, run: Path, languages: tuple[Language, ...]) -> dict[str, Any]:
    """Pictures, shapes, series and words; the same run gives the same value."""
    grid = results.covers[plan.vintages[-1]].grid
    parcels, marked = features(plan, results, grid), marks(results, run, grid)
    return {
        "plane": plane(grid),
        "pictures": pictures(plan, results, run),
        "ramp": ramp(),
        "boundary": on_plane([plan.land.boundary], grid)[0],
        "parcels": {"type": "FeatureCollection", "features": parcels},
        "left": len(plan.land.parcels) - len(parcels),
        "series": series(run, results.composites, _charted(parcels)),
        "marks": marked,
        "words": {w.code: _words(plan, parcels, results, marked, w) for w in languages},
    }


def _charted(parcels: list[dict[str, Any]]) -> list[str]:
    """The parcels that have a chart; the boundary where there are none."""
    first = sorted((p["properties"] for p in parcels), key=lambda p: (not p["against"], p["id"]))
    return [p["id"] for p in first[:SERIES_SHOWN]] or [""]


def _words(plan: Plan, parcels: list[dict[str, Any]], results: Results, marked: list[dict[str, Any]], w: Language) -> dict[str, Any]:
    """The map's own words, and those of every code that occurs."""
    own = {key.removeprefix(SECTION): text for key, text in w.words.items() if key.startswith(SECTION)}
    findings = [one for parcel in parcels for one in parcel["properties"]["evidence"]]
    codes = {code for one in findings for code in (one["found"], one["declared"]) if code}
    reasons = {COUNTED, *(p.reason for p in results.parcels if p.reason)}
    kinds = {mark["kind"] for mark in marked}
    return own | {
        "lang": w("format.lang"),
        "strata": {key: w.of(stratum.name) for key, stratum in plan.area.strata.items()},
        "outcome": {code: w(f"outcome.{code}") for code in sorted(reasons)},
        "practice": {code: w(f"evidence.{code.replace('_', '-')}") for code in sorted({one["practice"] for one in findings})},
        "found": {code: found_words(code, w) for code in sorted(codes)},
        "kind": {code: w(f"change-kind.{code}") for code in sorted(kinds)},
        "classes": _classes(plan, w),
    }


def _classes(plan: Plan, w: Language) -> list[list[object]]:
    return [[c.colour, w.of(c.name)] for c in plan.pipeline.land.classes]
