"""All vintages together, and the last against the first: what years share stays shared in the sum and drops out of the difference."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pytest

from carbonsink.areas.measured.rows import Changed, by_vintage
from carbonsink.base.records import Measured, Spread
from carbonsink.carbon.resolve import measured_variable
from carbonsink.declared.period import Period
from carbonsink.uncertainty import Sampling, approach_1, approach_2, half_widths, simulate
from carbonsink.uncertainty.together import moving_together
from tests.uncertainty.worksheets import ONE, gain, row, variable

SAMPLING = Sampling(40_000, 5, "pilot")


def spreads(rows, known) -> dict[tuple[int, int, str], Spread]:  # type: ignore[no-untyped-def]
    together = moving_together(known)
    found: Iterable[Spread] = (
        *approach_1(rows, known, half_widths(rows, known), together=together),
        *approach_2(simulate(rows, known, SAMPLING, together)),
    )
    return {(one.approach, one.year, one.quantity): one for one in found}


def half(one: Spread) -> float:
    return (one.high_t - one.low_t) / 2


@pytest.mark.parametrize(("approach", "wide"), [(1, 1.0), (2, 0.98)])
def test_a_shared_factor_adds_up_over_years_and_own_factors_in_quadrature(approach: int, wide: float) -> None:
    factor, areas = variable("normal", 10.0, 8.0, 12.0, "factor"), [variable("normal", 5.0, 4.0, 6.0, f"area{year}") for year in (2020, 2021, 2022)]
    of_factor = spreads([row("5 * factor", "factor", year=year) for year in (2020, 2021, 2022)], [factor, ONE])
    of_areas = spreads([row(f"10 * area{year}", f"area{year}", year=year) for year in (2020, 2021, 2022)], [*areas, ONE])
    assert half(of_factor[approach, 0, "net"]) == pytest.approx(3 * 10 * wide, rel=0.02)
    assert half(of_areas[approach, 0, "net"]) == pytest.approx(3**0.5 * 10 * wide, rel=0.02)


@pytest.mark.parametrize(("approach", "wide"), [(1, 1.0), (2, 0.98)])
def test_the_trend_knows_what_the_years_share(approach: int, wide: float) -> None:
    rows = [row("5 * factor", "factor"), row("8 * factor", "factor", year=2021), row("20 * factor", "factor", year=2022)]
    found = spreads(rows, [variable("normal", 10.0, 8.0, 12.0, "factor"), ONE])[approach, 0, "net_change"]
    assert found.mean_t == pytest.approx(150.0, rel=0.01), "last less first, whatever lay between"
    assert half(found) == pytest.approx(15 * 2 * wide, rel=0.02)


def test_one_vintage_has_neither_a_period_nor_a_trend() -> None:
    assert {year for _, year, _ in spreads([row("5 * x", "x")], [variable("normal", 10.0, 8.0, 12.0), ONE])} == {2020}


def test_emissions_that_rise_are_in_the_period_s_net_and_not_in_its_gross() -> None:
    rows = [row("x", "x", year=year, flow=flow, kind=kind) for year in (2020, 2021) for flow, kind in (("stock", "removal"), ("fuel", "emission"))]
    found = spreads(rows, [variable("normal", 10.0, 8.0, 12.0), ONE])
    assert found[1, 0, "gross"].mean_t == 20.0 and found[1, 0, "net"].mean_t == 0.0


# --- a change between two inventories, split by days over vintages


def measured(*changes: Changed) -> list[Measured]:
    return [one for one in by_vintage(changes, PERIOD, "field", "soc_gain_measured", "soil.csv") if one.scenario == "project"]


PERIOD = Period(start=date(2020, 1, 1), end=date(2023, 12, 31))
FIRST = Changed(date(2019, 12, 31), date(2022, 6, 30), 9.0, 3.0, "first")
SECOND = Changed(date(2022, 6, 30), date(2023, 12, 31), 4.0, 2.0, "second")


def test_the_vintages_of_a_change_name_it_and_their_part_of_it() -> None:
    change = "change:soc_gain_measured:field:2019-12-31..2022-06-30"
    first, second, mixed, last = measured(FIRST, SECOND)
    assert first.shared == second.shared == f"{change}=1.0"
    names = [part.partition("=")[0] for part in mixed.shared.split(" ; ")]
    assert names == [change, "change:soc_gain_measured:field:2022-06-30..2023-12-31"] and last.shared == f"{names[1]}=1.0"
    assert sum(float(part.partition("=")[2]) ** 2 for part in mixed.shared.split(" ; ")) == pytest.approx(1.0)


@pytest.mark.parametrize(("approach", "wide"), [(1, 1.0), (2, 0.98)])
def test_the_vintages_of_a_change_are_as_uncertain_together_as_the_change(approach: int, wide: float) -> None:
    for changes, expected in (((FIRST,), 3.0), ((FIRST, SECOND), (9 + 4) ** 0.5)):
        known = [measured_variable(one) for one in measured(*changes)]
        rows = [row("gain", "gain", year=int(one.id[-4:])) for one in known]
        rows = [made.__class__(**(vars(made) | {"inputs": f"gain=0.0@{one.id}"})) for made, one in zip(rows, known, strict=True)]
        found = spreads(rows, [*known, ONE])
        assert half(found[approach, 0, "net"]) == pytest.approx(expected * wide, rel=0.03)
    assert half(found[1, 0, "net"]) > (sum(half(found[1, year, "net"]) ** 2 for year in range(2020, 2024))) ** 0.5, "apart it would seem better known"


def test_a_change_without_an_interval_shares_nothing() -> None:
    assert {one.shared for one in measured(Changed(FIRST.before, FIRST.after, 9.0, 0.0, "census"))} == {""}


def test_gains_may_be_losses() -> None:
    low = spreads([row("x", "x")], [gain("normal", 1.0, -3.0, 5.0, "x"), ONE])[2, 2020, "net"].low_t
    assert low == pytest.approx(1 - 1.96 * 2, abs=0.1)
