"""The certificate of a block of units ("carbon ticket"): one page with who holds what, and the ledger's checkpoint to scan.

    certificate(Certificate(...), w)  ->  PDF

The facts come from the ledger through the command line; nothing of a run is read. A ledger takes no simulated run, so no unit is simulated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from carbonsink.declared.language import Language
from carbonsink.report.document.blocks import facts, table
from carbonsink.report.document.text import nodes, shown
from carbonsink.report.document.typeset import typeset
from carbonsink.report.drawings.qr import qr_svg
from carbonsink.report.tabular import Column, Row, Table, number


@dataclass(frozen=True)
class Block:
    """A block of units as it is held now."""

    serial: str
    quantity: int  # [t CO2e]
    vintage: str
    holder: str
    state: str  # held, buffer, retired, cancelled, void


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
    manifests: tuple[str, ...]  # digests of the runs that the units were issued on
    reasons: tuple[str, ...] = ()  # of a retirement


def certificate(said: Certificate, w: Language) -> bytes:
    """The page as PDF, dated by the ledger's last entry."""
    whole = sum(block.quantity for block in said.blocks)
    states = {block.state for block in said.blocks}
    marks = [w(f"ticket.state-{state}") for state in sorted(states - {"held"})]
    data = {
        "lang": w.code, "kind": nodes(w("ticket.document")), "name": nodes(said.name.get(w.code) or said.project),
        "title": shown(f"{w('ticket.document')} · {said.project}"), "marks": marks, "foot": nodes(f"{said.ledger} · #{said.sequence}"),
        "words": {"source": w("document.source"), "table": w("document.table"), "to-fill": ""}, "missing": nodes(w("document.missing-face")),
        "tonnes": nodes(w.number(whole, 0)), "unit": nodes(w("unit.tonnes")), "statement": nodes(w("ticket.statement")),
        "facts": facts(_facts(said, w)), "blocks": table(_blocks(said, w)), "qr": qr_svg(said.checkpoint), "alt": shown(w("ticket.qr")),
        "checked": nodes(w("ticket.checked")), "seal": nodes(w("ticket.seal")), "signed": nodes(w("document.signature")), "day": nodes(w("document.day")),
    }  # fmt: skip
    return typeset("certificate", data, said.day)


def _facts(said: Certificate, w: Language) -> list[tuple[str, str]]:
    rows = [
        (w("ticket.project"), said.project),
        (w("ticket.holder"), w("format.list").join(dict.fromkeys(block.holder for block in said.blocks if block.holder))),
        (w("ticket.vintages"), ", ".join(dict.fromkeys(block.vintage for block in said.blocks))),
        (w("identity.methodology"), said.methodology),
        *((w("ticket.reason"), reason) for reason in said.reasons),
        (w("ticket.ledger"), f"{said.ledger} · #{said.sequence} · {said.head}"),
        *((w("ticket.manifest"), manifest) for manifest in said.manifests),
    ]
    return [row for row in rows if row[1]]


def _blocks(said: Certificate, w: Language) -> Table:
    tonnes = number(w("column.number"), w("unit.tonnes"))
    columns = [Column(w("ticket.serial"), code=True), Column(w("column.vintage"), tight=True), tonnes, Column(w("ticket.state"), tight=True)]
    rows = [Row((block.serial, block.vintage, w.number(block.quantity, 0), w(f"ticket.state-{block.state}"))) for block in said.blocks]
    return Table(columns, rows, w("ticket.blocks"))
