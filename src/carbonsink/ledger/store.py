"""The ledger's file: SQLite (WAL, synchronous FULL), one writer at a time, entries only ever appended.

init(path, "county register", operator)            a new ledger with its first entry
with opened(path) as ledger:                        to write; opened(path, write=False) to read
    with ledger.writing():                          BEGIN IMMEDIATE ... COMMIT, or nothing of it
        ledger.append("transfer", {...})
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from carbonsink.base.problems import Exit, Refusal, refuse
from carbonsink.ledger.book import rows_of
from carbonsink.ledger.entries import GENESIS, Entry, make_entry, utc_now
from carbonsink.ledger.land import boxes_of
from carbonsink.ledger.place import check_place

SCHEMA = Path(__file__).with_name("schema.sql")
APPLICATION = 0x53494E4B  # "SINK", by which the file is known
VERSION = 3
PATIENCE = 10.0  # seconds a writer waits for another
COLUMNS = {
    "pieces": "entry, issue, first, last, account, state",
    "issued": "first, last, issue",
    "lands": "entry, project, boundary, area_m2, digest",
    "parts": "land, name, wkb",
    "claims": 'issue, land, project, vintage, start, "end", pools, manifest',
    "accounts": "entry, project, manifest",
    "freed": "issue, entry",
    "keys": "entry, project, key",
}


class Ledger:
    """An open ledger."""

    def __init__(self, path: Path, connection: sqlite3.Connection, clock: Callable[[], str] = utc_now) -> None:
        self.path, self.connection, self.clock = path, connection, clock

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """What a query gives."""
        return self.connection.execute(sql, values).fetchall()

    def entry(self, seq: int) -> Entry | None:
        """The entry at a place, if there is one."""
        found = self.rows("SELECT seq, prev, hash, body FROM entries WHERE seq = ?", seq)
        return Entry(*found[0]) if found else None

    def entries(self) -> Iterator[Entry]:
        """Every entry in order."""
        return (Entry(*row) for row in self.connection.execute("SELECT seq, prev, hash, body FROM entries ORDER BY seq"))

    @property
    def head(self) -> tuple[int, str]:
        """The last entry's place and hash."""
        found = self.rows("SELECT seq, hash FROM entries ORDER BY seq DESC LIMIT 1")
        return found[0] if found else (0, GENESIS)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One writer's transaction: all of it becomes part of the ledger, on the disk, or nothing does."""
        with told(self.path):
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    def append(self, kind: str, facts: Mapping[str, Any]) -> Entry:
        """Append an entry and the rows it makes; within `writing` only."""
        seq, prev = self.head
        made = make_entry(seq + 1, prev, kind, facts, self.clock())
        self.connection.execute("INSERT INTO entries VALUES (?, ?, ?, ?)", (made.seq, made.prev, made.hash, made.body))
        shapes = []
        for table, values in rows_of(made.seq, made.facts):
            marks = ", ".join("?" * len(values))
            added = self.connection.execute(f"INSERT INTO {table} ({COLUMNS[table]}) VALUES ({marks})", values)
            if table == "parts":
                shapes.append((added.lastrowid, values[2]))
        self.connection.executemany("INSERT INTO boxes VALUES (?, ?, ?, ?, ?)", boxes_of(shapes))
        return made


def init(path: Path, name: str, operator: str, clock: Callable[[], str] = utc_now, more: Mapping[str, Any] | None = None) -> Entry:
    """Make a new ledger; its first entry names it and its operator's public key, and `more` (its guardians). An old file is never replaced."""
    check_place(path)
    if not name.strip() or not name.isprintable():
        raise refuse("E-LED-007", "--name", Exit.USAGE, found=name)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        raise refuse("E-LED-001", str(path), Exit.USAGE) from None
    with told(path):
        connection = _connect(f"{path.absolute().as_uri()}?mode=rw", PATIENCE)
        connection.executescript(f"PRAGMA journal_mode = WAL; PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION};")
        connection.executescript("BEGIN IMMEDIATE;" + SCHEMA.read_text(encoding="utf-8") + "COMMIT;")
        ledger = Ledger(path, connection, clock)
        with ledger.writing():
            made = ledger.append("open", {"name": name, "operator": operator, **(more or {})})
        connection.close()
    return made


@contextmanager
def opened(path: Path, write: bool = True, clock: Callable[[], str] = utc_now, patience: float = PATIENCE) -> Iterator[Ledger]:
    """An existing ledger, to write or only to read; a Refusal where it isn't one, or where this machine can't hold it."""
    check_place(path)
    if not path.is_file():
        raise refuse("E-LED-002", str(path), Exit.USAGE)
    if write and not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        raise refuse("E-LED-005", str(path), Exit.RESOURCES)
    with told(path):
        connection = _connect(f"{path.absolute().as_uri()}?{_mode(path, write)}", patience)
        try:
            if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
                raise refuse("E-LED-002", str(path), Exit.USAGE)
            yield Ledger(path, connection, clock)
        finally:
            connection.close()


def _mode(path: Path, write: bool) -> str:
    if write:
        return "mode=rw"
    waiting = path.with_name(f"{path.name}-wal")
    if os.access(path.parent, os.W_OK) or (waiting.is_file() and waiting.stat().st_size):
        return "mode=ro"
    return "mode=ro&immutable=1"  # where SQLite may not even lock, and nothing stands outside of the file


def _connect(uri: str, patience: float) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, timeout=patience, isolation_level=None)
    for setting in ("synchronous = FULL", "foreign_keys = ON", "trusted_schema = OFF", "recursive_triggers = ON"):
        connection.execute(f"PRAGMA {setting}")
    return connection


@contextmanager
def told(path: Path) -> Iterator[None]:
    """SQLite's errors as refusals: somebody else writes, no room, no right, damaged, or against the ledger's own rules."""
    try:
        yield
    except sqlite3.Error as error:
        raise _refusal(path, error) from None


def _refusal(path: Path, error: sqlite3.Error) -> Refusal:
    name = getattr(error, "sqlite_errorname", "") or type(error).__name__
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return refuse("E-LED-003", str(path), Exit.RESOURCES)
    if name.startswith("SQLITE_FULL"):
        room = shutil.disk_usage(path.absolute().parent)
        return refuse("E-RES-002", str(path), Exit.RESOURCES, free=f"{room.free / 1e6:.1f}", total=f"{room.total / 1e6:.1f}")
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_PERM")):
        return refuse("E-RES-001", str(path), Exit.RESOURCES, why=error)
    return refuse("E-LED-006", str(path), Exit.INTEGRITY, why=error)
