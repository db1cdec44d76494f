"""Stocks and their change (IPCC Guidelines, Volume 4, Chapter 2.2)."""

from __future__ import annotations

from carbonsink.carbon.equation import Number, equation


@equation(cites="ipcc-2006-v4 eq 2.5", returns="carbon_change")
def gain(area: Number, soc_stock: Number, soc_stock_before: Number, transition_time: Number) -> Number:
    """Carbon of a stock that moves from the baseline's to the project's over the transition time, in one year [t_C yr^-1]."""
    return area * (soc_stock - soc_stock_before) / transition_time


@equation(cites="ipcc-2006-v4 eq 2.5, both stocks measured", returns="carbon_change")
def measured_gain(tree_carbon_gain: Number) -> Number:
    """Carbon that trees gained in one year, as two inventories measured it [t_C yr^-1]."""
    return tree_carbon_gain
