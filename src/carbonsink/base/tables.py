"""CSV tables as tuples of frozen records: the columns are the fields, the types their annotations.

write_csv(path, rows)               floats in their shortest exact form, None as an empty cell
read_csv(path, Activity)            refuses other columns, other types, NaN and infinity

A text that a spreadsheet would take for a formula stands behind an apostrophe, which reading takes off again; numbers stay numbers.
"""

from __future__ import annotations

import csv
import io
import math
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from carbonsink.base.evidence import write_bytes
from carbonsink.base.problems import Exit, refuse

T = TypeVar("T")
FORMULA = tuple("=+-@\t\r＝＋－＠")  # what a formula begins with, in the eyes of a spreadsheet; no text that is read from outside holds a CR
INERT = "'"


def write_csv(path: Path, rows: Sequence[Any], record: type[Any]) -> None:
    """Write records, one a line, UTF-8, under a whole name."""
    assert is_dataclass(record)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    names = [field.name for field in fields(record)]
    writer.writerow(names)
    writer.writerows([_cell(getattr(row, name)) for name in names] for row in rows)
    write_bytes(path, text.getvalue().encode())


def read_csv(path: Path, record: type[T]) -> tuple[T, ...]:
    """Read records that `write_csv` wrote; a cell of the wrong kind is refused with its line and column."""
    hints = typing.get_type_hints(record)
    readers = [_reader(kind) for kind in hints.values()]
    with path.open(encoding="utf-8", newline="") as stream:
        lines = csv.reader(stream)
        names = next(lines, [])
        if names != list(hints):
            raise refuse("E-TAB-001", path.name, Exit.INTEGRITY, expected=", ".join(hints), found=", ".join(names))
        return tuple(record(*_row(cells, readers, hints, f"{path.name}:{lines.line_num}")) for cells in lines if cells)


def _row(cells: list[str], readers: list[Callable[[str], Any]], hints: Mapping[str, Any], where: str) -> list[Any]:
    """The values of a line; cells beyond the last column are left, the first that can't be read is refused."""
    try:
        if len(cells) >= len(readers):
            return [read(cell) for read, cell in zip(readers, cells, strict=False)]
    except (ValueError, KeyError, ArithmeticError):
        pass
    column, found = next((name, cell) for name, read, cell in zip(hints, readers, [*cells, *[None] * len(hints)], strict=False) if not _fits(read, cell))
    raise refuse("E-TAB-002", where, Exit.INTEGRITY, column=column, found=found, kind=getattr(_kind(hints[column]), "__name__", hints[column]))


def read_if_there(path: Path, record: type[T]) -> tuple[T, ...]:
    """The records of a table that only some runs write; none without the file."""
    return read_csv(path, record) if path.is_file() else ()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{value} can't stand in a table")
        return repr(value + 0.0)
    return INERT + value if isinstance(value, str) and _formula(value) else str(value)


def _formula(text: str) -> bool:
    """Whether a text would be a formula, behind as many apostrophes as may be; a dash alone isn't one."""
    return len(text) > 1 and text.lstrip(INERT).startswith(FORMULA)


def _kind(hint: Any) -> Any:
    """The type of a column; of one that may be empty, the type of what may stand there."""
    return next(k for k in typing.get_args(hint) if k is not type(None)) if typing.get_origin(hint) in (typing.Union, types.UnionType) else hint


def _reader(hint: Any) -> Callable[[str], Any]:
    """What reads the cells of a column."""
    kind = _kind(hint)
    read: Callable[[str], Any] = READERS.get(kind, kind)
    return read if kind is hint else lambda text: read(text) if text else None


def _fits(read: Callable[[str], Any], cell: str | None) -> bool:
    """Whether a cell is there and can be read."""
    if cell is None:
        return False
    try:
        read(cell)
    except (ValueError, KeyError, ArithmeticError):
        return False
    return True


def _text(cell: str) -> str:
    return cell[1:] if cell.startswith(INERT) and _formula(cell) else cell


def _float(cell: str) -> float:
    if not math.isfinite(value := float(cell)):
        raise ValueError("not finite")
    return value


def _decimal(cell: str) -> Decimal:
    if not (value := Decimal(cell)).is_finite():
        raise ValueError("not finite")
    return value


READERS: Mapping[Any, Callable[[str], Any]] = {str: _text, bool: {"true": True, "false": False}.__getitem__, float: _float, Decimal: _decimal}


def quantise(value: float, places: int) -> float:
    """A value rounded half to even at a stage border (rule R8), the same on every machine."""
    return float(round(Decimal(value), places))


def total(values: Iterable[float]) -> float:
    """The exactly rounded sum, whatever the order (rule R7)."""
    return math.fsum(values)
