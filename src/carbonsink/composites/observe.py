"""One acquisition of one block: masks first at their own resolution, bands only where something is clear, tiles as one mosaic.

A pixel's source is exact, floor((x_centre - west) / resolution), so scenes shifted against the project grid are taken by
nearest, scenes of another CRS likewise (zones), and pixels twice as large are repeated: nothing is ever interpolated.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.problems import Exit, refuse
from carbonsink.base.rasters import COMPOSITE_UNIT, Grid
from carbonsink.base.tiff import Reader, TileError, reader
from carbonsink.composites import kernel, kernel_observe
from carbonsink.composites.grid import Chip, Scene
from carbonsink.composites.zones import Nearest, gather, nearest
from carbonsink.declared.sensor import NO_DATA, Sensor

Box = tuple[int, int, int, int]  # row, column, height, width
Opens = Callable[[Path], Reader]
Raw = tuple[NDArray[Any], int, int, int]  # pixels, how many rows and columns of the first lie before a box, and how often each is taken


@dataclass(frozen=True)
class Rules:
    """What makes a pixel an observation: every mask clear, and a number above fill in every band; `opened` gives readers."""

    sensor: Sensor
    bands: tuple[str, ...]
    opened: Opens = reader

    @cached_property
    def states(self) -> list[NDArray[np.uint8]]:
        """For each mask what a raw value makes of a pixel."""
        return [states(self.sensor, number) for number in range(len(self.sensor.masks))]


@dataclass(frozen=True)
class Place:
    """Where a block and a scene meet: `here` within the block, `there` its first row and column in the scene; or, of another CRS, pixel by pixel."""

    here: Box
    there: tuple[int, int] = (0, 0)
    bent: Nearest | None = None


class Room(threading.local):
    """A thread's memory for stacks, used again and again: fresh memory costs as much as what is done with it."""

    def __init__(self) -> None:
        self.memory = np.empty(0, dtype=np.uint16)


ROOM = Room()


@dataclass(frozen=True)
class Stack:
    """Observations of a block: `values` (time, band, row, column) are reflectance [1e-4] less `shift` (time, band), and fill
    where not above `least` (time, band); `state` (time, row, column) is NOTHING, MASKED or CLEAR.

    Counts of a file that are whole steps of reflectance stand as they are; everything else as reflectance + BIAS. Reflectance
    lies within +-32766.
    """

    values: NDArray[np.uint16]
    state: NDArray[np.uint8]
    shift: NDArray[np.float32]
    least: NDArray[np.uint16]

    @classmethod
    def empty(cls, times: int, bands: int, block: Grid) -> Stack:
        """Room for so many acquisitions of a block: the thread's own, so the stack before is lost."""
        pixels = times * block.height * block.width
        if ROOM.memory.size < pixels * bands:
            ROOM.memory = np.empty(pixels * bands, np.uint16)
        values = ROOM.memory[: pixels * bands].reshape(times, bands, block.height, block.width)
        state = np.zeros((times, block.height, block.width), np.uint8)
        return cls(values, state, np.full((times, bands), -kernel.BIAS, np.float32), np.zeros((times, bands), np.uint16))

    def __getitem__(self, times: slice) -> Stack:
        """Neighbouring acquisitions."""
        return Stack(self.values[times], self.state[times], self.shift[times], self.least[times])

    def __len__(self) -> int:
        return len(self.state)

    def bias(self) -> None:
        """Make every value reflectance + BIAS, in place, so that observations can be compared and chosen."""
        kernel.biased(self.values, self.state, self.shift, self.least)
        self.shift[:], self.least[:] = -kernel.BIAS, 0


def observe(scenes: Iterable[Scene], block: Grid, rules: Rules, one: Stack) -> None:
    """One acquisition on a block, into a stack of one that comes empty.

    Scenes come in order of preference; a pixel takes the first in which it is clear. Values of pixels that aren't mean nothing.
    """
    met = [(scene, place) for scene in scenes if (place := place_of(block, scene.grid)) is not None]
    if len(met) == 1 and _as_it_is(*met[0], block, rules, one):
        return
    for scene, place in met:
        row, column, height, width = place.here
        part = (slice(row, row + height), slice(column, column + width))
        _add(scene, place, rules, one.values[0][:, *part], one.state[0][part])


def place_of(block: Grid, scene: Grid) -> Place | None:
    """The pixels of a block whose centres lie in a scene; None where there are none."""
    if scene.crs != block.crs:
        found = nearest(block, scene)
        return Place((0, 0, block.height, block.width), bent=found) if found.inside.any() else None
    column = math.floor((block.west + block.resolution / 2 - scene.west) / scene.resolution)
    row = math.floor((scene.north - (block.north - block.resolution / 2)) / scene.resolution)
    top, left = max(row, 0), max(column, 0)
    height = min(row + block.height, scene.height) - top
    width = min(column + block.width, scene.width) - left
    return Place((top - row, left - column, height, width), (top, left)) if height > 0 and width > 0 else None


def _as_it_is(scene: Scene, place: Place, block: Grid, rules: Rules, one: Stack) -> bool:
    """The common case, with nothing copied: one scene holds the whole block, its bands' counts are whole steps of reflectance.

    False where it isn't so; then nothing was changed but what is written anew.
    """
    if place.bent is not None or place.here != (0, 0, block.height, block.width) or not rules.sensor.masks or rules.sensor.minimum_dn < 0:
        return False
    chips = [scene.chips[band] for band in rules.bands]
    if not all(chip.resolution == scene.grid.resolution and chip.steps is not None for chip in chips):
        return False
    _look(scene, place, rules, one.state[0])
    row, column, height, width = kernel_observe.extent(one.state[0], kernel.CLEAR)
    if 2 * width > block.width:  # whole rows lie one behind the other, so that tiles are decoded where they are wanted
        column, width = 0, block.width
    window = (place.there[0] + row, place.there[1] + column, height, width)
    for number, chip in enumerate(chips if height else ()):
        target = one.values[0, number, row : row + height, column : column + width]
        raw = _read(chip, rules.opened, window, target if target.flags.c_contiguous else None)
        if raw.dtype != np.uint16:
            one.state[:] = kernel.NOTHING
            return False
        if not target.flags.c_contiguous:
            target[...] = raw
    one.shift[0], one.least[0] = [chip.steps for chip in chips], math.floor(rules.sensor.minimum_dn)
    return True


def _add(scene: Scene, place: Place, rules: Rules, values: NDArray[np.uint16], state: NDArray[np.uint8]) -> None:
    """Fill the pixels still lacking with a scene's clear ones; bands aren't read where there are none."""
    now = np.full(state.shape, kernel.CLEAR, dtype=np.uint8)  # without masks all are clear, until their numbers say otherwise
    _look(scene, place, rules, now)
    kernel_observe.fresh(now, bool(rules.sensor.masks), state)
    box = row, column, height, width = kernel_observe.extent(now, 1)
    if height == 0:
        return
    part = (slice(row, row + height), slice(column, column + width))
    wanted = now[part]
    for band, target in zip(rules.bands, values, strict=True):
        chip = scene.chips[band]
        raw, *taken = _raw(chip, scene, place, box, rules.opened)
        factor, shift = chip.scale * COMPOSITE_UNIT, chip.offset * COMPOSITE_UNIT
        kernel_observe.take(raw, *taken, factor, shift, float(rules.sensor.minimum_dn), wanted, target[part])
    kernel_observe.settle(wanted, state[part])


def _look(scene: Scene, place: Place, rules: Rules, now: NDArray[np.uint8]) -> None:
    """What the masks say of a scene's pixels, into `now`, which stays as it is without masks."""
    for number, mask in enumerate(rules.sensor.masks):
        chip = scene.chips[mask.band]
        raw, *taken = _raw(chip, scene, place, (0, 0, now.shape[0], now.shape[1]), rules.opened)
        if raw.dtype != mask.dtype:
            raise refuse("E-COM-016", str(chip.path), Exit.INTEGRITY, found=raw.dtype, expected=mask.dtype)
        kernel_observe.look(raw, rules.states[number], *taken, number == 0, now)
    if place.bent is not None:
        now[~place.bent.inside] = kernel.NOTHING


def states(sensor: Sensor, number: int) -> NDArray[np.uint8]:
    """What each raw value of a sensor's mask makes of a pixel."""
    codes = sensor.masks[number].table
    return np.where(sensor.is_clear[codes], kernel.CLEAR, np.where(codes == NO_DATA, kernel.NOTHING, kernel.MASKED)).astype(np.uint8)


def _raw(chip: Chip, scene: Scene, place: Place, box: Box, opened: Opens) -> Raw:
    """A chip's pixels for a box of `place.here`; of coarser pixels each is taken several times."""
    times = int(chip.resolution / scene.grid.resolution)
    row, column, height, width = box
    if place.bent is not None:
        cut = (slice(row, row + height), slice(column, column + width))
        part = Nearest(place.bent.rows[cut], place.bent.columns[cut], place.bent.inside[cut])
        raw = gather(lambda window: _read(chip, opened, window), part, times)
        assert raw is not None  # a box of wanted pixels, or the block of a scene that meets it
        return raw, 0, 0, 1
    (top, above), (left, before) = divmod(place.there[0] + row, times), divmod(place.there[1] + column, times)
    window = (top, left, (above + height - 1) // times + 1, (before + width - 1) // times + 1)
    return _read(chip, opened, window), above, before, times


def _read(chip: Chip, opened: Opens, window: Box, out: NDArray[np.uint16] | None = None) -> NDArray[Any]:
    """A window of a chip's pixels, in `out` where that is given and of the chip's type."""
    try:
        return _in_place(opened(chip.path), window, out)
    except TileError as error:
        raise refuse("E-COM-017", str(chip.path), Exit.INTEGRITY, why=error.why) from None


def _in_place(source: Reader, window: Box, out: NDArray[np.uint16] | None) -> NDArray[Any]:
    try:
        return source.read(window, out)
    except TileError:
        raise
    except ValueError:  # a file of another type can't be read into `out`
        return source.read(window)


def clouds(scenes: Iterable[Scene], block: Grid, rules: Rules) -> NDArray[np.uint8]:
    """1 where the masks take away a pixel of an acquisition in every scene that has it, else 0, shape (row, column)."""
    seen = np.zeros((block.height, block.width), dtype=np.uint8)
    for scene in scenes:
        place = place_of(block, scene.grid)
        if place is not None and rules.sensor.masks:
            row, column, height, width = place.here
            part = seen[row : row + height, column : column + width]
            now = np.empty(part.shape, dtype=np.uint8)
            _look(scene, place, rules, now)
            np.maximum(part, now, out=part)
    masked: NDArray[np.uint8] = (seen == kernel.MASKED).astype(np.uint8)
    return masked
