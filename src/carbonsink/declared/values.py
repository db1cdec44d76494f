"""More declared values from CSV files: a row a value under the names of `[[value]]`, for projects of many strata and years.

symbol,value,unit,scenario,stratum,year,source,place
nitrogen_rate,142.5,kg_N ha^-1 yr^-1,project,upper-field,2021,farm record,page 12
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from carbonsink.base.problems import Problem, Refusal
from carbonsink.declared.area import Value
from carbonsink.declared.paths import Places
from carbonsink.declared.schema import read_text, validate

NUMBERS = {"value": float, "low": float, "high": float, "least": float, "most": float, "year": int}


def read_values(texts: Sequence[object], places: Places) -> list[tuple[str, dict[str, Any]]]:
    """The rows of all files, each with the file and line it stands at; a Refusal lists every bad row by them."""
    found: list[tuple[str, dict[str, Any]]] = []
    problems: list[Problem] = []
    for text in texts:
        try:
            path = places.existing(str(text), "area.toml [value_files]")
            rows = list(_rows(path))
        except Refusal as refusal:
            problems += refusal.problems
            continue
        for where, raw in rows:
            try:
                validate(raw, Value, where)
            except Refusal as refusal:
                problems += refusal.problems
        found += rows
    if problems:
        raise Refusal(problems)
    return found


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    reader = csv.DictReader(io.StringIO(read_text(path, path.name), newline=""), restkey="more-cells")
    for raw in reader:
        yield f"{path.name}:{reader.line_num}", {name: _number(name, cell) for name, cell in raw.items() if cell}


def _number(name: str, cell: Any) -> Any:
    try:
        return NUMBERS.get(name, str)(cell)
    except (TypeError, ValueError):
        return cell  # the declaration's own check says what was wanted
