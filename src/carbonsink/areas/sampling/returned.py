"""Saved tables taken back: each interpreter's labels, and everything that is wrong in them, at once.

A table is refused where it is of another sample, holds points that aren't in the sample, twice, elsewhere or not at
all, classes the map doesn't have, and where points lie outside the area or on pixels the map was trained on.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from pyproj import Transformer

from carbonsink.areas.sampling.frame import taught
from carbonsink.areas.sampling.points import Point, name_of
from carbonsink.base.outline import projected
from carbonsink.base.problems import Problem, must_be_file, refuse
from carbonsink.declared.plan import Plan

COLUMNS = ("sample", "id", "interpreter", "lon", "lat", "label", "certain", "remark")
UNCLEAR = "?"  # the label of a point where nobody can tell
MOST_BYTES = 10_000_000


@dataclass(frozen=True)
class Label:
    """What one interpreter saw at one point; `line` is its line in the saved table."""

    line: int
    sample: str
    id: str
    interpreter: str
    lon: float
    lat: float
    label: str  # a class of the pipeline, or UNCLEAR
    certain: bool
    remark: str


@dataclass(frozen=True)
class Table:
    """One interpreter's saved table."""

    name: str
    labels: tuple[Label, ...]

    @property
    def interpreter(self) -> str:
        """Who filled it; several names, which `wrong` refuses, are joined."""
        return " + ".join(sorted({label.interpreter for label in self.labels}))

    @property
    def by_id(self) -> dict[str, Label]:
        """The labels by point."""
        return {label.id: label for label in self.labels}


def read_table(path: Path) -> Table:
    """A table as the sheet saves it (UTF-8, with or without a mark); refused where its columns or cells are others."""
    must_be_file(path)
    try:
        data = path.read_bytes()
        if len(data) > MOST_BYTES:
            raise ValueError(f"{len(data)} B")
        reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise ValueError(", ".join(reader.fieldnames or ()))
        labels = tuple(_label(reader.line_num, row) for row in reader)
    except (ValueError, csv.Error) as error:
        raise refuse("E-SMP-011", path.name, columns=", ".join(COLUMNS), found=error) from None
    if not labels:
        raise refuse("E-SMP-011", path.name, columns=", ".join(COLUMNS), found="0")
    return Table(path.name, labels)


def wrong(plan: Plan, points: Sequence[Point], tables: Sequence[Table], among: Sequence[str] | None = None) -> Iterator[Problem]:
    """Everything that is wrong in returned tables; `among` are the ids that must be labelled, all where it isn't given."""
    for table in tables:
        yield from _of_table(plan, points, table, among)
    for name, count in Counter(table.interpreter for table in tables).items():
        if count > 1:
            yield Problem("E-SMP-018", ", ".join(t.name for t in tables), {"interpreter": name})


def misplaced(plan: Plan, points: Sequence[Point], where: str) -> Iterator[Problem]:
    """Points of a sample that lie outside the area as it is now, or on pixels its map was trained on."""
    x, y = (np.array([getattr(p, axis) for p in points]) for axis in ("x", "y"))
    far = ~np.asarray(shapely.dwithin(projected(plan.land.boundary, points[0].crs), shapely.points(x, y), points[0].resolution / 2))
    yield from _told("E-SMP-016", where, [p.id for p, outside in zip(points, far.tolist(), strict=True) if outside])
    if known := taught(plan):
        yield from _told("E-SMP-017", where, [p.id for p, trained in zip(points, known.at(x, y).tolist(), strict=True) if trained])


def _of_table(plan: Plan, points: Sequence[Point], table: Table, among: Sequence[str] | None) -> Iterator[Problem]:
    if {label.sample for label in table.labels} != {name_of(points)}:
        found = ", ".join(sorted({label.sample for label in table.labels}))
        yield Problem("E-SMP-012", table.name, {"found": found, "expected": name_of(points)})
        return  # nothing else in it can be right
    if len({label.interpreter for label in table.labels}) > 1 or not table.interpreter.strip():
        yield Problem("E-SMP-019", table.name, {"found": table.interpreter or "-"})
    known = {p.id: p for p in points}
    yield from _of_ids(table, known, set(known if among is None else among))
    classes = [*(c.id for c in plan.pipeline.land.classes), UNCLEAR]
    unknown = [_place(label, label.label) for label in table.labels if label.label not in classes]
    yield from _told("E-SMP-015", table.name, unknown, known=", ".join(classes))
    yield from _told("E-SMP-020", table.name, [_place(label, label.id) for label in _moved([x for x in table.labels if x.id in known], known)])


def _of_ids(table: Table, known: dict[str, Point], wanted: set[str]) -> Iterator[Problem]:
    """Points that aren't in the sample, points with two labels, points without one."""
    counts = Counter(label.id for label in table.labels)
    yield from _told("E-SMP-013", table.name, [_place(label, label.id) for label in table.labels if label.id not in known])
    yield from _told("E-SMP-014", table.name, [name for name, count in counts.items() if count > 1])
    yield from _told("E-SMP-021", table.name, sorted(wanted - counts.keys()))


def _moved(labels: Sequence[Label], known: dict[str, Point]) -> list[Label]:
    """Labels whose coordinates lie off the pixel that was to be labelled."""
    if not labels:
        return []
    first = known[labels[0].id]
    x, y = Transformer.from_crs("EPSG:4326", first.crs, always_xy=True).transform([n.lon for n in labels], [n.lat for n in labels])
    half = first.resolution / 2  # what isn't a number is on no pixel
    on = [abs(a - known[n.id].x) <= half and abs(b - known[n.id].y) <= half for a, b, n in zip(x, y, labels, strict=True)]
    return [label for label, there in zip(labels, on, strict=True) if not there]


def _told(code: str, where: str, found: Sequence[str], **facts: object) -> Iterator[Problem]:
    """One problem for all that are wrong in the same way, with how many and the first of them."""
    if found:
        yield Problem(code, where, {"count": len(found), "found": ", ".join(found), **facts})


def _place(label: Label, text: str) -> str:
    return f"{text} (:{label.line})"


def _label(line: int, row: dict[str, str]) -> Label:
    if None in row or None in row.values():
        raise ValueError(f"line {line}")
    certain = {"true": True, "false": False}.get(row["certain"].lower())
    if certain is None:
        raise ValueError(f"line {line}: certain={row['certain']}")
    return Label(line, row["sample"], row["id"], row["interpreter"], float(row["lon"]), float(row["lat"]), row["label"], certain, row["remark"])
