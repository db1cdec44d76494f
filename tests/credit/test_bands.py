"""A schedule of deductions: bands of the half-width, a stop above which nothing is credited; more uncertainty never leaves more."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carbonsink.areas.plots.discount import discount_share
from carbonsink.credit.rules import Amounts, deduct, rate_of
from carbonsink.declared.methodology import Band, Deduction, methodology_names, read_methodology

percent = st.decimals(0, 500, places=6)
SCHEDULED = [rule for name in methodology_names() for rule in read_methodology(name).deduction if rule.bands]
TOOL14 = next(rule for rule in read_methodology("ar-acm0003").deduction if rule.rule == "uncertainty")
STEPS = next(rule for rule in read_methodology("ccer-14-001").deduction if rule.rule == "uncertainty")
TOLERANCE = next(rule for rule in read_methodology("vm0047-area").deduction if rule.rule == "uncertainty")


def rate(rule: Deduction, width: str) -> Decimal:
    return rate_of(rule, lambda interval: Decimal(width))[0]


@pytest.mark.parametrize(
    ("width", "taken"),
    [("10", "0"), ("10.4", "0.026"), ("15", "0.0375"), ("15.2", "0.076"), ("20", "0.1"), ("30", "0.225"), ("30.1", "0.301"), ("100", "1"), ("250", "1")],
)
def test_the_tool_s_bands_take_a_share_of_the_half_width(width: str, taken: str) -> None:
    assert rate(TOOL14, width) == Decimal(taken)


@pytest.mark.parametrize(("width", "taken"), [("10", "0"), ("10.1", "0.06"), ("20", "0.06"), ("25", "0.11"), ("30", "0.11"), ("30.000001", "1")])
def test_steps_take_a_fixed_rate_until_more_plots_are_needed(width: str, taken: str) -> None:
    assert rate(STEPS, width) == Decimal(taken)


@pytest.mark.parametrize(("width", "taken"), [("10", "0"), ("32.2", "0.222"), ("100", "0.9"), ("100.1", "1")])
def test_a_tolerance_grows_one_for_one_up_to_its_stop(width: str, taken: str) -> None:
    assert rate(TOLERANCE, width) == Decimal(taken)


def test_the_facts_behind_a_schedule_are_noted() -> None:
    (posted,) = deduct([STEPS], Amounts(Decimal(100), Decimal(0), Decimal(0)), lambda interval: Decimal(12))
    assert (posted.co2e_t, posted.note) == (6, "half_width=12 level=90.0 bands=10.0:0.06,20.0:0.11 of=net stop=30.0")


@pytest.mark.parametrize("rule", SCHEDULED, ids=lambda rule: rule.source)
def test_bands_rise_and_take_in_one_way(rule: Deduction) -> None:
    for one, other in pairwise(rule.bands):
        assert one.over < other.over
        assert (one.share_of_u or 0.0, one.rate or 0.0) <= (other.share_of_u or 0.0, other.rate or 0.0)
    assert all((band.share_of_u is None) != (band.rate is None) for band in rule.bands)
    assert (rule.free_percent, rule.share) == (None, None), "a schedule stands in place of a tolerance"


def test_the_tool_says_the_same_of_a_stock_and_of_a_credit() -> None:
    shares = [(band.over, band.share_of_u) for band in TOOL14.bands]
    assert shares == [(over, discount_share(over + 0.1)) for over, _ in shares]
    assert discount_share(shares[0][0]) == 0.0


@given(percent, percent)
def test_more_uncertainty_never_takes_less_and_never_more_than_all(one: Decimal, other: Decimal) -> None:
    narrow, wide = sorted((one, other))
    for rule in (TOOL14, STEPS, TOLERANCE):
        assert 0 <= rate(rule, str(narrow)) <= rate(rule, str(wide)) <= 1


def test_a_band_below_zero_or_above_all_is_refused() -> None:
    with pytest.raises(ValueError, match="less than or equal to 1"):
        Band(over=10.0, share_of_u=1.5)
    with pytest.raises(ValueError, match="greater than or equal to 0"):
        Band(over=-1.0, rate=0.1)
