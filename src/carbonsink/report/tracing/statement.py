"""What an explanation says of a vintage, an account of the statement, and the sums of accounts.

Tonnes are told as they are earned or taken: accounts that the statement posts below zero where something is earned or lost
(removals, avoided emissions, reversal, shortfall) are turned round.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from carbonsink.base.records import StockChange
from carbonsink.base.tables import quantise, total
from carbonsink.report.results import CREDITED, DEDUCTED, SETTLED
from carbonsink.report.tracing.evidence import Evidence
from carbonsink.report.tracing.node import Node
from carbonsink.report.tracing.numbers import worked
from carbonsink.report.tracing.rules import reasons, rules, spreads

KINDS = {"removals": "removal", "baseline": "removal", "avoided": "avoided", "emissions": "emission"}  # of flows, by account
SCENARIOS = {"removals": ("project",), "baseline": ("baseline",)}  # whose flows make an account; both where it isn't said
TURNED = (*CREDITED, "reversal", "shortfall")  # posted below zero where something is earned, or lost
SUMS = ("gross", "net", "deducted")
ACCOUNTS = (*CREDITED, *DEDUCTED, *SETTLED)
PLACES = 9  # of tonnes, as the tables hold them
QUANTITIES = (*SUMS, *ACCOUNTS)
LEFT = ("carried", "withheld", "issued", "rounding")  # what the credit of a vintage is divided into


def vintage(evidence: Evidence, year: int) -> Node:
    """A vintage: what it issues, and every account of its statement."""
    return evidence.once(("vintage", year), lambda: Node(evidence.w("trace.vintage", year=year), tuple(quantity(evidence, year, a) for a in ACCOUNTS)))


def all_vintages(evidence: Evidence, name: str) -> Node:
    """A quantity over all vintages, and each vintage's."""
    years = sorted({p.vintage for p in evidence.postings})
    whole = sum((tonnes(evidence, year, name) for year in years), Decimal(0))
    return Node(evidence.w("trace.all-vintages", name=named(evidence, name), tonnes=whole), tuple(quantity(evidence, year, name) for year in years))


def quantity(evidence: Evidence, year: int, name: str) -> Node:
    """An account of a vintage, or a sum of accounts, with what it stands on."""
    return evidence.once(("quantity", year, name), lambda: Node(_text(evidence, year, name), tuple(_under(evidence, year, name))))


def tonnes(evidence: Evidence, year: int, name: str) -> Decimal:
    """t CO2e of an account or a sum of a vintage, as earned or taken."""
    match name:
        case "gross":
            return sum((tonnes(evidence, year, account) for account in CREDITED), Decimal(0))
        case "net":
            return tonnes(evidence, year, "gross") - tonnes(evidence, year, "emissions")
        case "deducted":
            return sum((tonnes(evidence, year, account) for account in DEDUCTED), Decimal(0))
    posted = sum((p.co2e_t for p in evidence.postings if (p.vintage, p.account) == (year, name)), Decimal(0))
    return -posted if name in TURNED and posted else posted


def named(evidence: Evidence, name: str) -> str:
    """An account or a sum in words."""
    return evidence.w(f"trace.{name}" if name in SUMS else f"account.{name}")


def _text(evidence: Evidence, year: int, name: str) -> str:
    """The quantity in words; of a sum also how it adds up."""
    w = evidence.w
    said = w("trace.quantity", year=year, name=named(evidence, name), tonnes=tonnes(evidence, year, name))
    terms = {"gross": CREDITED, "deducted": DEDUCTED}.get(name, ())
    match name:
        case "net":
            return said + w("trace.adds-up", sum=_sum(evidence, year, "gross", ("emissions",)))
        case "issued" | "withheld" | "rounding":
            others = (*DEDUCTED, *(a for a in LEFT if a not in (name, "carried")))
            return said + w("trace.adds-up", sum=_sum(evidence, year, "gross", others, ("reversal", "shortfall")))
        case "avoided":
            return said + _difference(evidence, year)
        case "baseline":
            return said + w("trace.of-baseline")
    told = " + ".join(f"{named(evidence, t)} {tonnes(evidence, year, t)}" for t in terms if tonnes(evidence, year, t))
    return said + (w("trace.adds-up", sum=told) if told else "")


def _difference(evidence: Evidence, year: int) -> str:
    """` = baseline 5111.1 − project 2811.1` of avoided emissions; nothing where there are none."""
    w = evidence.w
    sides = {s: [c.co2e_t for c in evidence.changes if (c.year, c.kind, c.scenario) == (year, "avoided", s)] for s in ("baseline", "project")}
    told = " − ".join(f"{w(f'scenario.{name}')} {quantise(total(flows), PLACES)}" for name, flows in sides.items())
    return w("trace.adds-up", sum=told) if any(sides.values()) else ""


def _sum(evidence: Evidence, year: int, first: str, less: Iterable[str], more: Iterable[str] = ()) -> str:
    """`gross 2300 − emissions 53.6 − ...`, accounts of nothing left out."""
    parts = [f"{named(evidence, first)} {tonnes(evidence, year, first)}"]
    for sign, names in (("−", less), ("+", more)):
        parts += [f"{sign} {named(evidence, a)} {tonnes(evidence, year, a)}" for a in names if tonnes(evidence, year, a)]
    return " ".join(parts)


def _under(evidence: Evidence, year: int, name: str) -> Iterable[Node]:
    match name:
        case "removals" | "avoided" | "baseline" | "emissions":
            return _flows(evidence, year, name)
        case "gross":
            return [quantity(evidence, year, account) for account in _worked(evidence, year, CREDITED)]
        case "net":
            return [quantity(evidence, year, part) for part in ("gross", "emissions")]
        case "deducted":
            return [quantity(evidence, year, account) for account in DEDUCTED]
        case "leakage" | "uncertainty" | "buffer":
            return _deducted(evidence, year, name)
        case "carried":
            earlier = sorted({p.vintage for p in evidence.postings if p.vintage < year and p.account == "shortfall" and p.co2e_t})
            return [quantity(evidence, one, "shortfall") for one in earlier] or [Node(evidence.w("trace.nothing-owed"))]
        case "reversal" | "shortfall":
            return [quantity(evidence, year, "net")]
    settled = ["gross", *DEDUCTED] if name == "withheld" else ["gross", *DEDUCTED, "withheld"]
    said = reasons(evidence, year) if name in ("withheld", "issued") else ()
    return [*said, *(quantity(evidence, year, account) for account in settled)]


def _worked(evidence: Evidence, year: int, accounts: Iterable[str]) -> list[str]:
    """The accounts that have flows or tonnes in a vintage."""
    return [a for a in accounts if tonnes(evidence, year, a) or _flows(evidence, year, a)]


def _deducted(evidence: Evidence, year: int, account: str) -> Iterable[Node]:
    """A deduction: its rules, the intervals it may have read, and the quantity it is taken of."""
    of = dict.fromkeys(d.of for d in evidence.deductions if d.rule == account)
    bases = {"removals": ("removals", "baseline"), "avoided": ("avoided",)}
    known = spreads(evidence, year) if account == "uncertainty" else ()
    taken = (quantity(evidence, year, part) for base in of for part in bases.get(base, (base,)))
    return [*rules(evidence, year, account), *known, *taken]


def _flows(evidence: Evidence, year: int, account: str) -> list[Node]:
    scenarios = SCENARIOS.get(account, ("baseline", "project"))
    return [_change(evidence, c) for c in evidence.changes if (c.year, c.kind) == (year, KINDS[account]) and c.scenario in scenarios]


def _change(evidence: Evidence, change: StockChange) -> Node:
    """A flow in a scenario, and the worksheet rows it is the sum of."""
    w = evidence.w
    facts = {"scenario": w(f"scenario.{change.scenario}"), "flow": change.flow, "gas": change.gas, "kind": w(f"kind.{change.kind}")}
    rows = (r for r in evidence.rows if (r.year, r.scenario, r.flow) == (change.year, change.scenario, change.flow))
    key = ("flow", change.year, change.scenario, change.flow)
    return evidence.once(key, lambda: Node(w("trace.flow", year=change.year, tonnes=change.co2e_t, **facts), tuple(worked(evidence, r) for r in rows)))
