"""The statement sheet's rules: what a deduction takes of its base, as cells people may change and a formula over them.

methodology.deduction -> rows of numbers (rate, free width, share; a row a band; a row for the stop) -> `rate` of a vintage's half-width
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from carbonsink.declared.methodology import Band, Deduction
from carbonsink.report.results import source_words
from carbonsink.report.workbook.book import Book, Cell, Given, Sheet

ZERO, ONE = Decimal(0), Decimal(1)


@dataclass(frozen=True)
class Step:
    """A band of a schedule and where its numbers stand: the bound [%] and what is taken above it."""

    band: Band
    over: str
    takes: str


@dataclass(frozen=True)
class Rule:
    """A deduction, and where its numbers stand on the sheet: rate, free width [%], share, the bands of a schedule, the stop [%]."""

    deduction: Deduction
    rate: str
    free: str
    share: str
    steps: tuple[Step, ...]
    stop: str


def write_rules(book: Book, sheet: Sheet) -> list[Rule]:
    """The methodology's deductions as rows below the sheet's headings."""
    names = ("column.step", "column.of", "column.rate", "rule.free", "rule.share", "column.source")
    sheet.headings([book.say(name) for name in names])
    return [_write_rule(book, sheet, deduction) for deduction in book.plan.methodology.deduction]


def rate_of(rule: Rule, width: tuple[str, Decimal]) -> tuple[str, Decimal]:
    """The share of the base that an uncertainty deduction takes at a half-width [%]: its formula, and its value in decimals."""
    cell, wide = width
    formula, value = _by_step(rule.steps, cell, wide) if rule.steps else _by_excess(rule, cell, wide)
    formula, value = f"MIN(1,{formula})", min(ONE, value)
    stop = rule.deduction.stop_percent
    return (formula, value) if stop is None else (f"IF({cell}>{rule.stop},1,{formula})", ONE if wide > exact(stop) else value)


def exact(number: float | None) -> Decimal:
    """A declared number as it is written; none is zero."""
    return Decimal(repr(number or 0.0))


def _write_rule(book: Book, sheet: Sheet, d: Deduction) -> Rule:
    given: list[Cell] = [None if value is None else Given(value) for value in (d.rate, d.free_percent, d.share)]
    row = sheet.write([book.say(f"account.{d.rule}"), book.say(f"of.{d.of}"), *given, f"{source_words(d.source)}, {d.place}"])
    steps = tuple(_write_band(book, sheet, band) for band in d.bands)
    stop = "" if d.stop_percent is None else sheet.at(sheet.write([f"    {book.say('rule.stop')}", "", None, Given(d.stop_percent)]), 3)
    return Rule(d, sheet.at(row, 2), sheet.at(row, 3), sheet.at(row, 4), steps, stop)


def _write_band(book: Book, sheet: Sheet, band: Band) -> Step:
    """A band's row: a fixed rate stands below the rates, a share of the half-width below the shares."""
    fixed = band.share_of_u is None
    takes: list[Cell] = [Given(band.rate or 0.0), Given(band.over), None] if fixed else [None, Given(band.over), Given(band.share_of_u or 0.0)]
    row = sheet.write([f"    {book.say('rule.over')}", "", *takes])
    return Step(band, sheet.at(row, 3), sheet.at(row, 2 if fixed else 4))


def _by_excess(rule: Rule, cell: str, wide: Decimal) -> tuple[str, Decimal]:
    excess = max(ZERO, wide - exact(rule.deduction.free_percent)) / 100
    return f"MAX(0,{cell}-{rule.free})/100*{rule.share}", excess * exact(rule.deduction.share)


def _by_step(steps: Sequence[Step], cell: str, wide: Decimal) -> tuple[str, Decimal]:
    """The last band whose bound the half-width exceeds speaks: nested from the first band outwards."""
    formula, value = "0", ZERO
    for step in steps:
        fixed = step.band.share_of_u is None
        formula = f"IF({cell}>{step.over},{step.takes if fixed else f'{step.takes}*{cell}/100'},{formula})"
        if wide > exact(step.band.over):
            value = exact(step.band.rate) if fixed else exact(step.band.share_of_u) * wide / 100
    return formula, value
