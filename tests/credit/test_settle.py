"""Losses against the buffer, in whole tonnes as the ledger cancels them; what exceeds it is owed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import pytest

from carbonsink.base.records import Posting
from carbonsink.credit.settle import Standing, lost
from tests.credit.test_properties import change, posted, rules


def books(removals: Mapping[int, float], reasons: Sequence[str] = ()) -> dict[int, dict[str, Decimal]]:
    found: tuple[Posting, ...] = posted([change("removal", value, year) for year, value in removals.items()], years=tuple(removals))
    return {year: {one.account: one.co2e_t for one in found if one.vintage == year} for year in removals}


def test_a_loss_draws_on_the_buffer_of_earlier_vintages_first() -> None:
    found = books({2020: 1000.0, 2021: -60.5, 2022: 100.0})
    assert found[2020]["buffer"] == 100 and found[2020]["issued"] == 900
    assert found[2021]["reversal"] == -60, "whole tonnes, as `ledger reversal` cancels units"
    assert found[2021]["shortfall"] == Decimal("-0.5") and found[2021]["issued"] == 0
    assert found[2022]["carried"] == Decimal("0.5") and found[2022]["issued"] == 89  # 100 less 10 for the buffer less 0.5


def test_what_exceeds_the_buffer_is_a_shortfall() -> None:
    found = books({2020: 1000.0, 2021: -250.0, 2022: -10.0, 2023: 500.0})
    assert (found[2021]["reversal"], found[2021]["shortfall"]) == (-100, -150)
    assert (found[2022]["reversal"], found[2022]["shortfall"]) == (0, -10), "the buffer is used up"
    assert found[2023]["carried"] == 160 and found[2023]["issued"] == 290


def test_a_loss_before_anything_was_issued_finds_no_buffer() -> None:
    found = books({2020: -50.0, 2021: 40.0, 2022: -5.0})
    assert found[2020]["shortfall"] == -50 and found[2020]["reversal"] == 0
    assert found[2021]["buffer"] == 4 and found[2021]["issued"] == 0
    assert found[2022]["reversal"] == 0, "a vintage without units leaves no units in the buffer"


@pytest.mark.parametrize(
    ("net", "kept", "reversal", "shortfall"), [("5", "9", "0", "0"), ("-5", "9", "-5", "0"), ("-9.9", "9", "-9", "-0.9"), ("-0.9", "9", "0", "-0.9")]
)
def test_a_loss_by_hand(net: str, kept: str, reversal: str, shortfall: str) -> None:
    entries = lost(Decimal(net), Standing(kept=Decimal(kept)))
    assert (entries["reversal"].tonnes, entries["shortfall"].tonnes) == (Decimal(reversal), Decimal(shortfall))


def test_removals_and_avoided_emissions_stay_apart() -> None:
    changes = [change("removal", 600.7), change("avoided", 400.6, scenario="baseline"), change("emission", 100.0)]
    (one,) = [p for p in posted(changes, rules(buffer=0.1)) if p.account == "issued"]
    # of 901.3 net, 600.7/1001.3 are removals: 540.708, less a tenth of 600.7 for the buffer; 360.592 are avoided
    assert (one.removals_t, one.co2e_t) == (480, 840)
