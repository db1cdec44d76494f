"""The workbook's statement: crediting step by step as formulas, from flows down to whole tonnes, one column a vintage.

Every step is reckoned here once more in decimals for its value, so a statement that the workbook can't reproduce refuses to render.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from carbonsink.base.problems import Exit, refuse
from carbonsink.declared.methodology import Interval
from carbonsink.report.results import CREDITED, DEDUCTED, SETTLED, Results, Vintage
from carbonsink.report.workbook.book import Book, Given, Live, Sheet
from carbonsink.report.workbook.column import GRAIN, PLACES, ZERO, Column
from carbonsink.report.workbook.rates import Rule, exact, rate_of, write_rules
from carbonsink.report.workbook.settling import STEPS, settle

Widths = Mapping[Interval, tuple[str, Decimal]]  # where a half-width stands, and what it is


@dataclass(frozen=True)
class Flows:
    """The flows' columns, and the emissions that count where they rise."""

    columns: Mapping[str, str]
    rises: tuple[str, ...]

    def total(self, year: str, **where: str) -> str:
        """A sum over flows: `total(year, scenario="project", kind="removal")`."""
        tests = "".join(f',{self.columns[name]},"{value}"' for name, value in where.items())
        return f"SUMIFS({self.columns['co2e']},{self.columns['year']},{year}{tests})"


@dataclass(frozen=True)
class StatementCells:
    """What the summary shows, each cell a reference to the statement."""

    summary: Mapping[str, Sequence[Live]]


def write_statement(book: Book, results: Results, flows: Flows, widths: Mapping[tuple[int, Interval], str]) -> StatementCells:
    """The statement sheet; the cells the summary points at."""
    vintages = results.vintages
    sheet = book.sheet("statement", (50, 22, 22, 22, 22, 70, *[22] * max(0, len(vintages) - 4)))
    rules, flag = _rules(book, sheet, results)
    steps = _steps(rules)
    top = sheet.row + 1
    rows = {step: top + n for n, step in enumerate(steps)}
    sheet.headings([book.say("column.account"), *(str(v.year) for v in vintages)])
    columns: list[Column] = []
    for n, vintage in enumerate(vintages):
        column = Column(n + 1, sheet, rows)
        _vintage(column, vintage, flows, rules, _widths(results, widths, vintage.year), flag, columns)
        columns.append(column)
    for step in steps:
        sheet.write([_words(book, step), *(c.cells[step] for c in columns)])
    return StatementCells({key: [Live(c.at(step), c.cells[step].value) for c in columns] for key, step in _summary_rows().items()})


def _summary_rows() -> dict[str, str]:
    return {"column.gross": "gross", **{f"account.{name}": name for name in (*DEDUCTED, *SETTLED)}}


def _rules(book: Book, sheet: Sheet, results: Results) -> tuple[list[Rule], str]:
    """The methodology's rules as cells, and the cell that withholds."""
    rules = write_rules(book, sheet)
    reasons = sorted({v.notes.get("withheld", "") for v in results.vintages} - {""})
    row = sheet.write([book.say("book.withhold"), "; ".join(reasons), Given(1 if reasons else 0)])
    sheet.row += 1
    return rules, sheet.at(row, 2)


def _steps(rules: Sequence[Rule]) -> list[str]:
    worked = [f"{part}:{n}" for n in range(len(rules)) for part in ("base", "rate", "taken")]
    return [*CREDITED, "emissions", "gross", "net", *worked, *DEDUCTED[1:], *STEPS, *SETTLED, "balance"]


def _words(book: Book, step: str) -> str:
    if step in STEPS:
        return book.say(f"settling.{step.replace(':', '-')}")
    name, _, number = step.partition(":")
    if not number:
        return book.say({"gross": "column.gross", "net": "quantity.net", "balance": "statement.balance"}.get(name, f"account.{name}"))
    rule = book.plan.methodology.deduction[int(number)].rule
    return f"    {book.say(f'account.{rule}')}: {book.say(f'step.{name}')}"


def _widths(results: Results, widths: Mapping[tuple[int, Interval], str], year: int) -> Widths:
    """The half-widths of a year: where each stands and what it is."""
    found = {Interval(s.quantity, s.approach, s.level_percent): s.half_width_percent for s in results.spreads if s.year == year}
    return {interval: (widths[year, interval], Decimal(repr(percent))) for interval, percent in found.items()}


def _vintage(c: Column, vintage: Vintage, flows: Flows, rules: Sequence[Rule], widths: Widths, flag: str, before: Sequence[Column]) -> None:
    _earned(c, vintage, flows)
    for n, rule in enumerate(rules):
        _deduct(c, n, rule, widths)
    for account in DEDUCTED[1:-1]:
        taken = [n for n, rule in enumerate(rules) if rule.deduction.rule == account]
        c.add(account, "+".join(c.at(f"taken:{n}") for n in taken) or "0", sum((c.exact[f"taken:{n}"] for n in taken), ZERO))
    settle(c, rules, flag, before, bool(vintage.of("withheld")) or bool(vintage.notes.get("withheld")))
    for account in (*CREDITED, *DEDUCTED, *SETTLED):
        if abs(c.exact[account] - vintage.of(account)) > GRAIN:
            raise refuse("E-RPT-003", f"statement.csv {vintage.year}", Exit.INTEGRITY, account=account, stated=vintage.of(account), reckoned=c.exact[account])


def _earned(c: Column, vintage: Vintage, flows: Flows) -> None:
    year = str(vintage.year)
    c.add("removals", f"-{flows.total(year, scenario='project', kind='removal')}", vintage.of("removals"))
    c.add("avoided", f"{flows.total(year, scenario='project', kind='avoided')}-{flows.total(year, scenario='baseline', kind='avoided')}", vintage.of("avoided"))
    c.add("baseline", flows.total(year, scenario="baseline", kind="removal"), vintage.of("baseline"))
    rises = [f"MAX(0,{flows.total(year, scenario='project', flow=f)}-{flows.total(year, scenario='baseline', flow=f)})" for f in flows.rises]
    c.add("emissions", "+".join(rises) or "0", vintage.of("emissions"))
    c.add("gross", f"-({c.at('removals')}+{c.at('avoided')}+{c.at('baseline')})", vintage.gross)
    c.add("net", f"{c.at('gross')}-{c.at('emissions')}", vintage.gross - vintage.of("emissions"))


def _deduct(c: Column, n: int, rule: Rule, widths: Widths) -> None:
    """One deduction: its base, the net that is left or as much of a part; its rate; what it takes."""
    earlier = [f"taken:{i}" for i in range(n)]
    taken, took = "+".join(c.at(step) for step in earlier) or "0", sum((c.exact[step] for step in earlier), ZERO)
    left = (f"MAX(0,{c.at('net')}-({taken}))", max(ZERO, c.exact["net"] - took))
    if rule.deduction.of == "net":
        c.add(f"base:{n}", *left)
    elif rule.deduction.of == "gross":
        c.add(f"base:{n}", f"MAX(0,{c.at('gross')}-({taken}))", max(ZERO, c.exact["gross"] - took))
    else:
        _part(c, n, rule.deduction.of, (taken, took), left)
    _rate(c, n, rule, widths)
    value = min(left[1], c.exact[f"base:{n}"] * c.exact[f"rate:{n}"]).quantize(GRAIN)
    c.add(f"taken:{n}", f"ROUND(MIN({left[0]},{c.at(f'base:{n}')}*{c.at(f'rate:{n}')}),{PLACES})", value)


def _part(c: Column, n: int, of: str, taken: tuple[str, Decimal], left: tuple[str, Decimal]) -> None:
    """Removals or avoided emissions less their share of earlier deductions, at most the net that is left; nothing where nothing is."""
    cells = {"removals": f"MAX(0,-({c.at('removals')}+{c.at('baseline')}))", "avoided": f"MAX(0,-{c.at('avoided')})"}
    parts = {"removals": max(ZERO, -c.exact["removals"] - c.exact["baseline"]), "avoided": max(ZERO, -c.exact["avoided"])}
    value = min(left[1], parts[of] * (1 - taken[1] / sum(parts.values(), ZERO))) if left[1] else ZERO
    c.add(f"base:{n}", f"IF({left[0]}=0,0,MIN({left[0]},{cells[of]}*(1-({taken[0]})/({cells['removals']}+{cells['avoided']}))))", value)


def _rate(c: Column, n: int, rule: Rule, widths: Widths) -> None:
    d = rule.deduction
    if d.interval is None:
        c.add(f"rate:{n}", rule.rate, exact(d.rate))
    else:
        c.add(f"rate:{n}", *rate_of(rule, widths[d.interval]))
