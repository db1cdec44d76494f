"""Carbon in harvested wood products: a pool a product, filled by what is made in a year, emptied by first-order decay.

    stocks([100.0] * 30, half_life=half_life("sawnwood"), start=steady_start([100.0] * 5, half_life("sawnwood")))

2006 Guidelines, Volume 4, Equation 12.1 (2019 Refinement, Equation 12.2, the same). Half-lives: `library/models/harvested-wood.csv`.
Floats, lists, numpy arrays and xarray's DataArray (by position) go in, numpy arrays come out. Units of carbon are the caller's (t C).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from carbonsink.carbon.inputs import Floats, InputError, numbers, positive, word
from carbonsink.declared.parameters import read_parameters

MODEL = "harvested-wood"


def products() -> tuple[str, ...]:
    """The products whose half-life the library has."""
    return read_parameters(MODEL).choices("half_life")


def half_life(product: str) -> float:
    """Half-life of a product's pool [yr]; InputError for a product the table doesn't have."""
    return read_parameters(MODEL).value("half_life", word("product", product, products()))


def carbon(product: str, amount: Any) -> Floats:
    """Carbon [t C] in an amount of a product: m3 of sawnwood and wood panels, t of paper and paperboard. Any shape."""
    content: Floats = numbers("amount", amount, least=0.0) * read_parameters(MODEL).value("carbon_content", word("product", product, products()))
    return content


def stocks(inflow: Any, *, half_life: Any, start: Any = 0.0) -> Floats:
    """Stock at the end of every year [..., years], from the inflow of each year [..., years] and the stock before the first [...].

    C(i + 1) = exp(-k) C(i) + (1 - exp(-k)) / k Inflow(i), k = ln 2 / half_life [yr]. InputError for negative carbon or a half-life that
    isn't above zero. Equation 12.1A of 2006, 12.2 of 2019.
    """
    made, k = _years("inflow", inflow), _decay(half_life)
    pool = numbers("start", start, least=0.0)
    shape = np.broadcast_shapes(made.shape[:-1], k.shape, pool.shape)
    kept = np.empty((*shape, made.shape[-1]))
    for year in range(made.shape[-1]):
        pool = np.exp(-k) * pool - np.expm1(-k) / k * made[..., year]
        kept[..., year] = pool
    return kept


def steady_start(inflow: Any, half_life: Any) -> Floats:
    """Stock before the first year, as if the mean inflow of the years given [..., years] had always been: mean / k. Equation 12.4 of 2019.

    The Guidelines take the first five years on record. InputError for fewer or more, and as of `stocks`.
    """
    made, needed = _years("inflow", inflow), int(read_parameters(MODEL).value("start_years"))
    if made.shape[-1] != needed:
        raise InputError(f"inflow: the first {needed} years make the first stock, found {made.shape[-1]}")
    stock: Floats = np.ascontiguousarray(made).sum(axis=-1) / needed / _decay(half_life)
    return stock


def released(inflow: Any, stock: Any, start: Any = 0.0) -> Floats:
    """Carbon that leaves the pool in every year [..., years]: inflow less what the stock rose by."""
    made, held = _years("inflow", inflow), _years("stock", stock)
    before = np.concatenate([np.broadcast_to(numbers("start", start), held.shape[:-1])[..., None], held[..., :-1]], axis=-1)
    leaving: Floats = made - (held - before)
    return leaving


def _decay(half_life: Any) -> Floats:
    k: Floats = np.log1p(1.0) / positive("half_life", half_life)
    return k


def _years(name: str, values: Any) -> Floats:
    found = numbers(name, values, least=0.0)
    if found.ndim == 0 or found.shape[-1] == 0:
        raise InputError(f"{name}: years are needed on the last axis")
    return found
