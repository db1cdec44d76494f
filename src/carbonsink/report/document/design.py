"""pdd.<language>.pdf: the project design document's skeleton, filled from the plan; what only people can say stands as a box to fill.

A description, B methodology and applicability, C baseline, D additionality, E ex-ante estimate, F monitoring plan, G participants and signatures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from carbonsink.base.geometry import hectares, hectares_to_mu
from carbonsink.declared.area import Value
from carbonsink.declared.language import Language
from carbonsink.report.document.beside import checklist, money, plausible, projection
from carbonsink.report.document.blocks import Block, boxes, facts, figure, paragraph, table
from carbonsink.report.document.marks import told
from carbonsink.report.document.report import FIELDS, furniture, submitter
from carbonsink.report.document.sections import Matter, or_words
from carbonsink.report.document.text import nodes
from carbonsink.report.document.typeset import typeset
from carbonsink.report.parts.practice import found_words, practice_words
from carbonsink.report.parts.reckoning import amount, meaning, notation
from carbonsink.report.results import source_words
from carbonsink.report.stamps import Stamp
from carbonsink.report.tabular import Column, gas_words, headed, pool_words, unit_words
from carbonsink.report.tabular import table as rows_of

SIGNERS = ("owner", "validator")


def design(matter: Matter, stamped: Sequence[Stamp]) -> bytes:
    """The skeleton in one language as PDF."""
    plan, w = matter.plan, matter.w
    data = {
        **furniture(plan, stamped, w, w("design.document")),
        "stamps": told(stamped, w),
        "note": nodes(w("design.note")),
        "sections": [{"number": letter, "title": nodes(w(f"design.part-{letter.lower()}")), "blocks": made} for letter, made in design_parts(matter).items()],
        "signers": [{"title": nodes(w(f"design.{name}")), "fields": [nodes(w(f"document.{field}")) for field in FIELDS]} for name in SIGNERS],
    }
    return typeset("design", data, plan.area.period.end)


def design_parts(matter: Matter) -> dict[str, list[Block]]:
    """The blocks of each part by its letter."""
    makers: dict[str, Callable[[Matter], Iterator[Block]]] = {
        "A": _description, "B": _methodology, "C": _baseline, "D": _additionality, "E": _estimate, "F": _monitoring, "G": _participants,
    }  # fmt: skip
    return {letter: list(make(matter)) for letter, make in makers.items()}


def _description(m: Matter) -> Iterator[Block]:
    plan, w, land = m.plan, m.w, m.plan.land
    area = hectares(land.area_m2)
    yield facts(
        [
            (w("design.title"), w.of(plan.area.name)),
            (w("boundary.area"), f"{w.number(area, 2)} {w('unit.ha')} = {w.number(hectares_to_mu(area), 1)} {w('unit.mu')}"),
            (w("boundary.crs"), land.source_crs),
            (w("boundary.parcels"), w.number(len(land.parcels), 0) if land.parcels else w("boundary.no-parcels")),
            (w("boundary.digest"), land.digest),
            (w("document.period"), w("imagery.from-to", start=w.date(plan.area.period.start), end=w.date(plan.area.period.end))),
        ]
    )
    yield figure(m.sketches.parcels, w("boundary.map", year=plan.vintages[-1]), w, 0.8)
    yield _boxes(w, "purpose", "place", "land-rights", "start-day")


def _methodology(m: Matter) -> Iterator[Block]:
    plan, w = m.plan, m.w
    method = plan.methodology
    yield facts(
        [
            (w("identity.methodology"), f"{w.of(method.name)} · {method.id} {method.version}"),
            (w("identity.document"), method.document),
            (w("identity.edition"), f"{method.edition} · GWP {method.gwp.upper()}"),
            (w("design.status"), w(f"status.{method.status}")),
            (w("identity.note"), w.of(method.note)),
        ]
    )
    clauses = [(w.of(a.name), a.requires, w("design.met"), f"{source_words(a.source)}, {a.place}") for a in method.applicability]
    if clauses:
        yield table(
            rows_of((*headed(w, "clause", "requires"), Column(w("design.answer"), tight=True), *headed(w, "source")), clauses), "plan.json", w("design.clauses")
        )
    if method.confirm:
        lines = [(one.clause, w.of(one.name), f"{source_words(one.source)}, {one.place}") for one in method.confirm]
        yield table(rows_of(headed(w, "clause", "meaning", "source"), lines), "plan.json", w("design.to-confirm"))
    flows = [(w.of(f.name), pool_words(f.pool, w), gas_words(f.gas), w(f"kind.{f.kind}")) for f in method.flow]
    yield table(rows_of((*headed(w, "flow"), Column(w("design.pool"), tight=True), *headed(w, "gas!", "kind!")), flows), "plan.json", w("design.flows"))


def _baseline(m: Matter) -> Iterator[Block]:
    plan, w = m.plan, m.w
    rows = []
    for stratum in plan.area.strata.values():
        for key in sorted(stratum.baseline.keys() | stratum.project.keys()):
            told = (found_words(practices[key], w) if key in practices else "–" for practices in (stratum.baseline, stratum.project))
            rows.append((w.of(stratum.name), practice_words(key, w), *told))
    if rows:
        yield table(
            rows_of((*headed(w, "stratum", "practice"), *(Column(w(f"scenario.{name}")) for name in ("baseline", "project"))), rows),
            "area.toml",
            w("design.practices"),
        )
    if values := [_value(v, w) for v in plan.area.value]:
        yield table(rows_of(headed(w, "symbol", "meaning", "value:", "unit", "scenario!", "source"), values), "area.toml", w("parameters.declared"))
    yield _boxes(w, "baseline-evidence")


def _value(v: Value, w: Language) -> tuple[object, ...]:
    """A value the project declares: its symbol and what that means, the amount, and where it is from."""
    names = (notation(v.symbol), meaning(v.symbol, w))
    return (*names, amount(v.value, v.unit, w), unit_words(v.unit), w(f"scenario.{v.scenario}"), f"{v.source}, {v.place}")


def _additionality(m: Matter) -> Iterator[Block]:
    yield paragraph(m.w("design.additionality-note"))
    yield from checklist(m.view, m.w)
    yield _boxes(m.w, "regulation", "barriers", "common-practice", "financial")


def _estimate(m: Matter) -> Iterator[Block]:
    yield paragraph(m.w("design.estimate-note"))
    yield table(m.view["vintages"], "credit/statement.csv", m.w("summary.caption"))
    yield from or_words(m.view["rules"], "plan.json", m.w("statement.rules"), m.w("statement.no-rules"))
    for beside in (projection, plausible, money):
        yield from beside(m.view, m.w)


def _monitoring(m: Matter) -> Iterator[Block]:
    plan, w, p = m.plan, m.w, m.plan.pipeline
    start, end = plan.imagery_span
    yield facts(
        [
            (w("identity.pipeline"), f"{w.of(p.name)} · {p.id}"),
            (w("imagery.collection"), plan.sensor.title),
            (w("imagery.span"), w("imagery.from-to", start=w.date(start), end=w.date(end))),
            (w("design.gap"), f"{plan.sensor.revisit_gap_days} {w('unit.days')}"),
            (w("design.area-method"), w(f"method.{p.areas.method}")),
            (w("design.draws"), w.number(p.uncertainty.draws, 0)),
        ]
    )
    yield table(m.view["parameters"], "carbon/variables.csv", w("parameters.caption"))
    yield _boxes(w, "responsible", "records", "quality", "retention")


def _participants(m: Matter) -> Iterator[Block]:
    if m.plan.area.submitter:
        yield facts(submitter(m.plan, m.w))
    yield _boxes(m.w, "participants", "stakeholders", "double-counting")


def _boxes(w: Language, *names: str) -> Block:
    return boxes((w(f"design.{name}"), w(f"design.{name}-asked")) for name in names)
