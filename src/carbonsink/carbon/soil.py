"""Organic carbon of mineral soils to 30 cm (IPCC Guidelines, Volume 4, Chapter 2.3.3)."""

from __future__ import annotations

from carbonsink.carbon.equation import Number, equation


@equation(cites="ipcc-2019-v4 eq 2.25", returns="soc_stock")
def mineral_soil_stock(soc_ref: Number, f_land_use: Number, f_management: Number, f_input: Number) -> Number:
    """Organic carbon of mineral soil at equilibrium under one practice [t_C/ha]."""
    return soc_ref * f_land_use * f_management * f_input


@equation(cites="ipcc-2019-v4 eq 2.25", returns="carbon_change")
def mineral_soil_change(
    area: Number,
    soc_ref: Number,
    f_land_use: Number,
    f_management: Number,
    f_input: Number,
    f_land_use_before: Number,
    f_management_before: Number,
    f_input_before: Number,
    transition_time: Number,
) -> Number:
    """Carbon a stratum's soil gains in one year of the transition between two practices [t_C/yr]."""
    after = f_land_use * f_management * f_input
    before = f_land_use_before * f_management_before * f_input_before
    return area * soc_ref * (after - before) / transition_time
