"""Soil measured and measured again (VM0042 v2.2): masses, stocks, and what the uncertainty takes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from carbonsink.areas.measured.change import Estimate, net, uncertainty_percent
from carbonsink.areas.measured.masses import core_mass, profile
from carbonsink.declared.measured.soil import Layer
from tests.cases.kinds import Pair, pair

MANY = 1e9  # degrees of freedom: the example takes the normal quantile


def cores(case: dict[str, Any]) -> Iterator[Pair]:
    """The area of the cores [mm2], the soil and the carbon of a hectare [t]."""
    given, expect = case["given"], case["expect"]
    mass = core_mass(given["mass_g"], given["diameter_mm"], given["cores"])
    carbon = profile([Layer(given["depth_cm"], given["organic_carbon_g_kg"], given["mass_g"], given["cores"], given["diameter_mm"])]).stock(mass)
    ours = {"area_mm2": math.pi * (given["diameter_mm"] / 2) ** 2 * given["cores"], "soil_t_ha": mass, "carbon_t_ha": carbon}
    yield from (pair(name, ours[name], value) for name, value in expect.items())


def density(case: dict[str, Any]) -> Iterator[Pair]:
    """The carbon of a hectare [t] by bulk density."""
    given = case["given"]
    one = profile([Layer(given["depth_cm"], given["organic_carbon_g_kg"], bulk_density=given["bulk_density"], coarse_percent=given["coarse_percent"])])
    yield pair("carbon_t_ha", one.carbon[-1], case["expect"])


def gain(case: dict[str, Any]) -> Iterator[Pair]:
    """Project less control [t CO2], its uncertainty [%], and what that takes [t CO2]."""
    given, expect = case["given"], case["expect"]
    project, control = (Estimate(part["after"] - part["before"], part["error"], MANY) for part in (given["project"], given["control"]))
    found = net(project, control)
    gross, percent = found.value * given["hectares"] * 44 / 12, uncertainty_percent(found)
    ours = {"gross": gross, "uncertainty_percent": percent, "deduction": gross * percent / 100, "after": gross * (1 - percent / 100)}
    yield from (pair(name, ours[name], value) for name, value in expect.items())
