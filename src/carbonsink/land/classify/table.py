"""What a table of features and labels must be to train on, and how it is read: float32, missing below every number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from carbonsink.base.problems import Problem, Refusal, refuse

MISSING = np.finfo(np.float32).min  # what trees are grown on where a value is missing
WEIGHT_STEPS = 16  # weights are whole sixteenths of the largest class's, so that sums of them are exact


def rows_of(features: ArrayLike, columns: int | None = None) -> NDArray[Any]:
    """Features as they come, of shape (row, feature); refused where they are no numbers, no table, or of other columns than the model's."""
    table = np.asarray(features)
    if table.ndim != 2 or table.dtype.kind not in "iufb" or (columns is not None and table.shape[1] != columns):  # noqa: PLR2004
        raise refuse("E-LND-020", "features", found=f"{table.dtype}{list(table.shape)}", expected="?" if columns is None else columns)
    return table


def single(features: NDArray[Any]) -> NDArray[np.float32]:
    """Features in float32, row by row in memory; what is too large for it becomes infinite."""
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(features, np.float32)


def training_table(features: ArrayLike, labels: ArrayLike, classes: Sequence[Any]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Features (row, feature) with MISSING filled in, and each row's place in `classes`; refused with all that is wrong."""
    table, given = single(rows_of(features)), np.asarray(labels)
    if given.shape != table.shape[:1]:
        raise refuse("E-LND-021", "labels", rows=table.shape[0], found=list(given.shape))
    places = {value: number for number, value in enumerate(classes)}
    found = np.array([places.get(label, -1) for label in given.tolist()], np.int64)
    problems = [*_unknown(given, found, places), *_infinite(table), *_too_few(found)]
    if problems:
        raise Refusal(problems)
    return np.where(np.isnan(table), MISSING, table), found


def class_weights(places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each row's weight, a whole number: classes then weigh about the same whatever their share. The largest class has WEIGHT_STEPS."""
    _, inverse, sizes = np.unique(places, return_inverse=True, return_counts=True)
    weights: NDArray[np.int64] = ((2 * WEIGHT_STEPS * sizes.max() + sizes) // (2 * sizes))[inverse]
    return weights


def _unknown(labels: NDArray[Any], found: NDArray[np.int64], known: Sequence[Any] | dict[Any, int]) -> list[Problem]:
    unknown = sorted({str(label) for label in labels[found < 0].tolist()})
    return [Problem("E-LND-022", "labels", {"found": ", ".join(unknown), "known": ", ".join(map(str, known))})] if unknown else []


def _infinite(table: NDArray[np.float32]) -> list[Problem]:
    columns = np.flatnonzero(np.isinf(table).any(axis=0))
    return [Problem("E-LND-023", "features", {"columns": ", ".join(map(str, columns.tolist()))})] if columns.size else []


def _too_few(found: NDArray[np.int64]) -> list[Problem]:
    held = np.unique(found[found >= 0]).size
    return [Problem("E-LND-024", "labels", {"rows": found.size, "classes": held})] if held < 2 else []  # noqa: PLR2004
