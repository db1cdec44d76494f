"""Each distribution has the quantiles its name promises, a declared bound cuts it without heaping, and approach 1 takes its true spread."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from carbonsink.base.records import Variable
from carbonsink.uncertainty.distributions import FORMS, deviation, ends, values_at, widening
from tests.uncertainty.worksheets import POINTS, gain, variable

GRID = (np.arange(10_000) + 0.5) / 10_000


def at(known: Variable, *probabilities: float) -> list[float]:
    assert known.low is not None and known.high is not None
    return values_at(np.array(probabilities), known, known.low, known.high).tolist()


@pytest.mark.parametrize(
    ("known", "quantiles"),
    [
        (variable("normal", 10.0, 8.0, 12.0), {0.5: 10.0, 0.977249868: 12.0, 0.022750132: 8.0}),
        (variable("lognormal", 10.0, 5.0, 20.0), {0.5: 10.0, 0.977249868: 20.0, 0.022750132: 5.0}),
        (variable("uniform"), {0.5: 12.5, 0.25: 8.75}),
        (variable("triangular"), {1 / 3: 10.0, 1 - 1 / 6: 20 - math.sqrt(15 * 10 / 6)}),
        (variable("pert"), {p: 5 + 15 * stats.beta(1 + 4 / 3, 1 + 8 / 3).ppf(p) for p in (0.025, 0.5, 0.975)}),
        (variable("empirical"), {**dict(POINTS), 0.3: 7.5, 0.95: 21.0}),
    ],
    ids=lambda one: one.distribution if isinstance(one, Variable) else "",
)
def test_a_distribution_has_its_quantiles(known: Variable, quantiles: dict[float, float]) -> None:
    assert at(known, *quantiles) == pytest.approx(list(quantiles.values()), rel=1e-5)


@pytest.mark.parametrize("value", [5.0, 5.5, 10.0, 20.0])
def test_a_pert_is_its_beta_to_a_hundred_thousandth_of_its_range(value: float) -> None:
    exact = stats.beta(1 + 4 * (value - 5) / 15, 1 + 4 * (20 - value) / 15)
    apart = np.abs(np.array(at(variable("pert", value), *GRID)) - (5 + 15 * exact.ppf(GRID))) / 15
    assert apart.max() < 1e-5


def test_the_mean_of_a_pert_is_that_of_the_three_numbers() -> None:
    assert np.mean(at(variable("pert"), *GRID)) == pytest.approx((5 + 4 * 10 + 20) / 6, rel=1e-6)


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("bounds", [(7.0, None), (None, 14.0), (7.0, 14.0)], ids=str)
def test_a_declared_bound_cuts_without_heaping(kind: str, bounds: tuple[float | None, float | None]) -> None:
    least, most = bounds
    whole, cut = at(variable(kind), *GRID), at(variable(kind, least=least, most=most), *GRID)
    kept = sorted(value for value in whole if (least is None or value >= least) and (most is None or value <= most))
    assert sum(value in bounds for value in cut) <= 1, "no draw is moved onto the bound"
    assert np.quantile(cut, [0.1, 0.5, 0.9]) == pytest.approx(np.quantile(kept, [0.1, 0.5, 0.9]), rel=2e-3), "inside, it is the distribution it was"


def test_a_bound_outside_the_range_of_a_distribution_cuts_nothing() -> None:
    for kind in ("triangular", "pert", "uniform", "empirical"):
        assert at(variable(kind, least=1.0, most=50.0), *GRID) == at(variable(kind), *GRID)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (variable("uniform"), 15 / math.sqrt(12)),
        (variable("triangular"), math.sqrt((25 + 100 + 400 - 50 - 200 - 100) / 18)),
        (variable("pert"), math.sqrt((65 / 6 - 5) * (20 - 65 / 6) / 7)),
        (variable("normal", 10.0, 8.0, 12.0), 1.0),
        (gain("normal", 0.0, -2.0, 2.0, "x", least=0.0), math.sqrt(1 - 2 / math.pi)),
    ],
    ids=["uniform", "triangular", "pert", "normal", "half a normal"],
)
def test_standard_deviations_are_those_of_the_textbook(known: Variable, expected: float) -> None:
    assert deviation(known) == pytest.approx(expected, rel=2e-3)


def test_a_stated_95_percent_interval_is_taken_as_it_is_and_ends_of_a_range_as_two_deviations() -> None:
    assert widening(variable("normal", 10.0, 8.0, 12.0)) == widening(variable("lognormal")) == 1.0
    assert widening(variable("uniform")) == pytest.approx(2 / math.sqrt(3), rel=1e-6)
    assert widening(variable("triangular", 10.0, 0.0, 20.0)) == pytest.approx(2 / math.sqrt(6), rel=1e-3)
    assert ends(variable("normal", 10.0, 5.0, 15.0, least=8.0)) == (8.0, 15.0)
