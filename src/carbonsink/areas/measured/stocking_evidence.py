"""What a verifier needs of matched controls: who was matched to whom, how alike they are, and how fast both grow.

plots, donors, match -> areas/matches.csv, areas/balance.csv, areas/benchmarks.csv
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from carbonsink.areas.interval import Array
from carbonsink.areas.measured.benchmark import benchmark
from carbonsink.areas.measured.matching import Match, differences, mahalanobis, unmatched
from carbonsink.areas.measured.rows import PLACES
from carbonsink.areas.measured.stocking import growth, indices
from carbonsink.base.records import Balance, BenchmarkYear, MatchedControl
from carbonsink.base.tables import quantise
from carbonsink.declared.measured.declarations import Stocking
from carbonsink.declared.measured.settings import read_measured_settings
from carbonsink.declared.measured.stocking import StockTables
from carbonsink.declared.plan import Plan


def match_rows(tables: StockTables, match: Match) -> Iterator[MatchedControl]:
    """The controls of every plot, from near to far, with their Mahalanobis distance over the years of history and their weight."""
    far = mahalanobis(*_histories(tables))
    for number, plot in enumerate(tables.project):
        for donor, weight in zip(match.controls[number].tolist(), match.weights[number].tolist(), strict=True):
            yield MatchedControl(plot.id, tables.donors[donor].id, quantise(float(far[number, donor]), PLACES), quantise(weight, PLACES))


def balance_rows(tables: StockTables, match: Match) -> Iterator[Balance]:
    """The standardised difference of means of every year of history, against the donor pool and against the matched controls."""
    most, (project, donors) = read_measured_settings().stocking.tests.most_difference, _histories(tables)
    pairs = zip(unmatched(project, donors).tolist(), differences(project, donors, match).tolist(), strict=True)
    for year, (before, after) in zip(tables.history, pairs, strict=True):
        yield Balance(year, _finite(before), quantise(after, PLACES), most)


def benchmark_rows(plan: Plan, declared: Stocking, tables: StockTables, match: Match) -> Iterator[BenchmarkYear]:
    """The two slopes [index a year], Z and the benchmark of every vintage after the start."""
    for year in (year for year in plan.vintages if year > declared.start):
        mine, theirs, sets = growth(declared, tables, match, year)
        found = benchmark(mine, theirs)
        a, a_error, b, b_error = (quantise(number, PLACES) for number in (mine.value, mine.error, theirs.value, theirs.error))
        yield BenchmarkYear(year, sets, a, a_error, b, b_error, _finite(found.z), quantise(found.value, PLACES))


def _histories(tables: StockTables) -> tuple[Array, Array]:
    return indices(tables.project, tables.history), indices(tables.donors, tables.history)


def _finite(value: float) -> float | None:
    """A number as a table may hold it: what is infinite has none."""
    return quantise(value, PLACES) if math.isfinite(value) else None
