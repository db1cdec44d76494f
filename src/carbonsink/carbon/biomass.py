"""Living biomass of forest land that stays forest land (IPCC Guidelines, Volume 4, Chapter 2.3.1)."""

from __future__ import annotations

from carbonsink.carbon.equation import Number, equation


@equation(cites="ipcc-2019-v4 eq 2.9 with 2.10", returns="carbon_change")
def gain(area: Number, growth: Number, root_shoot: Number, carbon_fraction: Number) -> Number:
    """Carbon gained in one year by growing biomass, above and below ground [t_C/yr]."""
    above_and_below = growth * (1 + root_shoot)
    return area * above_and_below * carbon_fraction
