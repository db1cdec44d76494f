"""Declared samples: what two interpreters saw, settled point by point, and counted against a map.

    area.toml [[samples]] -> settled labels -> areas/samples.csv, areas/agreement.csv, and the confusion of split "sample"

Two equal labels are the label. Two different ones, or one who can't tell, go to a third person, whose label it is then.
A point that nobody can tell is left out; only a small share of a sample may be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from carbonsink.areas.sampling.agreement import Kappa, confusion, kappa
from carbonsink.areas.sampling.points import Point, read_points
from carbonsink.areas.sampling.returned import UNCLEAR, Table, misplaced, read_table, wrong
from carbonsink.base.problems import Problem, Refusal
from carbonsink.base.rasters import Raster
from carbonsink.base.records import Agreement, Confusion, SampleLabel
from carbonsink.base.tables import quantise, write_csv
from carbonsink.declared.plan import Plan
from carbonsink.declared.sampling import Samples, read_sampling

KAPPA_PLACES = 9


@dataclass(frozen=True)
class Settled:
    """A sample with its labels: one table an interpreter, the arbiter's where there is one, and each point's label in the end."""

    points: tuple[Point, ...]
    tables: tuple[Table, ...]
    arbiter: Table | None
    labels: dict[str, str]  # by id: a class, or UNCLEAR

    @property
    def unclear(self) -> list[str]:
        """Points that nobody could tell."""
        return [name for name, label in self.labels.items() if label == UNCLEAR]


def confusion_of(plan: Plan, cover: Raster, year: int) -> list[Confusion]:
    """Counts of the year's sample by map class and label, split "sample", in the order of the pipeline's classes; none without a sample.

    Refuses labels that are wrong or not settled, and a map other than the one the sample was drawn from: its points
    would have other chances of being drawn than the classes of the new map say.
    """
    samples = next((s for s in plan.area.samples if s.year == year), None)
    if samples is None:
        return []
    settled = settle(plan, samples)
    names = {c.code: c.id for c in plan.pipeline.land.classes}
    mapped = {p.id: names.get(_code_at(cover, p), "-") for p in settled.points}
    strayed = [p.id for p in settled.points if mapped[p.id] != p.map_class]
    if strayed:
        raise Refusal(Problem("E-SMP-025", Path(samples.file).name, {"count": len(strayed), "all": len(settled.points), "found": ", ".join(strayed)}))
    counts = Counter((mapped[name], label) for name, label in settled.labels.items() if label != UNCLEAR)
    order = list(names.values())
    return [Confusion(year, "sample", "", a, b, counts[a, b]) for a in order for b in order if counts[a, b]]


def settle(plan: Plan, samples: Samples) -> Settled:
    """A declared sample's labels; the Refusal lists everything that is wrong in its files."""
    points = read_points(plan.path(samples.file))
    tables = tuple(read_table(plan.path(text)) for text in samples.labels)
    arbiter = read_table(plan.path(samples.arbitration)) if samples.arbitration else None
    return settled(plan, points, tables, arbiter, Path(samples.file).name)


def settled(plan: Plan, points: tuple[Point, ...], tables: tuple[Table, ...], arbiter: Table | None, where: str) -> Settled:
    """Labels of tables that were read; `where` is the sample's file in messages."""
    found = [*misplaced(plan, points, where), *wrong(plan, points, tables)]
    if found:
        raise Refusal(found)
    open_points = disputed(points, tables)
    found = list(_arbitration(plan, points, tables, arbiter, open_points, where))
    if found:
        raise Refusal(found)
    labels = {p.id: (arbiter if arbiter and p.id in open_points else tables[0]).by_id[p.id].label for p in points}
    done = Settled(points, tables, arbiter, labels)
    limit = read_sampling().returned.unclear_share
    if len(done.unclear) > limit * len(points):
        facts = {"count": len(done.unclear), "all": len(points), "limit": limit, "found": ", ".join(done.unclear)}
        raise Refusal(Problem("E-SMP-024", where, facts))
    return done


def disputed(points: Sequence[Point], tables: Sequence[Table]) -> list[str]:
    """Ids of points that the interpreters label differently."""
    seen = [table.by_id for table in tables]
    return [p.id for p in points if len({labels[p.id].label for labels in seen}) > 1]


def keep(plan: Plan, run: Path) -> None:
    """Write areas/samples.csv and areas/agreement.csv, where the area declares samples."""
    if not plan.area.samples:
        return
    done = [(samples.year, settle(plan, samples)) for samples in sorted(plan.area.samples, key=lambda s: s.year)]
    write_csv(run / "areas" / "samples.csv", [row for year, one in done for row in _rows(year, one)], SampleLabel)
    write_csv(run / "areas" / "agreement.csv", [agreement_row(plan, year, one) for year, one in done], Agreement)


def agreement_row(plan: Plan, year: int, done: Settled) -> Agreement:
    """How far the two interpreters of a sample agree; of one interpreter nothing is known."""
    names = [table.interpreter for table in done.tables]
    found = agreement_of(plan, done.tables)
    counts = (len(disputed(done.points, done.tables)), len(done.unclear))
    arbiter = done.arbiter.interpreter if done.arbiter else None
    if found is None:
        return Agreement(year, names[0], None, arbiter, len(done.points), None, None, None, *counts)
    return Agreement(year, names[0], names[1], arbiter, found.points, found.agreed, _known(found.kappa), _known(found.standard_error), *counts)


def agreement_of(plan: Plan, tables: Sequence[Table]) -> Kappa | None:
    """Kappa of two tables over the points that both hold; None with one table."""
    if len(tables) < 2:  # noqa: PLR2004
        return None
    return kappa(confusion(*labels_of(tables), classes=words_of(plan)))


def labels_of(tables: Sequence[Table]) -> tuple[list[str], list[str]]:
    """The labels of two tables, point by point."""
    first, second = (table.by_id for table in tables)
    both = sorted(first.keys() & second.keys())
    return [first[name].label for name in both], [second[name].label for name in both]


def words_of(plan: Plan) -> list[str]:
    """What a label may be, in the order of the pipeline's classes."""
    return [*(c.id for c in plan.pipeline.land.classes), UNCLEAR]


def _arbitration(plan: Plan, points: Sequence[Point], tables: Sequence[Table], arbiter: Table | None, ids: Sequence[str], where: str) -> Iterator[Problem]:
    """What is wrong with the arbiter's table: a point left open, one that nobody disputed, an arbiter who was an interpreter."""
    if arbiter is None:
        if ids:
            yield Problem("E-SMP-022", where, {"count": len(ids), "found": ", ".join(ids)})
        return
    yield from wrong(plan, points, [arbiter], among=ids)
    beyond = sorted({label.id for label in arbiter.labels} & {p.id for p in points} - set(ids))
    if beyond:
        yield Problem("E-SMP-023", arbiter.name, {"count": len(beyond), "found": ", ".join(beyond)})
    if arbiter.interpreter in {table.interpreter for table in tables}:
        yield Problem("E-SMP-018", arbiter.name, {"interpreter": arbiter.interpreter})


def _rows(year: int, done: Settled) -> Iterator[SampleLabel]:
    """One row a point, in the order of ids."""
    seen = [table.by_id for table in done.tables]
    third = done.arbiter.by_id if done.arbiter else {}
    for p in done.points:
        given = [labels[p.id] for labels in seen]
        second = given[1].label if len(given) > 1 else None
        arbitrated = third[p.id].label if p.id in third else None
        sure = all(label.certain for label in given)
        yield SampleLabel(year, p.id, p.lon, p.lat, p.map_class, p.inclusion, given[0].label, second, arbitrated, done.labels[p.id], sure)


def _known(value: float | None) -> float | None:
    return None if value is None else quantise(value, KAPPA_PLACES)


def _code_at(cover: Raster, point: Point) -> int:
    """The map's code at a point, 0 where it doesn't reach or has another CRS."""
    cell = cover.grid.cell(point.x, point.y) if cover.grid.crs == point.crs else None
    return int(cover.layer("cover")[cell]) if cell else 0
