"""Deductions of the gross, and those by a one-sided quantile of the standard error (VM0042 section 8.6.2)."""

from __future__ import annotations

from decimal import Decimal
from statistics import NormalDist
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carbonsink.base.records import Variable, WorksheetRow
from carbonsink.credit.rules import Amounts, deduct
from carbonsink.declared.methodology import Deduction, Interval, rated, read_methodology
from carbonsink.uncertainty import approach_1, half_widths
from tests.carbon.farmland_projects import rating
from tests.carbon.projects import RICE, area_file

tonnes = st.decimals(0, 1_000_000, places=9)
percent = st.decimals(0, 1000, places=6)


def rule(**fields: Any) -> Deduction:
    return Deduction(**({"source": "verra-vm0042", "place": "a test", "status": "transcribed"} | fields))


UNCERTAINTY = rule(rule="uncertainty", of="gross", free_percent=0.0, share=1.0, one_sided_percent=66.7)
BUFFER = rule(rule="buffer", of="gross", rate=0.15)


def posted(rules: tuple[Deduction, ...], amounts: Amounts, width: str | Decimal) -> list[Decimal]:
    return [one.co2e_t for one in deduct(rules, amounts, lambda asked: Decimal(width))]


def test_a_one_sided_quantile_is_the_standard_error_s_interval() -> None:
    assert UNCERTAINTY.interval == Interval("gross", 1, 33.4)
    assert rule(rule="uncertainty", of="net", level_percent=90.0).interval == Interval("net", 2, 90.0)
    assert BUFFER.interval is None


def test_the_half_width_at_66_7_percent_is_0_4316_standard_errors() -> None:
    gain = Variable("gain", "carbon_change", 100.0, "t_C yr^-1", 80.0, 120.0, "normal", "case", "case", "declared")
    one = Variable("one", "already_co2e", 1.0, "1", None, None, "exact", "case", "case", "declared")
    row = WorksheetRow("1", 2020, "project", "s", "f", "p", "CO2", "removal", "e", "c", "gain", "gain=100.0@gain", 100.0, "1", 1.0, "one", 100.0)
    spreads = list(approach_1([row], [gain, one], half_widths([row], [gain, one]), (33.4, 95.0)))
    widths = {(s.quantity, s.level_percent): s.half_width_percent for s in spreads}
    assert widths["gross", 95.0] == 20.0, "the bounds as they stand"
    assert widths["gross", 33.4] == pytest.approx(10.0 * NormalDist().inv_cdf(0.667), abs=1e-6)
    assert widths["gross", 33.4] == pytest.approx(4.31644, abs=1e-5)


def test_w17_in_decimals() -> None:
    taken = posted((UNCERTAINTY, BUFFER), Amounts(Decimal("3666.666666667"), Decimal(0), Decimal(120)), "15.3370")
    assert taken == [pytest.approx(Decimal("562.3567"), abs=Decimal("1e-3")), pytest.approx(Decimal("465.6465"), abs=Decimal("1e-3"))]
    assert int(Decimal("3666.666666667") - sum(taken) - 120) == 2518


def test_emissions_come_off_the_net_but_not_off_the_gross() -> None:
    amounts = Amounts(Decimal(1000), Decimal(0), Decimal(400))
    assert posted((BUFFER,), amounts, "0") == [Decimal(150)]
    assert posted((rule(rule="buffer", of="removals", rate=0.15),), amounts, "0") == [Decimal(90)]


def test_no_deduction_of_the_gross_takes_more_than_is_left() -> None:
    assert posted((rule(rule="buffer", of="gross", rate=0.5),), Amounts(Decimal(1000), Decimal(0), Decimal(950)), "0") == [Decimal(50)]


@given(tonnes, tonnes, tonnes, percent, percent)
def test_more_uncertainty_never_leaves_more(removals: Decimal, avoided: Decimal, emissions: Decimal, one: Decimal, other: Decimal) -> None:
    amounts = Amounts(removals, avoided, emissions)
    left = [amounts.net - sum(posted((UNCERTAINTY, BUFFER), amounts, width)) for width in sorted((one, other))]
    assert left[1] <= left[0] + Decimal("3e-9")
    assert amounts.net < 0 or left[1] >= -Decimal("3e-9")


@pytest.mark.parametrize(("share", "rate"), [(0.15, 0.15), (0.12, 0.12), (0.05, 0.12)])
def test_a_project_s_own_rating_stands_where_it_is_higher_than_the_tool_s_least(share: float, rate: float) -> None:
    document = read_methodology("vm0042")
    assert document.deduction[-1].rate == 0.12
    assert rated(document, area_file({"field": RICE}, [rating(share)])).deduction[-1].rate == rate
    assert rated(document, area_file({"field": RICE})).deduction == document.deduction
