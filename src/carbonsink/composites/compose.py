"""Stage 2 as dask tasks: one task reduces all dates of one period on one block; its result hangs on nothing else.

scenes/scenes.csv, scenes/chips  ->  composites/<period>.tif, composites/composites.csv
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.outline import inside, part, projected
from carbonsink.base.problems import Exit, refuse
from carbonsink.base.rasters import COMPOSITE_NODATA, Grid, Raster, write_raster
from carbonsink.base.records import CompositePeriod, SceneAsset
from carbonsink.base.tables import quantise, read_csv, write_csv
from carbonsink.composites.grid import Scene, anchor, blocks, project_grid, read_scenes
from carbonsink.composites.index import observe as observe_index
from carbonsink.composites.kernel import lower_median
from carbonsink.composites.read import Rules
from carbonsink.composites.read import observe as observe_bands
from carbonsink.composites.schedule import Compute, check_scheduler, computing
from carbonsink.declared.indices import Index, bands_needed, read_indices
from carbonsink.declared.plan import Plan

Pixels = NDArray[np.int16]
Acquisition = tuple[Scene, ...]  # the tiles of one platform and day, in order of preference
WORKING_SET = 128 * 2**20  # bytes that a task's stack may take; larger blocks are worked in quarters
SMALLEST = 64  # pixels along a block
BUSY = 64  # tasks handed out at once, where there are so many


@dataclass(frozen=True)
class Period:
    """A month or a year: its name, first and last day of imagery, and acquisitions in order of time."""

    name: str
    start: date
    end: date
    acquisitions: tuple[Acquisition, ...]


@dataclass(frozen=True)
class Recipe:
    """What a task makes of a block: the layers in order, and the rules of observation."""

    rules: Rules
    bands: tuple[str, ...]
    indices: Mapping[str, Index]
    smallest_denominator: float
    minimum: int

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers."""
        return (*self.bands, *self.indices, "count")


@dataclass(frozen=True)
class Work:
    """One task."""

    period: Period
    block: Grid
    recipe: Recipe


def compose(plan: Plan, run: Path, *, block: int, scheduler: str, workers: int | None, progress: Callable[[int, int], None]) -> None:
    """Reduce the run's chips to one composite a period, written below run/composites.

    `block` is an even number of pixels, `scheduler` is "synchronous", "threads" or the address of a dask cluster whose
    workers see the same disk; none of them, nor `workers`, changes a bit of the result.
    """
    check_means(block, scheduler)
    scenes = read_scenes(read_csv(run / "scenes" / "scenes.csv", SceneAsset), run / "scenes")
    grid = project_grid(scenes, plan.land.boundary)
    area = inside(grid, projected(plan.land.boundary, grid.crs))
    if not area.any():
        raise refuse("E-SRC-016", plan.area.id, Exit.INVALID, resolution=grid.resolution)
    recipe = recipe_of(plan)
    spans = list(periods(plan, scenes))
    rows = []
    with computing(scheduler, workers) as compute:
        for done, (period, pixels) in enumerate(_reduce(spans, grid, recipe, block, compute), start=1):
            file = f"{period.name}.tif"
            write_raster(run / "composites" / file, Raster(grid, recipe.layers, pixels, COMPOSITE_NODATA))
            rows.append(summary(period, file, pixels[-1], area, recipe.minimum))
            progress(done, len(spans))
    write_csv(run / "composites" / "composites.csv", rows, CompositePeriod)


def check_means(block: int, scheduler: str) -> None:
    """Refuse a block or a scheduler that can't be worked with: asked before anything is fetched."""
    if block < SMALLEST or block % 2:
        raise refuse("E-COM-001", "block", Exit.USAGE, found=block)
    check_scheduler(scheduler)


def recipe_of(plan: Plan) -> Recipe:
    """What the plan asks of every block."""
    declared, library, sensor = plan.pipeline.composites, read_indices(), plan.sensor
    rules = Rules(sensor.mask.band, sensor.mask.clear, sensor.minimum_dn, bands_needed(declared))
    indices = {name: library.index[name] for name in declared.indices}
    return Recipe(rules, tuple(declared.bands), indices, library.denominator.smallest, declared.minimum_observations)


def periods(plan: Plan, scenes: tuple[Scene, ...]) -> Iterator[Period]:
    """Every period of the plan's imagery, also those without an acquisition."""
    first, last = plan.imagery_span
    tile = anchor(scenes, plan.land.boundary).tile
    for name, start, end in spans(first, last, plan.pipeline.composites.period):
        yield Period(name, start, end, acquisitions([scene for scene in scenes if str(start) <= scene.day <= str(end)], tile))


def spans(first: date, last: date, step: str) -> Iterator[tuple[str, date, date]]:
    """Calendar months or years between two days: name, first and last day, cut at the ends."""
    for year in range(first.year, last.year + 1):
        for month, until in ((1, 12),) if step == "year" else ((month, month) for month in range(1, 13)):
            start, end = date(year, month, 1), date(year, until, calendar.monthrange(year, until)[1])
            if end >= first and start <= last:
                yield f"{year:04d}" if step == "year" else f"{year:04d}-{month:02d}", max(start, first), min(end, last)


def acquisitions(scenes: list[Scene], tile: str) -> tuple[Acquisition, ...]:
    """Scenes by day and platform; within one the anchor tile comes first, then the order of item ids."""
    groups: dict[tuple[str, str], list[Scene]] = {}
    for scene in sorted(scenes, key=lambda scene: (scene.tile != tile, scene.item)):
        groups.setdefault((scene.day, scene.platform), []).append(scene)
    return tuple(tuple(groups[key]) for key in sorted(groups))


def reduce_block(work: Work) -> Pixels:
    """The layers of one block for one period, shape (layer, row, column); large stacks are worked in quarters."""
    height, width = work.block.height, work.block.width
    stack = len(work.period.acquisitions) * (len(work.recipe.rules.bands) + 2) * height * width * 2
    if stack <= WORKING_SET or min(height, width) < 2 * SMALLEST:
        return _reduce_part(work)
    out = np.empty((len(work.recipe.layers), height, width), dtype=np.int16)
    for box in blocks(work.block, (max(height, width) // 4 + 1) * 2):
        row, column, tall, wide = box
        out[:, row : row + tall, column : column + wide] = reduce_block(replace(work, block=part(work.block, box)))
    return out


def _reduce_part(work: Work) -> Pixels:
    recipe, shape = work.recipe, (work.block.height, work.block.width)
    days = [day for day in (observe_bands(scenes, work.block, recipe.rules) for scenes in work.period.acquisitions) if day[1].any()]
    valid = np.stack([clear for _, clear in days]) if days else np.zeros((0, *shape), dtype=np.bool_)
    count = valid.sum(axis=0, dtype=np.int16)
    out = np.full((len(recipe.layers), *shape), COMPOSITE_NODATA, dtype=np.int16)
    for layer, band in enumerate(recipe.bands):
        place = recipe.rules.bands.index(band)
        out[layer] = lower_median(_stack([values[place] for values, _ in days], shape), valid)
    for layer, index in enumerate(recipe.indices.values(), start=len(recipe.bands)):
        seen = [_index_of(index, values, clear, recipe) for values, clear in days]
        found = np.stack([ok for _, ok in seen]) if seen else valid
        out[layer] = lower_median(_stack([value for value, _ in seen], shape), found)
    out[:-1, count < recipe.minimum] = COMPOSITE_NODATA
    out[-1] = count
    return out


def _index_of(index: Index, values: Pixels, clear: NDArray[np.bool_], recipe: Recipe) -> tuple[Pixels, NDArray[np.bool_]]:
    """One day's index on the clear pixels of a block: values and validity, shape (row, column)."""
    bands = {band: values[place][clear] for place, band in enumerate(recipe.rules.bands)}
    value, ok = observe_index(index, recipe.smallest_denominator, bands)
    full, valid = np.zeros(clear.shape, dtype=np.int16), np.zeros(clear.shape, dtype=np.bool_)
    full[clear], valid[clear] = value, ok
    return full, valid


def _stack(layers: list[Pixels], shape: tuple[int, int]) -> Pixels:
    return np.stack(layers) if layers else np.zeros((0, *shape), dtype=np.int16)


def _reduce(spans: list[Period], grid: Grid, recipe: Recipe, side: int, compute: Compute) -> Iterator[tuple[Period, Pixels]]:
    """Periods with their pixels, in order; at least one period at a time, as many as keep every worker busy."""
    boxes = blocks(grid, side)
    batch = max(1, BUSY // len(boxes))
    for first in range(0, len(spans), batch):
        some = spans[first : first + batch]
        done = iter(compute(reduce_block, [Work(period, part(grid, box), recipe) for period in some for box in boxes]))
        for period in some:
            out = np.empty((len(recipe.layers), grid.height, grid.width), dtype=np.int16)
            for row, column, height, width in boxes:
                out[:, row : row + height, column : column + width] = next(done)
            yield period, out


def summary(period: Period, file: str, count: Pixels, area: NDArray[np.bool_], minimum: int) -> CompositePeriod:
    """A period's row: how much of the area was seen, and how often (lower median over its pixels)."""
    seen = np.sort(count[area])
    return CompositePeriod(
        period=period.name,
        start=str(period.start),
        end=str(period.end),
        file=file,
        acquisitions=len(period.acquisitions),
        observed_share=quantise(int((seen >= minimum).sum()) / seen.size, 9),
        median_count=int(seen[(seen.size - 1) // 2]),
    )
