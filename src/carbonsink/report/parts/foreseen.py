"""Beside the statement: tonnes by type, what a hectare earned, the checklist's answers, what is foreseen, and money for information."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from carbonsink.base.records import Projected
from carbonsink.declared.language import Language
from carbonsink.declared.plan import Plan
from carbonsink.declared.plausibility import Limit, limits, most, rates
from carbonsink.report.results import Results, source_words
from carbonsink.report.tabular import Column, Table, gas_words, number, pool_words, table

BASES = {"declared": "crediting.declared", "last_vintage": "crediting.last-vintage"}


def foreseen(plan: Plan, results: Results, w: Language) -> dict[str, Any]:
    """The tables and sentences; a table that has nothing to say is None."""
    return {
        "types": _types(results, w),
        "plausible": _plausible(plan, results, w),
        "plausible_notes": _limits(plan, w),
        "checklist": _checklist(plan, w),
        "projection": _projection(results, w),
        "projection_note": _period(plan, w),
        "money": _money(plan, results, w),
    }


def _types(results: Results, w: Language) -> Table:
    """Whole tonnes, each type rounded down by itself, withheld or issued."""
    tonnes = w("unit.tonnes")
    types = [number(w(f"account.{name}"), tonnes) for name in ("removals", "avoided")]
    columns = [Column(w("column.vintage"), tight=True), Column(w("crediting.state")), *types]
    posted = [p for p in results.postings if p.removals_t is not None and p.co2e_t]
    rows = [
        (str(p.vintage), w(f"account.{p.account}"), w.number(p.removals_t or Decimal(0), 0), w.number(p.co2e_t - (p.removals_t or Decimal(0)), 0))
        for p in posted
    ]
    return table(columns, rows)


def _plausible(plan: Plan, results: Results, w: Language) -> Table:
    unit = w("crediting.per-hectare-unit")
    figures = [number(w(f"crediting.{name}"), unit) for name in ("per-hectare", "most")]
    columns = [Column(w("column.vintage"), tight=True), *figures, Column(w("crediting.judged"))]
    bound = most(plan.methodology, plan.justification)
    found = rates(plan.area.period, results.activity, results.worksheet)
    rows = [(str(y), w.number(rate, 2), w.number(bound, 2), w("crediting.above" if rate > bound else "crediting.within")) for y, rate in found.items()]
    return table(columns, rows, w("crediting.plausible-caption"))


def _limits(plan: Plan, w: Language) -> list[str]:
    """Where the most of each pool is from, and who has signed a reason to go beyond."""
    told = [_limit(one, w) for one in limits(plan.methodology)]
    signed = plan.justification
    if signed is None:
        return told
    facts = {"name": signed.signer.name, "organisation": signed.signer.organisation, "day": w.date(signed.signed_on), "fingerprint": signed.fingerprint}
    return [*told, w("crediting.justified", most=w.number(signed.most_t_co2e_per_ha_yr, 2), reason=signed.reason, **facts)]


def _limit(one: Limit, w: Language) -> str:
    pool = f"{pool_words(one.pool, w)} {gas_words(one.gas)}".strip() or "–"
    return w("crediting.limit", pool=pool, most=w.number(one.most, 2), source=source_words(one.source), place=one.place.rstrip("."))


def _checklist(plan: Plan, w: Language) -> Table | None:
    if not plan.methodology.checklist:
        return None
    answers = {one.question: one for one in plan.area.checklist}
    columns = [Column(w(f"crediting.{name}")) for name in ("question", "kind", "answer", "why", "evidence")]
    rows = []
    for asked in plan.methodology.checklist:
        one = answers.get(asked.id)
        said = (w(f"crediting.{one.answer}"), one.reason, ", ".join(one.files)) if one else (w("crediting.open"), "–", "–")
        rows.append((w.of(asked.name), w(f"crediting.{asked.kind}"), *said))
    return table(columns, rows, w("crediting.checklist-caption"))


def _projection(results: Results, w: Language) -> Table | None:
    if not any(one.basis for one in results.projected):
        return None
    tonnes = w("unit.tonnes")
    figures = [number(w("crediting.days")), *(number(w(f"crediting.{name}"), tonnes) for name in ("ex-ante", "ex-post"))]
    rows = [(str(p.year), str(p.days), _maybe(p.ex_ante_t_co2e, w), _maybe(p.ex_post_t_co2e, w), _basis(p, w)) for p in results.projected]
    return table([Column(w("crediting.year"), tight=True), *figures, Column(w("crediting.basis"))], rows)


def _period(plan: Plan, w: Language) -> str:
    declared = plan.area.crediting
    if declared is None:
        return w("crediting.no-period")
    words = w("crediting.period", start=w.date(declared.start), end=w.date(declared.end))
    return f"{words} {w('crediting.ex-ante-source', source=declared.ex_ante.source, place=declared.ex_ante.place)}" if declared.ex_ante else words


def _money(plan: Plan, results: Results, w: Language) -> dict[str, Any] | None:
    """What the whole tonnes would bring at the declared price, and who would get it."""
    money = plan.area.money
    if money is None:
        return None
    whole = sum((v.of("withheld") + v.of("issued") for v in results.vintages), Decimal(0))
    income = whole * Decimal(repr(money.price_per_t))
    columns = [Column(w("crediting.to")), number(w("crediting.share"), "%"), number(w("crediting.income"), money.currency)]
    rows = [(w.of(one.to), w.number(one.share * 100, 1), w.number(income * Decimal(repr(one.share)), 2)) for one in money.shares]
    facts = {"tonnes": w.number(whole, 0), "price": w.number(money.price_per_t, 2), "income": w.number(income, 2), "currency": money.currency}
    return {
        "table": table(columns, rows, w("crediting.money-caption")),
        "sentence": w("crediting.money-note", **facts),
        "source": f"{money.source} · {money.place}",
    }


def _maybe(tonnes: Decimal | None, w: Language) -> str:
    return "–" if tonnes is None else w.number(tonnes, 1)


def _basis(one: Projected, w: Language) -> str:
    return w(BASES[one.basis]) if one.basis else "–"
