"""The statement: each vintage's postings, which sum to zero, from tonnes earned to whole tonnes issued.

    carbon/stock_change.csv, uncertainty/uncertainty.csv, areas/activity.csv, land/practice.csv, what [earlier] left -> credit/statement.csv

    removals -  avoided -  baseline +  emissions +  leakage +  uncertainty +  buffer +  carried +
    withheld +  issued +  rounding +  reversal -  shortfall -

A net loss draws on the buffer that issued vintages left (`reversal`); what exceeds it is posted to `shortfall` and carried forward: later
vintages pay it (`carried`) before anything of theirs is issued. `withheld` holds the whole tonnes that may not be issued; its note says why.
Removals and avoided emissions are rounded down each by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from carbonsink.base.problems import Exit, refuse
from carbonsink.base.records import Posting, Projected, Spread, StockChange
from carbonsink.base.standing import Standing
from carbonsink.base.tables import read_csv, write_csv
from carbonsink.credit.projection import projection
from carbonsink.credit.rules import NOTHING, Amounts, Deducted, HalfWidth, deduct, exact
from carbonsink.credit.settle import TYPES, Entry, lost, settled
from carbonsink.declared.methodology import Interval, Methodology
from carbonsink.declared.plan import Plan
from carbonsink.declared.withholding import withholding

EARNED, DEDUCTED = ("removals", "avoided", "baseline", "emissions"), ("leakage", "uncertainty", "buffer", "carried")
NOTHING_BEFORE = Standing()
ACCOUNTS = (*EARNED, *DEDUCTED, "withheld", "issued", "rounding", "reversal", "shortfall")


def credit(plan: Plan, run: Path) -> None:
    """Write the run's statement and what is foreseen; a Refusal where a vintage doesn't balance."""
    changes = read_csv(run / "carbon" / "stock_change.csv", StockChange)
    spreads = read_csv(run / "uncertainty" / "uncertainty.csv", Spread)
    start = plan.earlier.left if plan.earlier else Standing()
    postings = statement(plan.methodology, plan.vintages, changes, spreads, withholding(plan, run), start)
    write_csv(run / "credit" / "statement.csv", postings, Posting)
    write_csv(run / "credit" / "projection.csv", projection(plan.area.period, plan.area.crediting, postings), Projected)


def statement(
    methodology: Methodology, vintages: Sequence[int], changes: Sequence[StockChange], spreads: Sequence[Spread], reasons: Sequence[str],
    start: Standing = NOTHING_BEFORE,
) -> tuple[Posting, ...]:  # fmt: skip
    """Every vintage's postings in the order of years; what one vintage lost its buffer answers for, and the next ones pay first.

    `start`: what the project's earlier runs left behind.
    """
    standing, postings = start, []
    for year in sorted(vintages):
        entries = vintage(methodology, [change for change in changes if change.year == year], _half_width(spreads, year), standing, reasons)
        postings += balanced(year, entries)
        standing = standing.after({account: entry.tonnes for account, entry in entries.items()})
    return tuple(postings)


def vintage(methodology: Methodology, changes: Sequence[StockChange], half_width: HalfWidth, standing: Standing, reasons: Sequence[str]) -> dict[str, Entry]:
    """One vintage's entries by account, given what earlier vintages left behind and the reasons to withhold."""
    earned = earnings(changes)
    amounts = Amounts(-earned["removals"].tonnes - earned["baseline"].tonnes, -earned["avoided"].tonnes, earned["emissions"].tonnes)
    deducted = deduct(methodology.deduction, amounts, half_width) if amounts.net > 0 else ()
    return earned | _by_account(deducted) | settled(amounts, deducted, standing.owed, reasons) | lost(amounts.net, standing)


def earnings(changes: Sequence[StockChange]) -> dict[str, Entry]:
    """The accounts that deductions start from, as they are posted."""
    removed = {scenario: _sum(changes, "removal", scenario) for scenario in ("project", "baseline")}
    avoided = _sum(changes, "avoided", "baseline") - _sum(changes, "avoided", "project")
    flows = sorted({change.flow for change in changes if change.kind == "emission"})
    rises = {flow: _sum(changes, "emission", "project", flow) - _sum(changes, "emission", "baseline", flow) for flow in flows}
    # An emission that falls is no credit: the methodology counts it only where it rises.
    emissions = sum((max(NOTHING, rise) for rise in rises.values()), NOTHING)
    found = {"removals": -removed["project"], "avoided": -avoided, "baseline": removed["baseline"], "emissions": emissions}
    return {account: Entry(tonnes) for account, tonnes in found.items()}


def balanced(year: int, entries: Mapping[str, Entry]) -> list[Posting]:
    """The vintage's postings in the order of accounts; a Refusal where they don't sum to zero or the rounding reaches a tonne a type."""
    whole = sum((entry.tonnes for entry in entries.values()), NOTHING)
    rounding = entries["rounding"].tonnes
    if whole != 0 or not 0 <= rounding < TYPES or entries["issued"].tonnes < 0:
        raise refuse("E-CRD-001", f"vintage {year}", Exit.INTEGRITY, sum=whole, rounding=rounding)
    return [_posting(year, account, entries.get(account, Entry(NOTHING))) for account in ACCOUNTS]


def _posting(year: int, account: str, entry: Entry) -> Posting:
    return Posting(year, account, _plain(entry.tonnes), entry.note, None if entry.removals is None else _plain(entry.removals))


def _by_account(deducted: Sequence[Deducted]) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    for one in deducted:
        before = entries.get(one.rule, Entry(NOTHING))
        entries[one.rule] = Entry(before.tonnes + one.co2e_t, "; ".join(filter(None, (before.note, one.note))))
    return entries


def _half_width(spreads: Sequence[Spread], year: int) -> HalfWidth:
    def of(asked: Interval) -> Decimal:
        for spread in spreads:
            if spread.year == year and (spread.quantity, spread.approach, spread.level_percent) == asked:
                return exact(spread.half_width_percent)
        raise refuse("E-CRD-002", "uncertainty.csv", Exit.INTEGRITY, quantity=asked.quantity, level=asked.level_percent, year=year)

    return of


def _sum(changes: Sequence[StockChange], kind: str, scenario: str, flow: str | None = None) -> Decimal:
    fitting = (c.co2e_t for c in changes if (c.kind, c.scenario) == (kind, scenario) and flow in (None, c.flow))
    return sum((exact(tonnes) for tonnes in fitting), NOTHING)


def _plain(value: Decimal) -> Decimal:
    """The same number written without exponent, trailing zeros or a minus before zero."""
    return Decimal(f"{value.normalize():f}") if value else NOTHING
