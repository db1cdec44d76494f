"""The numbers of models that step through time: `library/models/<model>.csv`, a row a parameter with source, place and status.

read_parameters("rothc").value("decay", "hum")     0.02
read_parameters("rothc").choices("dpm_rpm")        ("crop", "scrub", "forest")
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from carbonsink.base.problems import Problem, Refusal, Wrong
from carbonsink.base.topics import LIBRARY, read_topics
from carbonsink.declared.factors import STATUSES
from carbonsink.declared.schema import read_text

COLUMNS = ["parameter", "choice", "value", "unit", "low", "high", "source", "place", "status", "note"]
COLDEST, HOTTEST = -90.0, 60.0  # degC, of any month on land: what lies beyond is a slip
DEW = -100.0  # mm that an open pan may gain in a winter month; the published series has -20.7


@dataclass(frozen=True)
class Parameter:
    """One row: its value, and the range in which a calibration found it where there was one."""

    value: float
    unit: str
    low: float | None
    high: float | None
    source: str
    place: str
    status: str
    note: str


@dataclass(frozen=True)
class Parameters:
    """The parameters of one model by name and choice; the choice is empty where there is nothing to choose."""

    rows: Mapping[tuple[str, str], Parameter]

    def value(self, name: str, choice: str = "") -> float:
        """The value of a parameter; a KeyError where the table has no such row."""
        return self.rows[name, choice].value

    def choices(self, name: str) -> tuple[str, ...]:
        """What may be chosen for a parameter, in the order of the table."""
        return tuple(choice for found, choice in self.rows if found == name and choice)


@cache
def read_parameters(model: str) -> Parameters:
    """The parameters of a model of the library; a Refusal lists every row that is wrong."""
    return read_table(LIBRARY / "models" / f"{model}.csv")


def model_names() -> list[str]:
    """The models of the library."""
    return sorted(path.stem for path in (LIBRARY / "models").glob("*.csv"))


def read_table(path: Path) -> Parameters:
    """The parameters of a table; a Refusal lists every row that is wrong."""
    known, rows, problems = set(read_topics(LIBRARY / "sources")), {}, []
    reader = csv.DictReader(io.StringIO(read_text(path, f"{path.parent.name}/{path.name}"), newline=""))
    if reader.fieldnames != COLUMNS:
        raise Refusal(Problem("E-MOD-001", path.name, {"why": f"columns are {', '.join(reader.fieldnames or ())}"}))
    for raw in reader:
        try:
            key, made = (raw["parameter"], raw["choice"]), _row(raw, known)
            if key in rows:
                raise Wrong("P-VAL-twice", found=" ".join(key).strip())
            rows[key] = made
        except (ValueError, TypeError) as error:
            problems.append(Problem("E-MOD-001", f"{path.name}:{reader.line_num}", {"why": error}))
    if problems:
        raise Refusal(problems)
    return Parameters(rows)


def _row(raw: Mapping[str, str], known: set[str]) -> Parameter:
    value, (low, high) = float(raw["value"]), (float(raw[bound]) if raw[bound] else None for bound in ("low", "high"))
    if not math.isfinite(value):
        raise Wrong("P-VAL-finite", found=value)
    if (low is None) != (high is None) or (low is not None and high is not None and not low <= value <= high):
        raise Wrong("P-VAL-between", found=repr(value), low=repr(low), high=repr(high))
    if raw["source"] not in known:
        raise Wrong("P-VAL-source", found=raw["source"])
    if not raw["place"].strip():
        raise Wrong("P-VAL-unsourced")
    if raw["status"] not in STATUSES:
        raise Wrong("P-VAL-status", found=raw["status"], known=", ".join(STATUSES))
    return Parameter(value, raw["unit"], low, high, raw["source"], raw["place"], raw["status"], raw["note"])
