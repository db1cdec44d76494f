"""A table as people hand it in: CSV in UTF-8, a header, one thing a row; what can't be read is a problem with its line and column.

read_table(path, "soil.csv", COLUMNS, found)     rows with texts, numbers and days; problems go to `found`
"""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from carbonsink.base.problems import Problem
from carbonsink.declared.schema import nearest
from carbonsink.declared.text import text_problems

MOST_BYTES = 50_000_000
FINEST, LARGEST = 1e-9, 1e9  # nobody measures beyond them, and products of a few such numbers stay finite


@dataclass(frozen=True)
class Column:
    """A column: its kind, whether a cell may be empty or the column lack, and the bounds of a number or the words of a text."""

    name: str
    kind: type[str] | type[float] | type[date] = str
    needed: bool = True
    over: float = -math.inf  # a number is greater than
    least: float = -math.inf  # or at least
    most: float = math.inf  # or at most
    under: float = math.inf  # and is less than
    words: tuple[str, ...] = ()

    @property
    def wanted(self) -> str:
        """What is asked for, in signs."""
        if self.kind is date:
            return "YYYY-MM-DD"
        if self.words:
            return " | ".join(self.words)
        low = f"> {self.over:g}" if math.isfinite(self.over) else f">= {self.least:g}" if math.isfinite(self.least) else ""
        high = f"< {self.under:g}" if math.isfinite(self.under) else f"<= {self.most:g}" if math.isfinite(self.most) else ""
        return " ".join(part for part in (low, high) if part) or ("0.0" if self.kind is float else "abc")

    def allows(self, value: float) -> bool:
        """Whether a number lies within the bounds."""
        sized = value == 0 or FINEST <= abs(value) <= LARGEST
        return sized and self.over < value < self.under and self.least <= value <= self.most


@dataclass(frozen=True)
class Row:
    """A line of a table: where it stands, and its cells by column and kind; an empty cell is in none."""

    where: str
    texts: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)
    days: dict[str, date] = field(default_factory=dict)


def read_table(path: Path, file: str, columns: Sequence[Column], found: list[Problem], years: bool = False) -> list[Row]:
    """The rows of a table whose cells all stand; `years` allows columns of calendar years, with a number or nothing in each."""
    if not path.is_file() or path.stat().st_size > MOST_BYTES:
        found.append(Problem("E-MEA-001", file, {"limit": MOST_BYTES}))
        return []
    reader = csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig", errors="replace"), newline=""))
    names = list(reader.fieldnames or [])
    extra = [Column(name, float, needed=False) for name in names if years and is_year(name)]
    known = [*columns, *extra]
    lacking = [c.name for c in columns if c.needed and c.name not in names]
    unknown = [name for name in names if name not in {c.name for c in known}]
    if lacking or unknown or len(set(names)) < len(names):
        found.append(Problem("E-MEA-002", file, {"lacking": ", ".join(lacking) or "-", "unknown": ", ".join(unknown) or "-"}))
        return []
    rows = [_row(f"{Path(file).name}:{reader.line_num}", raw, known, found) for raw in reader]
    if not rows:
        found.append(Problem("E-MEA-006", file, {}))
    return [row for row in rows if row]


def is_year(name: str) -> bool:
    """Whether a column's name is a calendar year."""
    return len(name) == 4 and name.isdecimal() and name.isascii()


def twice(rows: Iterable[tuple[str, str]]) -> Iterator[Problem]:
    """What stands in a table more than once: pairs of the table and what must be its own."""
    counted = Counter(rows)
    yield from (Problem("E-MEA-004", file, {"what": what, "count": count}) for (file, what), count in counted.items() if count > 1)


def strange_strata(rows: Iterable[Row], strata: Sequence[str]) -> Iterator[Problem]:
    """Rows of strata the area doesn't have."""
    for row in rows:
        if row.texts["stratum"] not in strata:
            yield Problem("E-MEA-005", row.where, {"stratum": row.texts["stratum"], "nearest": nearest(row.texts["stratum"], list(strata))})


def _row(where: str, raw: Mapping[str | None, str | None], columns: Sequence[Column], found: list[Problem]) -> Row | None:
    """A row, or None where a cell of it doesn't stand."""
    row = Row(where)
    before = len(found)
    if None in raw or None in raw.values():
        found.append(Problem("E-MEA-007", where, {"columns": len(columns)}))
        return None
    for column in columns:
        text = (raw.get(column.name) or "").strip()
        if text:
            found += _cell(row, column, text)
        elif column.needed:
            found.append(Problem("E-MEA-003", where, {"column": column.name, "found": "", "wanted": column.wanted}))
    return row if len(found) == before else None


def _cell(row: Row, column: Column, text: str) -> list[Problem]:
    """Put a cell where its kind goes; the problems it has."""
    wrong = [Problem("E-MEA-003", row.where, {"column": column.name, "found": text, "wanted": column.wanted})]
    try:
        if column.kind is float:
            value = float(text)
            if not column.allows(value):
                return wrong
            row.numbers[column.name] = value
        elif column.kind is date:
            row.days[column.name] = date.fromisoformat(text)
        else:
            if odd := text_problems(text, row.where):
                return odd
            if column.words and text not in column.words:
                return wrong
            row.texts[column.name] = text
    except ValueError:
        return wrong
    return []
