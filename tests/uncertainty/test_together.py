"""Numbers that move together do so in both approaches, and joining a group moves nobody else's draws."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from carbonsink.base.problems import Refusal
from carbonsink.base.records import Variable
from carbonsink.declared.correlation import Correlation
from carbonsink.uncertainty import Sampling, approach_1, approach_2, draw, half_widths, simulate
from carbonsink.uncertainty.together import Together, moving_together
from tests.uncertainty.worksheets import ONE, gain, row, variable

SAMPLING = Sampling(20_000, 3, "pilot")
MATRIX = [[1.0, 0.8, -0.3], [0.8, 1.0, 0.1], [-0.3, 0.1, 1.0]]
THREE = [variable(kind, 10.0, 8.0, 12.0, name=name) for kind, name in (("normal", "a"), ("lognormal", "b"), ("triangular", "c"))]


def group(**said: Any) -> Correlation:
    return Correlation(source="inventory", place="table 3", **said)


def drawn(one: Variable, together: Together) -> np.ndarray:
    return np.asarray(draw(one, SAMPLING, 0, SAMPLING.draws, together.get(one.id, ())))


def test_ranks_of_a_copula_are_correlated_as_its_normals_are() -> None:
    together = moving_together(THREE, [group(values=["a", "b", "c"], matrix=MATRIX)])
    found = stats.spearmanr(np.stack([drawn(one, together) for one in THREE], axis=1)).statistic
    assert found == pytest.approx(6 / math.pi * np.arcsin(np.array(MATRIX) / 2), abs=0.02)


def test_a_coefficient_holds_between_every_two_and_leaves_each_its_distribution() -> None:
    together = moving_together(THREE, [group(symbols=["soc_ref"], coefficient=0.6)])
    found = stats.spearmanr(np.stack([drawn(one, together) for one in THREE], axis=1)).statistic
    assert found[np.triu_indices(3, 1)] == pytest.approx(6 / math.pi * math.asin(0.3), abs=0.02)
    for one in THREE:
        alone = np.sort(np.asarray(draw(one, SAMPLING, 0, SAMPLING.draws)))
        assert np.sort(drawn(one, together))[[500, 10_000, 19_500]] == pytest.approx(alone[[500, 10_000, 19_500]], rel=0.01)


def test_none_and_all_of_a_cause_are_the_ends_of_a_coefficient() -> None:
    apart, one = (moving_together(THREE, [group(symbols=["soc_ref"], coefficient=c)]) for c in (0.0, 1.0))
    assert np.array_equal(drawn(THREE[0], apart), drawn(THREE[0], {}))
    assert stats.spearmanr(drawn(THREE[0], one), drawn(THREE[2], one)).statistic == pytest.approx(1.0)


def test_the_first_of_a_matrix_is_drawn_as_if_alone() -> None:
    together = moving_together(THREE, [group(values=["a", "b", "c"], matrix=MATRIX)])
    assert np.array_equal(drawn(THREE[0], together), drawn(THREE[0], {}))
    assert not np.array_equal(drawn(THREE[1], together), drawn(THREE[1], {}))


def test_another_stratum_s_row_joins_a_group_without_moving_its_draws() -> None:
    few, more = (moving_together(known, [group(symbols=["soc_ref"], coefficient=0.6)]) for known in (THREE[1:], THREE))
    assert all(np.array_equal(drawn(one, few), drawn(one, more)) for one in THREE[1:])


@pytest.mark.parametrize("rho", [-0.6, 0.0, 0.6, 0.9])
def test_both_approaches_widen_a_sum_and_narrow_a_difference_alike(rho: float) -> None:
    known = [variable("normal", 50.0, 40.0, 60.0, name="a"), variable("normal", 30.0, 24.0, 36.0, name="b"), ONE]
    together = moving_together(known, [group(values=["a", "b"], matrix=[[1.0, rho], [rho, 1.0]])])
    for sign in (1, -1):
        rows = [row("a + b" if sign > 0 else "a - b", "a", "b")]
        first = next(iter(approach_1(rows, known, half_widths(rows, known), together=together)))
        second = next(iter(approach_2(simulate(rows, known, SAMPLING, together))))
        assert (first.high_t - first.low_t) / 2 == pytest.approx(math.sqrt(100 + 36 + sign * 2 * rho * 60), rel=1e-9)
        assert second.high_t - second.low_t == pytest.approx((first.high_t - first.low_t) * 1.96 / 2, rel=0.03)


def test_parts_of_one_measured_change_are_one_draw_and_parts_of_two_are_between() -> None:
    shares = ("first=1.0", "first=0.6 ; second=0.8", "second=1.0")
    known = [gain("normal", 1.0, -1.0, 3.0, f"{year}", shared=text) for year, text in zip((2020, 2021, 2022), shares, strict=True)]
    found = np.corrcoef([drawn(one, moving_together(known)) for one in known])
    assert found[0] == pytest.approx([1.0, 0.6, 0.0], abs=0.02) and found[1, 2] == pytest.approx(0.8, abs=0.02)
    same = replace(known[0], id="2023", value=5.0, low=1.0, high=9.0)
    together = moving_together([*known, same])
    assert drawn(same, together) == pytest.approx(5 + 2 * (drawn(known[0], together) - 1), rel=1e-12)


def test_exact_numbers_move_with_nobody() -> None:
    exact = replace(THREE[0], low=None, high=None, distribution="exact")
    together = moving_together([exact, *THREE[1:]], [group(values=["a", "b"], coefficient=0.6)])
    assert set(together) == {"b"} and drawn(exact, together) == 10.0


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ([group(values=["a", "x"], coefficient=0.5)], "E-UNC-006 area.toml [[correlation]]: the correlation names x"),
        ([group(symbols=["growth"], coefficient=0.5)], "names growth, which this project doesn't draw; the nearest is soc_ref"),
        ([group(symbols=["soc_ref"], matrix=[[1.0]])], "E-UNC-008 area.toml [[correlation]]: a matrix states every pair, but soc_ref stands for 3"),
        ([group(values=["a", "b"], coefficient=0.5), group(symbols=["soc_ref"], coefficient=0.2)], "E-UNC-007 area.toml [[correlation]]: a moves together"),
    ],
)
def test_members_a_run_doesn_t_have_or_has_twice_are_refused(groups: list[Correlation], words: str) -> None:
    with pytest.raises(Refusal) as caught:
        moving_together(THREE, groups)
    assert words in caught.value.problems[0].line("en") and caught.value.problems[0].line("zh")


def test_what_was_measured_together_can_t_be_declared_to_be() -> None:
    known = [gain("normal", 1.0, -1.0, 3.0, "measured", shared="change=1.0")]
    with pytest.raises(Refusal, match="measured moves together with change already"):
        moving_together(known, [group(values=["measured"], coefficient=0.5)])
