"""Planting units, counted and sampled: how many live, what they weigh, what carbon that is (VM0047 v1.1, census approach).

    census.csv -> tree_carbon_gain and tree_carbon_deduction [t C/yr] of every vintage between planting and the last census

Of N counted units the share M is dead; a living one holds B (1 + R) CF. The uncertainty of a stratum is that of the mean weight
and that of the share alive, each with its own t, in quadrature; strata add in quadrature, and so do two censuses.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise
from statistics import fmean, stdev

from carbonsink.areas.interval import quantile
from carbonsink.areas.measured.rows import Changed, by_vintage
from carbonsink.base.problems import refuse
from carbonsink.base.records import Activity, Measured
from carbonsink.base.tables import total
from carbonsink.declared.measured.census import UnitSample
from carbonsink.declared.measured.declarations import Census
from carbonsink.declared.measured.settings import read_measured_settings
from carbonsink.declared.plan import Plan

KG_PER_TONNE = 1000


@dataclass(frozen=True)
class Stock:
    """The carbon of all units on a day [t C] and half of its interval at the level it was asked for."""

    on: date
    value: float
    half: float

    @property
    def relative(self) -> float:
        """The half-width over the stock; infinite about zero."""
        return self.half / self.value if self.value else math.inf


def mortality(sample: UnitSample) -> float:
    """The share M of sampled units that are dead."""
    return 1 - len(sample.living_kg) / sample.units


def relative_half_width(sample: UnitSample, percent: float) -> float:
    """A stratum's half-width over its stock at a two-sided level [%]: sqrt((t SE / mean)^2 + U_M^2), U_M = t sqrt(M (1 - M) / (n - 1)) / (1 - M)."""
    living, dead = len(sample.living_kg), mortality(sample)
    error = stdev(sample.living_kg) / math.sqrt(living)
    of_mean = float(quantile(percent, living - 1)) * error / fmean(sample.living_kg)
    of_share = float(quantile(percent, sample.units - 1)) * math.sqrt(dead * (1 - dead) / (sample.units - 1)) / (1 - dead)
    return math.hypot(of_mean, of_share)


def stratum_carbon(sample: UnitSample, counted: int, root_shoot: float, carbon_fraction: float) -> float:
    """The carbon of a stratum's living units [t C]: N (1 - M) B (1 + R) CF."""
    return counted * (1 - mortality(sample)) * fmean(sample.living_kg) / KG_PER_TONNE * (1 + root_shoot) * carbon_fraction


def stock(declared: Census, samples: Sequence[UnitSample], percent: float) -> Stock:
    """The carbon of all strata on a census day, with half of its interval at a two-sided level [%]."""
    fraction = read_measured_settings().census.carbon_fraction.value
    values = [stratum_carbon(s, declared.counted[s.stratum], declared.root_shoot, fraction) for s in samples]
    halves = [value * relative_half_width(s, percent) for s, value in zip(samples, values, strict=True)]
    return Stock(samples[0].on, total(values), math.hypot(*halves))


def deduction_share(relative: float) -> float:
    """UNC = min(1, max(0, relative half-width - 0.10)); all of it where the half-width is larger than the stock: nothing is credited."""
    rule = read_measured_settings().census.uncertainty
    return 1.0 if relative > rule.most else min(1.0, max(0.0, relative - rule.tolerance))


def deducted(found: Stock) -> float:
    """What is taken off a stock for its uncertainty, known at the methodology's level [t C]: UNC x stock."""
    return found.value * deduction_share(found.relative) if found.value else 0.0


def census_rows(plan: Plan, declared: Census, samples: Sequence[UnitSample], activity: Sequence[Activity]) -> Iterator[Measured]:
    """The gain of every vintage; refuses units that stand closer than the approach allows."""
    _check_density(declared, activity)
    percent = read_measured_settings().interval.percent
    stocks = [stock(declared, tuple(part), percent) for _, part in groupby(samples, lambda sample: sample.on)]
    pairs = pairwise([Stock(declared.planted, 0.0, 0.0), *stocks])
    changes = [_changed(declared, samples, before, after) for before, after in pairs]
    yield from by_vintage(changes, plan.area.period, "", "tree_carbon_gain", declared.file)
    # VM0047 takes UNC off the stock of either census, so what a change loses is the difference of the two; a better census gives some back.
    level = read_measured_settings().census.uncertainty.percent
    careful = [Stock(declared.planted, 0.0, 0.0), *(stock(declared, tuple(part), level) for _, part in groupby(samples, lambda sample: sample.on))]
    taken = [Changed(before.on, after.on, deducted(after) - deducted(before), 0.0, f"{declared.file}: UNC") for before, after in pairwise(careful)]
    yield from by_vintage(taken, plan.area.period, "", "tree_carbon_deduction", declared.file)


def _changed(declared: Census, samples: Sequence[UnitSample], before: Stock, after: Stock) -> Changed:
    units = sum(sample.units for sample in samples if sample.on == after.on)
    place = f"{declared.file}: {before.on} to {after.on}, {units} units sampled of {sum(declared.counted.values())}"
    return Changed(before.on, after.on, after.value - before.value, math.hypot(before.half, after.half), place)


def _check_density(declared: Census, activity: Sequence[Activity]) -> None:
    """Up to 50 units a hectare; more is area-based (VM0047 section 4.3)."""
    limit = read_measured_settings().census.rules.most_units_per_ha
    hectares: Mapping[tuple[str, int], float] = {(a.stratum, a.year): a.area_ha for a in activity if a.scenario == "project"}
    for (stratum, year), area in sorted(hectares.items()):
        units = declared.counted.get(stratum, 0)
        if units > limit * area:
            density = round(units / area, 1) if area else math.inf
            raise refuse("E-MEA-035", stratum, units=units, hectares=area, year=year, density=density, limit=limit)
