"""What must hold of every statement, whatever the numbers: less sure, more leaking or more kept never issues more, and nothing appears from nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from carbonsink.base.records import Posting, Spread, StockChange
from carbonsink.credit.statement import statement
from carbonsink.declared.methodology import Deduction, Methodology, read_methodology
from carbonsink.declared.period import Period, days_in, held, vintages

FARMLAND = read_methodology("farmland-soil")
ORIGIN = {"source": "farmland-proposal", "place": "a test", "status": "proposed"}
YEARS = (2020, 2021, 2022, 2023)
tonnes = st.floats(0, 5000).map(lambda value: round(value, 6))
signed = st.floats(-5000, 5000).map(lambda value: round(value, 6))
share = st.floats(0, 1).map(lambda value: round(value, 6))
percent = st.floats(0, 200).map(lambda value: round(value, 6))
day = st.dates(date(2015, 1, 1), date(2025, 12, 31))


def rules(leakage: float = 0.0, buffer: float = 0.1, of: str = "removals") -> Methodology:
    found = [
        {"rule": "leakage", "of": "net", "rate": leakage},
        {"rule": "uncertainty", "of": "net", "free_percent": 10.0, "share": 0.5, "level_percent": 95.0},
        {"rule": "buffer", "of": of, "rate": buffer},
    ]
    return FARMLAND.model_copy(update={"deduction": [Deduction.model_validate(one | ORIGIN) for one in found]})


def change(kind: str, value: float, year: int = 2020, scenario: str = "project") -> StockChange:
    return StockChange(year, scenario, kind, "soil", "CO2", kind, value)


def posted(changes: Sequence[StockChange], method: Methodology | None = None, width: float = 0.0, years: Sequence[int] = (2020,)) -> tuple[Posting, ...]:
    return statement(method or rules(), years, changes, [Spread(year, "net", 2, 95.0, 0.0, 0.0, 0.0, 0.0, width) for year in years], ())


def issued(postings: Sequence[Posting]) -> Decimal:
    return sum((one.co2e_t for one in postings if one.account == "issued"), Decimal(0))


def earned(removals: float, avoided: float, emissions: float) -> list[StockChange]:
    return [change("removal", removals), change("avoided", avoided, scenario="baseline"), change("emission", emissions)]


@given(tonnes, tonnes, tonnes, percent, percent)
def test_a_wider_interval_never_issues_more(removals: float, avoided: float, emissions: float, one: float, other: float) -> None:
    narrow, wide = (issued(posted(earned(removals, avoided, emissions), width=width)) for width in sorted((one, other)))
    assert wide <= narrow


@given(tonnes, tonnes, tonnes, percent, share, share)
def test_more_leakage_never_issues_more(removals: float, avoided: float, emissions: float, width: float, one: float, other: float) -> None:
    little, much = (issued(posted(earned(removals, avoided, emissions), rules(leakage=rate), width)) for rate in sorted((one, other)))
    assert much <= little


@given(tonnes, tonnes, tonnes, share, share, st.sampled_from(["removals", "avoided", "net", "gross"]))
def test_a_larger_buffer_never_issues_more(removals: float, avoided: float, emissions: float, one: float, other: float, of: str) -> None:
    small, large = (issued(posted(earned(removals, avoided, emissions), rules(buffer=rate, of=of))) for rate in sorted((one, other)))
    assert large <= small


@given(signed, tonnes, tonnes, percent)
def test_a_project_that_does_what_the_baseline_does_issues_nothing(removals: float, avoided: float, emissions: float, width: float) -> None:
    values = {"removal": removals, "avoided": avoided, "emission": emissions}
    same = [change(kind, value, scenario=scenario) for kind, value in values.items() for scenario in ("project", "baseline")]
    found = {one.account: one.co2e_t for one in posted(same, width=width)}
    assert found["issued"] == found["withheld"] == found["rounding"] == found["shortfall"] == 0


@given(st.lists(st.tuples(signed, signed, tonnes), min_size=4, max_size=4), share, share, percent)
def test_every_vintage_sums_to_zero_and_the_books_never_lose_a_tonne(flows: list[tuple[float, float, float]], leak: float, keep: float, width: float) -> None:
    changes = [
        change(kind, value, year, "baseline" if kind == "avoided" else "project")
        for year, values in zip(YEARS, flows, strict=True)
        for kind, value in zip(("removal", "avoided", "emission"), values, strict=True)
    ]
    postings = posted(changes, rules(leak, keep), width, YEARS)
    of = {account: [one.co2e_t for one in postings if one.account == account] for account in ("buffer", "carried", "issued", "reversal", "shortfall")}
    for year in YEARS:
        assert sum(one.co2e_t for one in postings if one.vintage == year) == 0
    kept, owed = Decimal(0), Decimal(0)
    for n in range(len(YEARS)):
        assert 0 <= -of["reversal"][n] <= kept, "no more is drawn than earlier, issued vintages left in the buffer"
        assert of["carried"][n] <= owed, "no more is paid than is owed"
        assert of["reversal"][n] == int(of["reversal"][n]) and (of["issued"][n] == 0 or of["shortfall"][n] == of["reversal"][n] == 0)
        kept += of["reversal"][n] + (int(of["buffer"][n]) if of["issued"][n] >= 1 else 0)
        owed -= of["carried"][n] + of["shortfall"][n]


@given(tonnes, tonnes, tonnes)
def test_each_type_is_rounded_down_by_itself(removals: float, avoided: float, emissions: float) -> None:
    (one,) = [one for one in posted(earned(removals, avoided, emissions)) if one.account == "issued"]
    assert one.removals_t is not None and 0 <= one.removals_t <= one.co2e_t
    assert one.removals_t == int(one.removals_t) and one.co2e_t == int(one.co2e_t)
    assert one.removals_t <= Decimal(repr(removals)) and one.co2e_t - one.removals_t <= Decimal(repr(avoided))


@given(day, day, st.data())
def test_a_period_split_by_days_sums_to_the_whole(one: date, other: date, data: st.DataObject) -> None:
    start, end = sorted((one, other + timedelta(days=1)))
    period = Period(start=start, end=end)
    assert sum(days_in(year, start, end) for year in vintages(period)) == (end - start).days + 1
    assert all(0 < held(period, year) <= 1 for year in vintages(period))
    cut = data.draw(st.dates(start, end))
    parts = [Period(start=start, end=cut), *([Period(start=cut + timedelta(days=1), end=end)] if cut < end else [])]
    for year in vintages(period):
        assert sum((held(part, year) for part in parts if year in vintages(part)), Fraction(0)) == held(period, year)
