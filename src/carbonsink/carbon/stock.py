"""Stocks and their change (IPCC Guidelines, Volume 4, Chapter 2.2)."""

from __future__ import annotations

from carbonsink.carbon.equation import Number, equation, minimum


@equation(cites="ipcc-2006-v4 eq 2.4", returns="carbon_change")
def change(carbon_gain: Number, carbon_loss: Number) -> Number:
    """Carbon that a pool gains in a year by what it gains and loses [t_C/yr]; eq 2.7 for biomass."""
    return carbon_gain - carbon_loss


@equation(cites="ipcc-2006-v4 eq 2.5", returns="carbon_change")
def difference(carbon_stock: Number, carbon_stock_earlier: Number, years_between: Number) -> Number:
    """Carbon that a pool gains in a year between two dates [t_C/yr]."""
    return (carbon_stock - carbon_stock_earlier) / years_between


@equation(cites="ipcc-2006-v4 eq 2.5", returns="carbon_change")
def gain(area: Number, soc_stock: Number, soc_stock_before: Number, transition_time: Number) -> Number:
    """Carbon of a stock that moves from the baseline's to the project's over the transition time, in one year [t_C yr^-1]."""
    return area * (soc_stock - soc_stock_before) / transition_time


@equation(cites="ipcc-2006-v4 eq 2.5, both stocks measured", returns="carbon_change")
def measured_gain(tree_carbon_gain: Number) -> Number:
    """Carbon that trees gained in one year, as two inventories measured it [t_C yr^-1]."""
    return tree_carbon_gain


@equation(cites="verra-vm0047 section 8.5.2", returns="carbon_change")
def careful_gain(tree_carbon_gain: Number, tree_carbon_deduction: Number) -> Number:
    """Carbon that counted trees gained in one year, less what is taken off for the uncertainty of either census [t_C/yr]."""
    return tree_carbon_gain - tree_carbon_deduction


@equation(cites="verra-vm0047 Appendix 1, performance benchmark", returns="carbon_change")
def gain_above_benchmark(tree_carbon_gain: Number, performance_benchmark: Number) -> Number:
    """Carbon that trees gained beyond matched land without the project, in one year [t_C/yr]; a loss is a loss in full."""
    return minimum(tree_carbon_gain, tree_carbon_gain * (1 - performance_benchmark))
