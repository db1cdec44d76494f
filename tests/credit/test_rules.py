"""Deductions in the document's order, each on its base."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carbonsink.credit.rules import Amounts, deduct
from carbonsink.declared.methodology import Deduction

tonnes = st.decimals(0, 1_000_000, places=9)
percent = st.decimals(0, 1000, places=6)


def rule(**fields: Any) -> Deduction:
    return Deduction(**({"source": "farmland-proposal", "place": "a test", "status": "proposed"} | fields))


LEAKAGE = rule(rule="leakage", of="net", rate=0.05)
UNCERTAINTY = rule(rule="uncertainty", of="net", free_percent=10.0, share=0.5, level_percent=95.0)
BUFFER = rule(rule="buffer", of="removals", rate=0.1)
RULES = (LEAKAGE, UNCERTAINTY, BUFFER)


def posted(rules: tuple[Deduction, ...], removals: str = "1000", avoided: str = "0", emissions: str = "0", width: str = "30") -> list[Decimal]:
    amounts = Amounts(Decimal(removals), Decimal(avoided), Decimal(emissions))
    return [one.co2e_t for one in deduct(rules, amounts, lambda level: Decimal(width))]


def test_each_deduction_is_taken_of_what_the_ones_before_left() -> None:
    assert posted(RULES) == [Decimal(50), Decimal(95), Decimal("85.5")]  # 5 % of 1000, 10 % of 950, 10 % of 855
    assert posted((BUFFER, LEAKAGE)) == [Decimal(100), Decimal(45)]


@pytest.mark.parametrize(("width", "taken"), [("0", "0"), ("10", "0"), ("10.000001", "0.000005"), ("30", "100"), ("210", "1000"), ("999", "1000")])
def test_half_of_the_width_above_ten_percent_is_deducted_and_never_more_than_all(width: str, taken: str) -> None:
    assert posted((UNCERTAINTY,), width=width) == [Decimal(taken)]


def test_the_buffer_is_for_removals_alone() -> None:
    assert posted((BUFFER,), removals="0", avoided="1000") == [Decimal(0)]
    assert posted((BUFFER,), removals="600", avoided="400") == [Decimal(60)]
    assert posted((UNCERTAINTY, BUFFER), removals="600", avoided="400") == [Decimal(100), Decimal(54)]


def test_the_buffer_never_asks_for_more_than_is_left() -> None:
    assert posted((rule(rule="buffer", of="removals", rate=1.0),), removals="1000", emissions="950") == [Decimal(50)]


def test_the_facts_behind_a_deduction_are_noted() -> None:
    notes = [one.note for one in deduct(RULES, Amounts(Decimal(1), Decimal(0), Decimal(0)), lambda level: Decimal("30.5"))]
    assert notes == ["rate=0.05 of=net", "half_width=30.5 level=95.0 free=10.0 share=0.5 of=net", "rate=0.1 of=removals"]


@given(tonnes, tonnes, tonnes, percent)
def test_no_deduction_is_negative_nor_more_than_there_was(removals: Decimal, avoided: Decimal, emissions: Decimal, width: Decimal) -> None:
    amounts = Amounts(removals, avoided, emissions)
    taken = [one.co2e_t for one in deduct(RULES, amounts, lambda level: width)]
    assert all(one >= 0 for one in taken)
    assert sum(taken) <= max(amounts.net, Decimal(0)) + Decimal("3e-9")


@given(tonnes, tonnes, percent, percent)
def test_more_uncertainty_never_leaves_more(removals: Decimal, avoided: Decimal, one: Decimal, other: Decimal) -> None:
    amounts = Amounts(removals, avoided, Decimal(0))
    left = [amounts.net - sum(taken.co2e_t for taken in deduct(RULES, amounts, lambda level, w=width: w)) for width in sorted((one, other))]  # type: ignore[misc]
    assert left[1] <= left[0] + Decimal("3e-9")
