"""Approach 1, error propagation: what each variable moves, and what they move together.

    rows, variables  ->  moves  ->  intervals

IPCC 2006, Volume 1, Chapter 3, Equations 3.1 and 3.2, which hold for independent terms; variables that share a cause are added before
they are squared.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from statistics import NormalDist
from typing import Any

import numpy as np

from carbonsink.base.reckon import balance, co2e, in_turn, sums, variables_of
from carbonsink.base.records import Spread, Variable, WorksheetRow
from carbonsink.base.tables import total
from carbonsink.declared.factors import SPREADS
from carbonsink.uncertainty.distributions import ends, widening
from carbonsink.uncertainty.draws import Draws
from carbonsink.uncertainty.quantities import Key, totals, with_period
from carbonsink.uncertainty.spreads import spread
from carbonsink.uncertainty.together import Together

Moves = Mapping[str, Mapping[Key, float]]  # by variable or cause [t CO2e]


def half_widths(rows: Sequence[WorksheetRow], variables: Sequence[Variable]) -> Moves:
    """Half of what each quantity moves when one variable goes from the low to the high end of its interval, by variable [t CO2e].

    Positive where it rises with the variable. For sums and products this is the term of Equations 3.1 and 3.2; shared variables move
    all their rows. Where the ends are not two standard deviations apart from the middle, the move is widened or narrowed to be.
    """
    known = {variable.id: variable for variable in variables}
    places = {name: 2 * number for number, name in enumerate(name for name, one in known.items() if one.low is not None and one.high is not None)}
    # One array holds the sum of every case: low and high end of the first variable, of the second, ... A row is worked once for all
    # cases that touch it and adds its plain value to the others.
    moved = with_period(balance(rows, sums(in_turn(rows), lambda row: _cases(row, known, places))))
    wider = {name: widening(known[name]) for name in places}
    return {name: {key: float(cases[place + 1] - cases[place]) / 2 * wider[name] for key, cases in moved.items()} for name, place in places.items()}


def by_cause(moves: Moves, together: Together) -> Moves:
    """What each cause moves: a variable by itself, or a name that several variables are made of, with their weights."""
    terms: dict[str, dict[Key, list[float]]] = {}
    for name in sorted(moves):
        for cause, weight in together.get(name, ((name, 1.0),)):
            for key, moved in moves[name].items():
                terms.setdefault(cause, {}).setdefault(key, []).append(weight * moved)
    return {cause: {key: total(parts) for key, parts in by_key.items()} for cause, by_key in terms.items()}


def approach_1(
    rows: Sequence[WorksheetRow], variables: Sequence[Variable], moves: Moves, levels: Sequence[float] = (95.0,), together: Together | None = None
) -> Iterator[Spread]:
    """Error propagation: the root of the summed squares of each cause's half-width, at 95 %; at other levels by the normal quantile."""
    causes = by_cause(moves, together or {})
    for key, value in totals(rows, {variable.id: variable.value for variable in variables}).items():
        half = math.sqrt(total(moved[key] ** 2 for moved in causes.values()))
        for level in levels:
            wide = half if level == 95.0 else half / SPREADS * NormalDist().inv_cdf(0.5 + level / 200)
            yield spread(key, 1, level, float(value), (float(value) - wide, float(value) + wide))


def _cases(row: WorksheetRow, known: Mapping[str, Variable], places: Mapping[str, int]) -> Draws:
    """One row's t CO2e in every case [2 x variables that have an interval]."""
    own = [name for name in sorted(variables_of(row)) if name in places]
    plain = {name: known[name].value for name in variables_of(row)}
    values: dict[str, Any] = {name: np.full(2 * len(own), value) for name, value in plain.items()}
    for place, name in enumerate(own):
        values[name][2 * place : 2 * place + 2] = ends(known[name])
    found: Draws = np.full(2 * len(places), co2e(row, plain), dtype=np.float64)
    found[[places[name] + end for name in own for end in (0, 1)]] = co2e(row, values)
    return found
