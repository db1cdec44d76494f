"""One file of a run beside the same file made again: how many of its numbers or pixels differ, and by how much at most."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from carbonsink.base.rasters import read_raster
from carbonsink.verify.settings import settings


@dataclass(frozen=True)
class Weight:
    """What differs in a file; `largest_percent` None where it isn't numbers alone: words, layout, a file that is missing."""

    path: str
    differing: int  # numbers of a table, pixels of a raster
    largest_percent: float | None
    equivalent: bool  # nothing but last bits


def weigh(path: str, run: Path, again: Path) -> Weight:
    """Weigh a file that differs, by its kind."""
    if not ((run / path).is_file() and (again / path).is_file()):
        return Weight(path, 0, None, False)
    if path.endswith(".tif"):
        return _raster(path, run / path, again / path)
    if not path.endswith((".csv", ".json")):
        return Weight(path, 0, None, False)
    try:
        stated, found = (list(_leaves_of(folder / path)) for folder in (run, again))
    except (ValueError, RecursionError):
        return Weight(path, 0, None, False)
    pairs = [(a, b) for a, b in zip(stated, found, strict=False) if a != b]
    numbers = [(number(a), number(b)) for a, b in pairs]
    known = [(a, b) for a, b in numbers if a is not None and b is not None]
    if len(stated) != len(found) or len(known) < len(pairs):
        return Weight(path, len(pairs), None, False)
    return Weight(path, len(pairs), max((percent(a, b) for a, b in known), default=0.0), all(equivalent(a, b) for a, b in known))


def number(text: str) -> float | None:
    """The finite number that a cell holds; None for words."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def percent(stated: float, again: float, of: float = 0.0) -> float:
    """How far a number is off, in percent of the larger of both, or of `of` where that is larger still."""
    base = max(abs(stated), abs(again), abs(of))
    return 100.0 * abs(again - stated) / base if base else 0.0


def equivalent(stated: float, again: float) -> bool:
    """Whether two numbers differ by no more than their last bits, or by one step of the rounding at a stage's border."""
    return abs(again - stated) <= max(settings().equivalent.value * max(abs(stated), abs(again)), settings().quantum.value)


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every leaf of a JSON value as text, with the keys that lead to it."""
    match value:
        case dict():
            for key in sorted(value):
                yield from leaves(value[key], f"{path}.{key}" if path else str(key))
        case list():
            for place, one in enumerate(value):
                yield from leaves(one, f"{path}[{place}]")
        case _:
            yield path, str(value)


def _leaves_of(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        yield from (part for leaf in leaves(json.loads(text)) for part in leaf)
    else:
        for row in csv.reader(text.splitlines()):
            yield from row


def _raster(path: str, stated: Path, again: Path) -> Weight:
    a, b = read_raster(stated), read_raster(again)
    if (a.grid, a.layers, a.pixels.dtype) != (b.grid, b.layers, b.pixels.dtype):
        return Weight(path, 0, None, False)
    apart = a.pixels != b.pixels
    if a.pixels.dtype.kind != "f":
        return Weight(path, int(apart.sum()), None, False)
    x, y = a.pixels[apart].astype(float), b.pixels[apart].astype(float)
    off = 100.0 * np.abs(y - x) / np.maximum(np.maximum(np.abs(x), np.abs(y)), settings().quantum.value)
    largest = float(off.max(initial=0.0))
    return Weight(path, int(apart.sum()), largest if math.isfinite(largest) else None, largest <= 100.0 * settings().tolerance.value)
