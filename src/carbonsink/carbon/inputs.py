"""What goes into a model that steps through time, checked: numbers, lists, numpy arrays and xarray's DataArray (by position) alike.

numbers("rain", values, least=0.0)      float64, finite, within its bounds; an InputError says what, where and the bound
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MONTHS = 12  # of a year


class InputError(ValueError):
    """An input that a model can't take: which, where, what was found and what is asked for."""


def numbers(name: str, values: Any, least: float = -np.inf, most: float = np.inf) -> Floats:
    """Values as float64; an InputError names the first that is no finite number or lies outside of its bounds."""
    try:
        found = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{name}: numbers are needed, found {values!r:.60}") from None
    _all(name, found, np.isfinite(found), "is not a finite number")
    _all(name, found, found >= least, f"is below {least:g}")
    _all(name, found, found <= most, f"is above {most:g}")
    return found


def positive(name: str, values: Any) -> Floats:
    """Values as float64, every one above zero."""
    found = numbers(name, values)
    _all(name, found, found > 0, "is not above 0")
    return found


def whole_years(name: str, months: int) -> None:
    """An InputError where a number of months isn't that of whole years."""
    if months == 0 or months % MONTHS:
        raise InputError(f"{name}: {months} months are no whole years; give {MONTHS} values a year, January to December")


def word(name: str, found: str, known: tuple[str, ...]) -> str:
    """A word that is one of those known; an InputError lists them."""
    if found not in known:
        raise InputError(f"{name}: {found!r} is not one of {', '.join(known)}")
    return found


def common_shape(**arrays: Floats) -> tuple[int, ...]:
    """The shape that all arrays can be broadcast to; an InputError lists theirs."""
    try:
        return np.broadcast_shapes(*(array.shape for array in arrays.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise InputError(f"shapes don't go together: {shapes}") from None


def _all(name: str, found: Floats, good: NDArray[np.bool_], why: str) -> None:
    if not good.all():
        place = tuple(int(i) for i in np.argwhere(~good)[0])
        at = f" at {list(place)}" if place else ""
        raise InputError(f"{name}: {found[place]:g}{at} {why}")
