"""A paddy's season day by day: dry before flooding, flooded, drained and flooded again so many times, dry for harvest.

For every number of drainages a hidden Markov chain that only goes ahead:

    dry before -> flooded -> drained (in phases) -> flooded -> ... -> flooded -> dry for harvest

The forward pass weighs every course of days by the beliefs of the observations (wetness), the backward pass tells each day.
Rabiner, L. R. 1989, A tutorial on hidden Markov models, Proceedings of the IEEE 77, 257-286, equations 19 to 27.

What a course of so many drainages is worth before anything is seen, because there is room for it in the season, is divided
out by regime: the regimes of the rice tables start equally likely. Only sums, products and quotients in a fixed order and
scaling by powers of two: the same on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carbonsink.declared.practice import Regimes, WaterSeason
from carbonsink.land.practice.wetness import Belief

Floats = NDArray[np.float64]
TOGETHER = 256  # seasons worked at once
BEFORE, FLOODED, DRAINED, ENDED = range(4)
NEVER = -1  # drainages of a season that is never flooded


@dataclass(frozen=True)
class Season:
    """The days of one season that are looked at: how many, from which on drainages count, from which on it may dry for good."""

    days: int
    counting: int
    ripening: int
    beliefs: tuple[tuple[int, Belief], ...]  # by day from 0


@dataclass(frozen=True)
class Course:
    """What a season was: the probability of each number of drainages, of no flooding at all, and of every day's state."""

    drainages: Floats  # (most + 1,)
    upland: float
    flooded: Floats  # (day,)
    drained: Floats  # between floodings
    ended: Floats  # dry for harvest


@dataclass(frozen=True)
class Chain:
    """The states in their order, what each is, and the daily chance to go on from each; gates say what must be open for it."""

    kinds: NDArray[np.int64]
    onward: Floats
    drains: NDArray[np.bool_]  # goes on into a drainage: only when those count
    ends: NDArray[np.bool_]  # goes on into the dry end: only when ripening

    def steps(self, drains: Floats, ends: Floats) -> Floats:
        """The chance to go on, shape (state, season), where `drains` and `ends` are 1 in seasons whose gates are open."""
        gates = np.where(self.drains[:, None], drains, np.where(self.ends[:, None], ends, 1.0))
        step: Floats = self.onward[:, None] * gates
        return step

    @property
    def closing(self) -> NDArray[np.bool_]:
        """The states in which a season may end: flooded for the last time, or dry for harvest; or never flooded."""
        last = np.arange(self.kinds.size) >= self.kinds.size - 2
        return last & (self.kinds != BEFORE) if self.kinds.size > 1 else last


def chain_of(drainages: int, rule: WaterSeason) -> Chain:
    """The chain of a season with so many drainages."""
    first, again = [(FLOODED, 1 / rule.flooded)], _spell(FLOODED, rule.flooded_again, rule.flooded_phases)
    drained, end = _spell(DRAINED, rule.drained, rule.drained_phases), [(FLOODED, 1 / rule.ripening), (ENDED, 0.0)]
    between = [state for n in range(drainages) for state in (*(again if n else first), *drained)]
    states = [(BEFORE, 0.0)] if drainages == NEVER else [(BEFORE, 1 / rule.dry_before), *between, *end]
    kinds, onward = [kind for kind, _ in states], [chance for _, chance in states]
    following = [*kinds[1:], NEVER]
    drains = [kind == FLOODED and after == DRAINED for kind, after in zip(kinds, following, strict=True)]
    return Chain(np.array(kinds), np.array(onward), np.array(drains), np.array([after == ENDED for after in following]))


def _spell(kind: int, days: float, phases: int) -> list[tuple[int, float]]:
    """States of a spell of a mean length in phases of at least a day each."""
    return [(kind, phases / days)] * phases


def courses(seasons: Sequence[Season], rule: WaterSeason, regimes: Regimes) -> Iterator[Course]:
    """What each season was."""
    for first in range(0, len(seasons), TOGETHER):
        yield from _courses(seasons[first : first + TOGETHER], rule, regimes)


@dataclass(frozen=True)
class Passed:
    """A chain's passes over some seasons: weight (times two to `power`) of the observations, chance before them, each day's states."""

    weight: Floats  # (season,)
    power: NDArray[np.int64]
    room: Floats  # (season,)
    kinds: Floats  # (kind, day, season), summing to 1 over kinds


def _courses(seasons: Sequence[Season], rule: WaterSeason, regimes: Regimes) -> Iterator[Course]:
    days = _Days.of(seasons)
    counts = [NEVER, *range(rule.most_drainages + 1)]
    passed = [_passed(chain_of(count, rule), days) for count in counts]
    found = _probabilities(passed, [_rows(bounds, rule.most_drainages) for bounds in regimes.by_name.values()])
    states = np.zeros((4, days.count, len(seasons)))
    for one, share in zip(passed, found, strict=True):
        states += share * one.kinds
    for number, season in enumerate(seasons):
        flooded, drained, ended = states[1:, : season.days, number]
        yield Course(found[1:, number], float(found[0, number]), flooded, drained, ended)


def _rows(bounds: tuple[int, int] | None, most: int) -> slice:
    """Which chains are of a regime; the first is the one that is never flooded."""
    return slice(0, 1) if bounds is None else slice(1 + bounds[0], 2 + min(bounds[1], most))


def _probabilities(passed: Sequence[Passed], regimes: Sequence[slice]) -> Floats:
    """The probability of each chain, shape (chain, season), the regimes being equally likely before anything is seen."""
    power = np.stack([one.power for one in passed])
    weight = np.ldexp(np.stack([one.weight for one in passed]), power - power.max(axis=0))
    room = np.stack([one.room for one in passed])
    for rows in regimes:
        whole = _total(room[rows])
        weight[rows] = np.where(whole > 0, weight[rows] / np.where(whole > 0, whole, 1.0), 0.0)
    shares: Floats = weight / _total(weight)
    return shares


def _total(rows: Floats) -> Floats:
    """The sum over the first axis, one row after the other, so that how many seasons are worked together changes no bit."""
    total: Floats = np.add.accumulate(rows, axis=0)[-1]
    return total


@dataclass(frozen=True)
class _Days:
    """Some seasons' days in one table (day, season): likelihoods of wet and dry, open gates, and whether the season still goes on."""

    wet: Floats
    dry: Floats
    drains: Floats
    ends: Floats
    alive: NDArray[np.bool_]

    @classmethod
    def of(cls, seasons: Sequence[Season]) -> _Days:
        """The table of seasons; observations of one day multiply."""
        day = np.arange(max(season.days for season in seasons))[:, None]
        wet, dry = np.ones((2, day.size, len(seasons)))
        for number, season in enumerate(seasons):
            for when, belief in season.beliefs:
                wet[when, number] *= belief.wet
                dry[when, number] *= belief.dry
        drains = (day >= np.array([season.counting for season in seasons])).astype(np.float64)
        ends = (day >= np.array([season.ripening for season in seasons])).astype(np.float64)
        return cls(wet, dry, drains, ends, day < np.array([season.days for season in seasons]))

    @property
    def count(self) -> int:
        """The longest season's."""
        return len(self.wet)

    def blank(self) -> _Days:
        """The same seasons with nothing seen."""
        return _Days(np.ones_like(self.wet), np.ones_like(self.dry), self.drains, self.ends, self.alive)

    def seen(self, chain: Chain, day: int) -> Floats:
        """The likelihood of a day's observations in each state, shape (state, season)."""
        likely: Floats = np.where((chain.kinds == FLOODED)[:, None], self.wet[day], self.dry[day])
        return likely


def _passed(chain: Chain, days: _Days) -> Passed:
    weights, power = _forward(chain, days)
    closing = chain.closing
    weight = _total(weights[-1][closing])
    blank, scale = _forward(chain, days.blank())
    room = np.ldexp(_total(blank[-1][closing]), scale)
    return Passed(weight, power, room, _kinds(chain, days, weights))


def _forward(chain: Chain, days: _Days) -> tuple[Floats, NDArray[np.int64]]:
    """Weights of the states (day, state, season), scaled by powers of two, and the powers by season.

    A season that is over keeps its last day's.
    """
    seasons = days.wet.shape[1]
    weights, power = np.zeros((days.count, chain.kinds.size, seasons)), np.zeros(seasons, np.int64)
    now = np.zeros((chain.kinds.size, seasons))
    now[0] = 1.0
    for day in range(days.count):
        going: Any = now * chain.steps(days.drains[day], days.ends[day])
        then = now - going
        then[1:] += going[:-1]
        then *= days.seen(chain, day)
        scale = np.where(days.alive[day], np.frexp(then.max(axis=0))[1], 0)
        now = np.where(days.alive[day], np.ldexp(then, -scale), now)
        power += scale
        weights[day] = now
    return weights, power


def _kinds(chain: Chain, days: _Days, weights: Floats) -> Floats:
    """The probability of each kind of day, shape (kind, day, season), given all that was seen and that the season closed."""
    coming = np.broadcast_to(chain.closing[:, None].astype(np.float64), weights.shape[1:])
    kinds = np.zeros((4, *days.wet.shape))
    for day in range(days.count - 1, -1, -1):
        both = weights[day] * coming
        total = _total(both)
        share = both / np.where(total > 0, total, 1.0)
        for kind in np.unique(chain.kinds):
            kinds[kind, day] = _total(share[chain.kinds == kind])
        after = coming * days.seen(chain, day)
        ahead = np.concatenate([after[1:], np.zeros_like(after[:1])])
        step = chain.steps(days.drains[day], days.ends[day])
        earlier = after + (ahead - after) * step
        most = earlier.max(axis=0)
        coming = np.where(days.alive[day], np.ldexp(earlier, -np.frexp(most)[1]), coming)
    return kinds
