"""The ledger as others read it: JSON Lines, the same bytes each time, and the tables of other registers.

    jsonl(ledger)               one line an entry, with its place, hashes and canonical body
    tables(ledger, "cadt")      Climate Action Data Trust: projects, projectLocations, issuances, units
    tables(ledger, "ccer")      the national register's fields of projects and issuances

Which of their columns is which of our words stands in `library/ledger/exports.toml`; the words are those of the rows made here.
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any

from carbonsink.ledger.buffers import units_of
from carbonsink.ledger.entries import BUFFER, Entry
from carbonsink.ledger.rules import FOLDER
from carbonsink.ledger.store import Ledger
from carbonsink.ledger.submit import block_of
from carbonsink.ledger.units import HELD

ROWS = {"projects": "projects", "projectLocations": "projects", "issuances": "issuances", "units": "units"}  # their table -> our rows
Words = dict[str, str]


def jsonl(ledger: Ledger) -> Iterator[str]:
    """Every entry as a line."""
    return (entry.line() + "\n" for entry in ledger.entries())


def tables(ledger: Ledger, form: str) -> dict[str, str]:
    """The tables of another register as CSV text, by their names."""
    declared = columns()[form]
    status = declared.get("status", {})
    made = {"projects": list(projects(ledger)), "issuances": list(issuances(ledger)), "units": list(units(ledger, status))}
    return {name: _csv(declared[name], made[rows]) for name, rows in ROWS.items() if name in declared}


def projects(ledger: Ledger) -> Iterator[Words]:
    """A row a project, as it was registered last."""
    named = ledger.entry(1)
    newest = [row[0] for row in ledger.rows("SELECT max(entry) FROM lands WHERE project <> '' GROUP BY project ORDER BY min(entry)")]
    for entry in filter(None, map(ledger.entry, newest)):
        said = entry.facts
        words = {key: str(said[key]) for key in ("project", "number", "division", "boundary", "methodology", "holder")}
        words |= {"name_en": said["name"]["en"], "name_zh": said["name"]["zh"], "day": said["time"][:10], "land_digest": said["land"]["digest"]}
        yield words | {"location": f"{said['project']}-{entry.seq}", "ledger": named.hash if named else "", "ledger_name": named.facts["name"] if named else ""}


def issuances(ledger: Ledger) -> Iterator[Words]:
    """A row an issue, void ones too."""
    by_project = {row["project"]: row for row in projects(ledger)}
    for entry in _issues(ledger):
        said = entry.facts
        block = block_of(ledger, entry)
        words = {key: str(said[key]) for key in ("vintage", "start", "quantity", "buffer", "manifest")}
        last_day = (date.fromisoformat(said["end"]) - timedelta(days=1)).isoformat()
        verifier = " ".join(one["holder"] for one in said["signers"] if one["role"] == "verifier")
        yield by_project[said["project"]] | words | {
            "issuance": str(entry.seq), "last_day": last_day, "day": said["time"][:10], "verifier": verifier, "serials": str(block),
            "unit_type": "Removal - nature" if {"AGB", "BGB", "SOC"} & set(said["pools"]) else "Reduction - nature",
        }  # fmt: skip


def units(ledger: Ledger, status: Mapping[str, str] = {}) -> Iterator[Words]:
    """A row a piece, as it is held now."""
    by_issue = {row["issuance"]: row for row in issuances(ledger)}
    for entry in _issues(ledger):
        block = block_of(ledger, entry)
        for piece in units_of(ledger, entry.seq).pieces:
            state = BUFFER if (piece.account, piece.state) == (BUFFER, HELD) else piece.state
            words = {"serial": str(block.part(piece.first, piece.last)), "account": piece.account, "quantity": str(piece.quantity), "state": state}
            yield by_issue[str(entry.seq)] | words | {"unit_status": status.get(state, state), "reason": ""}


@cache
def columns() -> Mapping[str, Any]:
    """The declared columns of every form."""
    return tomllib.loads((FOLDER / "exports.toml").read_text(encoding="utf-8"))


def _issues(ledger: Ledger) -> list[Entry]:
    found = [row[0] for row in ledger.rows("SELECT issue FROM issued ORDER BY first")]
    return [entry for entry in map(ledger.entry, found) if entry]


def _csv(declared: Mapping[str, str], rows: list[Words]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(declared)
    writer.writerows([word[2:] if word.startswith("= ") else row[word] for word in declared.values()] for row in rows)
    return text.getvalue()
