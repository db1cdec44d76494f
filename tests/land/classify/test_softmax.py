"""The exponential in single steps is the exponential."""

from __future__ import annotations

import math

import numpy as np
import pytest

from carbonsink.land.classify.softmax import SMALLEST, exponential, softmax


def test_it_is_the_exponential_to_the_last_bit_or_two() -> None:
    x = np.concatenate((np.linspace(SMALLEST, 0, 20_001), -np.logspace(-12, 2, 2_000)))
    exact = np.array([math.exp(value) for value in x])
    assert np.abs(exponential(x) / exact - 1).max() < 4.5e-16
    assert exponential(np.zeros(1)).tolist() == [1.0]


def test_probabilities_add_up_and_order_as_scores_do() -> None:
    scores = np.array([[0.0, 0.0], [0.0, math.log(3)], [-5000.0, 5000.0]])
    found = softmax(scores)
    assert found[:2] == pytest.approx(np.array([[0.5, 0.5], [0.25, 0.75]]), rel=1e-15)
    assert found[2].tolist() == [pytest.approx(0, abs=1e-300), 1.0]
