"""An equation as its document writes it, then with the values of one row put in, then every row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from carbonsink.base.reckon import read_inputs
from carbonsink.base.records import WorksheetRow
from carbonsink.declared.language import Language
from carbonsink.declared.plan import Plan
from carbonsink.report.document.blocks import Block, heading, paragraph, table
from carbonsink.report.document.mathematics import spoken, symbolic, valued
from carbonsink.report.document.text import nodes, shown
from carbonsink.report.parts.reckoning import amount, stratum_name
from carbonsink.report.tabular import unit_words


def equation(plan: Plan, found: Mapping[str, Any], w: Language) -> Iterator[Block]:
    """The blocks of one flow's equation; `found` as `parts.reckoning` tells it."""
    row = shown_row(found["rows"])
    yield heading(f"{found['name']}  {found['gas']}")
    yield _formula(plan, found, row, w)
    yield paragraph(found["cites"], "muted")
    if found["shared"]:
        lines = [[nodes(one.symbol), nodes(one.value), nodes(one.unit), nodes(one.meaning)] for one in found["shared"]]
        yield {"kind": "where", "title": nodes(w("document.where")), "rows": lines}
    yield table(found["table"], "carbon/worksheet.csv", w("document.rows"))


def shown_row(rows: Sequence[WorksheetRow]) -> WorksheetRow:
    """The row whose values are put in: of the latest vintage, the project's before the baseline's, the first stratum."""
    latest = max(row.year for row in rows)
    return min((row for row in rows if row.year == latest), key=lambda row: row.scenario != "project")


def _formula(plan: Plan, found: Mapping[str, Any], row: WorksheetRow, w: Language) -> Block:
    values = {one.argument: amount(one.value, found["units"][one.argument], w) for one in read_inputs(row.inputs)}
    unit = unit_words(row.unit)
    facts = {"year": row.year, "scenario": w(f"scenario.{row.scenario}"), "stratum": stratum_name(plan, row.stratum, w)}
    alt = f"{shown(found['left'])} = {spoken(row.formula)}"
    return {
        "kind": "equation", "left": nodes(found["left"]), "symbolic": symbolic(row.formula), "valued": valued(row.formula, values.__getitem__),
        "result": nodes(w.number(row.result, 3)), "unit": nodes(unit), "alt": alt, "valued_alt": f"{alt} = {w.number(row.result, 3)} {shown(unit)}",
        "label": nodes(w("document.valued", **facts)),
    }  # fmt: skip
