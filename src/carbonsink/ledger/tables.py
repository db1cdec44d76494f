"""The tables beside the entries, held against what the entries make of them; and the triggers, against the schema's."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

import shapely

from carbonsink.ledger.book import rows_of
from carbonsink.ledger.land import boxes_of
from carbonsink.ledger.store import COLUMNS, SCHEMA, Ledger

ORDER = {"pieces": "id", "issued": "issue", "lands": "entry", "parts": "id", "claims": "issue", "accounts": "entry", "freed": "entry", "keys": "entry"}
NEAR_M = 2.0  # the index keeps single precision, rounded outwards


class Tables:
    """A reader a table, in the order in which entries made the rows."""

    def __init__(self, ledger: Ledger) -> None:
        self.readers = {name: ledger.connection.execute(f"SELECT {COLUMNS[name]} FROM {name} ORDER BY {ORDER[name]}") for name in ORDER}

    def differ(self, entries: Iterable[tuple[int, Mapping[str, Any]]], moved: Sequence[tuple[Any, ...]]) -> Iterator[tuple[int, str, str, str]]:
        """The rows that tables haven't got as entries make them: entry, table, expected, found; of each table only the first.

        `moved`: the pieces of moves, which most entries are, told already.
        """
        expected: dict[str, list[tuple[Any, ...]]] = {name: [] for name in self.readers}
        made: dict[str, list[int]] = {name: [] for name in self.readers}
        for seq, facts in entries:
            try:
                for table, values in rows_of(seq, facts):
                    expected[table].append(values)
                    made[table].append(seq)
            except (KeyError, TypeError, ValueError) as error:
                yield seq, "entries", str(facts.get("kind", "-")), f"{type(error).__name__} {error}"
        expected["pieces"] = sorted([*expected["pieces"], *moved], key=itemgetter(0)) if expected["pieces"] else list(moved)
        made["pieces"] = [row[0] for row in expected["pieces"]]
        for name, rows in expected.items():
            found = self.readers[name].fetchmany(len(rows)) if rows else []
            if found != rows:
                place = next((n for n, (one, other) in enumerate(zip(rows, found, strict=False)) if one != other), len(found))
                yield made[name][place], name, _shown(rows[place]), _shown(found[place] if place < len(found) else None)

    def left(self) -> Iterator[tuple[str, str]]:
        """Rows that no entry made: the first of each table."""
        for name, reader in self.readers.items():
            if (found := reader.fetchone()) is not None:
                yield name, _shown(found)


def triggers_missing(ledger: Ledger) -> list[str]:
    """Tables, indexes and triggers that aren't as the schema makes them."""
    fresh = sqlite3.connect(":memory:")
    fresh.executescript(SCHEMA.read_text(encoding="utf-8"))
    asked = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
    found = dict(ledger.rows(asked))
    expected = dict(fresh.execute(asked).fetchall())
    fresh.close()
    return sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))


def boxes_stray(ledger: Ledger) -> Iterator[tuple[int, int]]:
    """Parts of lands whose box in the index isn't where their outline lies: land and part."""
    rows = ledger.rows("SELECT id, land, wkb FROM parts ORDER BY id")
    whole = [row for row, shape in zip(rows, shapely.from_wkb([row[2] for row in rows], on_invalid="ignore"), strict=True) if shape is not None]
    kept = {row[0]: row[1:] for row in ledger.rows("SELECT id, west, east, south, north FROM boxes")}
    for (part, land, _), (_, *box) in zip(whole, boxes_of([(row[0], row[2]) for row in whole]), strict=True):
        if part not in kept or any(abs(a - b) > NEAR_M for a, b in zip(kept[part], box, strict=True)):
            yield land, part


def _shown(values: tuple[Any, ...] | None) -> str:
    if values is None:
        return "-"
    return " ".join(value.hex()[:16] if isinstance(value, bytes) else str(value) for value in values)
