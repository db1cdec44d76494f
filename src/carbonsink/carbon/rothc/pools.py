"""The state of a soil between two months: five pools of carbon and the moisture deficit; where a run may start.

inert_carbon(40.0)              inert organic matter of a soil with 40 t C/ha
scaled_to(pools, 40.0)          the same soil, its active pools scaled so that it holds 40 t C/ha
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from carbonsink.carbon.inputs import Floats, InputError, numbers, positive
from carbonsink.declared.parameters import read_parameters

POOLS = ("dpm", "rpm", "bio", "hum", "iom")  # decomposable and resistant plant material, microbial biomass, humus, inert organic matter
ROUNDS = 200  # of the inert pool beside active ones; each takes nine tenths of the error away


@dataclass(frozen=True)
class Pools:
    """carbon [..., 5] in t C/ha, in the order of POOLS; deficit [...] of soil moisture in mm, zero or below."""

    carbon: Floats
    deficit: Floats

    @property
    def total(self) -> Floats:
        """Organic carbon of all pools [...], t C/ha."""
        return summed(self.carbon)


def summed(carbon: Floats) -> Floats:
    """Pools [..., 5] added in one order, whatever the shape."""
    found: Floats = carbon[..., 0] + carbon[..., 1] + carbon[..., 2] + carbon[..., 3] + carbon[..., 4]
    return found


def no_carbon(inert: Any = 0.0) -> Pools:
    """A soil with nothing but inert organic matter [...] t C/ha, as wet as it can be."""
    iom = numbers("inert", inert, least=0.0)
    carbon = np.zeros((*iom.shape, len(POOLS)))
    carbon[..., -1] = iom
    return Pools(carbon, np.zeros(iom.shape))


def inert_carbon(total: Any) -> Floats:
    """Inert organic matter [t C/ha] of a soil with `total` [t C/ha] of organic carbon, any shape.

    IOM = 0.049 TOC^1.139 (Falloon et al. 1998). InputError where total isn't above zero.
    """
    p = read_parameters("rothc")
    found: Floats = p.value("inert_scale") * positive("total", total) ** p.value("inert_exponent")
    return found


def inert_beside(active: Any) -> Floats:
    """Inert organic matter [t C/ha] beside `active` pools [t C/ha], so that it is Falloon's share of both together; InputError at zero."""
    pools = positive("active", active)
    inert = np.zeros_like(pools)
    for _ in range(ROUNDS):
        before, inert = inert, inert_carbon(pools + inert)
        if np.array_equal(before, inert):
            break
    return inert


def scaled_to(pools: Pools, total: Any) -> Pools:
    """Pools whose active part is scaled so that, with the inert part of `total`, they hold `total` [...] t C/ha.

    Under one climate the pools at equilibrium are in proportion to the carbon that comes in, so this is the equilibrium under the input
    that explains the measured stock: what the users' guide does by running the model backwards. InputError where pools hold no active carbon.
    """
    measured = positive("total", total)
    inert = inert_carbon(measured)
    active = pools.carbon[..., :-1]
    held = active[..., 0] + active[..., 1] + active[..., 2] + active[..., 3]
    if not (held > 0).all():
        raise InputError("pools: no active carbon to scale; run to equilibrium with carbon coming in")
    scale = (measured - inert) / held
    carbon = np.concatenate([active * scale[..., None], np.broadcast_to(inert, scale.shape)[..., None]], axis=-1)
    return Pools(carbon, np.broadcast_to(pools.deficit, scale.shape).copy())
