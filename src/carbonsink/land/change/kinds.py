"""What a change is: the first rule of library/change.toml that holds over the means of its pixels."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from carbonsink.base.formula import evaluate, names_in
from carbonsink.base.rasters import COMPOSITE_UNIT
from carbonsink.base.tables import quantise
from carbonsink.declared.change import Library
from carbonsink.land.change.events import Events

PLACES = 4  # of means of ten-thousandths


def means(events: Events, layers: tuple[str, ...]) -> dict[str, float]:
    """What rules may ask of a change's pixels: magnitude, and each layer's move and value in the first observations after."""
    found = {"magnitude": _mean(events.size)}
    for number, layer in enumerate(layers):
        found |= {f"{layer}_change": _mean(events.change[:, number]), f"{layer}_after": _mean(events.after[:, number])}
    return found | ({"ndvi_peak": _mean(events.peak)} if "ndvi" in layers else {})


def kind_of(values: Mapping[str, float], library: Library) -> str:
    """The kind; rules that ask for what isn't there are passed over."""
    holding = (kind.id for kind in library.kind if set(names_in(kind.when)) <= values.keys() and bool(evaluate(kind.when, values)))
    return next(holding)


def severity_of(dnbr: float, library: Library) -> str:
    """The level of a dNBR; the last has no end."""
    levels = library.severity.level
    return next((level.id for level in levels if dnbr < level.below), levels[-1].id)


def _mean(counts: np.ndarray[tuple[int], np.dtype[np.int64]]) -> float:
    return quantise(int(counts.sum()) / counts.size / COMPOSITE_UNIT, PLACES)
