"""One interval for all: what areas share doesn't average out, what is theirs alone does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from carbonsink.portfolio import Portfolio
from carbonsink.portfolio.interval import Combined, combined, keyed, shared_rows
from carbonsink.portfolio.member import Member
from tests.portfolio.making import quiet
from tests.uncertainty.worksheets import ONE, gain, row, variable


def member(like: Member, name: str, *variables: object) -> Member:
    """An area of one flow: the product of its two variables."""
    area = like.plan.area.model_copy(update={"id": name, "correlation": []})
    names = [one.id for one in variables]  # type: ignore[attr-defined]
    return replace(like, plan=replace(like.plan, area=area), worksheet=(row(" * ".join(names), *names),), variables=(ONE, *variables))  # type: ignore[arg-type]


def net(members: list[Member]) -> Combined:
    return next(one for one in combined(members, quiet) if (one.year, one.quantity) == (0, "net"))


@pytest.fixture(scope="module")
def like(rolled: Portfolio) -> Member:
    return next(one for one in rolled.members if not one.inventory)


def test_a_shared_row_is_one_number_and_its_error_adds(like: Member) -> None:
    table = replace(variable("normal", 10.0, 6.0, 14.0, "x"), status="transcribed")
    alone = net([member(like, "a-area", table)])
    many = net([member(like, f"area-{n}", table) for n in range(9)])
    assert many.mean_t == pytest.approx(9 * alone.mean_t)
    assert many.half_width_percent == pytest.approx(alone.half_width_percent, rel=1e-6)


@pytest.mark.parametrize("status", ["declared", "measured"])
def test_what_is_an_area_s_own_averages_out(like: Member, status: str) -> None:
    own = replace(gain("normal", 10.0, 6.0, 14.0, "x"), status=status)
    alone = net([member(like, "a-area", own)])
    many = net([member(like, f"area-{n}", own) for n in range(9)])
    assert many.half_width_percent == pytest.approx(alone.half_width_percent / 3, rel=0.05)


def test_an_area_s_interval_does_not_depend_on_who_else_is_there(like: Member) -> None:
    own = gain("normal", 10.0, 6.0, 14.0, "x")
    exact = replace(own, low=None, high=None, distribution="exact")
    assert net([member(like, "a-area", own), member(like, "b-area", exact)]).high_t == pytest.approx(net([member(like, "a-area", own)]).high_t + 10.0)


def test_the_county_s_interval_holds_the_sum_of_its_statements(rolled: Portfolio) -> None:
    found = {(one.year, one.quantity): one for one in rolled.spreads}
    assert set(found) == {(year, quantity) for year in (0, 2020, 2021) for quantity in ("gross", "net")}
    gross = sum(row.gross for row in rolled.credited)
    assert found[0, "gross"].low_t < float(gross) < found[0, "gross"].high_t
    assert found[0, "net"].mean_t == pytest.approx(found[2020, "net"].mean_t + found[2021, "net"].mean_t)
    assert rolled.shared_rows == shared_rows([one for one in rolled.members if not one.inventory]) > 5


def test_names_of_one_area_never_meet_those_of_another(rolled: Portfolio) -> None:
    one, other = (keyed(member) for member in rolled.members if member.id in ("soil-00", "soil-01"))
    together = {name for weights in one.values() for name, _ in weights} & {name for weights in other.values() for name, _ in weights}
    assert together and all(".csv:" in name for name in together)
    own = {name for weights in one.values() for name, _ in weights} - together
    assert own and all(name.startswith("soil-00|") for name in own)


def test_an_inventory_is_not_in_the_interval_of_credits(rolled: Portfolio) -> None:
    projects = [one for one in rolled.members if not one.inventory]
    assert combined(projects, quiet) == list(rolled.spreads)
    assert np.isfinite([one.high_t for one in rolled.spreads]).all()
