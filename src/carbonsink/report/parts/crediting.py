"""T10 to T12: the statement, the published figure beside it, what deviates, and the files."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from carbonsink.base.geometry import hectares_to_mu
from carbonsink.base.records import Spread
from carbonsink.base.records.uncertainty import PERIOD
from carbonsink.base.tables import total
from carbonsink.declared.language import Language
from carbonsink.declared.methodology import Band, Deduction, Interval
from carbonsink.declared.plan import Plan
from carbonsink.report.parts.foreseen import foreseen
from carbonsink.report.record import published
from carbonsink.report.results import CREDITED, DEDUCTED, SETTLED, Results, dropped_words, source_words
from carbonsink.report.tabular import Asked, Column, Table, headed, number, table, unit_words

FACTS = {"area_method": "method", "practice": "evidence"}  # where the words of a reason's fact stand
SHOWN_NAMES = 12  # parcels named in a sentence; the table has them all


def crediting(plan: Plan, results: Results, w: Language) -> dict[str, Any]:
    """The tables and sentences of T10 to T12."""
    return {
        "rules": _rules(plan, w),
        "statement": _statement(results, w),
        **foreseen(plan, results, w),
        "notes": [*_widths(plan, results, w), *_of_period(plan, results, w), *_withheld(results, w)],
        "published": _published(plan, results, w),
        "deviations": _deviations(plan, results, w),
        "files": table([Column(w("column.file")), Column("SHA-256")], results.digests.files.items()),
    }


def _rules(plan: Plan, w: Language) -> Table:
    columns = headed(w, "step!", "rule", "source", "status!")
    rows = [(w(f"account.{d.rule}"), rule_words(d, w), f"{source_words(d.source)}, {d.place}", w(f"status.{d.status}")) for d in plan.methodology.deduction]
    return table(columns, rows)


def rule_words(d: Deduction, w: Language) -> str:
    """A deduction's rule in words."""
    of = w(f"of.{d.of}")
    if d.kept:
        return w("crediting.kept", percent=w.number((d.rate or 0.0) * 100, 1), of=of, free=w.number(d.free_percent or 0.0, 0))
    if d.rule != "uncertainty":
        return w("rule.rate", percent=w.number((d.rate or 0.0) * 100, 1), of=of)
    level = w.number(d.level_percent or 0.0, 0)
    if d.one_sided_percent is not None:
        words = w("rule.uncertainty-one-sided", of=of, percent=w.number(d.one_sided_percent, 1))
    elif d.bands:
        words = w("rule.uncertainty-bands", of=of, level=level, bands="; ".join(_band(band, w) for band in d.bands))
    else:
        words = w("rule.uncertainty", of=of, level=level, share=w.number((d.share or 0.0) * 100, 0), free=w.number(d.free_percent or 0.0, 0))
    return words if d.stop_percent is None else f"{words}; {w('rule.stop-words', percent=w.number(d.stop_percent, 0))}"


def _band(band: Band, w: Language) -> str:
    if band.share_of_u is None:
        return w("rule.band", over=w.number(band.over, 0), takes=w("rule.band-rate", rate=w.number((band.rate or 0.0) * 100, 0)))
    return w("rule.band", over=w.number(band.over, 0), takes=w("rule.band-share", share=w.number(band.share_of_u * 100, 0)))


def _statement(results: Results, w: Language) -> Table:
    """Accounts down, vintages across, as posted: credits negative, each column sums to zero."""
    accounts = [a for a in (*CREDITED, *DEDUCTED, *SETTLED) if any(v.of(a) for v in results.vintages) or a in ("withheld", "issued")]
    columns = [Column(w("column.account")), *(number(str(v.year), w("unit.tonnes")) for v in results.vintages), number(w("total"), w("unit.tonnes"))]
    rows = []
    for account in accounts:
        told = (Asked(w.number(v.of(account), 3), f"{account}:{v.year}") for v in results.vintages)
        whole = sum((v.of(account) for v in results.vintages), Decimal(0))
        rows.append((w(f"account.{account}"), *told, Asked(w.number(whole, 3), account)))
    sums = [sum(v.postings.values(), Decimal(0)) for v in results.vintages]
    return table(columns, rows, foot=[w("statement.balance"), *(w.number(s, 3) for s in sums), w.number(sum(sums, Decimal(0)), 3)])


def _widths(plan: Plan, results: Results, w: Language) -> list[str]:
    """The half-width each uncertainty deduction was made with."""
    asked = {d.interval for d in plan.methodology.deduction}
    used = [s for s in results.spreads if s.year != PERIOD and Interval(s.quantity, s.approach, s.level_percent) in asked]
    return [_width(s, w) for s in used]


def _width(s: Spread, w: Language) -> str:
    facts = {"quantity": w(f"of.{s.quantity}"), "approach": w(f"approach.{s.approach}"), "year": s.year}
    level = w.number(s.level_percent, 0 if s.level_percent.is_integer() else 1)
    return w("statement.width", **facts, level=level, percent=w.number(s.half_width_percent, 6))


def _of_period(plan: Plan, results: Results, w: Language) -> list[str]:
    """The net of all vintages together and what it changes from the first to the last, by the approach of the deductions."""
    approach = max((d.interval.approach for d in plan.methodology.deduction if d.interval), default=2)
    found = ((words, results.spread(PERIOD, quantity, approach)) for words, quantity in (("period", "net"), ("trend", "net_change")))
    return [_period(f"uncertainty.{words}", s, w) for words, s in found if s]


def _period(words: str, s: Spread, w: Language) -> str:
    facts = {name: w.number(value, 1) for name, value in (("mean", s.mean_t), ("low", s.low_t), ("high", s.high_t))}
    return w(words, **facts, level=w.number(s.level_percent, 0), approach=w(f"approach.{s.approach}"))


def _withheld(results: Results, w: Language) -> list[str]:
    """Why whole tonnes are withheld, and in which vintages."""
    found: dict[str, list[str]] = {}
    for vintage in results.vintages:
        for reason in vintage.notes.get("withheld", "").split():
            found.setdefault(reason, []).append(str(vintage.year))
    sentences = []
    for reason, years in found.items():
        sentences.append(w("statement.withheld", years=", ".join(years), reason=reason_words(reason, w)))
    return sentences


def reason_words(reason: str, w: Language) -> str:
    """Why tonnes are withheld, in words; a reason is a code, some with a fact after a colon."""
    code, _, fact = reason.partition(":")
    told = w(f"{FACTS[code]}.{fact if code == 'area_method' else fact.replace('_', '-')}") if fact else ""
    return w(f"reason.{code.replace('_', '-')}", fact=told)


def _published(plan: Plan, results: Results, w: Language) -> dict[str, Any] | None:
    given = published(plan, results)
    if given is None:
        return None
    figures = [Decimal(given[name]) for name in ("published", "ours", "difference_percent")]
    unit = unit_words(given["unit"])
    columns = [Column(w("published.quantity")), number(w("published.theirs"), unit), number(w("published.ours"), unit), number(w("column.difference"), "%")]
    row = (w(f"quantity.{given['quantity']}"), w.number(figures[0], 1), w.number(figures[1], 1), w.number(figures[2], 2))
    made = table(columns, [row])
    sentence = w("published.simulated" if plan.simulated else "published.real", percent=w.number(figures[2], 2))
    return {"columns": made.columns, "rows": made.rows, "sentence": sentence, "source": f"{given['source']} · {given['place']}"}


def _deviations(plan: Plan, results: Results, w: Language) -> list[str]:
    notices = [notice.line(w.code) for notice in plan.land.notices]
    return [*notices, *_of_imagery(plan, results, w), *_of_land(plan, results, w), *_of_factors(results, w)]


def _of_imagery(plan: Plan, results: Results, w: Language) -> list[str]:
    seen = results.imagery
    found = [w("deviation.gap", tile=g.tile, start=w.date(g.start), end=w.date(g.end), days=g.days, limit=plan.sensor.revisit_gap_days) for g in seen.gaps] or [
        w("deviation.no-gap", limit=plan.sensor.revisit_gap_days)
    ]
    if seen.dropped:
        reasons = "; ".join(f"{dropped_words(reason, w)}: {w.number(n, 0)}" for reason, n in seen.dropped.items())
        found.append(w("deviation.dropped", count=sum(seen.dropped.values()), reasons=reasons))
    if seen.taken_out:
        found.append(w("deviation.taken-out" if seen.taken_out > 0 else "deviation.put-in", count=w.number(abs(seen.taken_out), 0)))
    thin = [p for p in results.composites if p.observed_share < 1]
    if thin:
        worst = min(thin, key=lambda p: (p.observed_share, p.period))
        found.append(w("deviation.thin", count=len(thin), all=len(results.composites), worst=worst.period, percent=w.number(worst.observed_share * 100, 1)))
    failed = sum(b.read_failed for b in (*results.budget, *results.radar_budget))
    found.append(w("deviation.read-failed", count=w.number(failed, 0)))
    return found


def _of_land(plan: Plan, results: Results, w: Language) -> list[str]:
    left = [p for p in results.parcels if not p.counted]
    found = []
    for year in sorted({p.year for p in left}):
        out = [p for p in left if p.year == year]
        hectares = total(p.area_ha for p in out)
        names = ", ".join(p.parcel for p in out[:SHOWN_NAMES]) + (" …" if len(out) > SHOWN_NAMES else "")
        areas = {"ha": w.number(hectares, 2), "mu": w.number(hectares_to_mu(hectares), 1)}
        found.append(w("deviation.parcels", year=year, count=len(out), parcels=names, **areas))
    return found if left or not results.parcels else [w("deviation.all-parcels")]


def _of_factors(results: Results, w: Language) -> list[str]:
    open_rows = [v for v in results.factors if v.status in ("recalled", "transcribed")]
    return [w("deviation.factors", count=len(open_rows))] if open_rows else []
