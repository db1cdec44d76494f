"""Soil by mass: what a hectare's soil weighs down to each layer, what carbon it holds, and stocks compared on one mass of soil.

A tilled soil is loose and a no-till soil dense: to one depth they hold unlike masses of soil, so carbon is compared to one mass
(VM0042 v2.2 section 8.2.1.6). Between the borders of layers the carbon under a mass is a monotone cubic (Fritsch and Carlson 1980,
SIAM Journal on Numerical Analysis 17, 238-246), of the family that Wendt and Hauser (2013, European Journal of Soil Science 64,
58-65) and von Haden et al. (2020, Global Change Biology 26, 3759-3770) take; under one layer alone it is a straight line.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from carbonsink.areas.interval import Array
from carbonsink.declared.measured.soil import Layer

T_HA_PER_G_MM2 = 10_000  # 1 g/mm2 is 10,000 t/ha
T_HA_PER_G_CM2 = 100  # 1 g/cm2 is 100 t/ha
G_PER_KG = 1000
WHOLE_PERCENT = 100


@dataclass(frozen=True)
class Profile:
    """A sample from the surface down: at the lower border of each layer its depth [cm], the soil [t/ha] and carbon [t C/ha] above."""

    depths: Array
    masses: Array
    carbon: Array

    def mass_to(self, depth_cm: float) -> float:
        """Soil [t/ha] above a depth, a layer being of one density."""
        return float(np.interp(depth_cm, np.concatenate(([0.0], self.depths)), np.concatenate(([0.0], self.masses))))

    def stock(self, mass: float) -> float:
        """Organic carbon [t C/ha] in the uppermost so many tonnes of soil a hectare, which the sample must hold."""
        from scipy.interpolate import PchipInterpolator

        assert mass <= self.masses[-1]
        return float(PchipInterpolator(np.concatenate(([0.0], self.masses)), np.concatenate(([0.0], self.carbon)))(mass))

    def content(self, depth_cm: float) -> float:
        """Mean content of organic carbon [g/kg] above a depth."""
        mass = self.mass_to(depth_cm)
        return self.stock(mass) / mass * G_PER_KG


def core_mass(mass_g: float, diameter_mm: float, cores: float) -> float:
    """Fine soil [t/ha] of a layer by the dry mass of its cores [g] and the probe's inside diameter [mm]: VM0042 v2.2 eq 3, the bracket."""
    return mass_g / (math.pi * (diameter_mm / 2) ** 2 * cores) * T_HA_PER_G_MM2


def density_mass(bulk_density: float, coarse_percent: float, thickness_cm: float) -> float:
    """Fine soil [t/ha] of a layer by bulk density [g/cm3], less the share of coarse fragments [% of mass]: VM0042 v2.2 eq 4."""
    return T_HA_PER_G_CM2 * bulk_density * thickness_cm * (1 - coarse_percent / WHOLE_PERCENT)


def profile(layers: Sequence[Layer]) -> Profile:
    """The profile of a sample's layers, from the surface down."""
    depths = np.array([layer.depth_cm for layer in layers])
    masses = np.array([_mass(layer, thickness) for layer, thickness in zip(layers, np.diff(depths, prepend=0.0), strict=True)])
    carbon = masses * np.array([layer.organic_carbon for layer in layers]) / G_PER_KG
    return Profile(depths, np.cumsum(masses), np.cumsum(carbon))


def _mass(layer: Layer, thickness_cm: float) -> float:
    if layer.mass_g is not None and layer.diameter_mm is not None and layer.cores is not None:
        return core_mass(layer.mass_g, layer.diameter_mm, layer.cores)
    return density_mass(layer.bulk_density or 0.0, layer.coarse_percent or 0.0, thickness_cm)
