"""Features of each pixel's observations over a year, by name: "<layer>.<feature>", as library/features.toml has them.

    series (time, row, column) of a layer + days  ->  waves, ranks, slope, seasons, wetness  ->  (feature, row, column)

The result hangs on the observations of the pixel itself alone, whatever the block, and not on the order they are given in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.problems import refuse
from carbonsink.base.rasters import COMPOSITE_NODATA, COMPOSITE_UNIT
from carbonsink.composites import features_order, features_season, features_wave
from carbonsink.declared.schema import nearest
from carbonsink.declared.timeseries import Features, known_features, layer_and_kind, read_features

Pixels = NDArray[np.int16]
Seen = NDArray[np.uint8]  # 1 where observed, else 0
N = TypeVar("N", bound=np.generic)
RANKS = (*features_order.RANKED, "range")


def feature_names(declared: Sequence[str]) -> tuple[str, ...]:
    """The declared features in their order; refused with the nearest known one where there is no such feature of a layer."""
    for name in declared:
        known = known_features([layer_and_kind(name)[0]])
        if name not in known:
            raise refuse("E-CFG-011", "[composites.features]", found=name, known=", ".join(known), nearest=nearest(name, list(known)))
    return tuple(declared)


def features_of(wanted: Sequence[str], series: Mapping[str, Pixels], valid: Mapping[str, NDArray[np.bool_]], days: NDArray[np.int64]) -> Pixels:
    """The wanted features, shape (feature, row, column), of series by layer of shape (time, row, column) in ten-thousandths.

    `valid` says where a layer was observed, `days` are the observations' days from the year's first (1). COMPOSITE_NODATA
    where a pixel has too few observations for a feature.
    """
    order = np.argsort(days, kind="stable")
    out = np.full((len(wanted), *next(iter(series.values())).shape[1:]), COMPOSITE_NODATA, np.int16)
    for layer in dict.fromkeys(layer_and_kind(name)[0] for name in wanted):
        kinds = {layer_and_kind(name)[1]: place for place, name in enumerate(wanted) if layer_and_kind(name)[0] == layer}
        _of_layer(layer, kinds, _ordered(series[layer], order), _ordered(valid[layer].view(np.uint8), order), days[order], out)
    return out


def _of_layer(layer: str, kinds: Mapping[str, int], stack: Pixels, seen: Seen, days: NDArray[np.int64], out: Pixels) -> None:
    """Fill in one layer's features at their places in `out`."""
    library = read_features()
    count = seen.sum(axis=0, dtype=np.int16)
    for name, values in _groups(layer, kinds, stack, seen, days, library).items():
        if name in kinds:
            out[kinds[name]] = np.where(count >= library.feature[name].observations, values, COMPOSITE_NODATA)
    if "observations" in kinds:
        out[kinds["observations"]] = count


def _groups(layer: str, kinds: Mapping[str, int], stack: Pixels, seen: Seen, days: NDArray[np.int64], library: Features) -> dict[str, Pixels]:
    """The features of every group that any of the kinds is of."""
    found: dict[str, Pixels] = {}
    if kinds.keys() & set(features_wave.KINDS):
        least = (library.feature["amplitude1"].observations, library.feature["amplitude2"].observations)
        found |= zip(features_wave.KINDS, features_wave.waves_of(stack, seen, days, library.harmonics, least), strict=True)
    if kinds.keys() & set(RANKS):
        found |= _with_range(features_order.ranks_of(stack, seen))
    if "slope" in kinds:
        found["slope"] = features_order.slope_of(stack, seen, days, library.harmonics.year_days)
    if kinds.keys() & set(features_season.SEASONS):
        found |= zip(features_season.SEASONS, features_season.seasons_of(stack, seen, days, _turning(layer, library)), strict=True)
    if kinds.keys() & set(features_season.WETNESS):
        water = library.water.layer[layer]
        wet, dry = round(water.wet * COMPOSITE_UNIT), round(water.dry * COMPOSITE_UNIT)
        found |= zip(features_season.WETNESS, features_season.wetness_of(stack, seen, days, wet, dry, library.water.longest_gap_days), strict=True)
    return found


def _with_range(ranks: Pixels) -> dict[str, Pixels]:
    low, high = ranks[0].astype(np.int32), ranks[-1].astype(np.int32)
    width = np.minimum(high - low, features_order.LIMIT).astype(np.int16)
    return {**dict(zip(features_order.RANKED, ranks, strict=True)), "range": width}


def _turning(layer: str, library: Features) -> tuple[int, int, int, int]:
    """What makes a season of a layer: percent of the range, least range [counts], percents of start and of end."""
    least = library.turns.power.get(layer, library.turns.least_amplitude)
    return library.turns.percent, round(least * COMPOSITE_UNIT), library.seasons.start_percent, library.seasons.end_percent


def _ordered(stack: NDArray[N], order: NDArray[np.int64]) -> NDArray[N]:
    """A stack by time, in one piece of memory; not copied where it is so already."""
    return np.ascontiguousarray(stack if (order[1:] > order[:-1]).all() else stack[order])
