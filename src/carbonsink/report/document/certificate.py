"""The certificate of blocks of units ("carbon ticket"): a page a state with who holds what, and the ledger's checkpoint to scan.

    certificate(Certificate(...), w)  ->  PDF

The facts come from the ledger through the command line; nothing of a run is read. A ledger takes no simulated run, so no unit is simulated.
Units that are retired, cancelled, void or in the buffer stand on pages of their own, marked as what they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup

from carbonsink.declared.language import Language
from carbonsink.report.document.blocks import facts, table
from carbonsink.report.document.text import nodes, shown
from carbonsink.report.document.typeset import typeset
from carbonsink.report.drawings.qr import qr_svg
from carbonsink.report.tabular import Column, Row, Table, number

EXACT = Markup("<tt>{}</tt>")  # signs that are compared one by one


@dataclass(frozen=True)
class Block:
    """A block of units as it is held now."""

    serial: str
    quantity: int  # [t CO2e]
    vintage: str
    holder: str
    state: str  # held, buffer, retired, cancelled, void
    manifest: str  # digest of the run that the units were issued on
    reasons: tuple[str, ...] = ()  # of a retirement


@dataclass(frozen=True)
class Certificate:
    """What a certificate says."""

    project: str
    name: Mapping[str, str]  # by language
    methodology: str
    blocks: tuple[Block, ...]
    ledger: str
    checkpoint: str  # the text to scan: type, ledger, sequence, head
    sequence: int
    head: str
    day: date  # of the ledger's last entry


def certificate(said: Certificate, w: Language) -> bytes:
    """The pages as PDF, dated by the ledger's last entry."""
    states = dict.fromkeys(block.state for block in said.blocks)
    data = {
        "lang": w.code, "kind": nodes(w("ticket.document")), "name": nodes(said.name.get(w.code) or said.project),
        "title": shown(f"{w('ticket.document')} · {said.project}"), "marks": [], "foot": nodes(f"{said.ledger} · #{said.sequence}"),
        "words": {"source": w("document.source"), "table": w("document.table"), "to-fill": ""}, "missing": nodes(w("document.missing-face")),
        "unit": nodes(w("unit.tonnes")), "statement": nodes(w("ticket.statement")), "qr": qr_svg(said.checkpoint), "alt": shown(w("ticket.qr")),
        "checked": nodes(w("ticket.checked")), "seal": nodes(w("ticket.seal")), "signed": nodes(w("document.signature")), "day": nodes(w("document.day")),
        "pages": [_page(said, state, [block for block in said.blocks if block.state == state], w) for state in states],
    }  # fmt: skip
    return typeset("certificate", data, said.day)


def _page(said: Certificate, state: str, blocks: Sequence[Block], w: Language) -> dict[str, Any]:
    """What stands on the page of one state."""
    whole = sum(block.quantity for block in blocks)
    mark = "" if state == "held" else shown(w(f"ticket.state-{state}"))
    return {"mark": mark, "tonnes": nodes(w.number(whole, 0)), "facts": facts(_facts(said, blocks, w)), "blocks": table(_blocks(blocks, w))}


def _facts(said: Certificate, blocks: Sequence[Block], w: Language) -> list[tuple[str, str]]:
    rows = [
        (w("ticket.project"), said.project),
        (w("ticket.holder"), w("format.list").join(dict.fromkeys(_holder(block, w) for block in blocks if block.holder))),
        (w("ticket.vintages"), ", ".join(dict.fromkeys(block.vintage for block in blocks))),
        (w("identity.methodology"), said.methodology),
        *((w("ticket.reason"), reason) for reason in dict.fromkeys(reason for block in blocks for reason in block.reasons)),
        (w("ticket.ledger"), Markup("{} · #{}<br>").format(said.ledger, said.sequence) + EXACT.format(said.head)),
        *((w("ticket.manifest"), EXACT.format(manifest)) for manifest in dict.fromkeys(block.manifest for block in blocks)),
    ]
    return [row for row in rows if row[1]]


def _holder(block: Block, w: Language) -> str:
    """Who holds a block; the buffer is an account of the ledger's own, and said in words."""
    return w("account.buffer") if block.state == "buffer" else block.holder


def _blocks(blocks: Sequence[Block], w: Language) -> Table:
    tonnes = number(w("column.number"), w("unit.tonnes"))
    columns = [Column(w("ticket.serial"), code=True), Column(w("column.vintage"), tight=True), tonnes, Column(w("ticket.state"), tight=True)]
    rows = [Row((EXACT.format(block.serial), block.vintage, w.number(block.quantity, 0), w(f"ticket.state-{block.state}"))) for block in blocks]
    return Table(columns, rows, w("ticket.blocks"))
