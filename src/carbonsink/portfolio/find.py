"""Which finished run speaks for each area: found by the area's id and the digest of its plan.

    [Path("aoi"), Path("runs/a-rice-water-0123456789"), ...], runs  ->  [Found, ...], problems

A folder is an area (area.toml), a run (manifest.json) or holds such folders. An area without a finished run, one whose declarations
are broken, and one whose runs were made of another plan are problems; the others are rolled up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from carbonsink.base.evidence import digest
from carbonsink.base.manifest import NAME, read_manifest
from carbonsink.base.problems import Exit, Problem, Refusal, refuse
from carbonsink.declared.load import explain_plan, load
from carbonsink.declared.plan import Plan
from carbonsink.ledger.submission import load_copies
from carbonsink.run import Progress, run_name

AREA = "area.toml"


@dataclass(frozen=True)
class Found:
    """A finished run and the plan it was made of."""

    run: Path
    plan: Plan


def find(folders: Sequence[Path], runs: Path, progress: Progress) -> tuple[list[Found], list[Problem]]:
    """The run of every area that has one, in the order of ids; a Refusal where no folder holds an area or a run."""
    places = list(dict.fromkeys(place for folder in folders for place in _places(folder)))
    found: list[Found] = []
    problems: list[Problem] = []
    for number, place in enumerate(places):
        progress("plans", number, len(places))
        try:
            found.append(_of_run(place) if (place / NAME).is_file() else _of_area(place, runs))
        except Refusal as refusal:
            problems.extend(refusal.problems)
    kept, twice = _once(sorted(found, key=lambda one: (one.plan.area.id, one.run.name)))
    return kept, problems + twice


def _places(folder: Path) -> list[Path]:
    """The folder itself, or the areas and runs that lie in it."""
    if _is_place(folder):
        return [folder]
    within = sorted(path for path in folder.iterdir() if _is_place(path)) if folder.is_dir() else []
    if not within:
        raise refuse("E-PTF-001", str(folder), Exit.USAGE)
    return within


def _is_place(folder: Path) -> bool:
    return (folder / AREA).is_file() or (folder / NAME).is_file()


def _of_area(folder: Path, runs: Path) -> Found:
    try:
        plan = load(folder)
    except Refusal as refusal:
        raise Refusal(Problem("E-PTF-002", folder.name, {"folder": folder} | _told(refusal))) from None
    run = runs / run_name(plan)
    if (run / NAME).is_file():
        return _same(run, plan)
    others = [path.name for path in sorted(runs.glob(f"{plan.area.id}-{plan.pipeline.id}-*")) if (path / NAME).is_file()]
    if others:
        raise refuse("E-PTF-004", folder.name, found=", ".join(others), expected=run.name, folder=folder, runs=runs)
    raise refuse("E-PTF-003", folder.name, expected=run.name, folder=folder, runs=runs)


def _of_run(run: Path) -> Found:
    """A run that was named itself: its own copies of the declarations, read by the library of today, must give its plan."""
    if not (run / "declared" / "files.json").is_file():
        raise refuse("E-PTF-007", run.name, files="declared/files.json")
    try:
        plan = load_copies(run)
    except Refusal as refusal:
        raise Refusal(Problem("E-PTF-013", run.name, _told(refusal))) from None
    return _same(run, plan)


def _told(refusal: Refusal) -> dict[str, object]:
    """How many problems there are, and the first."""
    return {"count": len(refusal.problems), "first": f"{refusal.problems[0].code} {refusal.problems[0].where}"}


def _same(run: Path, plan: Plan) -> Found:
    stated, expected = read_manifest(run).get("plan"), digest(explain_plan(plan))
    if stated != expected:
        raise refuse("E-PTF-005", run.name, stated=str(stated)[:10], found=expected[:10])
    return Found(run, plan)


def _once(found: Sequence[Found]) -> tuple[list[Found], list[Problem]]:
    """One run an area: which of two is meant can't be told, so neither is taken."""
    by_id: dict[str, list[Found]] = {}
    for one in found:
        by_id.setdefault(one.plan.area.id, []).append(one)
    twice = [Problem("E-PTF-006", area, {"runs": ", ".join(one.run.name for one in group)}) for area, group in by_id.items() if len(group) > 1]
    return [group[0] for group in by_id.values() if len(group) == 1], twice
