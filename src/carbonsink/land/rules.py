"""Cover classes by rules a person can read: formula text over a year's layers, the first rule that holds decides.

    { land_class = "paddy", when = "any(lswi + 0.05 >= evi) and max(ndvi) > 0.55" }

A layer stands for its values over the year; `any all max min mean median count` collapse the time and ignore what is
missing. `count` of a condition is the number of periods in which it holds, of a layer the number observed. Where
nothing was observed no condition holds, `all` included.

A feature of the whole series has no time: `ndvi_amplitude1 > 0.2 and lswi_drydowns >= 2`, in the layer's own unit, in days
or as a count. Where a pixel has none, no comparison with it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.formula import FormulaError, evaluate, names_in
from carbonsink.base.problems import refuse
from carbonsink.base.rasters import COMPOSITE_NODATA, COMPOSITE_UNIT
from carbonsink.declared.pipeline import Rule
from carbonsink.declared.reducers import STATISTICS, TIMES, over_time
from carbonsink.declared.timeseries import names_in_rules, unit_of

Reducer = Callable[[Any], NDArray[Any]]


def layers_in(rules: Sequence[Rule], known: Sequence[str], features: Sequence[str] = ()) -> tuple[str, ...]:
    """The layers the rules ask for, in the composites' order; at least one, to tell observed pixels from unobserved.

    `features` are the declared features of the whole series, which rules may ask for as well.
    """
    allowed = (*known, *names_in_rules(features))
    asked = {name for number, rule in enumerate(rules) for name in _names(rule, number, allowed)}
    return tuple(layer for layer in known if layer in asked) or tuple(known[:1])


def in_own_unit(features: Sequence[str], counts: NDArray[np.int16]) -> dict[str, NDArray[np.float64]]:
    """Features by their names in rules, NaN where there is none; `counts` has shape (feature, row, column), the results (row, column)."""
    return {
        name: np.where(whole == COMPOSITE_NODATA, np.nan, whole / float(unit_of(feature)))
        for (name, feature), whole in zip(names_in_rules(features).items(), counts, strict=True)
    }


def decide(
    rules: Sequence[Rule], codes: Mapping[str, int], layers: Mapping[str, NDArray[np.int16]], features: Mapping[str, NDArray[np.float64]] | None = None
) -> NDArray[np.uint8]:
    """Class codes, shape (row, column), of layers of shape (time, row, column); 0 where unobserved or where no rule holds.

    `features` are those of the whole series by their names in rules, of shape (row, column), NaN where there is none.
    """
    values: dict[str, Any] = {name: np.ma.masked_equal(counts, COMPOSITE_NODATA).astype(np.float64) / COMPOSITE_UNIT for name, counts in layers.items()}
    values |= features or {}
    observed: NDArray[np.bool_] = np.any([(counts != COMPOSITE_NODATA).any(axis=0) for counts in layers.values()], axis=0)
    cover = np.zeros(observed.shape, np.uint8)
    for number, rule in enumerate(rules):
        cover[observed & (cover == 0) & _holds(rule, number, values)] = codes[rule.land_class]
    return cover


def _holds(rule: Rule, number: int, values: Mapping[str, Any]) -> Any:
    try:
        with np.errstate(all="ignore"):  # 0/0 of reduced layers is no value, and no condition on it holds
            answer = evaluate(rule.when, values, REDUCERS)
    except (FormulaError, TypeError) as error:
        raise refuse("E-LND-007", _place(number), found=rule.when, why=error) from None
    if np.ndim(answer) == TIMES or np.asarray(answer).dtype != np.bool_:
        raise refuse("E-LND-008", _place(number), found=rule.when)
    return answer


def _names(rule: Rule, number: int, known: Sequence[str]) -> tuple[str, ...]:
    try:
        names = names_in(rule.when)
    except FormulaError as error:
        raise refuse("E-LND-007", _place(number), found=rule.when, why=error) from None
    for name in names:
        if name not in known:
            raise refuse("E-LND-009", _place(number), name=name, found=rule.when, known=", ".join(known))
    return names


def _place(number: int) -> str:
    return f"pipeline [land.rules.{number}]"


def _over_time(reducer: Reducer) -> Reducer:
    @wraps(reducer)
    def checked(values: Any) -> NDArray[Any]:
        over_time(reducer.__name__.strip("_"), values)
        return reducer(np.ma.asarray(values))

    return checked


@_over_time
def _any(values: Any) -> NDArray[Any]:
    return np.asarray(np.ma.filled(values, False).any(axis=0))


@_over_time
def _all(values: Any) -> NDArray[Any]:
    return np.asarray(np.ma.filled(values, True).all(axis=0) & (np.ma.count(values, axis=0) > 0))


@_over_time
def _count(values: Any) -> NDArray[Any]:
    return np.asarray(np.ma.filled(values, False).sum(axis=0) if values.dtype == np.bool_ else np.ma.count(values, axis=0))


def _statistic(name: str) -> Reducer:
    def statistic(values: Any) -> NDArray[Any]:
        return np.ma.filled(getattr(np.ma, name)(values, axis=0), np.nan)

    statistic.__name__ = name
    return _over_time(statistic)


REDUCERS: dict[str, Reducer] = {"any": _any, "all": _all, "count": _count, **{name: _statistic(name) for name in STATISTICS}}
