"""The pixels that broke, as columns: one entry a break, in the order of rows, columns and time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from carbonsink.land.change import kernel
from carbonsink.land.change.search import Found

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Events:
    """Breaks, each array of shape (break,) but for `change` and `after`, (break, layer); counts in ten-thousandths."""

    row: Whole
    column: Whole
    slot: Whole
    first: Whole  # period first seen after, by its place on the axis
    last: Whole  # period last seen before
    size: Whole
    back: Whole  # period of return, NONE where it hasn't
    peak: Whole
    change: NDArray[np.int64]
    after: NDArray[np.int64]

    def part(self, chosen: Whole) -> Events:
        """Some of the breaks, by number."""
        return Events(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})


def events_of(found: Found) -> Events:
    """The breaks of a block."""
    slot, row, column = np.nonzero(found.breaks[:, kernel.AFTER] != kernel.NONE)
    kept = found.breaks[slot, :, row, column].astype(np.int64)
    moved, seen = (part[slot, :, row, column].astype(np.int64) for part in (found.change, found.after))
    first, last, size, back, peak = (kept[:, n] for n in (kernel.AFTER, kernel.BEFORE, kernel.SIZE, kernel.RETURN, kernel.PEAK))
    return Events(row + found.row, column + found.column, slot, first, last, size, back, peak, moved, seen)


def joined(parts: Iterable[Events]) -> Events:
    """All breaks of several blocks, in the order of rows, columns and time whatever the blocks were; at least one block."""
    some = list(parts)
    whole = Events(**{field.name: np.concatenate([getattr(part, field.name) for part in some]) for field in fields(Events)})
    return whole.part(np.lexsort((whole.slot, whole.column, whole.row)))
