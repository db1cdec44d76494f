"""Inputs of any leading shape as the kernel reads them: each array's own rows, and for every series the row it reads.

What is the same for all draws stays one row: nothing is filled up to the common shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carbonsink.carbon.inputs import Floats, InputError, common_shape, numbers, positive, whole_years
from carbonsink.declared.parameters import COLDEST, DEW, HOTTEST

Rows = tuple[Floats, NDArray[np.int32]]  # values (row, ...) and the row of each series


@dataclass(frozen=True)
class Series:
    """Monthly inputs and what a series has once, checked; `shape` is their common leading shape, `months` how many."""

    shape: tuple[int, ...]
    months: int
    monthly: tuple[Floats, ...]  # in the kernel's order: rain, evaporation, temperature, covered, carbon, manure
    once: tuple[Floats, ...]  # clay, depth, ratio

    def rows(self, shape: tuple[int, ...]) -> tuple[tuple[Rows, ...], tuple[Rows, ...]]:
        """Both as rows over the series of a leading shape."""
        monthly = tuple(_rows(array, shape, (self.months,)) for array in self.monthly)
        return monthly, tuple(_rows(array, shape, ()) for array in self.once)


def series(temperature: Any, rain: Any, evaporation: Any, carbon_input: Any, manure: Any, covered: Any, clay: Any, depth: Any, ratio: Any) -> Series:
    """The inputs, checked: finite, within their bounds, whole years, shapes that go together; an InputError says what is wrong."""
    monthly = {
        "rain": numbers("rain", rain, least=0.0),
        "evaporation": numbers("evaporation", evaporation, least=DEW),
        "temperature": numbers("temperature", temperature, COLDEST, HOTTEST),
        "covered": _flags(covered),
        "carbon_input": numbers("carbon_input", carbon_input, least=0.0),
        "manure": numbers("manure", manure, least=0.0),
    }
    once = {"clay": numbers("clay", clay, 0.0, 100.0), "depth": positive("depth", depth), "ratio": positive("ratio", ratio)}
    months = max((array.shape[-1] for array in monthly.values() if array.ndim), default=0)
    whole_years("temperature, rain, evaporation, carbon_input, manure, covered", months)
    for name, array in monthly.items():
        if array.ndim and array.shape[-1] != months:
            raise InputError(f"{name}: {array.shape[-1]} months, where others have {months}")
    filled = {name: np.broadcast_to(array, (*array.shape[:-1], months)) for name, array in monthly.items()}
    leading = {name: array[..., 0] for name, array in filled.items()}
    return Series(common_shape(**leading, **once), months, tuple(filled.values()), tuple(once.values()))


def _flags(covered: Any) -> Floats:
    found = numbers("covered", covered)
    if not np.isin(found, (0.0, 1.0)).all():
        raise InputError("covered: 1 where plants cover the soil in a month, else 0")
    return found


def _rows(array: Floats, shape: tuple[int, ...], tail: tuple[int, ...]) -> Rows:
    leading = array.shape[: array.ndim - len(tail)]
    # An axis of stride 0 holds one value many times: one is enough.
    own = array[tuple(slice(0, 1) if stride == 0 else slice(None) for stride, _ in zip(array.strides, leading, strict=False))]
    count = own.shape[: len(leading)]
    index = np.broadcast_to(np.arange(int(np.prod(count)), dtype=np.int32).reshape(count), shape).reshape(-1)
    return _writeable(own).reshape(-1, *tail), _writeable(index)


def _writeable(array: Any) -> Any:
    """In one piece and writeable, though nobody writes: the kernel is then compiled for one kind of array only."""
    laid = np.ascontiguousarray(array)
    return laid if laid.flags.writeable else laid.copy()
