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
from collections.abc import Iterable, Sequence
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
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        if reader.fieldnames != list(hints):
            raise refuse("E-TAB-001", path.name, Exit.INTEGRITY, expected=", ".join(hints), found=", ".join(reader.fieldnames or ()))
        return tuple(record(**{k: _parse(row[k], hints[k], path, reader.line_num, k) for k in hints}) for row in reader)


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


def _parse(text: str | None, kind: Any, path: Path, line: int, column: str) -> Any:
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        if not text:
            return None
        kind = next(k for k in typing.get_args(kind) if k is not type(None))
    try:
        if text is None:
            raise ValueError("cell missing")
        if kind is str:
            return text[1:] if text.startswith(INERT) and _formula(text) else text
        value = {"true": True, "false": False}[text] if kind is bool else kind(text)
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError("not finite")
        if isinstance(value, Decimal) and not value.is_finite():
            raise ValueError("not finite")
    except (ValueError, KeyError, ArithmeticError):
        raise refuse("E-TAB-002", f"{path.name}:{line}", Exit.INTEGRITY, column=column, found=text, kind=getattr(kind, "__name__", kind)) from None
    return value


def quantise(value: float, places: int) -> float:
    """A value rounded half to even at a stage border (rule R8), the same on every machine."""
    return float(round(Decimal(value), places))


def total(values: Iterable[float]) -> float:
    """The exactly rounded sum, whatever the order (rule R7)."""
    return math.fsum(values)
