"""Months through the pools of RothC-26.3, compiled: each series by itself, one after another, in one order of operations.

    climate, cover, soil  ->  share of each pool that a month leaves  ->  pools after the month

Float64 in single IEEE steps, exponentials among them, so every machine finds the same. The shares depend on neither
carbon nor its input, so neighbouring series under one climate and soil use them again.
Kernels that call each other share this file, as numba's cache follows no other.
"""
# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np

from carbonsink.base.compiled import COMPILED, njit

DPM, RPM, BIO, HUM, IOM, DEFICIT = range(6)  # of a state: t C/ha; the soil moisture deficit [mm], zero or below
RAIN, EVAPORATION, TEMPERATURE, COVERED, CARBON, MANURE = range(6)  # of the monthly inputs
CLAY, DEPTH, RATIO = range(3)  # of what a series has once
PARTS = 32  # of a factor of two, in which an exponential is taken down
LAST_PART, PART_BITS = np.uint64(PARTS - 1), np.uint64(5)
PER_STEP = PARTS / 0.6931471805599453
STEP_HIGH = 0.693147180369123816490 / PARTS  # of ln 2, 33 bits: its products with whole steps are exact (fdlibm, e_exp.c)
STEP_LOW = 1.90821492927058770002e-10 / PARTS  # and the rest
T1, T2, T3, T4, T5, T6 = (1.0 / math.factorial(n) for n in range(1, 7))  # of the exponential's series: enough within half a step
ROOTS = np.array([float(Decimal(2) ** (Decimal(-n) / PARTS)) for n in range(PARTS)])
POWERS = np.array([math.ldexp(1.0, -n) for n in range(1024)])
SMALLEST = -700.0  # exponents below are nothing


@njit(**COMPILED)
def march(monthly, once, p, state, kept, pools, respired):  # pragma: no cover
    """Take every series through its months.

    monthly: six (values (row, month), rows (series)) in the order above; once: three (values (row), rows (series)); p: Constants; state
    (series, 6) is brought to the end; kept: months to keep, rising; pools (series, kept, 5); respired (series, kept): t C/ha since the
    month kept before.
    """
    months = monthly[0][0].shape[1]
    left, rows = np.empty((months, 4)), np.full(6, -1)
    deficit_before, deficit_after = 0.0, 0.0
    for s in range(state.shape[0]):
        one = state[s]
        if not same(monthly, once, s, rows) or one[DEFICIT] != deficit_before:
            deficit_before = one[DEFICIT]
            deficit_after = shares(monthly, once, s, p, deficit_before, left)
        respiring, dpm = respired_share(once[CLAY][0][once[CLAY][1][s]], p), dpm_share(once[RATIO][0][once[RATIO][1][s]])
        carbon, manure = monthly[CARBON][0][monthly[CARBON][1][s]], monthly[MANURE][0][monthly[MANURE][1][s]]
        first = 0
        for k in range(kept.size):
            respired[s, k] = steps(one, left, carbon, manure, first, kept[k] + 1, respiring, dpm, p)
            pools[s, k] = one[:DEFICIT]
            first = kept[k] + 1
        steps(one, left, carbon, manure, first, months, respiring, dpm, p)
        one[DEFICIT] = deficit_after


@njit(**COMPILED)
def settle(monthly, once, p, state, tolerance, most, years):  # pragma: no cover
    """Repeat each series' year until its active pools change by no more than `tolerance` [t C/ha] in a year; 0 years where `most` didn't do."""
    months = monthly[0][0].shape[1]
    left = np.empty((months, 4))
    for s in range(state.shape[0]):
        one = state[s]
        respiring, dpm = respired_share(once[CLAY][0][once[CLAY][1][s]], p), dpm_share(once[RATIO][0][once[RATIO][1][s]])
        carbon, manure = monthly[CARBON][0][monthly[CARBON][1][s]], monthly[MANURE][0][monthly[MANURE][1][s]]
        settled, before = False, active(one)
        for year in range(most):
            if not settled:  # the year's last deficit is its first: the shares stay as they are
                deficit = shares(monthly, once, s, p, one[DEFICIT], left)
                settled = deficit == one[DEFICIT]
                one[DEFICIT] = deficit
            steps(one, left, carbon, manure, 0, months, respiring, dpm, p)
            if abs(active(one) - before) <= tolerance:
                years[s] = year + 1
                break
            before = active(one)


@njit(**COMPILED)
def same(monthly, once, s, rows):  # pragma: no cover
    """Whether a series has the climate, cover and soil whose rows are remembered; remembers its own."""
    found = True
    for k in range(4):
        found &= rows[k] == monthly[k][1][s]
        rows[k] = monthly[k][1][s]
    for k in range(2):
        found &= rows[4 + k] == once[k][1][s]
        rows[4 + k] = once[k][1][s]
    return found


@njit(**COMPILED)
def shares(monthly, once, s, p, deficit, left):  # pragma: no cover
    """Fill `left` (month, pool) with the share of a pool that a month leaves; the moisture deficit at the end [mm]."""
    clay, depth = once[CLAY][0][once[CLAY][1][s]], once[DEPTH][0][once[DEPTH][1][s]]
    rain, evaporation = monthly[RAIN][0][monthly[RAIN][1][s]], monthly[EVAPORATION][0][monthly[EVAPORATION][1][s]]
    temperature, covered = monthly[TEMPERATURE][0][monthly[TEMPERATURE][1][s]], monthly[COVERED][0][monthly[COVERED][1][s]]
    driest = -(p.deficit_constant + p.deficit_clay * clay - p.deficit_clay_squared * clay * clay) * depth / p.reference_depth
    unstressed, barest = p.unstressed_share * driest, p.bare_share * driest
    for m in range(left.shape[0]):
        grown = covered[m] > 0
        # Bare soil dries no further than its own limit, but stays as dry as plants have left it.
        limit = driest if grown else min(barest, deficit)
        deficit = max(limit, min(0.0, deficit + rain[m] - p.pan_share * evaporation[m]))
        rate = warmth(temperature[m], p)
        if deficit <= unstressed:
            rate *= p.least_moisture + (1 - p.least_moisture) * (driest - deficit) / (driest - unstressed)
        if grown:
            rate *= p.covered_rate
        left[m, DPM] = fall(-rate * p.decay_dpm * p.month)
        left[m, RPM] = fall(-rate * p.decay_rpm * p.month)
        left[m, BIO] = fall(-rate * p.decay_bio * p.month)
        left[m, HUM] = fall(-rate * p.decay_hum * p.month)
    return deficit


@njit(**COMPILED)
def steps(one, left, carbon, manure, first, end, respiring, dpm, p):  # pragma: no cover
    """Take a state through months `first` to `end`; the carbon respired meanwhile [t C/ha]."""
    total = 0.0
    a, b, c, d = one[DPM], one[RPM], one[BIO], one[HUM]
    for m in range(first, end):
        stays_a, stays_b, stays_c, stays_d = a * left[m, DPM], b * left[m, RPM], c * left[m, BIO], d * left[m, HUM]
        decomposed = (a - stays_a) + (b - stays_b) + (c - stays_c) + (d - stays_d)
        lost = decomposed * respiring
        kept = decomposed - lost
        total += lost
        a = stays_a + dpm * carbon[m] + p.manure_share_dpm * manure[m]
        b = stays_b + (1 - dpm) * carbon[m] + p.manure_share_rpm * manure[m]
        c = stays_c + p.biomass_share * kept
        d = stays_d + (1 - p.biomass_share) * kept + p.manure_share_hum * manure[m]
    one[DPM], one[RPM], one[BIO], one[HUM] = a, b, c, d
    return total


@njit(**COMPILED)
def warmth(temperature, p):  # pragma: no cover
    """The rate modifying factor of a month's mean air temperature [degC]."""
    if temperature < p.temperature_floor:
        return 0.0
    part = fall(-p.temperature_exponent / (temperature + p.temperature_shift))
    return p.temperature_scale * part / (1.0 + part)


@njit(**COMPILED)
def fall(x):  # pragma: no cover
    """e to the power of x, zero or below; the system's own differs in its last bit from machine to machine."""
    if x < SMALLEST:
        return 0.0
    down = np.uint64(0.5 - x * PER_STEP)
    rest = (x + down * STEP_HIGH) + down * STEP_LOW
    series = T1 + rest * (T2 + rest * (T3 + rest * (T4 + rest * (T5 + rest * T6))))
    return (1.0 + rest * series) * ROOTS[down & LAST_PART] * POWERS[down >> PART_BITS]


@njit(**COMPILED)
def respired_share(clay, p):  # pragma: no cover
    """Share of what decomposes that leaves as carbon dioxide, by clay [%]."""
    ratio = p.respired_scale * (p.respired_constant + p.respired_clay * fall(-p.respired_exponent * clay))
    return ratio / (ratio + 1.0)


@njit(**COMPILED)
def dpm_share(ratio):  # pragma: no cover
    """Share of plant carbon that is decomposable, by the DPM/RPM ratio."""
    return ratio / (ratio + 1.0)


@njit(**COMPILED)
def active(one):  # pragma: no cover
    """What isn't inert [t C/ha]."""
    return one[DPM] + one[RPM] + one[BIO] + one[HUM]
