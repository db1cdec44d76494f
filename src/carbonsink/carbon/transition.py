"""Mineral soil on its way between two practices: a straight line over the transition time, from the stock reached, not from the old equilibrium.

    stocks([77.0, 70.84, 70.84], years=[1990, 1995, 2000], transition_time=20)     [77.0, 75.46, 73.92]

2019 Refinement, Volume 4, Equation 2.25 in its two formulations: A, each parcel with its own practice before and after (`by_parcels`);
B, the areas of strata at two dates (`by_strata`). They agree where every parcel keeps its stratum.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from carbonsink.base.tables import total
from carbonsink.carbon.inputs import Floats, InputError, numbers, positive

SAME_AREA = 1e-9  # relative: two sums of the same hectares


def stocks(equilibrium: Any, years: Any, transition_time: Any, start: Any = None) -> Floats:
    """Stock at each inventory year [..., years], t C/ha.

    equilibrium [..., years]: the stock at equilibrium under the practice recorded at each inventory (SOC_REF x F_LU x F_MG x F_I);
    years: rising calendar years; transition_time [yr], D. Where the equilibrium differs from that of the inventory before, a line begins at
    that inventory's year and stock and ends at the new equilibrium D years later: part of the change stands in the first inventory that
    records it. start [...]: the stock at the first inventory; its equilibrium where none is given.
    InputError for a negative stock, years that don't rise, shapes that don't go together. Equation 2.25 (2019 Refinement).
    """
    target, when, span = numbers("equilibrium", equilibrium, least=0.0), _rising(years), positive("transition_time", transition_time)
    if target.ndim == 0 or target.shape[-1] != when.size:
        raise InputError(f"equilibrium: {when.size} inventory years are needed on the last axis, found shape {target.shape}")
    kept = np.empty(target.shape)
    kept[..., 0] = target[..., 0] if start is None else numbers("start", start, least=0.0)
    stock, begun = kept[..., 0].copy(), np.full(target.shape[:-1], when[0])  # where and when the line in force began
    for i in range(1, when.size):
        new = target[..., i] != target[..., i - 1]
        stock, begun = np.where(new, kept[..., i - 1], stock), np.where(new, when[i - 1], begun)
        passed = np.minimum((when[i] - begun) / span, 1.0)
        kept[..., i] = np.where(passed < 1, stock + (target[..., i] - stock) * passed, target[..., i])
    return kept


def by_parcels(area: Any, before: Any, after: Any, *, interval: Any, transition_time: Any) -> float:
    """Formulation A: yearly change of all parcels [t C/yr] = sum of area x (SOC after - SOC before) / D.

    area [ha], before and after [t C/ha]: a value a parcel, its equilibrium under its own practices at both ends of the inventory interval.
    D is the transition time, or the interval where that is longer [yr]. InputError for negative numbers and unlike shapes.
    """
    hectares, first, last = numbers("area", area, least=0.0), numbers("before", before, least=0.0), numbers("after", after, least=0.0)
    try:
        change = np.broadcast_arrays(hectares * (last - first))[0]
    except ValueError:
        raise InputError(f"area {hectares.shape}, before {first.shape} and after {last.shape}: one value a parcel is needed") from None
    return total(change.reshape(-1).tolist()) / _divisor(interval, transition_time)


def by_strata(area_before: Any, area_after: Any, stock: Any, *, interval: Any, transition_time: Any) -> float:
    """Formulation B: yearly change of all land [t C/yr] = (sum of SOC x area after - sum of SOC x area before) / D.

    area_before and area_after [ha], stock [t C/ha]: a value a stratum (climate, soil and practice). The whole area must be the same at both
    ends of the interval; an InputError says both. D as in `by_parcels`.
    """
    first, last = numbers("area_before", area_before, least=0.0), numbers("area_after", area_after, least=0.0)
    carbon = numbers("stock", stock, least=0.0)
    if not first.shape == last.shape == carbon.shape:
        raise InputError(f"area_before {first.shape}, area_after {last.shape} and stock {carbon.shape}: one value a stratum is needed")
    sums = total(first.reshape(-1).tolist()), total(last.reshape(-1).tolist())
    if abs(sums[0] - sums[1]) > SAME_AREA * max(sums):
        raise InputError(f"area_before is {sums[0]:g} ha in all and area_after {sums[1]:g} ha; the same land must be in both")
    ends = [total((areas * carbon).reshape(-1).tolist()) for areas in (first, last)]
    return (ends[1] - ends[0]) / _divisor(interval, transition_time)


def _divisor(interval: Any, transition_time: Any) -> float:
    return float(max(positive("interval", interval), positive("transition_time", transition_time)))


def _rising(years: Any) -> Floats:
    found = numbers("years", years).reshape(-1)
    if found.size == 0 or (np.diff(found) <= 0).any():
        raise InputError(f"years: rising years are needed, found {found.tolist()!r:.60}")
    return found
