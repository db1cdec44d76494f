"""Organic carbon of soils under new forest: CDM AR-TOOL16 on mineral soils, accretion and methane under mangrove.

A year counts by whole years since planting: `since` is 0 in the year of planting, and a step of minimum and maximum stands for "if".
"""

from __future__ import annotations

from carbonsink.carbon.equation import Number, equation, maximum, minimum


@equation(cites="ar-tool16 eq 6 with 3 and 7", returns="carbon_change")
def gain(
    area: Number,
    soc_ref: Number,
    soc_stock_before: Number,
    transition_time: Number,
    soil_gain_limit: Number,
    vintage: Number,
    planting_year: Number,
    one_year: Number,
) -> Number:
    """Carbon that soil gains in a year after planting on land disturbed on at most a tenth [t_C/yr]; capped, for 20 years."""
    since = (vintage - planting_year) / one_year
    growing = minimum(1, maximum(0, since)) * minimum(1, maximum(0, transition_time / one_year + 1 - since))
    return area * minimum(soil_gain_limit, (soc_ref - soc_stock_before) / transition_time) * growing


@equation(cites="ar-tool16 eq 6 with 2, 5 and 7", returns="carbon_change")
def gain_after_disturbance(
    area: Number,
    soc_ref: Number,
    soc_stock_before: Number,
    soil_loss_fraction: Number,
    transition_time: Number,
    soil_gain_limit: Number,
    vintage: Number,
    planting_year: Number,
    one_year: Number,
) -> Number:
    """The same where more than a tenth is disturbed [t_C/yr]: the loss in the year of planting, then the way back from it."""
    since = (vintage - planting_year) / one_year
    growing = minimum(1, maximum(0, since)) * minimum(1, maximum(0, transition_time / one_year + 1 - since))
    lost = soc_stock_before * soil_loss_fraction
    rate = minimum(soil_gain_limit, (soc_ref - (soc_stock_before - lost)) / transition_time)
    return area * (rate * growing - lost / one_year * maximum(0, 1 - since))


@equation(cites="ar-am0014 eq 4", returns="carbon_change")
def accretion(area: Number, soil_accretion: Number, transition_time: Number, vintage: Number, planting_year: Number, one_year: Number) -> Number:
    """Carbon that soil under planted mangrove buries in a year [t_C/yr], for 20 years from that of planting."""
    since = (vintage - planting_year) / one_year
    return area * soil_accretion * minimum(1, maximum(0, transition_time / one_year - since))


@equation(cites="ipcc-2013-wetlands eq 4.9", returns="ch4_emission")
def wetland_methane(area: Number, ef_ch4_wetland: Number, t_per_kg: Number) -> Number:
    """Methane of rewetted or planted tidal soils in one year [t_CH4/yr]; none worth counting where water is salty."""
    return area * ef_ch4_wetland * t_per_kg
