"""Stage 2: what was seen of an area, reduced to one composite a period, with features of a year and means of parcels.

scenes/scenes.csv, scenes/chips  ->  blocks as tasks  ->  composites/<period>.tif, composites.csv, means.csv, series.csv, features_<year>.tif
scenes/radar                     ->  blocks of its own grid  ->  its points among those of series.csv

A finished block is an object of the store; the files are put together from those, row of blocks by row of blocks.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.evidence import sweep
from carbonsink.base.outline import inside, part, projected
from carbonsink.base.problems import Exit, refuse, say_counted
from carbonsink.base.rasters import COMPOSITE_NODATA, Grid, write_rows
from carbonsink.base.records import CompositeMean, CompositePeriod, FeatureYear, SceneAsset, SeriesPoint
from carbonsink.base.store import Store
from carbonsink.base.tables import quantise, read_csv, write_csv
from carbonsink.composites import keep
from carbonsink.composites.block import SMALLEST, Recipe, Task
from carbonsink.composites.cluster import elsewhere
from carbonsink.composites.features import feature_names
from carbonsink.composites.grid import Box, Scene, aligned_blocks, anchor, project_grid, read_scenes
from carbonsink.composites.means import Sums, mean_rows
from carbonsink.composites.parcels import Weights, weights_of
from carbonsink.composites.periods import Period, periods, years
from carbonsink.composites.schedule import LOCAL, check_scheduler, computing
from carbonsink.composites.series import acquired, loose_days, series_rows
from carbonsink.declared.indices import read_indices
from carbonsink.declared.plan import Plan

Progress = Callable[[int, int], None]
AT_ONCE = 2  # files put together: unpacking and packing is most of it, and each holds a row of blocks


@dataclass(frozen=True)
class Work:
    """Everything stage 2 is to do for an area."""

    grid: Grid
    area: NDArray[np.bool_]  # pixels of the grid within the boundary
    recipe: Recipe
    periods: tuple[Period, ...]
    years: tuple[Period, ...]
    parcels: tuple[str, ...]
    boxes: tuple[Box, ...]
    weights: tuple[Weights, ...]
    days: tuple[Period, ...] = ()  # what the series has beside periods and years

    def tasks(self) -> Iterator[Task]:
        """One a block."""
        for box, weights in zip(self.boxes, self.weights, strict=True):
            yield Task(part(self.grid, box), self.periods, self.recipe, self.years, weights, days=self.days)


def compose(
    plan: Plan, run: Path, *, block: int, scheduler: str, workers: int | None, progress: Progress, store: Path | None = None
) -> None:  # fmt: skip
    """Reduce the run's chips to composites, written below run/composites.

    `block` is an even number of pixels, `scheduler` is "synchronous", "threads" or the address of a dask cluster whose
    workers see the same disk; none of them, nor `workers`, changes a bit of the result. Finished blocks are kept in and
    taken from `store`; without one nothing is taken from anywhere.
    """
    check_means(block, scheduler)
    run = run.absolute()  # a cluster's workers have other working folders
    sweep(run / "composites")
    work = prepared(plan, run, block)
    beside = prepared_series(plan.radar, run / "scenes/radar", block) if plan.radar else None
    with ExitStack() as stack:
        compute = stack.enter_context(computing(scheduler, workers))
        folder = store or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="carbonsink-blocks-")))
        place = Store(folder.absolute())
        tasks = chain(work.tasks(), beside.tasks() if beside else ())
        orders = [keep.order(task, place, store is not None) for task in tasks]
        receipts: dict[int, keep.Receipt] = {}

        def done(number: int, receipt: keep.Receipt) -> None:
            if scheduler not in LOCAL and not place.path(receipt.sha256).is_file():
                raise elsewhere(place.root)
            receipts[number] = receipt
            progress(len(receipts), len(orders))

        progress(0, len(orders))
        compute(keep.fill, orders, done)
        by_gdal = {chip: why for receipt in receipts.values() for chip, why in receipt.by_gdal.items()}
        say_counted("composites", (("W-COM-010", why) for why in by_gdal.values()))
        objects = [place.path(receipts[number].sha256) for number in range(len(orders))]
        own = len(work.boxes)
        put_together(work, objects[:own], run / "composites", points(beside, objects[own:]) if beside else [])


def check_means(block: int, scheduler: str) -> None:
    """Refuse a block or a scheduler that can't be worked with: asked before anything is fetched."""
    if block < SMALLEST or block % 2:
        raise refuse("E-COM-001", "block", Exit.USAGE, found=block)
    check_scheduler(scheduler)


def prepared(plan: Plan, run: Path, block: int) -> Work:
    """The work on a run's chips, in blocks of so many pixels along a side."""
    scenes, work = _of_series(plan, run / "scenes", block)
    wanted = tuple(years(plan, scenes))
    spans = tuple(periods(plan, scenes))
    days = loose_days((*spans, *wanted), scenes, anchor(scenes, plan.land.boundary).tile) if plan.pipeline.composites.series else ()
    return replace(work, periods=spans, years=wanted, days=tuple(days))


def prepared_series(plan: Plan, folder: Path, block: int) -> Work:
    """The work on the chips of a second sensor, whose series alone is wanted: on its own grid, each acquisition by itself."""
    scenes, work = _of_series(plan, folder, block)
    return replace(work, days=tuple(loose_days((), scenes, anchor(scenes, plan.land.boundary).tile)))


def _of_series(plan: Plan, folder: Path, block: int) -> tuple[tuple[Scene, ...], Work]:
    """A folder's scenes, and the work on them before it is said in which spans of time."""
    scenes = read_scenes(read_csv(folder / "scenes.csv", SceneAsset), folder)
    grid = project_grid(scenes, plan.land.boundary)
    boundary = projected(plan.land.boundary, grid.crs)
    area = inside(grid, boundary)
    if not area.any():
        raise refuse("E-SRC-016", plan.area.id, Exit.INVALID, resolution=grid.resolution)
    parcels = {parcel.id: projected(parcel.geometry, grid.crs) for parcel in plan.land.parcels} or {"": boundary}
    boxes = aligned_blocks(grid, block, scenes)
    weights = weights_of(grid, list(parcels.values()), boxes)
    return scenes, Work(grid, area, recipe_of(plan), (), (), tuple(parcels), tuple(boxes), tuple(weights))


def recipe_of(plan: Plan) -> Recipe:
    """What the plan asks of every block."""
    declared, library = plan.pipeline.composites, read_indices()
    return Recipe(
        sensor=plan.sensor,
        bands=tuple(declared.bands),
        indices={name: library.index[name] for name in declared.indices},
        smallest=library.denominator.smallest,
        reducer=declared.reducer,
        percentile=declared.percentile,
        minimum=declared.minimum_observations,
        features=feature_names(declared.features),
        series=tuple(declared.series),
    )


def put_together(work: Work, objects: Sequence[Path], folder: Path, beside: Sequence[SeriesPoint] = ()) -> None:
    """Put the files together from the blocks' objects; `beside` are points of another sensor's series."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        composites = pool.map(partial(_write_period, work, objects, folder), range(len(work.periods)))
        features = pool.map(partial(_write_year, work, objects, folder), range(len(work.years)))
        write_csv(folder / "composites.csv", list(composites), CompositePeriod)
        if work.years:
            write_csv(folder / "features.csv", list(features), FeatureYear)
    series = [*(points(work, objects) if work.recipe.series else ()), *beside]
    if work.recipe.series or beside:
        write_csv(folder / "series.csv", sorted(series, key=lambda point: (point.date, point.platform)), SeriesPoint)
    sums = Sums.empty(len(work.periods), len(work.recipe.layers), len(work.parcels))
    for weights, path in zip(work.weights, objects, strict=True):
        sums.add(weights.parcels, *keep.unpacked(path, (-2, -1)))
    write_csv(folder / "means.csv", list(mean_rows(sums, work.periods, work.recipe.layers, work.parcels, work.weights)), CompositeMean)


def points(work: Work, objects: Sequence[Path]) -> list[SeriesPoint]:
    """The rows of a work's series, in order of time, parcel and layer."""
    keys, layers = acquired((*work.periods, *work.years, *work.days)), work.recipe.single.layers[:-2]
    sums = Sums.empty(len(keys), len(layers), len(work.parcels))
    for weights, path in zip(work.weights, objects, strict=True):
        (series,) = keep.unpacked(path, (-3,))
        sums.add(weights.parcels, *series)
    return list(series_rows(sums, keys, layers, work.parcels, work.weights))


def _write_period(work: Work, objects: Sequence[Path], folder: Path, number: int) -> CompositePeriod:
    period, seen = work.periods[number], _Seen(work)
    file = f"{period.name}.tif"
    strips = seen.passing(_strips(work, objects, number, len(work.recipe.layers)))
    write_rows(folder / file, work.grid, work.recipe.layers, COMPOSITE_NODATA, strips)
    return seen.summary(period, file)


def _write_year(work: Work, objects: Sequence[Path], folder: Path, number: int) -> FeatureYear:
    year = work.years[number]
    file = f"features_{year.name}.tif"
    strips = _strips(work, objects, len(work.periods) + number, len(work.recipe.features))
    write_rows(folder / file, work.grid, work.recipe.features, COMPOSITE_NODATA, strips)
    return FeatureYear(int(year.name), file)


def _strips(work: Work, objects: Sequence[Path], place: int, layers: int) -> Iterator[NDArray[np.int16]]:
    """Rows of blocks from the top, shape (layer, row, column), of the array at a place in the blocks' objects."""
    strip = np.empty((layers, 0, work.grid.width), np.int16)
    for (_, column, height, width), path in zip(work.boxes, objects, strict=True):
        if column == 0:
            strip = np.empty((layers, height, work.grid.width), np.int16)
        (strip[:, :, column : column + width],) = keep.unpacked(path, (place,))
        if column + width == work.grid.width:
            yield strip


class _Seen:
    """Counts how often the area's pixels were seen while a period's rows pass."""

    def __init__(self, work: Work) -> None:
        self.area, self.minimum, self.times, self.row = work.area, work.recipe.minimum, np.zeros(1, np.int64), 0

    def passing(self, strips: Iterator[NDArray[np.int16]]) -> Iterator[NDArray[np.int16]]:
        for strip in strips:
            rows = strip.shape[1]
            found = np.bincount(strip[-2][self.area[self.row : self.row + rows]])
            more = np.zeros(max(found.size, self.times.size), np.int64)
            more[: found.size] += found
            more[: self.times.size] += self.times
            self.times, self.row = more, self.row + rows
            yield strip

    def summary(self, period: Period, file: str) -> CompositePeriod:
        """A period's row: how much of the area was seen, and how often (lower median over its pixels)."""
        pixels = int(self.times.sum())
        return CompositePeriod(
            period=period.name,
            start=str(period.start),
            end=str(period.end),
            file=file,
            acquisitions=len(period.acquisitions),
            observed_share=quantise(int(self.times[self.minimum :].sum()) / pixels, 9),
            median_count=int(np.searchsorted(np.cumsum(self.times), (pixels - 1) // 2, side="right")),
        )
