"""Land that became another category, by the calendar: what stands on it, dead matter and soil (IPCC Guidelines, Volume 4, Chapter 2).

`change_year` is the year since when land is used as it is; arguments that end in `_before` are of the use before. Tier 1: living biomass
and litter of the old use are lost in the year of the change; mineral soil and new litter move along a line over the transition time.
Losses are positive, as the Guidelines write them.
"""

from __future__ import annotations

from carbonsink.carbon.equation import Number, equation, maximum, minimum


@equation(cites="ipcc-2006-v4 eq 2.16, the year of conversion", returns="converted_share")
def converted_share(vintage: Number, change_year: Number, one_year: Number) -> Number:
    """Share of a stratum that is converted in the year [1/yr]: all of it in the year of the change, nothing in any other."""
    apart = maximum(vintage - change_year, change_year - vintage) / one_year
    return maximum(0, 1 - apart) / one_year


@equation(cites="ipcc-2019-v4 eq 2.25, transition", returns="transition_share")
def transition_share(vintage: Number, change_year: Number, transition_time: Number, one_year: Number) -> Number:
    """Share of a change that falls into the year [1/yr]: 1/D from the year of the change on, for D years, then nothing."""
    begun = minimum(1, maximum(0, (vintage - change_year) / transition_time))
    ended = minimum(1, maximum(0, (vintage - change_year + one_year) / transition_time))
    return (ended - begun) / one_year


@equation(cites="ipcc-2019-v4 eq 2.25, each parcel from its own use before", returns="carbon_change")
def mineral_soil(area: Number, soc_stock: Number, soc_stock_before: Number, transition_share: Number) -> Number:
    """Carbon that mineral soil gains in one year of the transition between two uses or practices [t_C/yr]."""
    return area * (soc_stock - soc_stock_before) * transition_share


@equation(cites="ipcc-2006-v4 eq 2.16, forest cleared", returns="carbon_loss")
def forest_cleared(area: Number, converted_share: Number, agb_stock_before: Number, root_shoot_before: Number, carbon_fraction_before: Number) -> Number:
    """Carbon of a forest's living biomass, lost in the year it is cleared [t_C/yr]."""
    return area * converted_share * agb_stock_before * (1 + root_shoot_before) * carbon_fraction_before


@equation(cites="ipcc-2006-v4 eq 2.16, perennial crops cleared", returns="carbon_loss")
def perennials_cleared(area: Number, converted_share: Number, perennial_stock_before: Number) -> Number:
    """Carbon of perennial crops, lost in the year they are cleared [t_C/yr]."""
    return area * converted_share * perennial_stock_before


@equation(cites="ipcc-2006-v4 eq 2.16, annual crops given up", returns="carbon_loss")
def annual_crop_cleared(area: Number, converted_share: Number, annual_crop_stock_before: Number) -> Number:
    """Carbon of the annual crop that is no longer sown, in the year of conversion [t_C/yr]."""
    return area * converted_share * annual_crop_stock_before


@equation(cites="ipcc-2006-v4 eq 2.16, grass ploughed or covered", returns="carbon_loss")
def grass_cleared(area: Number, converted_share: Number, grass_biomass_before: Number, carbon_fraction_before: Number) -> Number:
    """Carbon of grass above and below ground, lost in the year of conversion [t_C/yr]."""
    return area * converted_share * grass_biomass_before * carbon_fraction_before


@equation(cites="ipcc-2006-v4 eq 2.15, growth of grass in the first year", returns="carbon_change")
def grass_grown(area: Number, converted_share: Number, grass_biomass: Number, carbon_fraction: Number) -> Number:
    """Carbon of grass above and below ground, which is all there after one year [t_C/yr]."""
    return area * converted_share * grass_biomass * carbon_fraction


@equation(cites="ipcc-2006-v4 eq 2.9, perennial crops by Table 5.1", returns="carbon_change")
def perennials_grown(area: Number, perennial_growth: Number, harvest_cycle: Number, vintage: Number, change_year: Number, one_year: Number) -> Number:
    """Carbon that perennial crops gain in a year, from that of planting until they are mature [t_C/yr]."""
    since = (vintage - change_year) / one_year
    growing = minimum(1, maximum(0, since + 1)) * minimum(1, maximum(0, harvest_cycle / one_year - since))
    return area * perennial_growth * growing


@equation(cites="ipcc-2006-v4 eq 2.23, land converted to forest", returns="carbon_change")
def litter_gained(area: Number, litter_stock: Number, transition_share: Number) -> Number:
    """Carbon that litter of a new forest gains in one year of the transition [t_C/yr]."""
    return area * litter_stock * transition_share


@equation(cites="ipcc-2006-v4 eq 2.23, forest converted", returns="carbon_loss")
def litter_lost(area: Number, litter_stock_before: Number, converted_share: Number) -> Number:
    """Carbon of a forest's litter, lost in the year it is cleared [t_C/yr]."""
    return area * litter_stock_before * converted_share


@equation(cites="ipcc-2019-v4 eq 11.8 in 11.1", returns="n2o_emission")
def mineralised_direct(
    area: Number,
    soc_stock: Number,
    soc_stock_before: Number,
    transition_share: Number,
    soil_c_per_n: Number,
    ef1_organic: Number,
    n2o_per_n: Number,
) -> Number:
    """Nitrous oxide from nitrogen that lost soil organic matter sets free in one year [t_N2O/yr]; none where soil gains."""
    set_free = area * maximum(0, soc_stock_before - soc_stock) * transition_share / soil_c_per_n
    return set_free * ef1_organic * n2o_per_n


@equation(cites="ipcc-2019-v4 eq 11.8 in 11.10", returns="n2o_emission")
def mineralised_leached(
    area: Number,
    soc_stock: Number,
    soc_stock_before: Number,
    transition_share: Number,
    soil_c_per_n: Number,
    frac_leach: Number,
    ef5: Number,
    n2o_per_n: Number,
) -> Number:
    """Nitrous oxide from the part of that nitrogen which is leached and run off [t_N2O/yr]."""
    set_free = area * maximum(0, soc_stock_before - soc_stock) * transition_share / soil_c_per_n
    return set_free * frac_leach * ef5 * n2o_per_n
