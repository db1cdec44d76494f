"""RothC-26.3 run over series of months, and to equilibrium.

All monthly inputs have the shape [..., months], January first, whole years; leading shapes are broadcast together with those of clay, depth,
ratio and the start. Floats, lists, numpy arrays and xarray's DataArray (by position) go in; numpy arrays come out. A series' result
doesn't depend on the others beside it, so work may be cut into parts, and run in threads (the kernel lets go of the interpreter), bit for bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from carbonsink.carbon.inputs import MONTHS, Floats, InputError, numbers, positive, word
from carbonsink.carbon.rothc.constants import constants
from carbonsink.carbon.rothc.pools import POOLS, Pools, no_carbon, summed
from carbonsink.carbon.rothc.series import Series, series
from carbonsink.declared.parameters import read_parameters

Kept = Literal["months", "years", "last"] | Sequence[int]
MOST_YEARS = 100_000  # of a run to equilibrium: humus at -4 degC needs a tenth of it


@dataclass(frozen=True)
class Course:
    """Pools at the end of the months kept [..., kept, 5]; carbon respired since the month kept before [..., kept]; the state at the end."""

    pools: Floats
    respired: Floats
    end: Pools

    @property
    def total(self) -> Floats:
        """Organic carbon of all pools [..., kept], t C/ha."""
        return summed(self.pools)


@dataclass(frozen=True)
class Years:
    """Pools at equilibrium, and how many years [...] it took to reach it."""

    pools: Pools
    years: NDArray[np.int64]


def run(
    temperature: Any,
    rain: Any,
    evaporation: Any,
    carbon_input: Any,
    manure: Any = 0.0,
    covered: Any = 1.0,
    *,
    clay: Any,
    depth: Any,
    start: Pools,
    ratio: Any = None,
    keep: Kept = "months",
) -> Course:
    """Take soils through months, from a state.

    temperature [degC], rain and open-pan evaporation [mm], carbon_input and manure [t C/ha], covered (1 under plants, 0 bare): [..., months];
    clay [%], depth [cm], ratio (DPM/RPM of plant carbon; 1.44, of crops, where none is given): [...]. keep: every month, year ends, the
    last month, or a rising list of months from 0. InputError for a negative, missing or unlikely number, for part of a year, for
    shapes that don't go together. Coleman and Jenkinson (1999, 2014), RothC-26.3.
    """
    from carbonsink.carbon.rothc import kernel

    given = series(temperature, rain, evaporation, carbon_input, manure, covered, clay, depth, _ratio(ratio))
    kept = _kept(keep, given.months)
    shape, state = _states(given, start)
    pools, respired = np.empty((len(state), kept.size, len(POOLS))), np.empty((len(state), kept.size))
    kernel.march(*given.rows(shape), constants(), state, kept, pools, respired)
    return Course(pools.reshape(*shape, *pools.shape[1:]), respired.reshape(*shape, kept.size), _pools(state, shape))


def equilibrium(
    temperature: Any,
    rain: Any,
    evaporation: Any,
    carbon_input: Any,
    manure: Any = 0.0,
    covered: Any = 1.0,
    *,
    clay: Any,
    depth: Any,
    inert: Any = 0.0,
    ratio: Any = None,
    tolerance: float | None = None,
) -> Years:
    """Repeat one year [..., 12] until the active pools change by no more than `tolerance` [t C/ha] from one year's end to the next.

    Inputs as of `run`; inert [...] t C/ha stays what it is. It starts without active carbon and with a wet soil; soil water is carried
    over from year to year, and the state returned has it. InputError as of `run`, and where nothing settles (no carbon ever decomposes).
    The tolerance of the published program, 1e-6, where none is given.
    """
    from carbonsink.carbon.rothc import kernel

    given = series(temperature, rain, evaporation, carbon_input, manure, covered, clay, depth, _ratio(ratio))
    if given.months != MONTHS:
        raise InputError(f"equilibrium: one year of {MONTHS} months is repeated, found {given.months}")
    within = float(positive("tolerance", read_parameters("rothc").value("spin_up_tolerance") if tolerance is None else tolerance))
    shape, state = _states(given, no_carbon(inert))
    years = np.zeros(len(state), np.int64)
    kernel.settle(*given.rows(shape), constants(), state, within, MOST_YEARS, years)
    if not years.all():
        raise InputError(f"equilibrium: not reached within {MOST_YEARS} years; nothing decomposes where every month is below -5 degC")
    return Years(_pools(state, shape), years.reshape(shape))


def _ratio(ratio: Any) -> Any:
    return read_parameters("rothc").value("dpm_rpm", "crop") if ratio is None else ratio


def _kept(keep: Kept, months: int) -> NDArray[np.int64]:
    if isinstance(keep, str):
        word("keep", keep, ("months", "years", "last"))
        return {"months": np.arange(months), "years": np.arange(MONTHS - 1, months, MONTHS), "last": np.array([months - 1])}[keep]
    found = np.asarray(keep, np.int64).reshape(-1)
    if found.size == 0 or (np.diff(found) <= 0).any() or not 0 <= found[0] <= found[-1] < months:
        raise InputError(f"keep: a rising list of months from 0 to {months - 1} is needed, found {list(keep)!r:.60}")
    return found


def _states(given: Series, start: Pools) -> tuple[tuple[int, ...], Floats]:
    """The common shape with that of the start, and the start's pools and deficit for every series (series, 6)."""
    carbon, deficit = numbers("start", start.carbon, least=0.0), numbers("start", start.deficit, most=0.0)
    if carbon.shape != (*deficit.shape, len(POOLS)):
        raise InputError(f"start: pools {carbon.shape} and deficit {deficit.shape} don't go together")
    try:
        shape = np.broadcast_shapes(given.shape, deficit.shape)
    except ValueError:
        raise InputError(f"start: shape {deficit.shape} doesn't go with that of the inputs, {given.shape}") from None
    state = np.concatenate([carbon, deficit[..., None]], axis=-1)
    return shape, np.array(np.broadcast_to(state, (*shape, state.shape[-1])).reshape(-1, state.shape[-1]))


def _pools(state: Floats, shape: tuple[int, ...]) -> Pools:
    return Pools(state[:, :-1].reshape(*shape, len(POOLS)).copy(), state[:, -1].reshape(shape).copy())
