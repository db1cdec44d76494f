"""What an explanation says of a deduction: its rule and what was read for it, and why whole tonnes are withheld."""

from __future__ import annotations

from collections.abc import Iterator

from carbonsink.base.records import Spread, VarianceShare
from carbonsink.declared.methodology import Deduction
from carbonsink.report.parts.crediting import reason_words, rule_words
from carbonsink.report.parts.uncertainty import share_words
from carbonsink.report.results import source_words
from carbonsink.report.tracing.evidence import Evidence
from carbonsink.report.tracing.node import Node
from carbonsink.report.tracing.numbers import number


def rules(evidence: Evidence, year: int, account: str) -> Iterator[Node]:
    """The methodology's rules behind a deduction, and what the statement notes of them; or that there is no such rule."""
    mine = [d for d in evidence.deductions if d.rule == account]
    yield from (Node(_rule(evidence, d)) for d in mine)
    if not mine:
        yield Node(evidence.w("trace.no-rule"))
    notes = (p.note for p in evidence.postings if (p.vintage, p.account) == (year, account) and p.note)
    yield from (Node(evidence.w("trace.noted", note=note)) for note in notes)


def _rule(evidence: Evidence, d: Deduction) -> str:
    w = evidence.w
    return w("trace.rule", rule=rule_words(d, w), source=source_words(d.source), place=d.place, status=w(f"status.{d.status}"))


def spreads(evidence: Evidence, year: int) -> tuple[Node, ...]:
    """The intervals of a vintage, and the numbers its variance comes from."""
    w = evidence.w
    shares = tuple(_share(evidence, s) for s in evidence.shares if s.year == year)
    variance = (Node(w("trace.variance"), shares),) if shares else ()
    return (*(Node(_spread(evidence, s)) for s in evidence.spreads if s.year == year), *variance)


def reasons(evidence: Evidence, year: int) -> Iterator[Node]:
    """Why whole tonnes of a vintage are withheld."""
    for posting in evidence.postings:
        if (posting.vintage, posting.account) == (year, "withheld"):
            yield from (Node(evidence.w("trace.reason", reason=reason_words(code, evidence.w))) for code in posting.note.split())


def _spread(evidence: Evidence, s: Spread) -> str:
    w = evidence.w
    facts = {"quantity": w(f"of.{s.quantity}"), "approach": w(f"approach.{s.approach}"), "level": w.number(s.level_percent, 0)}
    return w("trace.spread", low=s.low_t, high=s.high_t, percent=s.half_width_percent, **facts)


def _share(evidence: Evidence, s: VarianceShare) -> Node:
    w = evidence.w
    ranked = "" if s.rank_correlation is None else w("trace.ranked", correlation=w.number(s.rank_correlation, 2))
    return Node(share_words(s, evidence.variables[s.variable], w) + ranked, (number(evidence, s.variable),))
