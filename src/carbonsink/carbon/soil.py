"""Organic carbon of soils to 30 cm (IPCC Guidelines, Volume 4, Chapter 2.3.3)."""

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
    """Carbon a stratum's soil gains in one year of the transition between two practices [t_C/yr].

    Formulation A: land is followed parcel by parcel, so both practices stand on the same hectares.
    """
    after = f_land_use * f_management * f_input
    before = f_land_use_before * f_management_before * f_input_before
    return area * soc_ref * (after - before) / transition_time


@equation(cites="ipcc-2019-v4 eq 2.25, formulation B", returns="carbon_change")
def mineral_soil_change_of_totals(soc_total: Number, soc_total_before: Number, transition_time: Number) -> Number:
    """Carbon that soil gains in one year, from the stocks of all strata together at two dates of equal area [t_C/yr]."""
    return (soc_total - soc_total_before) / transition_time


@equation(cites="ipcc-2019-v4 eq 2.26", returns="carbon_emission")
def organic_soil_loss(area: Number, ef_organic_soil: Number) -> Number:
    """Carbon that drained organic soil loses in one year [t_C/yr]; such soil never goes through Equation 2.25."""
    return area * ef_organic_soil


@equation(cites="ipcc-2019-v4 eq 2.24", returns="carbon_change")
def change(mineral_soil_gain: Number, organic_soil_loss: Number, inorganic_soil_gain: Number) -> Number:
    """Change of all carbon of soils in one year [t_C/yr]; inorganic carbon is none in Tiers 1 and 2."""
    return mineral_soil_gain - organic_soil_loss + inorganic_soil_gain


@equation(cites="verra-vm0042 net soil carbon, approach 2: measure and re-measure", returns="carbon_change")
def measured_gain(area: Number, soc_gain_measured: Number) -> Number:
    """Carbon that a stratum's soil gained in one year over its control sites, by samples on equivalent soil mass [t_C/yr]."""
    return area * soc_gain_measured
