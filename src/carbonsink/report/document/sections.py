"""T1 to T12 as blocks, in their order, from the same facts as the page; each table says which files of the run it is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from carbonsink.declared.language import Language
from carbonsink.declared.plan import Plan
from carbonsink.report.document.beside import View, checklist, money, plausible, projection
from carbonsink.report.document.blocks import Block, facts, figure, grid, heading, keyed, notes, paragraph, table
from carbonsink.report.document.equations import equation
from carbonsink.report.page.html import Sketches
from carbonsink.report.tabular import Table


@dataclass(frozen=True)
class Matter:
    """What a document is made of: the plan, what the page says in one language, and its drawings."""

    plan: Plan
    view: View
    sketches: Sketches
    w: Language


def sections(matter: Matter) -> dict[str, list[Block]]:
    """The blocks of each section by its number."""
    makers = {
        "T1": _boundary, "T2": _eligibility, "T3": _areas, "T4": _accuracy, "T5": _parameters, "T6": _stocks, "T7": _emissions, "T8": _leakage,
        "T9": _uncertainty, "T10": _statement, "T11": _deviations, "T12": _files,
    }  # fmt: skip
    return {number: list(make(matter)) for number, make in makers.items()}


def _boundary(m: Matter) -> Iterator[Block]:
    plan, w = m.plan, m.w
    yield keyed(figure(m.sketches.parcels, w("boundary.map", year=plan.vintages[-1]), w, 0.86), _legend(plan, w))
    yield facts(m.view["boundary"])
    if found := m.view["parcels"]:
        yield heading(w("parcels.heading"))
        yield from _paragraphs(found["rules"])
        yield from _tables([found["outcomes"], found["list"]], "areas/parcels.csv")


def _eligibility(m: Matter) -> Iterator[Block]:
    w, view = m.w, m.view
    yield from _tables([view["clauses"]], "plan.json", w("eligibility.caption"))
    yield heading(w("imagery.heading"))
    yield facts(view["imagery"])
    yield table(view["scenes"], "scenes/scenes.csv", w("imagery.scenes"))
    yield figure(m.sketches.observations, w("imagery.chart"), w)
    yield table(view["budget"], "scenes/pixel_budget.csv", w("imagery.budget"))


def _areas(m: Matter) -> Iterator[Block]:
    w, view = m.w, m.view
    maps = [figure(sketch, w("areas.map", year=year), w) for year, sketch in m.sketches.covers.items()]
    yield keyed(grid(maps, 2 if len(maps) < 3 else 3), _legend(m.plan, w))
    yield table(view["cover_classes"], "plan.json")
    yield from _paragraphs(view["cover_source"])
    if found := view["consistency"]:
        yield from _paragraphs(found["rules"])
        yield from _tables([found["changes"]], "land/consistency.csv")
    if m.sketches.greenness:
        yield figure(m.sketches.greenness, w("areas.greenness"), w)
    yield table(view["strata"], "areas/activity.csv", w("areas.strata"))
    if found := view["zones"]:
        yield heading(w("zone.heading"))
        yield from _paragraphs(found["notes"])
        yield table(found["table"], "plan.json")
    yield from _hectares(m)
    yield from _practice(m)
    yield from _change(m)


def _hectares(m: Matter) -> Iterator[Block]:
    view = m.view
    yield from _paragraphs(view["area_notes"])
    yield from _tables([view["classes"]], "areas/classes.csv")
    yield from _tables([view["estimators"]], "areas/estimators.csv")
    if found := view["transitions"]:
        yield from _paragraphs(found["notes"])
        for one in found["matrices"]:
            yield from _paragraphs(one["notes"])
            yield from _tables([one["matrix"], one["changes"]], "areas/transitions.csv")


def _practice(m: Matter) -> Iterator[Block]:
    if found := m.view["practice"]:
        yield heading(m.w("practice.heading"))
        yield from _paragraphs(found["notes"])
        yield from _tables([found["summary"], found["water"], found["against"]], "land/practice.csv")


def _change(m: Matter) -> Iterator[Block]:
    w, found = m.w, m.view["change"]
    if not found:
        return
    yield heading(w("change.heading"))
    yield from _paragraphs(found["sentences"])
    yield from _tables([found["alerts"]], "land/alerts.csv")
    yield from _tables([found["kinds"]], "land/changes.csv", w("change.kinds"))
    yield from _tables([found["changes"]], "land/changes.csv")
    if not found["changes"].rows:
        yield paragraph(w("change.none"))


def _accuracy(m: Matter) -> Iterator[Block]:
    w, view = m.w, m.view
    found = view["accuracy"]
    yield from _paragraphs(found["sentences"])
    yield from _tables([found["overall"]], "areas/classes.csv", w("accuracy.overall-caption"))
    yield from _tables([found["classes"]], "areas/classes.csv", w("accuracy.classes-caption"))
    yield from _tables(found["matrices"], "land/confusion.csv")
    if points := view["samples"]:
        yield heading(w("samples.heading"))
        yield from _paragraphs(points["notes"])
        yield from _tables([points["agreement"]], "areas/agreement.csv")
        yield from _tables([points["strata"], *points["between"], points["settled"]], "areas/samples.csv")
    if plots := view["plots"]:
        yield heading(w("plots.heading"))
        yield from _paragraphs(plots["notes"])
        yield from _tables([plots["estimates"]], "areas/plots.csv")
        yield from _tables([plots["changes"]], "areas/plot_changes.csv")
    for block in (view["measured"] or {"blocks": []})["blocks"]:
        yield heading(block["heading"])
        yield from _paragraphs(block["notes"])
        yield from _tables(block["tables"], "areas/measured.csv")


def _parameters(m: Matter) -> Iterator[Block]:
    w, view = m.w, m.view
    yield paragraph(w("parameters.note"))
    yield table(view["parameters"], "carbon/variables.csv", w("parameters.caption"))
    yield from _tables([view["declared"]], "carbon/variables.csv", w("parameters.declared"))


def _stocks(m: Matter) -> Iterator[Block]:
    w, view = m.w, m.view
    if numbers := (view["measured"] or {}).get("numbers"):
        yield heading(w("measured.heading"))
        yield from _paragraphs(numbers["notes"])
        yield from _tables(numbers["tables"], "areas/measured.csv")
    yield paragraph(w("stocks.note"))
    for found in view["equations"]:
        yield from equation(m.plan, found, w)
    yield table(view["stocks"], "carbon/stock_change.csv", w("stocks.caption"))


def _emissions(m: Matter) -> Iterator[Block]:
    yield from or_words(m.view["emissions"], "carbon/stock_change.csv", m.w("emissions.caption"), m.w("emissions.none"))


def _leakage(m: Matter) -> Iterator[Block]:
    yield from or_words(m.view["leakage"], "plan.json", m.w("leakage.caption"), m.w("leakage.none"))


def _uncertainty(m: Matter) -> Iterator[Block]:
    w, view = m.w, m.view
    settings = m.plan.pipeline.uncertainty
    yield paragraph(w("uncertainty.note", draws=w.number(settings.draws, 0), seed=settings.seed))
    if m.sketches.intervals:
        yield figure(m.sketches.intervals, w("uncertainty.chart"), w)
    yield table(view["spreads"], "uncertainty/uncertainty.csv", w("uncertainty.caption"))
    if m.sketches.shares:
        yield figure(m.sketches.shares, w("uncertainty.shares", year=m.plan.vintages[-1]), w)
    yield from _tables([view["shares"]], "uncertainty/shares.csv", w("uncertainty.rows"))


def _statement(m: Matter) -> Iterator[Block]:
    w, view = m.w, m.view
    yield paragraph(w("statement.note"))
    yield from _tables([view["rules"]], "plan.json", w("statement.rules"))
    if m.sketches.waterfalls:
        yield grid([figure(sketch, w("statement.chart", year=year), w) for year, sketch in m.sketches.waterfalls.items()], 2)
    yield table(view["statement"], "credit/statement.csv", w("statement.caption"))
    if view["notes"]:
        yield notes(view["notes"])
    yield table(view["types"], "credit/statement.csv", w("crediting.types"))
    for beside in (plausible, checklist, projection, money):
        yield from beside(view, w)
    if published := view["published"]:
        yield heading(w("published.heading"))
        yield table(Table(published["columns"], published["rows"]), "report/report.json", w("published.caption"))
        yield paragraph(published["sentence"])
        yield paragraph(published["source"], "muted")


def _deviations(m: Matter) -> Iterator[Block]:
    yield notes(m.view["deviations"])


def _files(m: Matter) -> Iterator[Block]:
    w = m.w
    yield paragraph(w("files.note"))
    yield table(m.view["files"], "manifest.json", w("files.caption"))


def or_words(made: Table, source: str, caption: str, otherwise: str) -> Iterator[Block]:
    """A table, or a sentence where it has no rows."""
    yield table(made, source, caption) if made.rows else paragraph(otherwise)


def _tables(made: Iterable[Table | None], source: str, caption: str | None = None) -> Iterator[Block]:
    """Tables that have rows."""
    yield from (table(one, source, caption) for one in made if one is not None and one.rows)


def _paragraphs(lines: Iterable[object]) -> Iterator[Block]:
    yield from (paragraph(line) for line in lines)


def _legend(plan: Plan, w: Language) -> Iterator[tuple[str, str, str]]:
    yield from ((c.colour, w.of(c.name), w(f"ipcc.{c.ipcc.replace(' ', '-')}")) for c in plan.pipeline.land.classes)
