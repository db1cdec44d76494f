"""Two runs one after the other issue what one run over both does, and the verifier holds a statement to what was left before it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from carbonsink.base.records import Activity, StockChange
from carbonsink.base.standing import Standing, by_vintage, standing_of
from carbonsink.credit.statement import statement
from carbonsink.declared.period import Period
from carbonsink.declared.plausibility import implausible, rates
from carbonsink.verify.sums import unsettled
from tests.credit.flows import on
from tests.credit.test_properties import FARMLAND, YEARS, change, posted, rules, signed
from tests.credit.test_statement import spread

nets = st.lists(signed, min_size=4, max_size=4)


def runs(removed: list[float], cut: int, reasons: tuple[str, ...] = ()) -> tuple[object, object]:
    """All vintages as one statement, and as two of which the second starts from what the first left."""
    changes = [change("removal", value, year) for year, value in zip(YEARS, removed, strict=True)]
    spreads = [spread(0.0, year) for year in YEARS]
    method = rules()
    once = statement(method, YEARS, changes, spreads, reasons)
    first = statement(method, YEARS[:cut], changes, spreads, reasons)
    return once, first + statement(method, YEARS[cut:], changes, spreads, reasons, Standing().left_by(first))


@given(nets, st.integers(1, 3), st.booleans())
def test_two_runs_post_exactly_what_one_run_over_both_posts(removed: list[float], cut: int, withheld: bool) -> None:
    once, twice = runs(removed, cut, ("unconfirmed",) if withheld else ())
    assert once == twice


@given(nets)
def test_a_statement_follows_from_where_it_started(removed: list[float]) -> None:
    standing = Standing(owed=Decimal("12.5"), kept=Decimal(30))
    changes = [change("removal", value, year) for year, value in zip(YEARS, removed, strict=True)]
    made = statement(rules(), YEARS, changes, [spread(0.0, year) for year in YEARS], (), standing)
    for year, said in by_vintage(made).items():
        assert list(unsettled(year, said, standing)) == []
        standing = standing.after(said)
        assert standing_of(standing.value()) == standing and standing.owed >= 0 and standing.kept >= 0


def test_the_verifier_sees_a_debt_that_is_forgotten() -> None:
    said = by_vintage(posted([change("removal", 100.0)], rules()))[2020]
    (found,) = unsettled(2020, said, Standing(owed=Decimal(40)))
    assert (found.code, found.facts["carried"], found.facts["owed"]) == ("E-VER-027", 0, 40)


def test_the_verifier_sees_a_buffer_that_isn_t_there_and_one_that_is_spared() -> None:
    loss = by_vintage(posted([change("removal", -50.0)], rules()))[2020]
    spared = next(unsettled(2020, loss, Standing(kept=Decimal(20))))
    assert (spared.code, spared.facts["drawn"]) == ("E-VER-028", 0)
    drawn = loss | {"reversal": Decimal(-50), "shortfall": Decimal(0)}
    assert next(unsettled(2020, drawn, Standing(kept=Decimal(20)))).facts["drawn"] == 50


def test_what_is_earned_on_no_land_is_implausible() -> None:
    earned = [on("x", StockChange(2020, "project", "soil_carbon", "soil", "CO2", "removal", 500.0))]
    found = rates(Period(start=date(2020, 1, 1), end=date(2020, 12, 31)), [Activity(2020, "project", "x", 0.0, 0.0, "")], earned)
    assert implausible(FARMLAND, None, found) == (2020,)
