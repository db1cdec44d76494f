"""Trees and shrubs of afforestation (CDM AR-TOOL14 version 04.2): stocks by plots, trees and shrubs of before, one tree's biomass.

Plot inventories themselves, with their sampling error, are stage 4's; here stand the tool's other equations.
"""

from __future__ import annotations

from carbonsink.carbon.equation import Number, equation, exp, log


@equation(cites="ar-tool14 eq 12", returns="carbon_stock")
def stock(area: Number, tree_biomass: Number, carbon_fraction: Number) -> Number:
    """Carbon in trees by the mean biomass of plots [t_C]; eq 3 with 4 for a mean change."""
    return area * tree_biomass * carbon_fraction


@equation(cites="ar-tool14 eq 10", returns="carbon_change")
def standing_before(area: Number, crown_cover: Number, growth: Number, root_shoot: Number, carbon_fraction: Number) -> Number:
    """Carbon that trees of before the project would gain in a year, in proportion to their crown cover [t_C/yr]."""
    return area * crown_cover * growth * (1 + root_shoot) * carbon_fraction


@equation(cites="ar-tool14 eq 25 with 26 and 27", returns="carbon_change")
def shrub_difference(
    area: Number,
    shrub_ratio: Number,
    forest_agb: Number,
    shrub_cover: Number,
    shrub_cover_earlier: Number,
    root_shoot_shrub: Number,
    carbon_fraction: Number,
    years_between: Number,
) -> Number:
    """Carbon that shrubs gain in a year between two dates, by their crown cover [t_C/yr]."""
    at_full_cover = shrub_ratio * forest_agb * (1 + root_shoot_shrub) * carbon_fraction
    return area * at_full_cover * (shrub_cover - shrub_cover_earlier) / years_between


@equation(cites="ar-tool14 Appendix 1, R_j", returns="root_shoot")
def roots(above_ground: Number, root_shoot_constant: Number, root_shoot_slope: Number, one_tonne_per_hectare: Number) -> Number:
    """Below-ground to above-ground biomass by how much stands above [1]; dense stands have fewer roots a tonne."""
    below_ground = exp(root_shoot_constant + root_shoot_slope * log(above_ground / one_tonne_per_hectare)) * one_tonne_per_hectare
    return below_ground / above_ground


@equation(cites="ar-tool14 eq A1.4", returns="biomass_of_tree")
def by_diameter(
    tree_diameter: Number,
    tree_height: Number,
    allometric_coefficient: Number,
    allometric_diameter: Number,
    allometric_height: Number,
    one_metre: Number,
    root_shoot: Number,
) -> Number:
    """Biomass of one tree by a power of its diameter and height, roots added [t_dm]."""
    above = allometric_coefficient * (tree_diameter / one_metre) ** allometric_diameter * (tree_height / one_metre) ** allometric_height
    return above * (1 + root_shoot)


@equation(cites="ar-tool14 eq A1.5", returns="biomass_of_tree")
def by_volume(stem_volume: Number, wood_density: Number, biomass_expansion: Number, root_shoot: Number) -> Number:
    """Biomass of one tree by its stem's volume, density and expansion, roots added [t_dm]."""
    return stem_volume * wood_density * biomass_expansion * (1 + root_shoot)
