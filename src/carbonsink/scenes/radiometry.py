"""How an asset's numbers become reflectance: decided by metadata in a fixed order, then held against the pixels.

1. the item says the offset is already applied: 0, whatever raster:bands lists (the trap of Earth Search v1);
2. raster:bands of the asset gives an offset: that one, where the provider's lists are the pixels' own and it is one the product can have;
3. the processing baseline: the sensor's offset from its first baseline with one, 0 before;
   a sensor whose offset never changed has it always.

An item whose lists can't be the product's, or whose bands have different offsets, is refused.
Against the pixels, in both directions: an offset that is to be applied but isn't in them leaves dark ground far below it (`conflict`);
one that is said to be gone but still is in them leaves no vegetation below it (`leftover`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.problems import Exit, Problem, refuse
from carbonsink.declared.sensor import Dialect, Sensor
from carbonsink.scenes.item import Item

UNKNOWN = (-1,)


@dataclass(frozen=True)
class Decision:
    """reflectance = DN * scale + offset, and the line of the item that decided the offset."""

    scale: float
    offset: float
    rule: str


@dataclass(frozen=True)
class Shade:
    """The darkest ground in one band: the DN at the sensor's percentile, and what said that no offset is in it."""

    band: str
    dn: int
    rule: str


def decide(item: Item, band: str, sensor: Sensor, dialect: Dialect) -> Decision:
    """Scale and offset of one band of an item; refused where the item says nothing that decides it, or what can't be."""
    if band in sensor.mask_bands:
        return Decision(1.0, 0.0, "mask")
    declared, asset = sensor.radiometry, item.assets[band]
    _check_listed(item, band, "scale", asset.scale, (declared.scale,))
    if item.offset_applied:
        return Decision(declared.scale, 0.0, f"{dialect.applied_flag}=true")
    if asset.offset is not None:
        _check_listed(item, band, "offset", asset.offset, _possible(item, sensor))
        return Decision(declared.scale, asset.offset, "raster:bands.offset")
    if declared.offset_since_baseline is None:
        return Decision(declared.scale, declared.offset, f"sensor {sensor.id}")
    found, since = baseline_number(item.baseline), baseline_number(declared.offset_since_baseline)
    if found == UNKNOWN:
        raise refuse("E-SRC-012", item.id, Exit.SOURCE, band=band, flag=dialect.applied_flag, baseline=dialect.baseline_property)
    if found >= since:
        return Decision(declared.scale, declared.offset, f"{dialect.baseline_property}>={declared.offset_since_baseline}")
    return Decision(declared.scale, 0.0, f"{dialect.baseline_property}<{declared.offset_since_baseline}")


def _possible(item: Item, sensor: Sensor) -> tuple[float, ...]:
    """The offsets that an item's bands can have: the product's own and, where it came with a baseline, none; before that one, none alone."""
    declared = sensor.radiometry
    if declared.offset_since_baseline is None:
        return (declared.offset,)
    before = UNKNOWN < baseline_number(item.baseline) < baseline_number(declared.offset_since_baseline)
    return (0.0,) if before else (0.0, declared.offset)


def _check_listed(item: Item, band: str, what: str, found: float | None, known: tuple[float, ...]) -> None:
    if found is not None and not any(math.isclose(found, one) for one in known):
        expected = " | ".join(f"{one:g}" for one in known)
        raise refuse("E-SRC-033", f"{item.id} {band}", Exit.INTEGRITY, what=what, found=found, expected=expected, baseline=item.baseline or "-")


def mixed(item: Item, decisions: Mapping[str, Decision]) -> Problem | None:
    """The problem, if an item's bands are to be read with different offsets: they are all of one making."""
    found = {band: decision for band, decision in sorted(decisions.items()) if decision.rule != "mask"}
    if len({decision.offset for decision in found.values()}) < 2:
        return None
    return Problem("E-SRC-034", item.id, {"found": ", ".join(f"{band} {decision.offset:g} ({decision.rule})" for band, decision in found.items())})


def baseline_number(text: str | None) -> tuple[int, ...]:
    """A processing baseline as numbers that compare: "05.09" is (5, 9); none, or a text that is no number, is before all."""
    parts = text.split(".") if text else []
    return tuple(map(int, parts)) if parts and all(part.isdecimal() for part in parts) else UNKNOWN


def conflict(item: Item, band: str, decision: Decision, clear: NDArray[np.integer], sensor: Sensor) -> Problem | None:
    """The problem, if an offset still to be applied can't be in the clear DN of a chip (any shape)."""
    declared = sensor.radiometry
    if decision.offset >= 0 or clear.size < declared.floor_pixels or declared.floor_percentile is None or declared.floor_dn is None:
        return None
    found = _percentile(clear, declared.floor_percentile)
    if found >= declared.floor_dn:
        return None
    facts = {"percentile": declared.floor_percentile, "found": found, "floor": declared.floor_dn}
    return Problem("E-SRC-013", item.id, {"band": band, "offset": decision.offset, "rule": decision.rule, **facts})


def shade(band: str, decision: Decision, darkest: NDArray[np.integer], sensor: Sensor) -> Shade | None:
    """How dark a band's darkest ground is, from that ground's DN (any shape); None where the band tells nothing about its offset."""
    rule = sensor.radiometry.darkest
    if rule is None or band not in rule.bands or decision.offset != 0 or darkest.size < rule.minimum_pixels:
        return None
    return Shade(band, _percentile(darkest, rule.percentile), decision.rule)


def leftover(item: Item, shades: Sequence[Shade], sensor: Sensor) -> Problem | None:
    """The problem, if an offset that is said to be gone is still in an item's pixels.

    Judged only where it can be known: the item's baseline has the offset, and enough bands agree.
    """
    declared = sensor.radiometry
    rule, since = declared.darkest, baseline_number(declared.offset_since_baseline)
    if rule is None or since == UNKNOWN or baseline_number(item.baseline) < since:
        return None
    if len(shades) < rule.agreeing or any(shade.dn < rule.dn for shade in shades):
        return None
    found = ", ".join(f"{shade.band} {shade.dn}" for shade in shades)
    facts = {"percentile": rule.percentile, "found": found, "limit": rule.dn}
    return Problem("E-SRC-031", item.id, {"rule": shades[0].rule, "baseline": item.baseline, **facts})


def _percentile(values: NDArray[np.integer], percent: float) -> int:
    """The value at a percentile's rank, rounded down: one that occurs."""
    rank = int(percent / 100 * (values.size - 1))
    return int(np.partition(values, rank, axis=None)[rank])
