"""The statement: each vintage's postings, which sum to zero, from tonnes earned to whole tonnes issued.

    carbon/stock_change.csv, uncertainty/uncertainty.csv, areas/activity.csv, land/practice.csv -> credit/statement.csv

    removals -  avoided -  baseline +  emissions +  leakage +  uncertainty +  buffer +  carried +  withheld +  issued +  rounding +  shortfall -

A net loss is posted to `shortfall` and carried forward: later vintages pay it (`carried`) before anything of theirs is issued.
`withheld` holds the whole tonnes that may not be issued; its note says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path

from carbonsink.base.problems import Exit, refuse
from carbonsink.base.records import Posting, Spread, StockChange
from carbonsink.base.tables import read_csv, write_csv
from carbonsink.credit.rules import NOTHING, Amounts, Deducted, HalfWidth, deduct, exact
from carbonsink.declared.methodology import Interval, Methodology
from carbonsink.declared.plan import Plan
from carbonsink.declared.withholding import withholding

ACCOUNTS = ("removals", "avoided", "baseline", "emissions", "leakage", "uncertainty", "buffer", "carried", "withheld", "issued", "rounding", "shortfall")
Entry = tuple[Decimal, str]  # tonnes and note


def credit(plan: Plan, run: Path) -> None:
    """Write the run's statement; a Refusal where a vintage doesn't balance."""
    changes = read_csv(run / "carbon" / "stock_change.csv", StockChange)
    spreads = read_csv(run / "uncertainty" / "uncertainty.csv", Spread)
    write_csv(run / "credit" / "statement.csv", statement(plan.methodology, plan.vintages, changes, spreads, withholding(plan, run)), Posting)


def statement(
    methodology: Methodology, vintages: Sequence[int], changes: Sequence[StockChange], spreads: Sequence[Spread], reasons: Sequence[str]
) -> tuple[Posting, ...]:
    """Every vintage's postings in the order of years; what one vintage lost the next ones pay first."""
    owed, postings = NOTHING, []
    for year in sorted(vintages):
        entries = vintage(methodology, [change for change in changes if change.year == year], _half_width(spreads, year), owed, reasons)
        postings += balanced(year, entries)
        owed -= entries["carried"][0] + entries["shortfall"][0]
    return tuple(postings)


def vintage(methodology: Methodology, changes: Sequence[StockChange], half_width: HalfWidth, owed: Decimal, reasons: Sequence[str]) -> dict[str, Entry]:
    """One vintage's entries by account, given what earlier vintages still owe and the reasons to withhold."""
    earned = earnings(changes)
    amounts = Amounts(-earned["removals"][0] - earned["baseline"][0], -earned["avoided"][0], earned["emissions"][0])
    deducted = deduct(methodology.deduction, amounts, half_width) if amounts.net > 0 else ()
    left = max(NOTHING, amounts.net) - sum((one.co2e_t for one in deducted), NOTHING)
    return earned | _by_account(deducted) | _settled(left, min(left, owed), reasons) | {"shortfall": (min(NOTHING, amounts.net), "")}


def earnings(changes: Sequence[StockChange]) -> dict[str, Entry]:
    """The accounts that deductions start from, as they are posted."""
    removed = {scenario: _sum(changes, "removal", scenario) for scenario in ("project", "baseline")}
    avoided = _sum(changes, "avoided", "baseline") - _sum(changes, "avoided", "project")
    flows = sorted({change.flow for change in changes if change.kind == "emission"})
    rises = {flow: _sum(changes, "emission", "project", flow) - _sum(changes, "emission", "baseline", flow) for flow in flows}
    # An emission that falls is no credit: the methodology counts it only where it rises.
    emissions = sum((max(NOTHING, rise) for rise in rises.values()), NOTHING)
    return {"removals": (-removed["project"], ""), "avoided": (-avoided, ""), "baseline": (removed["baseline"], ""), "emissions": (emissions, "")}


def balanced(year: int, entries: dict[str, Entry]) -> list[Posting]:
    """The vintage's postings in the order of accounts; a Refusal where they don't sum to zero or the rounding reaches a tonne."""
    whole = sum((value for value, _ in entries.values()), NOTHING)
    rounding = entries["rounding"][0]
    if whole != 0 or not 0 <= rounding < 1 or entries["issued"][0] < 0:
        raise refuse("E-CRD-001", f"vintage {year}", Exit.INTEGRITY, sum=whole, rounding=rounding)
    return [Posting(year, account, _plain(entries.get(account, (NOTHING, ""))[0]), entries.get(account, (NOTHING, ""))[1]) for account in ACCOUNTS]


def _settled(left: Decimal, carried: Decimal, reasons: Sequence[str]) -> dict[str, Entry]:
    whole = (left - carried).to_integral_value(ROUND_FLOOR)
    closed = {"carried": (carried, ""), "rounding": (left - carried - whole, "")}
    if reasons:
        return closed | {"withheld": (whole, " ".join(reasons)), "issued": (NOTHING, "")}
    return closed | {"withheld": (NOTHING, ""), "issued": (whole, "")}


def _by_account(deducted: Sequence[Deducted]) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    for one in deducted:
        before, note = entries.get(one.rule, (NOTHING, ""))
        entries[one.rule] = before + one.co2e_t, "; ".join(filter(None, (note, one.note)))
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
