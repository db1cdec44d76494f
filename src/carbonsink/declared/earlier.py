"""The run of the monitoring period before, which this one goes on from: what it left owed and kept is where this one starts.

    [earlier]
    manifest = "earlier/manifest.json"       beside it: plan.json and statement.csv, copied out of that run's folder

    earlier.left         what its statement leaves behind, by the rule of `base.standing`, from where it started itself

A shortfall that a later run didn't know of would be forgotten, so the days must follow on one another and the files be those that the manifest
states. Whether it is the project's last run only the ledger can tell: `ledger submit` holds its digest against what was submitted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from carbonsink.base.evidence import digest, file_sha256, read_json
from carbonsink.base.problems import Problem, Refusal, refuse
from carbonsink.base.records import Posting
from carbonsink.base.standing import Standing, standing_of
from carbonsink.base.tables import read_csv
from carbonsink.declared.paths import Places
from carbonsink.declared.period import Period
from carbonsink.declared.schema import MAX_BYTES, Declared

BESIDE = {"plan.json": "plan.json", "statement.csv": "credit/statement.csv"}  # by name here, the path in the run
WHERE = "area.toml [earlier.manifest]"
UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError)


class EarlierFile(Declared):
    """`[earlier]` of area.toml."""

    manifest: str


@dataclass(frozen=True)
class Earlier:
    """The run before: its manifest's digest, its last day, and what it left behind."""

    manifest: str
    end: date
    left: Standing

    def value(self) -> dict[str, Any]:
        """As the plan says it."""
        return {"manifest": self.manifest, "end": self.end.isoformat(), **self.left.value()}


@dataclass(frozen=True)
class _Read:
    """What the three files say."""

    manifest: Mapping[str, Any]
    area: str
    period: Period
    start: Standing
    postings: tuple[Posting, ...]


def earlier_files(manifest: Path) -> list[Path]:
    """The manifest and the two files beside it."""
    return [manifest, *(manifest.parent / name for name in BESIDE)]


def read_earlier(declared: EarlierFile | None, area: str, period: Period, places: Places) -> Earlier | None:
    """The run that area.toml goes on from; None without one, a Refusal with all that is wrong with it."""
    if declared is None:
        return None
    path = places.existing(declared.manifest, WHERE)
    found = _whole(path)
    if problems := list(_faults(found, area, period)):
        raise Refusal(problems)
    return Earlier(str(found.manifest["digest"]), found.period.end, found.start.left_by(found.postings))


def _whole(path: Path) -> _Read:
    """The files, each as the manifest states it; a Refusal where one isn't, or can't be read."""
    for file in earlier_files(path):
        if not file.is_file():
            raise refuse("E-EAR-001", WHERE, name=file.name)
        if (size := file.stat().st_size) > MAX_BYTES:
            raise refuse("E-CFG-013", file.name, size=size, limit=MAX_BYTES)
    try:
        manifest = dict(read_json(path))
        _check_stated(manifest, path)
        plan = read_json(path.parent / "plan.json")
        start = standing_of(plan["earlier"]) if plan.get("earlier") else Standing()
        postings = read_csv(path.parent / "statement.csv", Posting)
        start.left_by(postings)  # every vintage has every account that the rule asks for
        period = Period(**{key: date.fromisoformat(day) for key, day in plan["area"]["period"].items()})
        return _Read(manifest, plan["area"]["id"], period, start, postings)
    except UNREADABLE as error:
        raise refuse("E-EAR-002", WHERE, why=f"{type(error).__name__} {error}") from None


def _check_stated(manifest: Mapping[str, Any], path: Path) -> None:
    own = digest({key: value for key, value in manifest.items() if key != "digest"})
    written = {name: file["sha256"] for link in manifest["stages"] for name, file in link["writes"].items()}
    stated = {path.name: manifest["digest"]} | {name: (manifest["declared"] | written)[there] for name, there in BESIDE.items()}
    found = {path.name: own} | {name: file_sha256(path.parent / name) for name in BESIDE}
    if wrong := [Problem("E-EAR-003", name, {"found": found[name], "stated": stated[name]}) for name in stated if stated[name] != found[name]]:
        raise Refusal(wrong)


def _faults(found: _Read, area: str, period: Period) -> Iterator[Problem]:
    """Another project's run, one whose tonnes are withheld, days that lie in both periods or in neither."""
    if found.area != area:
        yield Problem("E-EAR-004", WHERE, {"found": found.area, "expected": area})
    if reasons := sorted({reason for one in found.postings if one.account == "withheld" for reason in one.note.split()}):
        yield Problem("E-EAR-005", WHERE, {"reasons": ", ".join(reasons)})
    days: dict[str, object] = {"end": found.period.end, "start": period.start}
    after = found.period.end + timedelta(days=1)
    if after > period.start:
        yield Problem("E-EAR-006", WHERE, days)
    if after < period.start:
        yield Problem("E-EAR-007", WHERE, days | {"first": after, "last": period.start - timedelta(days=1)})
