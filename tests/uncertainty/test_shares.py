"""Shares of variance add up, also where numbers move together; rank correlations are Spearman's and speak only where they can."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from carbonsink.base.records import VarianceShare
from carbonsink.declared.correlation import Correlation
from carbonsink.uncertainty import Sampling, draw, half_widths, simulate, variance_shares
from carbonsink.uncertainty.shares import with_ranks
from carbonsink.uncertainty.together import moving_together
from tests.uncertainty.worksheets import ONE, row, variable

SAMPLING = Sampling(2_000, 5, "pilot")
KNOWN = [
    variable("normal", 10.0, 8.0, 12.0, "a"),
    variable("lognormal", 10.0, 5.0, 20.0, "b"),
    variable("normal", 10.0, 9.999, 10.001, "tiny"),
    variable("normal", 10.0, 8.0, 12.0, "idle"),
    ONE,
]
ROWS = [row("a * b * tiny - 3 * a", "a", "b", "tiny"), row("b", "b", year=2021)]


def shares(*groups: Correlation) -> list[VarianceShare]:
    together = moving_together(KNOWN, groups)
    found = list(variance_shares(KNOWN, half_widths(ROWS, KNOWN), together))
    return with_ranks(found, KNOWN, simulate(ROWS, KNOWN, SAMPLING, together), SAMPLING, together)


@pytest.mark.parametrize("rho", [None, 0.5, 1.0])
def test_shares_add_up_to_one_in_every_year_and_the_period(rho: float | None) -> None:
    groups = [] if rho is None else [Correlation(values=["a", "b"], coefficient=rho, source="s", place="p")]
    found = shares(*groups)
    for year in (2020, 2021, 0):
        assert sum(one.share for one in found if one.year == year) == pytest.approx(1.0, abs=1e-8)
        assert "idle" not in {one.variable for one in found}


def test_what_moves_with_the_worst_takes_part_of_its_share() -> None:
    apart, together = (
        {one.variable: one.share for one in shares(*groups) if one.year == 2020}
        for groups in ([], [Correlation(values=["a", "b"], coefficient=0.5, source="s", place="p")])
    )
    assert together["a"] > apart["a"]


def test_rank_correlations_are_spearman_s() -> None:
    found = {(one.year, one.variable): one.rank_correlation for one in shares()}
    net = simulate(ROWS, KNOWN, SAMPLING)[0, "net"]
    for name in ("a", "b"):
        drawn = np.asarray(draw(next(one for one in KNOWN if one.id == name), SAMPLING, 0, SAMPLING.draws))
        assert found[0, name] == pytest.approx(stats.spearmanr(drawn, net).statistic, abs=1e-9)
    assert found[2021, "b"] == 1.0


def test_a_share_that_can_t_be_told_from_chance_has_no_rank() -> None:
    (tiny,) = [one for one in shares() if (one.year, one.variable) == (2020, "tiny")]
    assert 0 < tiny.share < 1 / SAMPLING.draws and tiny.rank_correlation is None
