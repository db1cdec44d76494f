"""Files that are no samples."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from carbonsink.areas.sampling.points import Point, write_points

Points = tuple[Point, ...]


def _text(path: Path, points: Points) -> None:
    path.write_text("id,year\n")


def _other_tables(path: Path, points: Points) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE fields (id TEXT)")
    connection.close()


def _edited(path: Path, points: Points, *statements: str) -> None:
    write_points(path, points)
    with sqlite3.connect(path) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")  # they call functions that only GDAL has
        for statement in statements:
            connection.execute(statement)
    connection.close()


BROKEN: dict[str, Callable[[Path, Points], None]] = {
    "text": _text,
    "other tables": _other_tables,
    "a view instead of the table": lambda path, points: _edited(path, points, "ALTER TABLE sample RENAME TO kept", "CREATE VIEW sample AS SELECT * FROM kept"),
    "empty": lambda path, points: _edited(path, points, "DELETE FROM sample"),
    "an id twice": lambda path, points: _edited(path, points, f"UPDATE sample SET id = '{points[0].id}'"),
    "two maps": lambda path, points: _edited(path, points, f"UPDATE sample SET map = 'x' WHERE id = '{points[0].id}'"),
    "words for numbers": lambda path, points: _edited(path, points, "UPDATE sample SET x = 'east'"),
    "a column less": lambda path, points: _edited(path, points, "ALTER TABLE sample RENAME COLUMN inclusion TO chance"),
}
