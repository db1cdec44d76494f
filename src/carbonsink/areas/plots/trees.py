"""Biomass of trees and plots by allometry (AR-TOOL14 version 04.2, Appendix 1), above and below the ground [t d.m.]."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from carbonsink.base.formula import evaluate
from carbonsink.base.geometry import hectares
from carbonsink.base.tables import total
from carbonsink.declared.allometry import Kind, read_plot_settings, read_species, read_tree_equations
from carbonsink.declared.plots import Plots

KG_PER_TONNE = 1000


@dataclass(frozen=True)
class Tree:
    """One tree: diameter at breast height [cm], height [m]."""

    plot: str
    species: str
    dbh: float
    height: float


def above_ground(tree: Tree, route: Kind, equations: Mapping[str, str]) -> float:
    """Above-ground biomass of a tree [t d.m.]: f(dbh, height) of eq A1.4, or V x D x BEF of eq A1.5."""
    equation = read_tree_equations()[equations.get(tree.species, tree.species), route]
    found = float(evaluate(equation.formula, {"dbh": tree.dbh, "height": tree.height}))
    if route == "biomass":
        return found / KG_PER_TONNE
    species = read_species()[tree.species]
    return found * species.density * species.bef


def root_shoot(above_t_ha: float) -> float:
    """R = exp(-1.085 + 0.9256 ln b) / b of a plot's above-ground biomass b [t d.m./ha]; none without trees."""
    if above_t_ha <= 0:
        return 0.0
    function = read_plot_settings().root_shoot
    return math.exp(function.constant + function.slope * math.log(above_t_ha)) / above_t_ha


def plot_biomass(trees: Iterable[Tree], area_m2: float, declared: Plots) -> float:
    """Biomass of a plot above and below the ground [t d.m./ha]: eqs A1.1 to A1.5."""
    above = [(tree.species, above_ground(tree, declared.route, declared.equations)) for tree in trees]
    area = hectares(area_m2)
    if declared.roots == "function":
        density = total(biomass for _, biomass in above) / area
        return density * (1 + root_shoot(density))
    return total(biomass * (1 + read_species()[species].root_shoot) for species, biomass in above) / area
