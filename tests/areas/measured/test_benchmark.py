"""Slopes and the performance benchmark of VM0047: against SciPy's regression, and each of the rules."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from carbonsink.areas.measured.benchmark import Slope, benchmark, slope


def sure(value: float) -> Slope:
    return Slope(value, 0.001, 100)


def test_a_slope_of_equal_weights_is_ordinary_least_squares() -> None:
    random = np.random.default_rng(4)
    times = np.tile(np.arange(4.0), 10)
    values = 0.4 + 0.05 * times + random.normal(0, 0.03, 40)
    found, expected = slope(times, values, np.ones(40)), stats.linregress(times, values)
    assert (found.value, found.error, found.degrees) == (pytest.approx(expected.slope), pytest.approx(expected.stderr), 38)


def test_the_scale_of_weights_does_not_matter_and_no_weight_is_no_plot() -> None:
    random = np.random.default_rng(5)
    times, values, weight = np.arange(12.0) % 4, random.normal(0, 1, 12), random.uniform(0.5, 2, 12)
    one, other = slope(times, values, weight), slope(times, values, weight * 7)
    assert (one.value, one.error) == (pytest.approx(other.value), pytest.approx(other.error))
    assert one.value == pytest.approx(np.polyfit(times, values, 1, w=np.sqrt(weight))[0])
    weight[0] = 0
    assert slope(times, values, weight).value == pytest.approx(slope(times[1:], values[1:], weight[1:]).value)


def test_the_benchmark_is_the_ratio_of_slopes() -> None:
    found = benchmark(sure(0.05), sure(0.02))
    assert found.value == pytest.approx(0.4)
    assert found.z == pytest.approx(0.03 / (0.001 * 2**0.5))


@pytest.mark.parametrize(
    ("project", "control", "expected"),
    [
        (Slope(0.05, 0.02, 100), Slope(0.03, 0.02, 100), 1.0),  # |Z| below 1.96
        (sure(0.05), sure(-0.02), 0.0),  # the control's slope is floored
        (sure(0.05), Slope(0.002, 0.002, 100), 0.0),  # the control's slope isn't above 0 for sure
        (sure(0.05), sure(0.09), 1.0),  # controls grow faster: no credit
        (sure(-0.05), sure(0.01), 1.0),  # the project declines
        (Slope(0.05, 0, 10), Slope(0.0, 0, 10), 0.0),  # without error
        (Slope(0.05, 0, 10), Slope(0.05, 0, 10), 1.0),
    ],
)
def test_each_rule(project: Slope, control: Slope, expected: float) -> None:
    assert benchmark(project, control).value == expected


def test_a_z_without_error_is_without_bound() -> None:
    assert benchmark(Slope(0.05, 0, 10), Slope(0.0, 0, 10)).z == math.inf
