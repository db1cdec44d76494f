"""Leakage where farming or grazing moves off the land that is planted (CDM AR-TOOL15)."""

from __future__ import annotations

from carbonsink.carbon.equation import Number, equation


@equation(cites="ar-tool15 eq 1 with 2", returns="carbon_loss")
def loss(
    area: Number,
    displaced_share: Number,
    displaced_agb: Number,
    root_shoot: Number,
    displaced_shrub: Number,
    root_shoot_shrub: Number,
    carbon_fraction: Number,
    displacement_dead_matter: Number,
    displaced_soil_loss: Number,
) -> Number:
    """Carbon lost in a year on the land that receives what was displaced [t_C/yr]: trees with dead matter, shrubs, soil."""
    biomass = displacement_dead_matter * displaced_agb * (1 + root_shoot) + displaced_shrub * (1 + root_shoot_shrub)
    return area * displaced_share * (biomass * carbon_fraction + displaced_soil_loss)
