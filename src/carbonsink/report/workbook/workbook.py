"""workbook.xlsx: the same reckoning as live formulas, each with its value: activity -> parameters -> worksheet -> flows -> statement.

Whoever changes a yellow cell and recalculates sees the statement move.
"""

from __future__ import annotations

from collections.abc import Mapping

from carbonsink.base.geometry import MU_PER_HA, hectares_to_mu
from carbonsink.base.notation import excel
from carbonsink.base.reckon import read_inputs, result
from carbonsink.base.records import Activity, Variable
from carbonsink.declared.language import Language
from carbonsink.declared.methodology import Interval
from carbonsink.declared.plan import Plan
from carbonsink.report.parts.reckoning import cited, flow_name, meaning, stratum_name
from carbonsink.report.record import published
from carbonsink.report.results import Results, source_words, sources
from carbonsink.report.stamps import Stamp
from carbonsink.report.tabular import unit_words
from carbonsink.report.workbook.book import Book, Cell, Fixed, Given, Live, Sheet, number
from carbonsink.report.workbook.statement import Flows, StatementCells, write_statement

FORMULA_PLACES = 9  # decimals of a tonne at a stage's border, as the tables have them


def workbook(plan: Plan, results: Results, stamped: tuple[Stamp, ...], languages: tuple[Language, ...]) -> bytes:
    """The workbook's bytes, the same for the same run."""
    book = Book(plan, languages)
    front = book.sheet("summary", (44, 22, 22, 22, 22, 22, 22))
    areas = _activity(book, results)
    parameters = _parameters(book, results, areas)
    flows = _flows(book, results, _worksheet(book, results, parameters))
    widths = _uncertainty(book, results)
    statement = write_statement(book, results, flows, widths)
    _sources(book, results)
    _summary(book, front, results, stamped, statement)
    return book.close()


def _activity(book: Book, results: Results) -> dict[tuple[int, str, str], str]:
    """Hectares by year, scenario and stratum; the address of each."""
    sheet = book.sheet("activity", (8, 18, 26, 16, 16, 18, 26))
    mu, ha = (book.say(f"unit.{name}") for name in ("mu", "ha"))
    names = ("year", "scenario", "stratum", "area", "area", "standard-error", "method")
    units = {3: f" ({ha})", 4: f" ({mu})", 5: f" ({ha})"}
    sheet.headings([book.say(f"column.{name}") + units.get(i, "") for i, name in enumerate(names)])
    found: dict[tuple[int, str, str], str] = {}
    for a in sorted(results.activity, key=lambda a: (a.year, a.scenario != "project", a.stratum)):
        twin = found.get((a.year, "project", a.stratum))
        area: Cell = Live(twin, a.area_ha) if twin and _one_variable(results, a) else Given(a.area_ha)
        here = sheet.at(sheet.row, 3)
        mu_cell = Live(f"{here}*{MU_PER_HA}", hectares_to_mu(a.area_ha))
        told = (book.say(f"scenario.{a.scenario}"), book.of(book.plan.area.strata[a.stratum].name))
        sheet.write([a.year, *told, area, mu_cell, a.standard_error_ha, book.say(f"method.{a.method}")])
        found[a.year, a.scenario, a.stratum] = here
    return found


def _one_variable(results: Results, a: Activity) -> bool:
    """Whether both scenarios share one area, known by an id without a scenario."""
    return f"area:{a.stratum}:{a.year}" in results.by_id


def _parameters(book: Book, results: Results, areas: Mapping[tuple[int, str, str], str]) -> dict[str, str]:
    """Every variable with its source; the address of each value by variable id."""
    sheet = book.sheet("parameters", (40, 18, 44, 16, 22, 14, 14, 14, 60, 40, 16, 14, 14, 40))
    names = ("row", "symbol", "meaning", "value", "unit", "low", "high", "method", "source", "source", "status", "least", "most", "together")
    sheet.headings([book.say(f"column.{name}") for name in names])
    found: dict[str, str] = {}
    for v in results.variables:
        area = _area_cell(v, areas)
        value: Cell = Live(area, v.value) if area else Given(v.value) if v.status == "declared" else Fixed(v.value)
        words = " / ".join(meaning(v.symbol, w) for w in book.languages)
        found[v.id] = sheet.at(sheet.row, 3)
        spread = (number(v.low), number(v.high), v.distribution)
        cited = (source_words(v.source), v.place, book.say(f"status.{v.status}"))
        sheet.write([v.id, v.symbol, words, value, unit_words(v.unit), *spread, *cited, number(v.least), number(v.most), _together(book, v)])
    return found


def _together(book: Book, v: Variable) -> str:
    """What a number moves with: the change that it is a part of, with its weight, or its declared group of correlation."""
    return v.shared or "; ".join(group.name for group in book.plan.area.correlation if {v.id, v.symbol} & set(group.members))


def _area_cell(v: Variable, areas: Mapping[tuple[int, str, str], str]) -> str | None:
    kind, *parts = v.id.split(":")
    if kind != "area":
        return None
    stratum, year, scenario = (*parts, "project")[:3]
    return areas.get((int(year), scenario, stratum))


def _worksheet(book: Book, results: Results, parameters: Mapping[str, str]) -> Sheet:
    """Each row of the worksheet as a formula over the parameters' cells."""
    sheet = book.sheet("worksheet", (44, 8, 18, 26, 30, 16, 10, 44, 60, 20, 20, 14, 20))
    tonnes = book.say("unit.tonnes")
    names = ("row", "year", "scenario", "stratum", "flow", "kind", "gas", "source", "rule", "result", "unit", "rate", "co2e")
    sheet.headings([book.say(f"column.{name}") + (f" ({tonnes})" if name == "co2e" else "") for name in names])
    values = {v.id: v.value for v in results.variables}
    for r in results.worksheet:
        cells = {one.argument: parameters[one.variable] for one in read_inputs(r.inputs)}
        worked, rate = Live(excel(r.formula, cells), float(result(r, values))), Live(parameters[r.to_co2e_variable], r.to_co2e)
        co2e = Live(f"ROUND({sheet.at(sheet.row, 9)}*{sheet.at(sheet.row, 11)},{FORMULA_PLACES})", r.co2e_t)
        stratum = " / ".join(stratum_name(book.plan, r.stratum, w) for w in book.languages)
        sheet.write([r.id, r.year, r.scenario, stratum, r.flow, r.kind, r.gas, cited(r.cites), r.formula, worked, unit_words(r.unit), rate, co2e])
    return sheet


def _flows(book: Book, results: Results, worksheet: Sheet) -> Flows:
    """Flows summed over strata, as SUMIFS over the worksheet."""
    sheet = book.sheet("stock_change", (8, 16, 26, 14, 10, 18, 22, 40))
    names = ("year", "scenario", "flow", "row", "gas", "kind", "co2e", "meaning")
    sheet.headings([book.say(f"column.{name}") for name in names])
    last = max(worksheet.row - 1, 5)
    year, scenario, flow, tonnes = (worksheet.column(5, last, column) for column in (1, 2, 4, 12))
    first = sheet.row
    for s in results.stock_changes:
        a, b, c = (sheet.at(sheet.row, column) for column in (0, 1, 2))
        total = Live(f"ROUND(SUMIFS({tonnes},{year},{a},{scenario},{b},{flow},{c}),{FORMULA_PLACES})", s.co2e_t)
        sheet.write([s.year, s.scenario, s.flow, s.pool, s.gas, s.kind, total, " / ".join(flow_name(book.plan, s.flow, w) for w in book.languages)])
    rises = tuple(sorted({s.flow for s in results.stock_changes if s.kind == "emission"}))
    places = {"year": 0, "scenario": 1, "flow": 2, "kind": 5, "co2e": 6}
    return Flows({name: sheet.column(first, max(first, sheet.row - 1), column) for name, column in places.items()}, rises)


def _uncertainty(book: Book, results: Results) -> dict[tuple[int, Interval], str]:
    """Intervals as propagated, which no formula can redo; the address of each half-width that a deduction may ask for."""
    sheet = book.sheet("uncertainty", (22, 18, 32, 12, 20, 20, 20, 16, 20))
    sheet.headings([book.say(f"column.{name}") for name in ("year", "quantity", "approach", "level", "mean", "low", "high", "half-width", "median")])
    found: dict[tuple[int, Interval], str] = {}
    for s in results.spreads:
        found[s.year, Interval(s.quantity, s.approach, s.level_percent)] = sheet.at(sheet.row, 7)
        words = (book.say(f"quantity.{s.quantity}"), book.say(f"approach.{s.approach}"))
        bounds = (s.level_percent, s.mean_t, s.low_t, s.high_t, Fixed(s.half_width_percent), s.median_t)
        sheet.write([s.year or book.say("uncertainty.all-years"), *words, *bounds])
    sheet.row += 1
    sheet.headings([book.say(f"column.{name}") for name in ("year", "symbol", "row", "variance-share", "rank-correlation")])
    for share in results.shares:
        year = share.year or book.say("uncertainty.all-years")
        sheet.write([year, share.symbol, share.variable, share.share, "" if share.rank_correlation is None else share.rank_correlation])
    return found


def _sources(book: Book, results: Results) -> None:
    sheet = book.sheet("sources", (30, 90, 22, 90))
    sheet.headings([book.say("column.row"), book.say("column.source"), book.say("column.vintage"), book.say("column.method")])
    cites = {cited.partition(" ")[0] for row in results.worksheet for cited in row.cites.split("; ")}
    for name in sorted({v.source for v in results.variables} | cites | {d.source for d in book.plan.methodology.deduction}):
        of_the_run = {"citation": book.say("book.run-table")} if name in results.digests.files else {}
        entry = sources().get(name, of_the_run)
        sheet.write([name, entry.get("citation", name), entry.get("edition", ""), entry.get("read_in", "")])
    sheet.row += 1
    sheet.headings([book.say("column.file"), "SHA-256"])
    for name, digest in results.digests.files.items():
        sheet.write([name, digest])


def _summary(book: Book, sheet: Sheet, results: Results, stamped: tuple[Stamp, ...], statement: StatementCells) -> None:
    plan = book.plan
    sheet.headings([book.say("column.account"), *(str(v.year) for v in results.vintages), book.say("total")])
    for key, values in statement.summary.items():
        first, last = (sheet.at(sheet.row, column) for column in (1, len(values)))
        total = Live(f"SUM({first}:{last.partition('!')[2]})", sum(float(v.value) for v in values))
        sheet.write([book.say(key), *values, total])
    sheet.row += 1
    _beside_published(book, sheet, results, statement)
    methodology = f"{plan.methodology.id} {plan.methodology.version}"
    for key, value in (("identity.area", plan.area.id), ("identity.methodology", methodology), ("identity.digest", results.digests.results)):
        sheet.remark(book.say(key), value)
    sheet.row += 1
    sheet.headings([book.say("title.stamps")])
    for stamp in stamped:
        sheet.remark(stamp.code, " / ".join(stamp.said(w) for w in book.languages))


def _beside_published(book: Book, sheet: Sheet, results: Results, statement: StatementCells) -> None:
    given = published(book.plan, results)
    if given is None:
        return
    gross = statement.summary["column.gross"]
    fold = "AVERAGE" if "yr^-1" in given["unit"] else "SUM"
    theirs = sheet.write([f"{book.say('published.theirs')} ({unit_words(given['unit'])})", Given(float(given["published"]))])
    folded = Live(f"{fold}({','.join(v.formula for v in gross)})", float(given["ours"]))
    ours = sheet.write([f"{book.say('published.ours')} ({unit_words(given['unit'])})", folded])
    a, b = sheet.at(theirs, 1), sheet.at(ours, 1)
    sheet.write([f"{book.say('column.difference')} (%)", Live(f"ROUND(({b}-{a})/{a}*100,6)", float(given["difference_percent"]))])
    sheet.row += 1
