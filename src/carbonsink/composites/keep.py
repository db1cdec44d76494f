"""Finished blocks as objects of the store, so that a run that was killed goes on where it stopped and another may take them.

A block's name is the digest of everything it hangs on: grid, recipe with the text of its formulas and tables, the pixel
digests and radiometry of its chips, parcels, and this version. An object is one line of JSON that says how many bytes each
array takes, then the arrays, packed by Zstandard: the periods' layers, the years' features, the series, sums and weights.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from carbonsink import __version__
from carbonsink.base.evidence import digest, naming, sha256
from carbonsink.base.store import Store
from carbonsink.composites.block import Result, Task, task_bytes, work
from carbonsink.composites.observe import place_of, states
from carbonsink.composites.periods import Period
from carbonsink.declared.bestpixel import read_best_pixel
from carbonsink.declared.timeseries import read_features

NAMED = "composite-block/2"  # of names: a change of what a block gives, or of how it is packed, is a new one


@dataclass(frozen=True)
class Order:
    """A task whose result goes to a store; `name` is what it is remembered under, None where it may not be taken from there."""

    task: Task
    store: Store
    name: str | None

    def __str__(self) -> str:
        """The block by its corner, for messages."""
        block = self.task.block
        return f"block {block.height} x {block.width} at {block.west:.0f} {block.north:.0f}"

    @property
    def needs(self) -> dict[str, int]:
        """Facts for a message of a worker that died: the memory the task takes."""
        return {"megabytes": task_bytes(self.task) // 2**20 + 1}


@dataclass(frozen=True)
class Receipt:
    """What comes back of a block: its object, and chips read by GDAL with the reason."""

    sha256: str
    by_gdal: dict[str, str]


def order(task: Task, store: Store, reuse: bool) -> Order:
    """A task with its name, where every chip it reads has a digest."""
    return Order(task, store, name_of(task) if reuse else None)


def fill(order: Order) -> Receipt:
    """Do a task, or find that it was done. Doing it twice gives the same object."""
    if order.name is not None:
        known = order.store.recall(NAMED, order.name)
        if known is not None and order.store.get(known["object"]) is not None:
            return Receipt(known["object"], known["by_gdal"])
    result = work(order.task)
    part = order.store.part(f"{order.name} {order.task.block}")
    try:
        with naming(order.store.root):
            part.write_bytes(packed(result))
            found = order.store.put(part)
            if order.name is not None:
                order.store.remember({"object": found, "by_gdal": result.by_gdal}, NAMED, order.name)
    finally:
        part.unlink(missing_ok=True)
    return Receipt(found, result.by_gdal)


def name_of(task: Task) -> str | None:
    """The digest of everything a task's result hangs on; None where a chip has no digest."""
    recipe, weights, block = task.recipe, task.weights, task.block
    spans = [_span(period, task) for period in task.spans]
    if None in spans:
        return None
    sensor = recipe.sensor
    library = [read_best_pixel().model_dump()] if recipe.reducer == "best-pixel" else []
    return digest({
        "version": __version__,
        "block": [block.crs, repr(block.west), repr(block.north), repr(block.resolution), block.height, block.width],
        "layers": list(recipe.layers),
        "read": list(recipe.read),
        "indices": {name: [index.formula, repr(index.low), repr(index.high), index.beyond] for name, index in recipe.indices.items()},
        "rules": [repr(recipe.smallest), recipe.reducer, repr(recipe.percentile), recipe.minimum, *library],
        "features": [list(recipe.features), read_features().model_dump(mode="json") if recipe.features else None],
        "sensor": [repr(sensor.minimum_dn), *([mask.band, mask.dtype, sha256(states(sensor, n).tobytes())] for n, mask in enumerate(sensor.masks))],
        "spans": spans,
        "years": [len(task.years), len(task.days)],
        "series": list(recipe.series),
        "weights": [sha256(np.ascontiguousarray(part).tobytes()) for part in (weights.starts, weights.runs, weights.weights)] if weights else None,
    })  # fmt: skip


def _span(period: Period, task: Task) -> list[Any] | None:
    """A period with those of its scenes that meet the block; None where a chip has no digest."""
    bands = (*task.recipe.read, *task.recipe.sensor.mask_bands)
    seen: list[Any] = []
    for scenes in period.acquisitions:
        for scene in scenes:
            if place_of(task.block, scene.grid) is None and task.recipe.reducer != "best-pixel":
                continue
            chips = [scene.chips[band] for band in bands]
            if not all(chip.sha256 for chip in chips):
                return None
            g = scene.grid
            grid = [g.crs, repr(g.west), repr(g.north), repr(g.resolution), g.height, g.width]
            seen.append([scene.day, scene.platform, scene.item, grid, [[c.sha256, repr(c.scale), repr(c.offset), repr(c.resolution)] for c in chips]])
    return [period.name, str(period.start), str(period.end), len(period.acquisitions), seen]


def packed(result: Result) -> bytes:
    """A result as an object's bytes."""
    assert result.pixels is not None and result.features is not None
    series = () if result.series is None else (result.series,)
    arrays = [*result.pixels, *result.features, *series, result.sums, result.covered]
    parts = [bytes(imagecodecs.zstd_encode(np.ascontiguousarray(array).tobytes(), level=1)) for array in arrays]
    head = {"parts": [[array.dtype.str, list(array.shape), len(part)] for array, part in zip(arrays, parts, strict=True)]}
    return json.dumps(head).encode() + b"\n" + b"".join(parts)


def unpacked(path: Path, wanted: Sequence[int]) -> Iterator[NDArray[Any]]:
    """Arrays of an object by their place in it; negative places count from the end."""
    with path.open("rb") as stream:
        parts = json.loads(stream.readline())["parts"]
        ends = np.cumsum([stream.tell(), *(size for *_, size in parts)])
        for place in wanted:
            dtype, shape, size = parts[place]
            stream.seek(int(ends[place % len(parts)]))
            raw = imagecodecs.zstd_decode(stream.read(size), out=int(np.prod(shape)) * np.dtype(dtype).itemsize)
            yield np.frombuffer(raw, dtype=dtype).reshape(shape)
