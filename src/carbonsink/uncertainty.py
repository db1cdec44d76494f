"""Stage 6: the intervals of gross and net, by error propagation and by Monte Carlo, and which variables they come from.

    carbon/variables.csv, carbon/worksheet.csv -> uncertainty/uncertainty.csv, uncertainty/shares.csv

Both approaches reckon the worksheet with the same `total`. A variable is drawn once, whoever uses it and in whichever year.
Draws are keyed by names (project, variable), so the order of strata, chunks and machines can't change one (rule R9).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.reckon import balance, co2e, in_turn, sums, variables_of
from carbonsink.base.records import Spread, Variable, VarianceShare, WorksheetRow
from carbonsink.base.tables import quantise, read_csv, total, write_csv
from carbonsink.base.units import symbols
from carbonsink.declared.factors import SPREADS
from carbonsink.declared.plan import Plan

BLOCK = 65_536  # draws worked at once: bounds the memory; a multiple of the four words a Philox counter gives
WIDEST = 1e6  # percent; a mean of zero has no relative width, and no rule asks for more than this
Draws = NDArray[np.float64]
Totals = Mapping[tuple[int, str], Any]


@dataclass(frozen=True)
class Sampling:
    """How often to draw, from which seed, for which project."""

    draws: int
    seed: int
    project: str


def propagate(plan: Plan, run: Path) -> None:
    """Write the run's uncertainty folder."""
    rows = read_csv(run / "carbon" / "worksheet.csv", WorksheetRow)
    variables = read_csv(run / "carbon" / "variables.csv", Variable)
    setting = plan.pipeline.uncertainty
    asked = {rule.interval for rule in plan.methodology.deduction if rule.interval is not None}
    first, second = ({95.0} | {one.level_percent for one in asked if one.approach == approach} for approach in (1, 2))
    halves = half_widths(rows, variables)
    sampling = Sampling(setting.draws, setting.seed, plan.area.id)
    spreads = [*approach_1(rows, variables, halves, sorted(first)), *approach_2(rows, variables, sampling, sorted(second))]
    write_csv(run / "uncertainty" / "uncertainty.csv", spreads, Spread)
    write_csv(run / "uncertainty" / "shares.csv", list(variance_shares(variables, halves)), VarianceShare)


def totals(rows: Sequence[WorksheetRow], values: Mapping[str, Any]) -> Totals:
    """Gross and net of every year [t CO2e] for the variables' values, floats or arrays [draws]."""
    return balance(rows, sums(in_turn(rows), lambda row: co2e(row, values)))


def half_widths(rows: Sequence[WorksheetRow], variables: Sequence[Variable]) -> dict[str, dict[tuple[int, str], float]]:
    """Half of what each quantity moves when one variable goes from the low to the high end of its interval, by variable [t CO2e].

    For sums and products this is the term of IPCC 2006, Volume 1, Equations 3.1 and 3.2; shared variables move all their rows.
    """
    known = {variable.id: variable for variable in variables}
    ends = {name: 2 * number for number, name in enumerate(name for name, one in known.items() if one.low is not None and one.high is not None)}
    # One array holds the sum of every case: low and high end of the first variable, of the second, ... A row is worked once for all
    # cases that touch it and adds its plain value to the others.
    moved = balance(rows, sums(in_turn(rows), lambda row: _cases(row, known, ends)))
    return {name: {key: float(abs(cases[place + 1] - cases[place])) / 2 for key, cases in moved.items()} for name, place in ends.items()}


def _cases(row: WorksheetRow, known: Mapping[str, Variable], ends: Mapping[str, int]) -> Draws:
    """One row's t CO2e in every case [2 x variables that have an interval]."""
    own = [name for name in sorted(variables_of(row)) if name in ends]
    plain = {name: known[name].value for name in variables_of(row)}
    values: dict[str, Any] = {name: np.full(2 * len(own), value) for name, value in plain.items()}
    for place, name in enumerate(own):
        values[name][2 * place : 2 * place + 2] = known[name].low, known[name].high
    found: Draws = np.full(2 * len(ends), co2e(row, plain), dtype=np.float64)
    found[[ends[name] + end for name in own for end in (0, 1)]] = co2e(row, values)
    return found


def approach_1(
    rows: Sequence[WorksheetRow], variables: Sequence[Variable], halves: Mapping[str, Mapping[tuple[int, str], float]], levels: Sequence[float] = (95.0,)
) -> Iterator[Spread]:
    """Error propagation: the root of the summed squares of each variable's half-width, at 95 %; at other levels by the normal quantile."""
    for key, value in totals(rows, {variable.id: variable.value for variable in variables}).items():
        half = math.sqrt(total(moved[key] ** 2 for moved in halves.values()))
        for level in levels:
            wide = half if level == 95.0 else half / SPREADS * NormalDist().inv_cdf(0.5 + level / 200)
            yield _spread(key, 1, level, float(value), (float(value) - wide, float(value) + wide))


def approach_2(rows: Sequence[WorksheetRow], variables: Sequence[Variable], sampling: Sampling, levels: Sequence[float]) -> Iterator[Spread]:
    """Monte Carlo: mean and percentiles of the draws (sorted, lower index, no interpolation), at each level."""
    for key, drawn in simulate(rows, variables, sampling).items():
        ordered, mean = np.sort(drawn), total(drawn.tolist()) / len(drawn)
        for level in levels:
            tail = (1 - level / 100) / 2
            low, high = (float(ordered[int(part * (len(ordered) - 1))]) for part in (tail, 1 - tail))
            yield _spread(key, 2, level, mean, (low, high))


def simulate(rows: Sequence[WorksheetRow], variables: Sequence[Variable], sampling: Sampling) -> dict[tuple[int, str], Draws]:
    """Gross and net of every year [draws], in blocks that bound the memory and change nothing."""
    drawn: dict[tuple[int, str], list[Draws]] = {}
    known, turn = {variable.id: variable for variable in variables}, in_turn(rows)
    last = {name: row.id for row in turn for name in variables_of(row)}  # the row after which a variable's draws are let go
    for start in range(0, sampling.draws, BLOCK):
        count = min(BLOCK, sampling.draws - start)
        block = _Block(known, last, sampling, start, count)
        for key, part in balance(rows, sums(turn, block.co2e)).items():
            drawn.setdefault(key, []).append(np.broadcast_to(np.asarray(part, dtype=np.float64), (count,)))
    return {key: np.concatenate(blocks) for key, blocks in drawn.items()}


class _Block:
    """A block of draws: a variable is drawn at its first row and let go after its last, so few are held at once."""

    def __init__(self, known: Mapping[str, Variable], last: Mapping[str, str], sampling: Sampling, start: int, count: int) -> None:
        self.known, self.last = known, last
        self.draw = partial(draw, sampling=sampling, start=start, count=count)
        self.held: dict[str, Draws | float] = {}

    def co2e(self, row: WorksheetRow) -> Any:
        """One row's t CO2e [draws]."""
        used = variables_of(row)
        for name in used - self.held.keys():
            self.held[name] = self.draw(self.known[name])
        found = co2e(row, self.held)
        for name in used:
            if self.last[name] == row.id:
                del self.held[name]
        return found


def draw(variable: Variable, sampling: Sampling, start: int, count: int) -> Draws | float:
    """Draws `start` to `start + count` of one variable; an exact one is its value."""
    if variable.low is None or variable.high is None:
        return variable.value
    uniforms = _uniforms(f"{sampling.seed}|{sampling.project}|{variable.id}", start, count)
    drawn = TRANSFORMS[variable.distribution](uniforms, variable.value, variable.low, variable.high)
    # No area, stock or factor is below zero; the tables keep normals three spreads away from it, so this touches almost nothing.
    return drawn if _signed(variable) else np.maximum(drawn, 0.0)


def _signed(variable: Variable) -> bool:
    known = symbols().get(variable.symbol)
    return variable.value < 0 or (known is not None and known.signed)


def variance_shares(variables: Sequence[Variable], halves: Mapping[str, Mapping[tuple[int, str], float]]) -> Iterator[VarianceShare]:
    """First-order shares of each year's variance of net, largest first."""
    symbols = {variable.id: variable.symbol for variable in variables}
    for year in sorted({year for moved in halves.values() for year, _ in moved}):
        squares = {name: moved[year, "net"] ** 2 for name, moved in halves.items() if moved[year, "net"] > 0}
        whole = total(squares.values())
        for name in sorted(squares, key=lambda name: (-squares[name], name)):
            yield VarianceShare(year, name, symbols[name], quantise(squares[name] / whole, 9))


def _uniforms(name: str, start: int, count: int) -> Draws:
    """Uniforms in the open unit interval: raw words of a Philox keyed by the name, word i for draw i."""
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:16], "little")
    generator = np.random.Philox(key=key).advance(start // 4)
    words = generator.random_raw(count)
    return (np.right_shift(words, np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53


def _normal(uniforms: Draws, value: float, low: float, high: float) -> Draws:
    from scipy.special import ndtri

    drawn: Draws = value + (high - low) / 2 / SPREADS * ndtri(uniforms)
    return drawn


def _lognormal(uniforms: Draws, value: float, low: float, high: float) -> Draws:
    """Median at the value, upper bound of the 95 % interval at `high`; a lower bound of zero is what it can't have."""
    from scipy.special import ndtri

    drawn: Draws = value * np.exp(math.log(high / value) / SPREADS * ndtri(uniforms))
    return drawn


def _triangular(uniforms: Draws, value: float, low: float, high: float) -> Draws:
    at_value = (value - low) / (high - low)
    rising = low + np.sqrt(uniforms * (high - low) * (value - low))
    falling = high - np.sqrt((1 - uniforms) * (high - low) * (high - value))
    return np.where(uniforms < at_value, rising, falling)


def _uniform(uniforms: Draws, value: float, low: float, high: float) -> Draws:
    return low + uniforms * (high - low)


TRANSFORMS = {"normal": _normal, "lognormal": _lognormal, "triangular": _triangular, "uniform": _uniform}


def _spread(key: tuple[int, str], approach: int, level: float, mean: float, ends: tuple[float, float]) -> Spread:
    tonnes = partial(quantise, places=9)
    half = (ends[1] - ends[0]) / 2
    percent = 0.0 if half == 0 else min(WIDEST, 100 * half / abs(mean)) if mean else WIDEST
    return Spread(*key, approach, level, tonnes(mean), tonnes(ends[0]), tonnes(ends[1]), quantise(percent, 6))
