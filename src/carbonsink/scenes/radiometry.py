"""How an asset's numbers become reflectance: decided by metadata in a fixed order, then held against the pixels.

1. the item says the offset is already applied: 0, whatever raster:bands lists (the trap of Earth Search v1);
2. raster:bands of the asset gives an offset: that one;
3. the processing baseline: the sensor's offset from its first baseline with one, 0 before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.problems import Exit, Problem, refuse
from carbonsink.declared.sensor import Sensor
from carbonsink.scenes.item import Item

UNKNOWN = (-1,)


@dataclass(frozen=True)
class Decision:
    """reflectance = DN * scale + offset, and the line of the item that decided the offset."""

    scale: float
    offset: float
    rule: str


def decide(item: Item, band: str, sensor: Sensor) -> Decision:
    """Scale and offset of one band of an item; refused where the item says nothing that decides it."""
    if band == sensor.mask.band:
        return Decision(1.0, 0.0, "mask")
    declared, asset = sensor.radiometry, item.assets[band]
    scale = declared.scale if asset.scale is None else asset.scale
    if item.offset_applied:
        return Decision(scale, 0.0, f"{declared.applied_flag}=true")
    if asset.offset is not None:
        return Decision(scale, asset.offset, "raster:bands.offset")
    found, since = baseline_number(item.baseline), baseline_number(declared.offset_since_baseline)
    if found == UNKNOWN:
        raise refuse("E-SRC-012", item.id, Exit.SOURCE, band=band, flag=declared.applied_flag, baseline=declared.baseline_property)
    if found >= since:
        return Decision(scale, declared.offset, f"{declared.baseline_property}>={declared.offset_since_baseline}")
    return Decision(scale, 0.0, f"{declared.baseline_property}<{declared.offset_since_baseline}")


def baseline_number(text: str | None) -> tuple[int, ...]:
    """A processing baseline as numbers that compare: "05.09" is (5, 9); none, or a text that is no number, is before all."""
    return tuple(int(part) for part in text.split(".")) if text and text.replace(".", "").isdecimal() else UNKNOWN


def conflict(item: Item, band: str, decision: Decision, clear: NDArray[np.integer], sensor: Sensor) -> Problem | None:
    """The problem, if an offset still to be applied can't be in the clear DN of a chip (any shape)."""
    if decision.offset >= 0 or clear.size == 0:
        return None
    declared = sensor.radiometry
    rank = int(declared.floor_percentile / 100 * (clear.size - 1))
    found = int(np.partition(clear, rank, axis=None)[rank])
    if found >= declared.floor_dn:
        return None
    facts = {"percentile": declared.floor_percentile, "found": found, "floor": declared.floor_dn}
    return Problem("E-SRC-013", item.id, {"band": band, "offset": decision.offset, "rule": decision.rule, **facts})
