"""Methane and nitrous oxide of fires (IPCC Guidelines, Volume 4, Chapter 2.4; CDM AR-TOOL08).

Carbon dioxide of a fire is no flow of its own: the stock that burnt is missing from the next inventory, or stands in `wood.disturbance`.
"""

from __future__ import annotations

from carbonsink.carbon.equation import Number, equation


@equation(cites="ipcc-2006-v4 eq 2.27, mass of fuel and combustion factor", returns="fuel_consumption")
def fuel_burnt(fuel_load: Number, combustion_factor: Number) -> Number:
    """Fuel that a fire consumes [t_dm/ha], where Table 2.4 gives none."""
    return fuel_load * combustion_factor


@equation(cites="ipcc-2006-v4 eq 2.27", returns="ch4_emission")
def methane(area: Number, burned_share: Number, fuel_consumption: Number, ef_fire_ch4: Number, t_per_kg: Number) -> Number:
    """Methane of the fires of one year [t_CH4/yr]."""
    return area * burned_share * fuel_consumption * ef_fire_ch4 * t_per_kg


@equation(cites="ipcc-2006-v4 eq 2.27", returns="n2o_emission")
def nitrous_oxide(area: Number, burned_share: Number, fuel_consumption: Number, ef_fire_n2o: Number, t_per_kg: Number) -> Number:
    """Nitrous oxide of the fires of one year [t_N2O/yr]."""
    return area * burned_share * fuel_consumption * ef_fire_n2o * t_per_kg


@equation(cites="ar-tool08 eq 8", returns="carbon_loss")
def dead_matter(area: Number, burned_share: Number, dead_carbon_density: Number, fire_dead_ratio: Number) -> Number:
    """Methane and nitrous oxide of burnt dead wood and litter [t_C/yr], as the carbon whose dioxide warms as much."""
    return area * burned_share * dead_carbon_density * fire_dead_ratio
