"""The IPCC's Tier 2 steady-state model of mineral soils under crops: three pools, a step a year (2019 Refinement, Volume 4, Equations 5.0A-5.0H).

    warm, wet = temperature_factor(temperature), water_factor(rain, evapotranspiration)      [..., years] of [..., years, 12]
    start = run_in(carbon_input, warm, wet, sand=0.25, tillage="full", years=5)              [..., 3]
    pools = run(carbon_input, warm, wet, sand=0.25, tillage="full", start=start)             [..., years, 3] t C/ha

Floats, lists, numpy arrays and xarray's DataArray (by position) go in, numpy arrays come out; shapes are broadcast together. Depth 0-30 cm.
Not for flooded rice, whose soil the model doesn't describe. Numbers: `library/models/ipcc-tier2.csv`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from carbonsink.carbon.inputs import MONTHS, Floats, InputError, numbers, positive, word
from carbonsink.declared.parameters import COLDEST, HOTTEST, read_parameters

POOLS = ("active", "slow", "passive")
STRUCTURAL = ("published", "by_tillage")  # f2: one value for every tillage, as the published workbook has it; or one of each


@dataclass(frozen=True)
class Steady:
    """What one year's climate, input and tillage would end in: pools [..., 3] in t C/ha, and the rate of each [..., 3] a year."""

    pools: Floats
    rate: Floats


def temperature_effect(temperature: Any) -> Floats:
    """Effect of a month's mean temperature [degC] on decomposition, any shape, 1 at the best; Equation 5.0E before its mean."""
    p = _values("temperature_most", "temperature_best", "temperature_rise", "temperature_fall")
    most, best, rise, fall = p
    room = np.maximum(most - numbers("temperature", temperature, COLDEST, HOTTEST), 0.0) / (most - best)
    effect: Floats = np.power(room, rise) * np.exp(rise / fall * (1 - np.power(room, fall)))
    return effect


def temperature_factor(temperature: Any) -> Floats:
    """tfac: mean effect of a year's twelve months [..., 12] -> [...]; Equation 5.0E. InputError where there aren't twelve."""
    return _of_a_year("temperature", temperature_effect(temperature))


def water_effect(rain: Any, evapotranspiration: Any, irrigated: Any = False) -> Floats:
    """Effect of a month's water on decomposition, any shape; Equation 5.0F before its mean.

    rain and potential evapotranspiration [mm], zero or more; irrigated: true in months whose crop is watered. A month without
    evapotranspiration is as wet as can be.
    """
    constant, slope, curvature, most, watered = _values("water_constant", "water_slope", "water_curvature", "water_most", "water_irrigated")
    fallen, wanted = np.broadcast_arrays(numbers("rain", rain, least=0.0), numbers("evapotranspiration", evapotranspiration, least=0.0))
    ratio = np.minimum(np.divide(fallen, wanted, out=np.full(fallen.shape, most), where=wanted > 0), most)
    dry: Floats = constant + slope * ratio - curvature * ratio * ratio
    return np.where(np.asarray(irrigated, np.bool_), watered, dry)


def water_factor(rain: Any, evapotranspiration: Any, irrigated: Any = False) -> Floats:
    """wfac: one and a half times the mean effect of a year's twelve months [..., 12] -> [...]; Equation 5.0F."""
    factor: Floats = _values("water_scale")[0] * _of_a_year("rain, evapotranspiration", water_effect(rain, evapotranspiration, irrigated))
    return factor


def steady_state(
    carbon_input: Any, warm: Any, wet: Any, *, sand: Any, tillage: Any, lignin: Any = None, nitrogen: Any = None, structural: str = "published"
) -> Steady:
    """Pools that one year's conditions would end in; Equations 5.0B-5.0D, 5.0G and 5.0H.

    carbon_input [t C/ha], warm (tfac) and wet (wfac), sand, lignin and nitrogen (shares of 1; the tables' defaults where none are given),
    tillage (full, reduced, no_till: a word or an array of words): any shapes that go together. structural: which f2 (STRUCTURAL).
    InputError for a number outside of its bounds or an unknown word.
    """
    f1, f3, f5, f6, f7, f8 = _values("f1", "f3", "f5", "f6", "f7", "f8")
    least, slope, sand_least, sand_slope, active_least, active_sand = _values(
        "metabolic_constant", "metabolic_slope", "sand_constant", "sand_slope", "active_constant", "active_sand"
    )
    carbon, sandy = numbers("carbon_input", carbon_input, least=0.0), numbers("sand", sand, 0.0, 1.0)
    lignified = numbers("lignin", _default("lignin", lignin), 0.0, 1.0)
    metabolic = carbon * (least - slope * lignified / positive("nitrogen", _default("nitrogen", nitrogen)))
    f2, tilled = _structural(tillage, structural), _by_tillage("tillage", tillage)
    f4 = 1 - f5 - (sand_least + sand_slope * sandy)
    enters = metabolic * f1 + (carbon * (1 - lignified) - metabolic) * f2 + carbon * lignified * f3 * (f7 + f6 * f8)
    alpha = enters / (1 - f4 * f7 - f5 * f8 - f4 * f6 * f8)
    effect = positive("warm", warm) * positive("wet", wet)
    k_active = effect * tilled * (active_least + active_sand * sandy) * _rate("active")
    k_slow, k_passive = effect * tilled * _rate("slow"), effect * _rate("passive")
    active = alpha / k_active
    slow = (carbon * lignified * f3 + active * k_active * f4) / k_slow
    passive = (active * k_active * f5 + slow * k_slow * f6) / k_passive
    both = np.stack(np.broadcast_arrays(active, slow, passive, k_active, k_slow, k_passive), axis=-1)
    return Steady(both[..., : len(POOLS)], both[..., len(POOLS) :])


def run(
    carbon_input: Any,
    warm: Any,
    wet: Any,
    *,
    sand: Any,
    tillage: Any,
    start: Any,
    lignin: Any = None,
    nitrogen: Any = None,
    structural: str = "published",
) -> Floats:
    """Pools at the end of every year [..., years, 3] t C/ha, from the pools before the first [..., 3]; Equations 5.0A-5.0D.

    Inputs as of `steady_state`, the last axis the years; sand is one value a soil, [...]. Each pool goes to its steady state by its rate,
    never beyond it. InputError as there, and where start isn't three pools of zero or more.
    """
    if not any(np.ndim(given) for given in (carbon_input, warm, wet)):
        raise InputError("carbon_input, warm, wet: years are needed on the last axis")
    steady = steady_state(
        carbon_input, warm, wet, sand=numbers("sand", sand, 0.0, 1.0)[..., None], tillage=tillage, lignin=lignin, nitrogen=nitrogen, structural=structural
    )
    pools = _pools(start)
    kept = np.empty((*np.broadcast_shapes(steady.pools.shape[:-2], pools.shape[:-1]), *steady.pools.shape[-2:]))
    for year in range(steady.pools.shape[-2]):
        pools = pools + (steady.pools[..., year, :] - pools) * np.minimum(1.0, steady.rate[..., year, :])
        kept[..., year, :] = pools
    return kept


def run_in(
    carbon_input: Any,
    warm: Any,
    wet: Any,
    *,
    sand: Any,
    tillage: Any,
    years: int,
    lignin: Any = None,
    nitrogen: Any = None,
    structural: str = "published",
) -> Floats:
    """Pools a run may start from [..., 3] t C/ha: the steady state of the means of the first `years` (5 to 20) years of inputs.

    Inputs as of `run`; tillage is one word a soil, of those years. InputError as there, and for fewer or more years.
    """
    least, most = (int(value) for value in _values("least_run_in", "most_run_in"))
    if not least <= years <= most:
        raise InputError(f"years: a run-in takes {least} to {most}, found {years}")
    mean = partial(_first_years, years)
    quality = {name: None if given is None else mean(name, given) for name, given in (("lignin", lignin), ("nitrogen", nitrogen))}
    first = (mean(name, given) for name, given in (("carbon_input", carbon_input), ("warm", warm), ("wet", wet)))
    return steady_state(*first, sand=sand, tillage=tillage, structural=structural, **quality).pools


def _values(*names: str) -> tuple[float, ...]:
    return tuple(map(read_parameters("ipcc-tier2").value, names))


def _rate(pool: str) -> float:
    return read_parameters("ipcc-tier2").value("decay", pool)


def _default(name: str, given: Any) -> Any:
    return _values(name)[0] if given is None else given


def _of_a_year(name: str, effect: Floats) -> Floats:
    if effect.ndim == 0 or effect.shape[-1] != MONTHS:
        raise InputError(f"{name}: {MONTHS} months of a year are needed on the last axis, found {effect.shape[-1] if effect.ndim else 'one value'}")
    mean: Floats = np.ascontiguousarray(effect).sum(axis=-1) / MONTHS
    return mean


def _structural(tillage: Any, structural: str) -> Any:
    word("structural", structural, STRUCTURAL)
    return _values("f2")[0] if structural == "published" else _by_tillage("f2", tillage)


def _by_tillage(name: str, tillage: Any) -> Floats:
    """A parameter's value by the words of tillage, any shape."""
    p, words = read_parameters("ipcc-tier2"), np.asarray(tillage)
    known = {str(found): p.value(name, word("tillage", str(found), p.choices("tillage"))) for found in np.unique(words)}
    value: Callable[..., Any] = np.vectorize(lambda found: known[str(found)], otypes=[np.float64])
    return np.asarray(value(words))


def _pools(start: Any) -> Floats:
    pools = numbers("start", start, least=0.0)
    if pools.ndim == 0 or pools.shape[-1] != len(POOLS):
        raise InputError(f"start: {len(POOLS)} pools ({', '.join(POOLS)}) are needed on the last axis, found shape {pools.shape}")
    return pools


def _first_years(years: int, name: str, given: Any) -> Floats:
    values = numbers(name, given)
    if values.ndim == 0:
        return values
    if values.shape[-1] < years:
        raise InputError(f"{name}: a run-in of {years} years needs as many, found {values.shape[-1]}")
    mean: Floats = np.ascontiguousarray(values[..., :years]).sum(axis=-1) / years
    return mean
