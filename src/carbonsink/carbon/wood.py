"""What biomass loses: removals of wood, fuelwood, disturbance; and wood in use (IPCC Guidelines, Volume 4, Chapters 2.3.1 and 12).

Losses are positive, as the Guidelines write them; `stock.change` takes them off the gains.
"""

from __future__ import annotations

from carbonsink.carbon.equation import Number, equation, exp


@equation(cites="ipcc-2006-v4 eq 2.11", returns="carbon_loss")
def losses(wood_loss: Number, fuelwood_loss: Number, disturbance_loss: Number) -> Number:
    """Carbon that biomass loses in a year by harvest, fuelwood and disturbance [t_C/yr]."""
    return wood_loss + fuelwood_loss + disturbance_loss


@equation(cites="ipcc-2006-v4 eq 2.12", returns="wood_loss")
def removals(area: Number, harvest_rate: Number, bcef_removal: Number, root_shoot: Number, bark_fraction: Number, carbon_fraction: Number) -> Number:
    """Carbon lost to harvested wood [t_C/yr]; the bark fraction is for volumes under bark, none for volumes over bark."""
    return area * harvest_rate * bcef_removal * (1 + root_shoot + bark_fraction) * carbon_fraction


@equation(cites="ipcc-2006-v4 eq 2.13", returns="fuelwood_loss")
def fuelwood(
    area: Number,
    fuelwood_rate: Number,
    fuelwood_parts_rate: Number,
    bcef_removal: Number,
    root_shoot: Number,
    wood_density: Number,
    carbon_fraction: Number,
) -> Number:
    """Carbon lost to fuelwood [t_C/yr]: whole trees with their roots, parts of trees by themselves."""
    whole = fuelwood_rate * bcef_removal * (1 + root_shoot)
    return area * (whole + fuelwood_parts_rate * wood_density) * carbon_fraction


@equation(cites="ipcc-2006-v4 eq 2.14", returns="disturbance_loss")
def disturbance(
    area: Number, disturbed_share: Number, agb_stock: Number, root_shoot: Number, carbon_fraction: Number, disturbance_loss_fraction: Number
) -> Number:
    """Carbon lost to fires, storms, insects [t_C/yr]; a fraction of one replaces the stand."""
    return area * disturbed_share * agb_stock * (1 + root_shoot) * carbon_fraction * disturbance_loss_fraction


@equation(cites="ipcc-2006-v4 eq 2.22, the wood carried away", returns="products_inflow")
def carried_away(area: Number, harvest_rate: Number, wood_density: Number, carbon_fraction: Number) -> Number:
    """Carbon in the wood that leaves the forest [t_C/yr]: what a harvest takes from biomass is this and slash."""
    return area * harvest_rate * wood_density * carbon_fraction


@equation(cites="ipcc-2006-v4 eq 12.1", returns="carbon_stock")
def products(products_stock: Number, products_inflow: Number, products_decay: Number, one_year: Number) -> Number:
    """Carbon in harvested wood products one year on [t_C]: the pool decays, the year's products decay since they were made."""
    kept = exp(-products_decay * one_year)
    return kept * products_stock + (1 - kept) / products_decay * products_inflow
