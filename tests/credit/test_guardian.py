"""The defects that a published digitised methodology shipped with (cases/guardian_vm0033), each as something that can't happen here.

a) tonnes a hectare beyond anything that grows, without anybody asking; b) one rate in the text and another in the calculation;
c) a total of 0 over 34 vintages that aren't; d) an error divided by the mean twice (tests/areas/plots/test_means.py).
"""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from carbonsink.base.records import Activity, StockChange
from carbonsink.credit.rules import Amounts, deduct
from carbonsink.credit.statement import statement
from carbonsink.declared.methodology import Deduction, read_methodology
from carbonsink.declared.period import Period
from carbonsink.declared.plausibility import implausible, most, rates
from tests.credit.flows import on

HECTARES = 7000.0  # of the project's text
YEARS = tuple(range(2023, 2056))
BUFFER = Deduction(rule="buffer", of="net", rate=0.13, source="s", place="p", status="transcribed")
MANGROVE = read_methodology("ccer-14-002").model_copy(update={"deduction": [BUFFER]})


@pytest.fixture(scope="module")
def series(shared: Path) -> dict[int, tuple[Decimal, Decimal, Decimal]]:
    """By year, as published [t CO2e]: what it earned, what the buffer took, what was credited."""
    with (shared / "cases" / "guardian_vm0033" / "net_err_series_2022_2055.csv").open(encoding="utf-8") as stream:
        rows = [(int(row["year"]), *(Decimal(row[name]) for name in list(row)[1:])) for row in csv.DictReader(stream)]
    return {year: (after - before, buffer, credit) for (_, before, *_), (year, after, buffer, credit) in pairwise(rows)}


def changes(series: dict[int, tuple[Decimal, Decimal, Decimal]]) -> list[StockChange]:
    return [StockChange(year, "project", "trees", "biomass", "CO2", "removal", round(float(net), 9)) for year, (net, _, _) in series.items()]


def test_a_thousand_tonnes_a_hectare_are_asked_about(series: dict[int, tuple[Decimal, Decimal, Decimal]]) -> None:
    """a) 24.9 million tonnes of 7,000 ha in one year."""
    activity = [Activity(year, "project", "mangrove", HECTARES, 0.0, "parcels") for year in YEARS]
    period = Period(start=date(2023, 1, 1), end=date(2055, 12, 31))
    found = rates(period, activity, [on("mangrove", change) for change in changes(series)])
    assert max(found, key=found.__getitem__) == 2031 and found[2031] == pytest.approx(3563, abs=1)
    barred = implausible(MANGROVE, None, found)
    assert 2031 in barred and 2023 not in barred
    assert set(barred) == {year for year, rate in found.items() if rate > most(MANGROVE, None)} and most(MANGROVE, None) < 100


def test_a_rate_stands_in_one_place_and_another_gives_another_series(series: dict[int, tuple[Decimal, Decimal, Decimal]]) -> None:
    """b) the text said 12 %, the calculation took 13 %: our note and our posting come from one number."""
    for rate, same in ((0.13, True), (0.12, False)):
        rule = BUFFER.model_copy(update={"rate": rate})
        for net, buffer, _ in series.values():
            (taken,) = deduct([rule], Amounts(net, Decimal(0), Decimal(0)), lambda _: Decimal(0))
            assert (abs(taken.co2e_t - buffer) < Decimal("1e-6")) == same
            assert taken.co2e_t == pytest.approx(net * Decimal(str(rate)))


def test_the_total_is_that_of_its_vintages_and_every_vintage_whole(series: dict[int, tuple[Decimal, Decimal, Decimal]]) -> None:
    """c) the published total was 0, the credits fractions of tonnes: ours sum to zero by vintage, and to what was earned over all."""
    posted = statement(MANGROVE, YEARS, changes(series), [], [])
    issued = {one.vintage: one.co2e_t for one in posted if one.account == "issued"}
    assert issued.keys() == set(YEARS) and all(tonnes == int(tonnes) for tonnes in issued.values())
    assert all(0 <= credit - issued[year] < 1 + Decimal("1e-6") for year, (_, _, credit) in series.items())
    assert sum(issued.values()) > 50_000_000
    assert sum(one.co2e_t for one in posted) == 0
