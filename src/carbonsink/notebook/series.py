"""Indices and composites of an xarray dataset of surface reflectance (0 to 1), by the library's own definitions.

An index follows `library/indices.toml`: no value where a denominator is nearer to zero than the library's smallest; beyond its range none, or clipped to it.
A composite's periods are those of a pipeline: months, seasons, years. It is worked in the dataset's own precision, in memory or by dask.
"""

from __future__ import annotations

import ast
from datetime import date
from typing import Literal

import numpy as np
import xarray

from carbonsink.base.formula import evaluate, parse
from carbonsink.base.problems import Exit, refuse
from carbonsink.declared.calendar import spans
from carbonsink.declared.indices import Index, read_indices
from carbonsink.declared.pipeline import Composites
from carbonsink.declared.schema import nearest_alone

Reducer = Literal["median", "mean", "max-ndvi"]
PeriodName = Literal["month", "season", "year"]
COUNT = "count"


def index_of(dataset: xarray.Dataset, name: str) -> xarray.DataArray:
    """An index by its name in the library; a Refusal names the bands that it needs."""
    library = read_indices()
    if name not in library.index:
        raise refuse("E-NBK-004", name, Exit.USAGE, nearest=nearest_alone(name, library.index), known=", ".join(library.index))
    index = library.index[name]
    require(dataset, name, index.bands)
    bands = {band: dataset[band] for band in index.bands}
    value = evaluate(index.formula, bands)
    bounded = index.beyond == "none"
    valid = (value >= index.low) & (value <= index.high) if bounded else np.isfinite(value)
    for text in denominators(index):
        below = evaluate(text, bands)
        valid = valid & ((below if bounded else abs(below)) >= library.denominator.smallest)
    found: xarray.DataArray = value.where(valid).clip(index.low, index.high).rename(name)
    return found.assign_attrs(long_name=index.name.en, formula=index.formula, source=index.source)


def composite_of(dataset: xarray.Dataset, period: PeriodName, reducer: Reducer, minimum: int) -> xarray.Dataset:
    """One value a period and pixel of each variable over (time, y, x), and `count`: how often a pixel was seen in all variables.

    A pixel seen less than `minimum` times has no value; a period without an observation is left out.
    """
    require(dataset, "composite", ("time",))
    clear = dataset.to_array().notnull().all("variable")
    seen, days = dataset.where(clear), dataset.indexes["time"]
    first, last = date(_day(days.min()).year - 1, 12, 1), _day(days.max())  # a winter begins in the December before
    parts: list[xarray.Dataset] = []
    for span in spans(first, last, Composites(period=period, bands=["-"])):
        here = (days >= str(span.start)) & (days < np.datetime64(span.end) + np.timedelta64(1, "D"))
        if here.any():
            count = clear.isel(time=here).sum("time")
            reduced = _reduced(seen.isel(time=here), reducer).where(count >= minimum).assign({COUNT: count})
            parts.append(reduced.assign_coords(period=span.name, time=np.datetime64(span.start, "ns")))
    return xarray.concat(parts, dim="time", coords="different", compat="equals")


def require(dataset: xarray.Dataset, what: str, names: tuple[str, ...]) -> None:
    """A Refusal where a dataset lacks a variable or coordinate."""
    known = [str(name) for name in dataset.variables]
    if lacking := [name for name in names if name not in known]:
        raise refuse("E-NBK-003", what, Exit.USAGE, needed=", ".join(names), lacking=", ".join(lacking), known=", ".join(known) or "-")


def denominators(index: Index) -> tuple[str, ...]:
    """Every denominator in an index's formula, as text."""
    return tuple(ast.unparse(node.right) for node in ast.walk(parse(index.formula)) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div))


def _reduced(seen: xarray.Dataset, reducer: Reducer) -> xarray.Dataset:
    if reducer == "median":
        return seen.median("time")
    if reducer == "mean":
        return seen.mean("time")
    greenest = index_of(seen, "ndvi").fillna(-np.inf).argmax("time")  # the earliest of equals, of whole observations
    return seen.isel(time=greenest).drop_vars("time")


def _day(time: np.datetime64) -> date:
    return date.fromisoformat(str(time)[:10])
