"""Land that changed between vintages: what the maps show, and what interpreted points say it is.

    land/cover_<year>.tif of two vintages, area.toml [[changes]] -> areas/transitions.csv

The points are a probability sample within strata of the two maps together: each class that both show, and all mapped change as
one stratum, since single kinds of change are too small to be one each. Without points the maps' own matrix stands there without
errors: mistakes of two maps look like change, and nobody knows how often.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import shapely

from carbonsink.areas.classes import AREA_PLACES, LEVEL, NOT_MONITORED_NAME
from carbonsink.areas.coverage import class_areas
from carbonsink.areas.interval import Array, logit, quantile
from carbonsink.areas.transitions import transition_matrix
from carbonsink.base.outline import projected
from carbonsink.base.problems import Problem, Refusal
from carbonsink.base.rasters import Raster
from carbonsink.base.records import Transition
from carbonsink.base.tables import quantise, total
from carbonsink.declared.plan import Plan
from carbonsink.declared.plots import ChangeSample

COLUMNS = ("id", "longitude", "latitude", "before", "after")
CODES = 256  # more than a map has codes
CHANGED = "changed"
Pair = tuple[int, int]


def transition_rows(plan: Plan, covers: Mapping[int, Raster]) -> Iterator[Transition]:
    """The matrix of each two vintages that follow one another, and of those that points were interpreted in."""
    declared = {(sample.before, sample.after): sample for sample in plan.area.changes}
    for years in sorted({*pairwise(sorted(covers)), *declared}):
        both = _both(covers[years[0]], covers[years[1]])
        yield from _rows(plan, years, both, _mapped(plan, both), declared.get(years))


def _both(before: Raster, after: Raster) -> Raster:
    """Both maps as one: code before x 256 + code after, 0 where either shows nothing."""
    one, other = before.layer("cover").astype(np.int32), after.layer("cover").astype(np.int32)
    return Raster(before.grid, ("cover",), np.where((one > 0) & (other > 0), one * CODES + other, 0)[None], 0)


def _mapped(plan: Plan, both: Raster) -> dict[Pair, float]:
    """Hectares by code before and after; (0, 0) where either map shows nothing."""
    return {divmod(code, CODES): area for code, area in class_areas(both, plan.land.boundary, plan.land.area_m2).items()}


def _rows(plan: Plan, years: Pair, both: Raster, mapped: Mapping[Pair, float], sample: ChangeSample | None) -> Iterator[Transition]:
    names = {c.code: c.id for c in plan.pipeline.land.classes}
    cells = _adjusted(plan, both, mapped, sample) if sample else {}
    for pair in ((a, b) for a in names for b in names):
        row = Transition(*years, names[pair[0]], names[pair[1]], quantise(mapped.get(pair, 0.0), AREA_PLACES), *cells.get(pair, (None, None, None, None, 0)))
        if row.mapped_ha or row.samples:
            yield row
    unseen = quantise(mapped.get((0, 0), 0.0), AREA_PLACES)
    yield Transition(*years, NOT_MONITORED_NAME, NOT_MONITORED_NAME, unseen, None, None, None, None, 0)


def _adjusted(plan: Plan, both: Raster, mapped: Mapping[Pair, float], sample: ChangeSample) -> dict[Pair, tuple[float, float, float, float, int]]:
    """Area, standard error, ends of the interval and points of each cell [ha]."""
    codes = [c.code for c in plan.pipeline.land.classes]
    strata = [*((code, code) for code in codes), CHANGED]
    areas = np.array([mapped.get(s, 0.0) for s in strata[:-1]] + [total(v for (a, b), v in mapped.items() if a != b)])  # type: ignore[call-overload]
    counts = _counts(codes, points_of(plan, both, sample))
    names = [*(c.id for c in plan.pipeline.land.classes), CHANGED]
    found = transition_matrix(counts, areas, names)
    low, high = logit(found.areas / areas.sum(), found.errors / areas.sum(), quantile(LEVEL))
    parts = (found.areas, found.errors, low * areas.sum(), high * areas.sum())
    return {
        (a, b): (*(quantise(float(part[i, j]), AREA_PLACES) for part in parts), int(counts[:, i, j].sum()))  # type: ignore[misc]
        for i, a in enumerate(codes) for j, b in enumerate(codes)
    }  # fmt: skip


def _counts(codes: Sequence[int], points: Sequence[tuple[Pair, Pair]]) -> Array:
    """Points by stratum (a class that stayed, or change), class before and class after."""
    counts = np.zeros((len(codes) + 1, len(codes), len(codes)))
    for (mapped_before, mapped_after), (before, after) in points:
        stratum = codes.index(mapped_before) if mapped_before == mapped_after else len(codes)
        counts[stratum, codes.index(before), codes.index(after)] += 1
    return counts


def points_of(plan: Plan, both: Raster, sample: ChangeSample) -> list[tuple[Pair, Pair]]:
    """Mapped and interpreted codes of each point; a Refusal lists every point that is wrong. Points that no map shows are left out."""
    found: list[Problem] = []
    points = []
    seen: Counter[str] = Counter()
    for line, row in _table(plan.path(sample.file), sample.file):
        problems = list(_problems(plan, row, f"{Path(sample.file).name}:{line}", seen))
        found += problems
        mapped = 0 if problems else _code_at(both, float(row["longitude"]), float(row["latitude"]))
        if mapped:
            points.append((divmod(mapped, CODES), _labels(plan, row)))
    if found:
        raise Refusal(found)
    return points


def _table(path: Path, file: str) -> list[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig", errors="replace"), newline=""))
    names = tuple(reader.fieldnames or ())
    if names != COLUMNS:
        lacking, unknown = (", ".join(sorted(part)) or "-" for part in (set(COLUMNS) - set(names), set(names) - set(COLUMNS)))
        raise Refusal(Problem("E-ARE-022", file, {"lacking": lacking, "unknown": unknown}))
    return [(reader.line_num, {name: (row[name] or "").strip() for name in COLUMNS}) for row in reader]


def _problems(plan: Plan, row: Mapping[str, str], where: str, seen: Counter[str]) -> Iterator[Problem]:
    """A point twice, at no place, outside the land, of a class that the pipeline doesn't have."""
    seen[row["id"]] += 1
    if seen[row["id"]] == 2:  # noqa: PLR2004
        yield Problem("E-ARE-024", where, {"count": seen[row["id"]]})
    try:
        x, y = float(row["longitude"]), float(row["latitude"])
    except ValueError:
        yield Problem("E-ARE-023", where, {"column": "longitude, latitude", "found": f"{row['longitude']}, {row['latitude']}"})
    else:
        if not plan.land.boundary.covers(shapely.Point(x, y)):
            yield Problem("E-ARE-026", where, {"plot": row["id"], "x": x, "y": y})
    known = [c.id for c in plan.pipeline.land.classes]
    yield from (Problem("E-ARE-038", where, {"found": row[k], "known": ", ".join(known)}) for k in ("before", "after") if row[k] not in known)


def _labels(plan: Plan, row: Mapping[str, str]) -> Pair:
    codes = {c.id: c.code for c in plan.pipeline.land.classes}
    return codes[row["before"]], codes[row["after"]]


def _code_at(both: Raster, longitude: float, latitude: float) -> int:
    """Both maps' code at a place, 0 beyond them."""
    ((x, y),) = shapely.get_coordinates(projected(shapely.Point(longitude, latitude), both.grid.crs)).tolist()
    cell = both.grid.cell(x, y)
    return int(both.layer("cover")[cell]) if cell else 0
