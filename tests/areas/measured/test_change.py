"""Changes and their errors: the worked example of VM0042, paired and other samples, the power analysis."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from carbonsink.areas.measured.change import Estimate, alike, change, detectable, mean, net, uncertainty_percent, units_for

MANY = 1e9
values = st.lists(st.floats(10, 90), min_size=3, max_size=12, unique=True)


def named(numbers: list[float], letter: str = "s") -> dict[str, float]:
    return {f"{letter}{n}": value for n, value in enumerate(numbers)}


def test_the_worked_example_of_vm0042() -> None:
    """W17: 500 ha; project 48.4 -> 51.0, control 48.0 -> 48.6 t C/ha; standard errors of the changes 0.55 and 0.45."""
    gain = net(Estimate(51.0 - 48.4, 0.55, MANY), Estimate(48.6 - 48.0, 0.45, MANY))
    gross, percent = gain.value * 500 * 44 / 12, uncertainty_percent(gain)
    assert gross == pytest.approx(3666.667, abs=5e-4)
    assert percent == pytest.approx(15.3370, abs=5e-5)
    assert gross * percent / 100 == pytest.approx(562.358, abs=5e-4)


def test_the_t_of_eq_74_by_degrees_of_freedom() -> None:
    """One-sided 66.7 %: 0.5787, 0.4583, 0.4447, 0.4359 at 1, 5, 10 and 30 degrees of freedom, 0.431644 without end."""
    found = [uncertainty_percent(Estimate(100.0, 1.0, degrees)) for degrees in (1, 5, 10, 30, MANY)]
    assert found == pytest.approx([0.5787, 0.4583, 0.4447, 0.4359, 0.431644], abs=5e-5)


def test_an_uncertainty_without_error_and_about_zero() -> None:
    assert uncertainty_percent(Estimate(2.0, 0.0, 5)) == 0
    assert uncertainty_percent(Estimate(0.0, 1.0, 5)) == math.inf


def test_the_same_units_tell_their_differences_and_others_two_means() -> None:
    before, after = named([40.0, 45, 50, 55]), named([41.0, 46.5, 50.5, 56])
    again, others = change(before, after), change(before, {f"x{name}": value for name, value in after.items()})
    assert again.value == pytest.approx(others.value) == pytest.approx(1.0)
    assert again.error < others.error / 5
    assert again.degrees == 3


@given(values, values)
def test_two_means_are_welch_s(one: list[float], other: list[float]) -> None:
    found, expected = net(mean(named(one)), mean(named(other))), stats.ttest_ind(one, other, equal_var=False)
    low, high = expected.confidence_interval(0.95)
    assert found.half_width(95) == pytest.approx((high - low) / 2, rel=1e-8)
    assert alike(named(one), named(other)) == pytest.approx(expected.pvalue, rel=1e-8, abs=1e-14)


@given(values, st.floats(0.1, 10))
def test_scaling_stocks_scales_the_change_and_its_error(stocks: list[float], factor: float) -> None:
    before, after = named(stocks), named([value * 1.1 + n for n, value in enumerate(stocks)])
    one = change(before, after)
    other = change({n: v * factor for n, v in before.items()}, {n: v * factor for n, v in after.items()})
    assert (other.value, other.error) == pytest.approx((one.value * factor, one.error * factor), rel=1e-9)


def test_more_samples_narrow_the_interval() -> None:
    random = np.random.default_rng(3)
    few, many = (mean(named(random.normal(50, 5, count).tolist())) for count in (8, 200))
    assert many.half_width(95) < few.half_width(95) / 3


def test_sample_size_and_detectable_difference_are_each_other_s_answer() -> None:
    """Eqs 1 and 2 with many degrees of freedom: (1.960 + 1.282)^2 S^2 / MDD^2 = 168, with the t of 171 samples 171."""
    needed = units_for(8.0, 2.0)
    assert needed == 171
    assert detectable(8.0, needed) <= 2.0 < detectable(8.0, needed - 1)
    assert units_for(1.0, 50.0) == 2
    with pytest.raises(ValueError, match="difference above 0"):
        units_for(1.0, 0.0)


def test_means_without_spread() -> None:
    same = named([5.0, 5.0, 5.0])
    assert alike(same, same) == 1
    assert alike(same, named([6.0, 6.0, 6.0])) == 0
    assert net(mean(same), mean(same)).half_width(95) == 0
