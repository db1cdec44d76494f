"""What an explanation says of a posting of the statement."""

from __future__ import annotations

from carbonsink.base.records import Posting, Spread, StockChange, VarianceShare
from carbonsink.explain.evidence import Evidence
from carbonsink.explain.node import Node
from carbonsink.explain.numbers import worked

KINDS = {"removals": "removal", "baseline": "removal", "avoided": "avoided", "emissions": "emission"}  # of flows, by account
WORKED = (*KINDS, "uncertainty")  # accounts that stand on the worksheet and its intervals, not on other accounts


def behind(evidence: Evidence, posting: Posting) -> Node:
    """A posting asked for by itself: what is settled stands on the other postings, each with what it stands on."""
    shallow = posting_node(evidence, posting)
    if posting.account in WORKED:
        return shallow
    others = (p for p in evidence.postings if p.vintage == posting.vintage and p.account != posting.account)
    return Node(shallow.text, tuple(posting_node(evidence, p) if p.account in WORKED else Node(_posted(p)) for p in others))


def posting_node(evidence: Evidence, posting: Posting) -> Node:
    """A posting among others: flows beneath those that are worked, intervals and shares beneath the uncertainty."""
    year = posting.vintage
    if posting.account == "uncertainty":
        under = tuple(Node(_spread(s)) for s in evidence.spreads if s.year == year)
        under += tuple(Node(_share(evidence, s)) for s in evidence.shares if s.year == year)
    elif posting.account in KINDS:
        under = tuple(_change(evidence, c) for c in evidence.changes if c.year == year and c.kind == KINDS[posting.account])
    else:
        under = tuple(Node(_posted(p)) for p in evidence.postings if p.vintage == year and p.account != posting.account)
    return Node(f"{year} {posting.account}: {posting.co2e_t} t CO2e  {posting.note}".rstrip(), under)


def _posted(posting: Posting) -> str:
    return f"{posting.account} {posting.co2e_t} t CO2e"


def _change(evidence: Evidence, change: StockChange) -> Node:
    rows = (r for r in evidence.rows if (r.year, r.scenario, r.flow) == (change.year, change.scenario, change.flow))
    return Node(f"{change.scenario} {change.flow} ({change.gas}, {change.kind}): {change.co2e_t} t CO2e", tuple(worked(evidence, r) for r in rows))


def _share(evidence: Evidence, s: VarianceShare) -> str:
    source = evidence.variables[s.variable]
    ranked = "" if s.rank_correlation is None else f"; rank correlation {s.rank_correlation:.2f}"
    return f"{s.share:.1%} of the variance: {s.symbol}, {source.source}, {source.place} ({s.variable}){ranked}"


def _spread(s: Spread) -> str:
    return f"{s.quantity}, approach {s.approach}: {s.low_t} to {s.high_t} t CO2e at {s.level_percent:g} % (+-{s.half_width_percent} %)"
