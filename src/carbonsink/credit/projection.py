"""What is foreseen to the end of the crediting period beside what was monitored.

    credit/statement.csv, area.toml [crediting] -> credit/projection.csv

The ex-ante figure is the project's own for a year, where one is declared; else the years after monitoring go on as the last vintage, at its pace of a
year. Either is shared out by days over years that the crediting period holds in part. Nothing is ever issued by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

from carbonsink.base.records import Posting, Projected
from carbonsink.credit.rules import NOTHING, exact
from carbonsink.declared.crediting import Crediting
from carbonsink.declared.period import Period, days_in, held, vintages

GRAIN = Decimal("0.001")  # tonnes
CREDITED = ("withheld", "issued")


def projection(period: Period, crediting: Crediting | None, postings: Sequence[Posting]) -> tuple[Projected, ...]:
    """A row a calendar year of the crediting period, or of the monitoring period where no other is declared."""
    found = {year: sum((one.co2e_t for one in postings if one.vintage == year and one.account in CREDITED), NOTHING) for year in vintages(period)}
    whole = Period(start=crediting.start, end=crediting.end) if crediting else period
    return tuple(_year(year, whole, period, crediting, found) for year in vintages(whole))


def _year(year: int, whole: Period, period: Period, crediting: Crediting | None, found: dict[int, Decimal]) -> Projected:
    days, last = days_in(year, whole.start, whole.end), max(found)
    if crediting and crediting.ex_ante:
        return Projected(year, days, _share(exact(crediting.ex_ante.t_per_year), held(whole, year)), found.get(year), "declared")
    if year < last or (year == last and period.end == date(last, 12, 31)) or not crediting:
        return Projected(year, days, None, found.get(year), "")
    ahead = Fraction(days_in(year, max(whole.start, _after(period)), whole.end), days_in(year, date(year, 1, 1), date(year, 12, 31)))
    return Projected(year, days, _share(found[last], ahead / held(period, last)), found.get(year), "last_vintage")


def _after(period: Period) -> date:
    return date.fromordinal(period.end.toordinal() + 1)


def _share(tonnes: Decimal, share: Fraction) -> Decimal:
    return (tonnes * share.numerator / share.denominator).quantize(GRAIN, ROUND_FLOOR)
