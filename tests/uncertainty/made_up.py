"""Projects made up with known truth: sums, products and differences of factors, some of them shared by strata and scenarios.

A factor's distribution is what is known of it, so its true value is a draw from that distribution under a seed of its own. A project's
95 % interval is honest where it holds the true net 95 times in 100.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from carbonsink.base.pairs import write_pairs
from carbonsink.base.records import Spread, Variable, WorksheetRow
from carbonsink.uncertainty import Sampling, approach_1, approach_2, draw, half_widths, simulate, totals
from tests.uncertainty.worksheets import ONE, row, variable

PROJECTS, TRUTHS, DRAWS = 50, 40, 4_000  # 2,000 truths
ESTIMATES = 2_000
KINDS = ("normal", "lognormal", "triangular", "pert", "uniform", "empirical")
ROWS = (
    row("shared * a * b", "shared", "a", "b"),
    row("shared * c + d", "shared", "c", "d", year=2021),
    row("shared * a * e", "shared", "a", "e", scenario="baseline"),
)
FACTORS = {"shared": 30.0, "a": 2.0, "b": 3.0, "c": 4.0, "d": 50.0, "e": 1.0}
EMPIRICAL = ((0.0, -1.0), (0.2, -0.4), (0.5, 0.0), (0.8, 0.5), (1.0, 1.0))  # how far from the value, in widths


def made_up(kind: str, number: int, width: tuple[float, float], skew: float = 1.0) -> list[Variable]:
    """A project's factors, each known to within a random share of its value; `skew` lengthens the upper side."""
    chance = np.random.default_rng([KINDS.index(kind), number])
    return [ONE, *(_factor(kind, name, value * chance.uniform(0.5, 2.0), chance.uniform(*width), skew) for name, value in FACTORS.items())]


def _factor(kind: str, name: str, value: float, width: float, skew: float) -> Variable:
    if kind == "lognormal":
        return variable(kind, value, value / (1 + width), value * (1 + width), name)
    known = variable(kind, value, value * (1 - width), value * (1 + width * skew), name)
    points = write_pairs((p, value * (1 + width * apart)) for p, apart in EMPIRICAL)
    return replace(known, quantiles=points) if kind == "empirical" else known


def coverage(kind: str, width: tuple[float, float], skew: float = 1.0, rows: tuple[WorksheetRow, ...] = ROWS) -> dict[int, tuple[float, float]]:
    """By approach: the shares of true nets of the period below the interval, and above it."""
    missed: dict[int, list[tuple[float, float]]] = {1: [], 2: []}
    for number in range(PROJECTS):
        known = made_up(kind, number, width, skew)
        truth = totals(rows, {one.id: draw(one, Sampling(TRUTHS, number, f"truth of {kind}"), 0, TRUTHS) for one in known})[0, "net"]
        for one in _intervals(rows, known, Sampling(DRAWS, number, "project")):
            missed[one.approach].append((float(np.mean(truth < one.low_t)), float(np.mean(truth > one.high_t))))
    return {approach: (float(np.mean([low for low, _ in found])), float(np.mean([high for _, high in found]))) for approach, found in missed.items()}


def coverage_of_estimates(kind: str, width: float, draws: int = 500) -> dict[int, tuple[float, float]]:
    """The same for one truth estimated by 2,000 projects, each from measurements of its own: values lie about the truth as far as they say."""
    truth = totals(ROWS, {"one": 1.0} | FACTORS)[0, "net"]
    below, above = {1: 0, 2: 0}, {1: 0, 2: 0}
    for number in range(ESTIMATES):
        for one in _intervals(ROWS, _estimated(kind, width, number), Sampling(draws, number, "project")):
            below[one.approach] += truth < one.low_t
            above[one.approach] += truth > one.high_t
    return {approach: (below[approach] / ESTIMATES, above[approach] / ESTIMATES) for approach in below}


def _estimated(kind: str, width: float, number: int) -> list[Variable]:
    apart = np.random.default_rng([number]).standard_normal(len(FACTORS)) / 2  # in half-widths of two standard deviations
    if kind == "lognormal":
        values = {name: truth * (1 + width) ** far for (name, truth), far in zip(FACTORS.items(), apart, strict=True)}
        return [ONE, *(variable(kind, value, value / (1 + width), value * (1 + width), name) for name, value in values.items())]
    halves = {name: truth * width for name, truth in FACTORS.items()}
    values = {name: FACTORS[name] + half * far for (name, half), far in zip(halves.items(), apart, strict=True)}
    return [ONE, *(variable(kind, value, value - halves[name], value + halves[name], name) for name, value in values.items())]


def _intervals(rows: tuple[WorksheetRow, ...], known: list[Variable], sampling: Sampling) -> Iterator[Spread]:
    drawn = simulate(rows, known, sampling)
    for one in (*approach_1(rows, known, half_widths(rows, known)), *approach_2(drawn)):
        if (one.year, one.quantity) == (0, "net"):
            yield one
