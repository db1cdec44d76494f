"""What stands beside a statement, as blocks for report and design document: plausibility, the checklist, what is foreseen, money.

The facts are those of `report/parts/foreseen`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from carbonsink.declared.language import Language
from carbonsink.report.document.blocks import Block, heading, notes, paragraph, table

View = Mapping[str, Any]


def plausible(view: View, w: Language) -> Iterator[Block]:
    """What a hectare earned beside the most that it may."""
    yield heading(w("crediting.plausible"))
    yield table(view["plausible"], "report/report.json")
    yield notes(view["plausible_notes"])


def checklist(view: View, w: Language) -> Iterator[Block]:
    """The methodology's questions with answers, reasons and files that show them."""
    if view["checklist"]:
        yield heading(w("crediting.checklist"))
        yield table(view["checklist"], "plan.json")


def projection(view: View, w: Language) -> Iterator[Block]:
    """The crediting period, ex-ante beside ex-post."""
    yield heading(w("crediting.projection"))
    yield paragraph(view["projection_note"])
    if view["projection"]:
        yield table(view["projection"], "credit/projection.csv", w("crediting.projection-note"))


def money(view: View, w: Language) -> Iterator[Block]:
    """What the tonnes would bring, for information."""
    if found := view["money"]:
        yield heading(w("crediting.money"))
        yield paragraph(found["sentence"])
        if found["table"].rows:
            yield table(found["table"], "report/report.json")
        yield paragraph(found["source"], "muted")
