"""Living biomass of perennial crops: tea bushes and fruit trees, by two inventories of the same land.

Stocks are above and below ground, by the bushes' or trees' own allometry; litterfall is left out. The 2019 Refinement's default for
tea is not used: its unit could not be read (see docs/methodologies/farmland.md).
"""

from __future__ import annotations

from carbonsink.carbon.equation import Number, equation


@equation(cites="ipcc-2006-v4 eq 2.5, perennial crops", returns="carbon_change")
def gain(area: Number, woody_stock: Number, woody_stock_earlier: Number, inventory_interval: Number) -> Number:
    """Carbon that bushes or trees gain in one year between two inventories [t_C/yr]."""
    return area * (woody_stock - woody_stock_earlier) / inventory_interval


@equation(cites="ipcc-2006-v4 eq 2.14, rotation of perennial crops", returns="carbon_change")
def rotation_loss(area: Number, replanted_share: Number, woody_stock: Number) -> Number:
    """Carbon lost in one year on land that is cleared for replanting, as a negative change [t_C/yr].

    Only what the later inventory doesn't show: cleared land that was measured is in the gain already.
    """
    return -(area * replanted_share * woody_stock)
