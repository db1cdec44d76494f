"""Approach 2, Monte Carlo: every quantity drawn, in blocks that bound the memory and change nothing.

    rows, variables, Sampling  ->  draws of every quantity  ->  intervals

A variable is drawn once, whoever uses it and in whichever year.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from carbonsink.base.problems import Problem, Refusal
from carbonsink.base.reckon import balance, co2e, in_turn, sums, variables_of
from carbonsink.base.records import Spread, Variable, WorksheetRow
from carbonsink.base.tables import total
from carbonsink.uncertainty.draws import Draws, Sampling, draw
from carbonsink.uncertainty.quantities import Key, with_period
from carbonsink.uncertainty.spreads import spread
from carbonsink.uncertainty.together import Together

BLOCK = 65_536  # draws worked at once: bounds the memory


def simulate(rows: Sequence[WorksheetRow], variables: Sequence[Variable], sampling: Sampling, together: Together | None = None) -> dict[Key, Draws]:
    """Every quantity [t CO2e, draws]; a Refusal where some draws give no number."""
    drawn: dict[Key, list[Draws]] = {}
    known, turn = {variable.id: variable for variable in variables}, in_turn(rows)
    last = {name: row.id for row in turn for name in variables_of(row)}  # the row after which a variable's draws are let go
    for start in range(0, sampling.draws, BLOCK):
        count = min(BLOCK, sampling.draws - start)
        block = Block(known, last, together or {}, partial(draw, sampling=sampling, start=start, count=count))
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # told below, with a name and a count
            summed = balance(rows, sums(turn, block.co2e))
        for key, part in summed.items():
            drawn.setdefault(key, []).append(np.broadcast_to(np.asarray(part, dtype=np.float64), (count,)))
    whole = {key: np.concatenate(blocks) for key, blocks in drawn.items()}
    problems = [Problem("E-UNC-009", f"{year} {quantity}", _counted(values)) for (year, quantity), values in whole.items() if not np.isfinite(values).all()]
    if problems:
        raise Refusal(problems)
    return with_period(whole)


def approach_2(drawn: Mapping[Key, Draws], levels: Sequence[float] = (95.0,)) -> Iterator[Spread]:
    """Mean, median and percentiles of the draws (sorted, lower index, no interpolation), at each level."""
    for key, values in drawn.items():
        ordered, mean = np.sort(values), total(values.tolist()) / len(values)
        for level in levels:
            tail = (1 - level / 100) / 2
            low, median, high = (float(ordered[int(part * (len(ordered) - 1))]) for part in (tail, 0.5, 1 - tail))
            yield spread(key, 2, level, mean, (low, high), median)


def _counted(values: Draws) -> dict[str, object]:
    return {"count": int(np.count_nonzero(~np.isfinite(values))), "draws": values.size}


class Block:
    """A block of draws: a variable is drawn at its first row and let go after its last, so few are held at once."""

    def __init__(self, known: Mapping[str, Variable], last: Mapping[str, str], together: Together, drawing: partial[Draws | float]) -> None:
        self.known, self.last, self.together, self.draw = known, last, together, drawing
        self.held: dict[str, Draws | float] = {}

    def co2e(self, row: WorksheetRow) -> Any:
        """One row's t CO2e [draws]."""
        used = variables_of(row)
        for name in used - self.held.keys():
            self.held[name] = self.draw(self.known[name], weights=self.together.get(name, ()))
        found = co2e(row, self.held)
        for name in used:
            if self.last[name] == row.id:
                del self.held[name]
        return found
