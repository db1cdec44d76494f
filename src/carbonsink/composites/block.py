"""One task of stage 2: one block of the grid, all of its periods. It hangs on nothing else, and may be done twice.

    work(Task(block, periods, recipe)) -> Result(pixels, sums, ...)

Per chapter of periods: each acquisition is observed once (observe), periods are reduced from the stack (kernel, select),
years give features, parcels get sums of integers. Without parcels and layers to keep there is nothing left to do.

    recipe = Recipe(read_sensor("sentinel-2-l2a"), bands=(), indices={"ndvi": ...}, smallest=0.00095)
    work(Task(grid, (Period("2020-06", start, end, acquisitions),), recipe)).pixels      (period, layer, row, column)
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.outline import part
from carbonsink.base.rasters import COMPOSITE_NODATA, Grid
from carbonsink.base.tiff import Reader, reader
from carbonsink.composites import kernel, select
from carbonsink.composites.features import features_of
from carbonsink.composites.grid import blocks
from carbonsink.composites.observe import Opens, Rules, Stack, observe
from carbonsink.composites.parcels import Weights
from carbonsink.composites.periods import Chapter, Period, chapters
from carbonsink.composites.program import Program, compiled
from carbonsink.declared.indices import Index
from carbonsink.declared.sensor import Sensor

Pixels = NDArray[np.int16]
Reducer = Literal["median", "percentile", "mean", "medoid", "max-ndvi", "best-pixel"]
WORKING_SET = 144 * 2**20  # bytes that a chapter's stack may take; larger blocks are worked in quarters
SMALLEST = 64  # pixels along a block


@dataclass(frozen=True)
class Recipe:
    """What a task makes of a block: layers in order (bands, indices, "count", "clear"), and how observations become one."""

    sensor: Sensor
    bands: tuple[str, ...]
    indices: Mapping[str, Index]
    smallest: float  # a denominator nearer to zero gives no value
    reducer: Reducer = "median"
    percentile: float = 50.0
    minimum: int = 1  # values of a layer; fewer are none
    features: tuple[str, ...] = ()
    series: tuple[str, ...] = ()  # layers whose parcel means are taken of every acquisition

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers."""
        return (*self.bands, *self.indices, "count", "clear")

    @cached_property
    def read(self) -> tuple[str, ...]:
        """The bands that are read, in the order of the alphabet."""
        return tuple(sorted({*self.bands, *(band for index in self.indices.values() for band in index.bands)}))

    @cached_property
    def program(self) -> Program:
        """The indices' program over the bands that are read."""
        return compiled(list(self.indices.values()), self.read, self.smallest)

    @cached_property
    def single(self) -> Recipe:
        """What is made of one acquisition for the series."""
        return self.only(*self.series)

    def only(self, *layers: str) -> Recipe:
        """The median of some layers of single observations, over the same bands."""
        bands = tuple(band for band in self.bands if band in layers)
        made = Recipe(self.sensor, bands, {name: self.indices[name] for name in layers if name in self.indices}, self.smallest)
        made.__dict__["read"] = self.read
        return made


@dataclass(frozen=True)
class Task:
    """One block with its periods in order; `years` are those whose features are wanted, `weights` the parcels' part of the block,
    `days` what the series has beside them.
    """

    block: Grid
    periods: tuple[Period, ...]
    recipe: Recipe
    years: tuple[Period, ...] = ()
    weights: Weights | None = None
    keep: bool = True  # whether pixels are handed on, or only sums
    days: tuple[Period, ...] = ()
    by_gdal: bool = False  # whether GDAL reads even what could be read directly

    @property
    def spans(self) -> tuple[Period, ...]:
        """Everything whose acquisitions are observed."""
        return (*self.periods, *self.years, *self.days)

    @property
    def series_shape(self) -> tuple[int, int, int, int]:
        """Sums and weights of every acquisition: (2, acquisition, layer, parcel of the block)."""
        times = sum(len(chapter.acquisitions) for chapter in chapters(self.spans))
        return 2, times, len(self.recipe.series), len(self.weights.parcels) if self.weights else 0


@dataclass
class Result:
    """What a task gives. Sums are of weight * value and of weight, exact, over pixels that aren't missing."""

    pixels: Pixels | None  # (period, layer, row, column)
    features: Pixels | None  # (year, feature, row, column)
    sums: NDArray[np.int64]  # (period, layer, parcel of the block)
    covered: NDArray[np.int64]
    series: NDArray[np.int64] | None = None  # (sum | weight, acquisition, layer, parcel of the block)
    by_gdal: dict[str, str] = field(default_factory=dict)  # chip ("<item>/<band>.tif") -> why it wasn't read directly


def work(task: Task) -> Result:
    """Do a task."""
    recipe, block = task.recipe, task.block
    shape = (len(task.periods), len(recipe.layers), block.height, block.width)
    parcels = (*shape[:2], len(task.weights.parcels) if task.weights else 0)
    features = np.full((len(task.years), len(recipe.features), *shape[2:]), COMPOSITE_NODATA, np.int16) if task.keep else None
    result = Result(np.empty(shape, np.int16) if task.keep else None, features, np.zeros(parcels, np.int64), np.zeros(parcels, np.int64))
    result.series = np.zeros(task.series_shape, np.int64) if recipe.series else None
    rules = Rules(recipe.sensor, recipe.read, _noting(result, task.by_gdal))
    first = 0
    for chapter in chapters(task.spans):
        for box in boxes(block, len(chapter.acquisitions), recipe):
            _chapter(task, chapter, first, box, rules, result)
        first += len(chapter.acquisitions)
    return result


def stack_bytes(times: int, recipe: Recipe, pixels: int) -> int:
    """Bytes of a stack of observations."""
    selecting = recipe.reducer in SELECTING
    return times * (len(recipe.read) * 2 + 1) * pixels + (len(recipe.read) * 2 + 20) * pixels * selecting + 4 * len(recipe.layers) * pixels


def task_bytes(task: Task) -> int:
    """Bytes that a task takes at most: its largest stack, and what it gives."""
    pixels = task.block.height * task.block.width
    stacks = [stack_bytes(len(chapter.acquisitions), task.recipe, pixels) for chapter in chapters(task.spans)]
    given = len(task.periods) * len(task.recipe.layers) + len(task.years) * len(task.recipe.features)
    series = 8 * math.prod(task.series_shape)
    return min(max(stacks, default=0), WORKING_SET) + 2 * given * pixels * task.keep + series


def boxes(block: Grid, times: int, recipe: Recipe) -> Iterator[tuple[int, int, int, int]]:
    """The block (row, column, height, width), or its quarters of quarters, so small that the stack fits into the working set."""
    height, width = block.height, block.width
    side = max(height, width)
    while stack_bytes(times, recipe, min(side, height) * min(side, width)) > WORKING_SET and side >= 2 * SMALLEST:
        side = (side // 4 + (side % 4 > 0)) * 2
    return iter(blocks(block, side))


def _chapter(task: Task, chapter: Chapter, first: int, box: tuple[int, int, int, int], rules: Rules, result: Result) -> None:
    """Observe a chapter's acquisitions on a box of the block, and put what its spans give in its place; `first` is its first one's number."""
    row, column, height, width = box
    here, place = part(task.block, box), np.s_[:, row : row + height, column : column + width]
    stack = Stack.empty(len(chapter.acquisitions), len(rules.bands), here)
    for time, scenes in enumerate(chapter.acquisitions):
        observe(scenes, here, rules, stack[time : time + 1])
        if result.series is not None and task.weights:
            _series(task, stack[time : time + 1], box, result.series[:, first + time])
    for number, part_ in chapter.parts:
        if number >= len(task.periods):
            year = number - len(task.periods)
            if result.features is not None and year < len(task.years):
                result.features[year][place] = _features(task.years[year], task.recipe, stack[part_])
            continue
        layers = reduced(task.periods[number], here, task.recipe, rules, stack[part_])
        if result.pixels is not None:
            result.pixels[number][place] = layers
        if task.weights:
            task.weights.add(layers, box, result.sums[number], result.covered[number])


def _series(task: Task, one: Stack, box: tuple[int, int, int, int], into: NDArray[np.int64]) -> None:
    """Add an acquisition's share to the sums and weights (2, layer, parcel) of the series."""
    if task.weights and (one.state == kernel.CLEAR).any():
        task.weights.add(_reduce(task.recipe.single, one, ONE)[:-2], box, into[0], into[1])


def reduced(period: Period, block: Grid, recipe: Recipe, rules: Rules, stack: Stack) -> Pixels:
    """A period's layers, shape (layer, row, column), from its stack."""
    if recipe.reducer not in SELECTING or not len(stack):
        return _reduce(recipe, stack, ranks(recipe, len(stack)))
    stack.bias()
    if recipe.reducer == "medoid":
        chosen = select.medoid(stack)
    elif recipe.reducer == "max-ndvi":
        ndvi = recipe.only("ndvi")
        chosen = select.greatest((_reduce(ndvi, stack[t : t + 1], ONE)[0] for t in range(len(stack))), block)
    else:
        chosen = select.best_pixel(period, block, rules, stack)
    count, clear = np.empty((2, block.height, block.width), np.int16)
    kernel.survey(stack.state, count, clear)
    chosen[count < recipe.minimum] = -1
    layers = _reduce(replace(recipe, minimum=1), select.only(stack, chosen), ONE)
    layers[-2:] = count, clear
    return layers


def ranks(recipe: Recipe, times: int) -> NDArray[np.int64]:
    """For each number n of values up to `times` the place of the one that is taken of the sorted: floor((n - 1) * p / 100)."""
    if recipe.reducer == "mean":
        return np.full(times + 1, kernel.MEAN, dtype=np.int64)
    share = Fraction(str(recipe.percentile if recipe.reducer == "percentile" else 50)) / 100
    return np.array([0, *(math.floor((n - 1) * share) for n in range(1, times + 1))], dtype=np.int64)


def _reduce(recipe: Recipe, stack: Stack, places: NDArray[np.int64]) -> Pixels:
    out = np.empty((len(recipe.layers), *stack.state.shape[1:]), np.int16)
    bands = np.array([recipe.read.index(band) for band in recipe.bands], dtype=np.int64)
    pairs = kernel.network(len(stack))
    kernel.reducer(recipe.program)(stack.values, stack.state, stack.shift, stack.least, bands, places, pairs, recipe.minimum, out)
    return out


def _features(year: Period, recipe: Recipe, stack: Stack) -> Pixels:
    """The features of a year's observations, shape (feature, row, column)."""
    layers = tuple(dict.fromkeys(name.partition(".")[0] for name in recipe.features))
    single = recipe.only(*layers)
    series = np.empty((len(single.layers) - 2, *stack.state.shape), np.int16)
    for time in range(len(stack)):
        series[:, time] = _reduce(single, stack[time : time + 1], ONE)[:-2]
    days = np.array([(date.fromisoformat(scenes[0].day) - year.start).days + 1 for scenes in year.acquisitions], dtype=np.int64)
    by_layer = dict(zip(single.layers, series, strict=False))
    return features_of(recipe.features, by_layer, {name: layer != COMPOSITE_NODATA for name, layer in by_layer.items()}, days)


def _noting(result: Result, by_gdal: bool) -> Opens:
    """A way to open files that notes those which GDAL reads although nobody asked for it."""

    def opened(path: Path) -> Reader:
        source = reader(path, force_gdal=by_gdal)
        if source.kind == "gdal" and not by_gdal:
            result.by_gdal["/".join(path.parts[-2:])] = source.why  # whatever run it lies in, as others may take the block
        return source

    return opened


SELECTING = ("medoid", "max-ndvi", "best-pixel")
ONE = np.zeros(2, dtype=np.int64)
