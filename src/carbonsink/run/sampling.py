"""Samples of a finished run's map: drawn with their sheets, and what comes back of them looked through.

run folder, wish -> sample.gpkg, design.json, sheet-<n>-<interpreter>.html
run folder, sample, saved tables -> agreement, disputed points, the sheet of an arbiter
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from carbonsink.base.evidence import read_json, write_bytes, write_json
from carbonsink.base.geometry import hectares
from carbonsink.base.problems import Exit, Refusal, refuse
from carbonsink.declared.load import load
from carbonsink.declared.plan import Plan
from carbonsink.declared.sampling import read_sampling
from carbonsink.run.means import Progress

if TYPE_CHECKING:
    from carbonsink.areas.sampling.design import Stratum, Way
    from carbonsink.areas.sampling.labels import Settled
    from carbonsink.areas.sampling.points import Point
    from carbonsink.areas.sampling.returned import Table

SAMPLE, DESIGN, ARBITRATION = "sample.gpkg", "design.json", "arbitration.html"
SCHEMA = "carbonsink-sample/1"


@dataclass(frozen=True)
class Wish:
    """What is asked of a sample: a number of points, or a standard error of the overall accuracy (a share) or of a class's area [ha]."""

    year: int
    seed: int
    interpreters: tuple[str, ...]
    points: int | None = None
    standard_error: float | None = None
    of: str | None = None  # the class whose area the target is of
    way: Way = "optimal"
    minimum: int | None = None
    accuracies: tuple[str, ...] = ()  # "class=share"


@dataclass(frozen=True)
class Seen:
    """What came back: whether the two agree, what is open, and the labels where all is settled."""

    plan: Plan
    points: tuple[Point, ...]
    tables: tuple[Table, ...]
    disputed: tuple[str, ...]
    settled: Settled | None


def kept_plan(run: Path) -> Plan:
    """The plan of a run folder, from the copies in it."""
    copies = {text: run / "declared" / name for text, name in read_json(run / "declared" / "files.json").items()}
    return load(copies["area.toml"].parent, copies=copies)


def draw_sample(run: Path, out: Path, wish: Wish, progress: Progress) -> dict[str, Any]:
    """Write a sample and its sheets; the design as JSON. A folder that holds another sample is left as it is."""
    from carbonsink.areas.sampling.draw import counted, draw
    from carbonsink.areas.sampling.frame import frame_of
    from carbonsink.areas.sampling.points import name_of, write_points
    from carbonsink.base.rasters import read_raster

    plan = kept_plan(run)
    if wish.year not in plan.vintages:
        raise refuse("E-SMP-006", "--year", Exit.USAGE, year=wish.year, known=", ".join(map(str, plan.vintages)))
    progress("draw", 0, 1)
    cover = read_raster(run / "land" / f"cover_{wish.year}.tif")
    frame = frame_of(plan, cover)
    shares = counted(plan, frame)
    strata, counts, target = _allocation(plan, run, wish, [(s.land_class, s.pixels, s.drawable) for s in shares])
    points = draw(frame, cover, wish.year, [replace(s, points=n) for s, n in zip(shares, counts, strict=True)], wish.seed)
    _check_free(out, name_of(points))
    write_points(out / SAMPLE, points)
    design = _design(wish, name_of(points), points[0].map, strata, counts, target)
    write_json(out / DESIGN, design)
    _write_sheets(plan, run, out, points, wish.interpreters, progress)
    return design


def look_through(run: Path, sample: Path, tables: Sequence[Path], arbitration: Path | None) -> Seen:
    """Read what came back; the Refusal lists everything that is wrong in it, but points on which the two differ are no mistake."""
    from carbonsink.areas.sampling.labels import disputed, settled
    from carbonsink.areas.sampling.points import read_points
    from carbonsink.areas.sampling.returned import misplaced, read_table, wrong

    plan, points = kept_plan(run), read_points(sample)
    read = tuple(read_table(path) for path in tables)
    found = [*misplaced(plan, points, sample.name), *wrong(plan, points, read)]
    if found:
        raise Refusal(found)
    open_points = disputed(points, read)
    if open_points and arbitration is None:
        return Seen(plan, points, read, tuple(open_points), None)
    return Seen(plan, points, read, tuple(open_points), settled(plan, points, read, read_table(arbitration) if arbitration else None, sample.name))


def write_arbitration(run: Path, seen: Seen, out: Path, arbiter: str) -> Path:
    """The sheet of the disputed points for a third person, who learns neither of the two labels."""
    from carbonsink.areas.sampling.chips import views
    from carbonsink.areas.sampling.sheet import sheet

    page = sheet(seen.plan, seen.points, views(seen.plan, run, seen.points), arbiter, seen.disputed)
    write_bytes(out / ARBITRATION, page.encode())
    return out / ARBITRATION


def _allocation(plan: Plan, run: Path, wish: Wish, found: Sequence[tuple[str, int, int]]) -> tuple[list[Stratum], list[int], float | None]:
    """The strata with what is expected of them, the points of each, and the target as a share of the area."""
    from carbonsink.areas.sampling.design import Stratum, allocate, deviation, enough

    shares = _expected(plan, run, wish, [name for name, *_ in found])
    strata = [Stratum(name, pixels, drawable, deviation(shares[name])) for name, pixels, drawable in found]
    minimum = read_sampling().design.minimum if wish.minimum is None else wish.minimum
    if wish.points is None:
        target = _target(plan, wish)
        return strata, enough(strata, target, wish.way, minimum), target
    least = sum(min(minimum, s.drawable) for s in strata)
    if wish.points < least:
        raise refuse("E-SMP-004", "--size", Exit.USAGE, points=wish.points, classes=len(strata), minimum=minimum, needed=least)
    return strata, allocate(wish.points, strata, wish.way, minimum), None


def _expected(plan: Plan, run: Path, wish: Wish, mapped: Sequence[str]) -> dict[str, float]:
    from carbonsink.areas.sampling.expected import expected, parse
    from carbonsink.base.records import Confusion
    from carbonsink.base.tables import read_csv

    classes = [c.id for c in plan.pipeline.land.classes]
    if wish.of is not None and wish.of not in classes:
        raise refuse("E-SMP-008", "--for", Exit.USAGE, found=wish.of, known=", ".join(classes))
    given = parse(wish.accuracies, classes)
    if wish.points is not None and wish.way != "optimal":
        given = dict.fromkeys(mapped, 1.0) | given  # neither the number of points nor their shares hang on what is expected
    return expected(mapped, read_csv(run / "land" / "confusion.csv", Confusion), given, wish.of)


def _target(plan: Plan, wish: Wish) -> float:
    """The standard error asked for as a share of the area."""
    if wish.standard_error is None:
        return read_sampling().design.standard_error
    return wish.standard_error / hectares(plan.land.area_m2) if wish.of else wish.standard_error


def _check_free(out: Path, name: str) -> None:
    from carbonsink.areas.sampling.points import name_of, read_points

    if (out / SAMPLE).exists() and (there := name_of(read_points(out / SAMPLE))) != name:
        raise refuse("E-SMP-009", str(out), Exit.USAGE, found=there, expected=name)


def _design(wish: Wish, name: str, cover: str, strata: Sequence[Stratum], counts: Sequence[int], target: float | None) -> dict[str, Any]:
    """What the sample was drawn by, and what it is expected to give."""
    from carbonsink.areas.sampling.design import expected_error, weights

    classes = [
        {"class": s.land_class, "pixels": s.pixels, "used_in_training": s.pixels - s.drawable, "weight": w, "deviation": s.deviation, "points": n}
        for s, w, n in zip(strata, weights(strata), counts, strict=True)
    ]  # fmt: skip
    known = any(s.deviation for s in strata)
    return {
        "schema": SCHEMA,
        "sample": name,
        "year": wish.year,
        "seed": wish.seed,
        "map": cover,
        "allocation": wish.way,
        "target_of": wish.of or "overall accuracy",
        "target_share": target,
        "expected_share": expected_error(counts, strata) if known else None,
        "points": sum(counts),
        "classes": classes,
        "interpreters": list(wish.interpreters),
    }


def _write_sheets(plan: Plan, run: Path, out: Path, points: Sequence[Point], interpreters: Sequence[str], progress: Progress) -> None:
    from carbonsink.areas.sampling.chips import views
    from carbonsink.areas.sampling.sheet import sheet

    progress("chips", 0, len(interpreters) + 1)
    seen = views(plan, run, points)
    for number, interpreter in enumerate(interpreters, start=1):
        progress("sheets", number, len(interpreters) + 1)
        write_bytes(out / f"sheet-{number}-{_file_name(interpreter)}.html", sheet(plan, points, seen, interpreter).encode())


def _file_name(words: str) -> str:
    return re.sub(r"\W+", "-", words).strip("-") or "interpreter"
