"""Dead wood and litter (IPCC Guidelines, Volume 4, Chapter 2.3.2; CDM AR-TOOL12)."""

from __future__ import annotations

from carbonsink.carbon.equation import Number, equation


@equation(cites="ipcc-2006-v4 eq 2.17", returns="carbon_change")
def change(dead_wood_change: Number, litter_change: Number) -> Number:
    """Carbon that dead organic matter gains in a year [t_C/yr]."""
    return dead_wood_change + litter_change


@equation(cites="ipcc-2006-v4 eq 2.18", returns="dead_wood_change")
def by_transfers(area: Number, dead_inflow: Number, dead_outflow: Number, carbon_fraction_dead_wood: Number) -> Number:
    """Carbon that dead wood gains by what enters and leaves it in a year [t_C/yr]."""
    return area * (dead_inflow - dead_outflow) * carbon_fraction_dead_wood


@equation(cites="ipcc-2006-v4 eq 2.19", returns="dead_wood_change")
def stock_difference(
    area: Number, dead_matter_stock: Number, dead_matter_stock_earlier: Number, years_between: Number, carbon_fraction_dead_wood: Number
) -> Number:
    """Carbon that dead wood gains in a year between two inventories [t_C/yr]."""
    return area * (dead_matter_stock - dead_matter_stock_earlier) / years_between * carbon_fraction_dead_wood


@equation(cites="ipcc-2006-v4 eq 2.20", returns="carbon_gain")
def inflow(mortality_carbon: Number, slash_carbon: Number, disturbance_loss: Number, disturbance_to_dead: Number) -> Number:
    """Carbon that dies in a year and stays in the forest [t_C/yr]: of a disturbance, what isn't burnt or carried away."""
    return mortality_carbon + slash_carbon + disturbance_loss * disturbance_to_dead


@equation(cites="ipcc-2006-v4 eq 2.21", returns="mortality_carbon")
def mortality(area: Number, growth: Number, carbon_fraction: Number, mortality_rate: Number) -> Number:
    """Carbon of trees that die in a year, as a share of growth [t_C/yr]."""
    return area * growth * carbon_fraction * mortality_rate


@equation(cites="ipcc-2006-v4 eq 2.22", returns="slash_carbon")
def slash(area: Number, harvest_rate: Number, bcef_removal: Number, root_shoot: Number, wood_density: Number, carbon_fraction: Number) -> Number:
    """Carbon of felled trees that stays in the forest [t_C/yr]: all of them but the wood carried away."""
    return area * (harvest_rate * bcef_removal * (1 + root_shoot) - harvest_rate * wood_density) * carbon_fraction


@equation(cites="ipcc-2006-v4 eq 2.23", returns="litter_change")
def ramp(area: Number, litter_stock: Number, litter_stock_before: Number, transition_time: Number) -> Number:
    """Carbon that litter gains in a year on its way from the old land use's stock to the new one's [t_C/yr]."""
    return area * (litter_stock - litter_stock_before) / transition_time


@equation(cites="ar-tool12 eq 9", returns="dead_wood_change")
def dead_wood_by_ratio(tree_carbon_gain: Number, dead_wood_ratio: Number) -> Number:
    """Carbon that dead wood gains in a year, as a share of what trees gained [t_C/yr]; only where dead wood stays in place."""
    return tree_carbon_gain * dead_wood_ratio


@equation(cites="ar-tool12 eq 15", returns="litter_change")
def litter_by_ratio(tree_carbon_gain: Number, litter_ratio: Number) -> Number:
    """Carbon that litter gains in a year, as a share of what trees gained [t_C/yr]; only where litter stays in place."""
    return tree_carbon_gain * litter_ratio
