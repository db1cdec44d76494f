"""`carbonsink ledger certificate`: the page that shows who holds which units, as the ledger tells it at its last entry."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from carbonsink.base.problems import Exit, refuse
from carbonsink.cli.ledger_words import words
from carbonsink.cli.places import must_be_free
from carbonsink.cli.screen import guarded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carbonsink.ledger.store import Ledger
    from carbonsink.report.document.certificate import Block, Certificate


def certificate(
    serials: Annotated[list[str], typer.Argument(metavar="SERIAL...", help="serial numbers of blocks, as `list` prints them")],
    file: Annotated[Path, typer.Option("--ledger", help="the ledger's file")],
    to: Annotated[Path, typer.Option("--to", help="the PDF to write")],
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on stdout")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="show the traceback of an internal error")] = False,
) -> None:
    """Print a certificate of blocks of one project: holder, vintages, serial numbers, and the ledger's head to scan."""

    def work() -> None:
        from carbonsink.base.evidence import write_bytes
        from carbonsink.ledger.store import opened
        from carbonsink.report.document.certificate import certificate as printed

        w = words()
        must_be_free(to, "--to")
        with opened(file, write=False) as ours:
            said = certified(ours, serials)
        write_bytes(to, printed(said, w))
        result = {"path": str(to), "quantity": sum(block.quantity for block in said.blocks), "sequence": said.sequence, "head": said.head}
        typer.echo(
            json.dumps(result, ensure_ascii=False, indent=1) if as_json else w("ticket.written", **{k: result[k] for k in ("path", "quantity", "sequence")})
        )

    guarded(work, debug)


def certified(ours: Ledger, serials: list[str]) -> Certificate:
    """What the ledger says of the blocks; a Refusal where it has none of them, or they are of several projects."""
    from carbonsink.declared.checkpoint import TYPE
    from carbonsink.ledger.exports import units
    from carbonsink.report.document.certificate import Certificate

    rows = {row["serial"]: row for row in units(ours)}
    found = [_row(serial, rows) for serial in dict.fromkeys(serials)]
    projects = list(dict.fromkeys(row["project"] for row in found))
    if len(projects) > 1:
        raise refuse("E-TKT-001", "SERIAL", Exit.USAGE, projects=", ".join(projects))
    one = found[0]
    first, (sequence, head) = ours.entry(1), ours.head
    last = ours.entry(sequence)
    assert first is not None and last is not None
    return Certificate(
        one["project"], {"zh": one["name_zh"], "en": one["name_en"]}, one["methodology"], tuple(_block(ours, row) for row in found), first.facts["name"],
        f"{TYPE} {first.hash} {sequence} {head}", sequence, head, date.fromisoformat(last.facts["time"][:10]),
    )  # fmt: skip


def _row(serial: str, rows: dict[str, Any]) -> Any:
    """The row of a block that is whole; one that was parted since is refused."""
    from carbonsink.ledger.serials import read_serial

    text = str(read_serial(serial))
    if text not in rows:
        raise refuse("E-TKT-002", serial, Exit.USAGE)
    return rows[text]


def _block(ours: Ledger, row: Any) -> Block:
    from carbonsink.report.document.certificate import Block

    reasons = tuple(dict.fromkeys(_reasons(ours, row)))
    return Block(row["serial"], int(row["quantity"]), row["vintage"], row["account"], row["state"], row["manifest"], reasons)


def _reasons(ours: Ledger, row: Any) -> Iterator[str]:
    """On whose behalf a retired block was retired, and why."""
    from carbonsink.ledger.serials import read_serial

    block = read_serial(row["serial"])
    sql = "SELECT entry FROM pieces WHERE issue = ? AND first <= ? AND last >= ? AND state = 'retired'"
    for (entry,) in ours.rows(sql, int(row["issuance"]), block.first, block.last):
        if said := ours.entry(entry):
            yield f"{said.facts['beneficiary']}: {said.facts['reason']}"
