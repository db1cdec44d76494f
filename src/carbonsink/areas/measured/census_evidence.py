"""What a verifier needs of a census: who lives, what the living weigh, the carbon, and UNC of every census day.

samples -> areas/census.csv
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby
from statistics import fmean, stdev

from carbonsink.areas.measured.census import deduction_share, mortality, stock
from carbonsink.areas.measured.rows import PLACES
from carbonsink.base.records import CensusStock
from carbonsink.base.tables import quantise
from carbonsink.declared.measured.census import UnitSample
from carbonsink.declared.measured.declarations import Census
from carbonsink.declared.measured.settings import read_measured_settings


def census_evidence(declared: Census, samples: Sequence[UnitSample]) -> list[CensusStock]:
    """Every census day: all strata together, and each stratum [kg, t C]."""
    return [row for _, part in groupby(samples, lambda sample: sample.on) for row in _day(declared, list(part))]


def _day(declared: Census, samples: Sequence[UnitSample]) -> Iterator[CensusStock]:
    level = read_measured_settings().census.uncertainty.percent
    whole, living = stock(declared, samples, level), sum(len(sample.living_kg) for sample in samples)
    counts = (sum(declared.counted[sample.stratum] for sample in samples), sum(sample.units for sample in samples), living)
    share = quantise(deduction_share(whole.relative), PLACES)
    yield CensusStock(str(whole.on), "", *counts, None, None, None, quantise(whole.value, PLACES), quantise(whole.half, PLACES), share)
    yield from (_stratum(declared, sample, level) for sample in samples)


def _stratum(declared: Census, sample: UnitSample, level: float) -> CensusStock:
    one, living = stock(declared, [sample], level), len(sample.living_kg)
    counts = (declared.counted[sample.stratum], sample.units, living)
    weights = (mortality(sample), fmean(sample.living_kg), stdev(sample.living_kg) / math.sqrt(living))
    dead, weight, error, carbon, half = (quantise(number, PLACES) for number in (*weights, one.value, one.half))
    return CensusStock(str(one.on), sample.stratum, *counts, dead, weight, error, carbon, half, None)
