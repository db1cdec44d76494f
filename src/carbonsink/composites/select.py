"""Reducers that take a whole observation: every band and index of a pixel comes from one and the same acquisition.

medoid       the observation with the least summed distance to the others over all bands read. Flood, N. 2013, Seasonal
             composite Landsat TM/ETM+ images using the medoid, Remote Sensing 5, 6481-6500, doi:10.3390/rs5126481
max-ndvi     the observation with the greatest NDVI. Holben, B. N. 1986, Characteristics of maximum-value composite images
             from temporal AVHRR data, International Journal of Remote Sensing 7, 1417-1434, doi:10.1080/01431168608948945
best-pixel   the observation nearest to the middle of the period, where near a cloud counts as so many days further
             (library/best_pixel.toml)

Ties go to the earliest. What is chosen is a stack of one observation, which is then reduced like any other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.outline import part
from carbonsink.base.rasters import COMPOSITE_NODATA, Grid
from carbonsink.composites import kernel, kernel_select
from carbonsink.composites.observe import Rules, Stack, clouds
from carbonsink.composites.periods import Acquisition, Period
from carbonsink.declared.bestpixel import read_best_pixel

Chosen = NDArray[np.int16]  # which acquisition, by its place in time; -1 where none


def only(stack: Stack, chosen: Chosen) -> Stack:
    """The stack of one observation that was chosen."""
    place = np.maximum(chosen, 0)[None, None]
    clear = np.where(chosen >= 0, kernel.CLEAR, kernel.NOTHING).astype(np.uint8)
    return Stack(np.ascontiguousarray(np.take_along_axis(stack.values, place, axis=0)), clear[None], stack.shift[:1], stack.least[:1])


def medoid(stack: Stack) -> Chosen:
    """The medoid of each pixel."""
    chosen = np.empty(stack.state.shape[1:], dtype=np.int16)
    kernel_select.medoids(stack.values, stack.state, chosen)
    return chosen


def greatest(series: Iterable[NDArray[np.int16]], block: Grid) -> Chosen:
    """The acquisition in which a layer is greatest; `series` gives it in order of time, COMPOSITE_NODATA where it has no value."""
    chosen, best = np.full((block.height, block.width), -1, np.int16), np.full((block.height, block.width), COMPOSITE_NODATA, np.int16)
    for time, layer in enumerate(series):
        better = layer > best
        chosen[better], best[better] = time, layer[better]
    return chosen


def best_pixel(period: Period, block: Grid, rules: Rules, stack: Stack) -> Chosen:
    """The acquisition nearest to the middle of the period, those near a cloud put back by days."""
    near = read_best_pixel().near_cloud
    reach = math.ceil(near.metres / block.resolution)
    back = (near.days * _near_cloud(scenes, block, rules, reach) for scenes in period.acquisitions)
    return greatest((_nearness(period, *one) for one in zip(period.acquisitions, back, stack.state, strict=True)), block)


def _nearness(period: Period, scenes: Acquisition, back: NDArray[np.int64], here: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Half days short of an arbitrary far day, so that more is nearer; COMPOSITE_NODATA where it isn't clear."""
    day = date.fromisoformat(scenes[0].day).toordinal()
    away = abs(2 * day - period.start.toordinal() - period.end.toordinal())
    return np.where(here == kernel.CLEAR, -away - 2 * back, COMPOSITE_NODATA).astype(np.int16)


def _near_cloud(scenes: Acquisition, block: Grid, rules: Rules, reach: int) -> NDArray[np.int64]:
    """1 where a pixel within `reach` is masked, also beyond the block's border, else 0."""
    wide = part(block, (-reach, -reach, block.height + 2 * reach, block.width + 2 * reach))
    out = np.empty((block.height, block.width), dtype=np.uint8)
    kernel_select.widen(clouds(scenes, wide, rules), reach, out)
    return out.astype(np.int64)
