"""Volume of an even-aged stand by its age: two growth curves, and a yield table read between its rows.

    chapman_richards(20, most=300, rate=0.05, shape=2)     m3/ha

Parameters come from a yield study of the species and site; the library has none of its own. Floats, lists, numpy arrays and xarray's
DataArray (by position) go in, numpy arrays come out; any shapes that go together.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from carbonsink.carbon.inputs import Floats, InputError, common_shape, numbers, positive


def chapman_richards(age: Any, *, most: Any, rate: Any, shape: Any) -> Floats:
    """V = most (1 - exp(-rate age))^shape: volume at an age [yr] in the unit of `most` (m3/ha); zero at age 0.

    rate [1/yr] and shape above zero. InputError for a negative age or a parameter that isn't positive. Richards (1959), Chapman (1961).
    """
    years, largest, k, p = numbers("age", age, least=0.0), positive("most", most), positive("rate", rate), positive("shape", shape)
    common_shape(age=years, most=largest, rate=k, shape=p)
    volume: Floats = largest * np.power(-np.expm1(-k * years), p)
    return volume


def logistic(age: Any, *, most: Any, rate: Any, shift: Any) -> Floats:
    """V = most / (1 + shift exp(-rate age)): volume at an age [yr] in the unit of `most` (m3/ha).

    rate [1/yr] and shift above zero; at age 0 it is most / (1 + shift), not zero. InputError as of `chapman_richards`. Verhulst (1838).
    """
    years, largest, k, b = numbers("age", age, least=0.0), positive("most", most), positive("rate", rate), positive("shift", shift)
    common_shape(age=years, most=largest, rate=k, shift=b)
    volume: Floats = largest / (1 + b * np.exp(-k * years))
    return volume


def by_table(age: Any, *, ages: Any, volumes: Any) -> Floats:
    """Volume at an age [yr] on the straight lines between the rows of a yield table: `ages` rising, `volumes` one each (m3/ha).

    InputError for ages that don't rise, and for an age outside of the table: what a table doesn't say isn't made up.
    """
    known, held = numbers("ages", ages, least=0.0), numbers("volumes", volumes, least=0.0)
    if known.ndim != 1 or known.shape != held.shape or known.size < 2 or (np.diff(known) <= 0).any():
        raise InputError(f"ages, volumes: two or more rising ages with a volume each are needed, found shapes {known.shape} and {held.shape}")
    years = numbers("age", age, least=0.0)
    outside = (years < known[0]) | (years > known[-1])
    if outside.any():
        raise InputError(f"age: {years[outside].flat[0]:g} is outside of the table, which goes from {known[0]:g} to {known[-1]:g}")
    return np.asarray(np.interp(years, known, held), np.float64)


def growth(volume_before: Any, volume_after: Any, years: Any) -> Floats:
    """Mean yearly increment [m3/ha/yr] between two volumes; InputError where years aren't above zero."""
    increment: Floats = (numbers("volume_after", volume_after) - numbers("volume_before", volume_before)) / positive("years", years)
    return increment
