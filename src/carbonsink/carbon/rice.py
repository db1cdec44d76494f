"""Methane of flooded rice (IPCC 2019 Refinement, Volume 4, Chapter 5.5)."""

from __future__ import annotations

from carbonsink.carbon.equation import Number, equation


@equation(cites="ipcc-2019-v4 eq 5.1 with 5.2 and 5.3", returns="ch4_emission")
def methane(
    area: Number,
    ef_rice: Number,
    sf_water: Number,
    sf_preseason: Number,
    straw_rate: Number,
    cfoa: Number,
    compost_rate: Number,
    cfoa_compost: Number,
    farmyard_manure_rate: Number,
    cfoa_farmyard_manure: Number,
    green_manure_rate: Number,
    cfoa_green_manure: Number,
    sf_organic_exponent: Number,
    cultivation_period: Number,
    harvests: Number,
    t_per_kg: Number,
) -> Number:
    """Methane of a stratum's rice in one year [t_CH4/yr], of all harvests.

    The stratum's key `amendment` says which row `cfoa` is; compost, farmyard manure and green manure come on top where they are declared.
    """
    manures = farmyard_manure_rate * cfoa_farmyard_manure + green_manure_rate * cfoa_green_manure
    sf_organic = (1 + straw_rate * cfoa + compost_rate * cfoa_compost + manures) ** sf_organic_exponent
    daily = ef_rice * sf_water * sf_preseason * sf_organic
    return area * (daily * cultivation_period * harvests * t_per_kg)
