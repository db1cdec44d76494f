"""Months to try RothC on: the published series of the shared test data, and a small climate anybody can read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
QUANTITIES = ("temperature", "rain", "evaporation", "carbon_input", "manure", "covered")
CLAY, DEPTH, INERT = 13.0, 25.0, 3.0041  # of the published run

YEAR: dict[str, Any] = {
    "temperature": np.array([3.0, 4, 7, 11, 15, 18, 20, 19, 16, 12, 7, 4]),
    "rain": np.array([60.0, 45, 50, 48, 52, 55, 57, 60, 58, 70, 68, 64]),
    "evaporation": np.array([8.0, 14, 35, 60, 95, 110, 115, 98, 60, 32, 14, 8]),
    "carbon_input": np.array([0.0, 0, 0, 0.16, 0.16, 0.16, 1.6, 0.0, 0, 0, 0, 0]),
    "manure": np.array([0.0, 0, 0, 0, 0, 0, 0, 0, 0, 1.0, 0, 0]),
    "covered": np.array([0.0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0]),
}
SOIL: dict[str, Any] = {"clay": 23.0, "depth": 23.0}


def years(count: int, **change: Any) -> dict[str, Any]:
    """The small climate so many times over, with other inputs."""
    return {name: np.tile(values, count) for name, values in (YEAR | change).items()}


def published(shared: Path) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """The first year, which is cycled, and the 828 months after it."""
    table = np.loadtxt(shared / "cases" / "rothc_py" / "RothC_input.dat", skiprows=7).T
    series = dict(zip(QUANTITIES, table[3:9], strict=True))
    return {name: values[:12] for name, values in series.items()}, {name: values[12:] for name, values in series.items()}


def results(shared: Path) -> Floats:
    """What the authors' program gives [month, (DPM, RPM, BIO, HUM, IOM, SOC)]."""
    table: Floats = np.loadtxt(shared / "cases" / "rothc_py" / "month_results.csv", delimiter=",", skiprows=1)
    return table[:, 2:8]
