"""What is wrong with an area's declarations of crediting, held against its methodology: periods, checklists, shares of the income."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from carbonsink.base.problems import Problem, Refusal
from carbonsink.declared.area import AreaFile
from carbonsink.declared.crediting import Answer, Crediting, Money
from carbonsink.declared.methodology import CreditingLimits, Methodology, leakage_problems
from carbonsink.declared.paths import Places
from carbonsink.declared.period import Period

SHARES_GRAIN = 1e-9  # how far shares may sum from one: the dust of their decimals


def credit_problems(area: AreaFile, methodology: Methodology, places: Places) -> Iterator[Problem]:
    """Every problem of what an area declares for its crediting."""
    yield from crediting_problems(area.crediting, area.period, methodology.crediting)
    yield from checklist_problems(area.checklist, methodology, places)
    yield from money_problems(area.money)
    yield from leakage_problems(methodology, area)


def crediting_problems(declared: Crediting | None, period: Period, limits: CreditingLimits | None) -> Iterator[Problem]:
    """A period that ends before it begins, is longer or shorter than the methodology allows, or doesn't hold the monitoring."""
    if declared is None:
        return
    where = "area.toml [crediting]"
    days: dict[str, object] = {"start": declared.start, "end": declared.end}
    if declared.end <= declared.start:
        yield Problem("E-CRD-010", where, days)
        return
    after = declared.end + timedelta(days=1)
    if limits and not _later(declared.start, limits.least_years) <= after <= _later(declared.start, limits.most_years):
        yield Problem("E-CRD-011", where, days | {"least": limits.least_years, "most": limits.most_years, "source": limits.source, "place": limits.place})
    if not declared.start <= period.start <= period.end <= declared.end:
        yield Problem("E-CRD-012", where, days | {"first": period.start, "last": period.end})


def checklist_problems(answers: Sequence[Answer], methodology: Methodology, places: Places) -> Iterator[Problem]:
    """Answers to questions that nobody asks, or that are answered twice, and evidence that isn't there."""
    asked = [one.id for one in methodology.checklist]
    for question, count in Counter(one.question for one in answers).items():
        where = f"area.toml [[checklist]] {question}"
        if question not in asked:
            yield Problem("E-CRD-013", where, {"question": question, "methodology": methodology.id, "known": ", ".join(asked) or "-"})
        if count > 1:
            yield Problem("E-CRD-014", where, {"question": question, "count": count})
    for one in answers:
        for text in one.files:
            try:
                places.existing(text, f"area.toml [[checklist]] {one.question}")
            except Refusal as refusal:
                yield from refusal.problems


def money_problems(money: Money | None) -> Iterator[Problem]:
    """Shares of more or less than the whole income."""
    if money and money.shares and abs((whole := sum(one.share for one in money.shares)) - 1) > SHARES_GRAIN:
        yield Problem("E-CRD-015", "area.toml [money.shares]", {"sum": round(whole * 100, 6), "count": len(money.shares)})


def _later(day: date, years: int) -> date:
    """The same day so many years later; the 29th of February becomes the 1st of March where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
