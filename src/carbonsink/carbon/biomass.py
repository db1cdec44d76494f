"""Living biomass: growth, stocks and their change, conversion of land (IPCC Guidelines, Volume 4, Chapter 2.3.1).

Rates are those of a hectare, so that a stratum may be split; losses to harvest, fuelwood and disturbance stand in `wood`.
"""

from __future__ import annotations

from carbonsink.carbon.equation import Number, equation


@equation(cites="ipcc-2019-v4 eq 2.9 with 2.10", returns="carbon_change")
def gain(area: Number, growth: Number, root_shoot: Number, carbon_fraction: Number) -> Number:
    """Carbon gained in one year by growing biomass, above and below ground [t_C/yr]."""
    above_and_below = growth * (1 + root_shoot)
    return area * above_and_below * carbon_fraction


@equation(cites="ipcc-2006-v4 eq 2.10, Tiers 2 and 3, in eq 2.9", returns="carbon_gain")
def gain_by_increment(area: Number, volume_increment: Number, bcef_increment: Number, root_shoot: Number, carbon_fraction: Number) -> Number:
    """Carbon gained in one year by the net increment of stem volume [t_C/yr]."""
    total_growth = volume_increment * bcef_increment * (1 + root_shoot)
    return area * total_growth * carbon_fraction


@equation(cites="ipcc-2006-v4 eq 2.10, Tiers 2 and 3, with BEF and D, in eq 2.9", returns="carbon_gain")
def gain_by_expansion(
    area: Number, volume_increment: Number, wood_density: Number, biomass_expansion: Number, root_shoot: Number, carbon_fraction: Number
) -> Number:
    """Carbon gained in one year by the net increment of stem volume, where BCEF is BEF times density [t_C/yr]."""
    total_growth = volume_increment * wood_density * biomass_expansion * (1 + root_shoot)
    return area * total_growth * carbon_fraction


@equation(cites="ipcc-2006-v4 eq 2.8b", returns="carbon_stock")
def stock(area: Number, growing_volume: Number, bcef_stock: Number, root_shoot: Number, carbon_fraction: Number) -> Number:
    """Carbon in biomass of a stratum, by stem volume [t_C]."""
    return area * growing_volume * bcef_stock * (1 + root_shoot) * carbon_fraction


@equation(cites="ipcc-2006-v4 eq 2.8b, with BEF and D", returns="carbon_stock")
def stock_by_expansion(
    area: Number, growing_volume: Number, wood_density: Number, biomass_expansion: Number, root_shoot: Number, carbon_fraction: Number
) -> Number:
    """Carbon in biomass of a stratum, by stem volume, density and expansion [t_C]."""
    return area * growing_volume * wood_density * biomass_expansion * (1 + root_shoot) * carbon_fraction


@equation(cites="ipcc-2006-v4 eq 2.8a", returns="carbon_change")
def stock_difference(
    area: Number,
    growing_volume: Number,
    growing_volume_earlier: Number,
    bcef_stock: Number,
    root_shoot: Number,
    carbon_fraction: Number,
    years_between: Number,
) -> Number:
    """Carbon gained in a year between two inventories [t_C/yr], coefficients held: a change of class makes no jump."""
    return area * (growing_volume - growing_volume_earlier) * bcef_stock * (1 + root_shoot) * carbon_fraction / years_between


@equation(cites="ipcc-2006-v4 eq 2.8a, with BEF and D", returns="carbon_change")
def stock_difference_by_expansion(
    area: Number,
    growing_volume: Number,
    growing_volume_earlier: Number,
    wood_density: Number,
    biomass_expansion: Number,
    root_shoot: Number,
    carbon_fraction: Number,
    years_between: Number,
) -> Number:
    """Carbon gained in a year between two inventories, by density and expansion [t_C/yr]."""
    per_volume = wood_density * biomass_expansion * (1 + root_shoot) * carbon_fraction
    return area * (growing_volume - growing_volume_earlier) * per_volume / years_between


@equation(cites="ipcc-2006-v4 eq 2.16", returns="carbon_change")
def conversion(
    area: Number, converted_share: Number, biomass_after_conversion: Number, agb_stock: Number, root_shoot: Number, carbon_fraction: Number
) -> Number:
    """Carbon gained, mostly lost, at once where land becomes another category [t_C/yr]; Tier 1 leaves nothing standing."""
    return area * converted_share * (biomass_after_conversion - agb_stock * (1 + root_shoot)) * carbon_fraction


@equation(cites="ipcc-2006-v4 eq 2.15, growth of the first year", returns="carbon_gain")
def first_crop(area: Number, converted_share: Number, annual_crop_stock: Number) -> Number:
    """Carbon that an annual crop gains in the year after conversion [t_C/yr]."""
    return area * converted_share * annual_crop_stock
