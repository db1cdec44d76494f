"""One finished run as the portfolio reads it: tables as records, each held against the digest that the manifest states of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from carbonsink.base import records as r
from carbonsink.base.evidence import digest, file_sha256, read_json
from carbonsink.base.manifest import NAME, read_manifest, stated_files
from carbonsink.base.problems import Exit, Problem, Refusal
from carbonsink.base.tables import read_csv, read_if_there
from carbonsink.declared.categories import IPCC
from carbonsink.declared.plan import Plan
from carbonsink.portfolio.find import Found

NEEDED = (
    "plan.json", "declared/files.json", "areas/activity.csv", "areas/classes.csv", "carbon/variables.csv", "carbon/worksheet.csv",
    "credit/statement.csv", "report/report.json",
)  # fmt: skip
READ = (*NEEDED, "areas/transitions.csv", "land/alerts.csv", "land/practice.csv")  # the last three where a run has them


@dataclass(frozen=True)
class Land:
    """What a stratum's land is: its category, and whether it remains what it was or was converted (by what it declares)."""

    category: IPCC | Literal[""]  # empty where land of several categories was reckoned together
    change: str  # remaining | converted; empty where nobody says


@dataclass(frozen=True)
class Member:
    """One area of a portfolio: its plan and the tables of its run."""

    run: Path
    plan: Plan
    manifest: str  # digest
    results: str  # digest
    activity: tuple[r.Activity, ...]
    classes: tuple[r.ClassArea, ...]
    transitions: tuple[r.Transition, ...]
    variables: tuple[r.Variable, ...]
    worksheet: tuple[r.WorksheetRow, ...]
    postings: tuple[r.Posting, ...]
    alerts: tuple[r.Alert, ...]
    practice: tuple[r.PracticeEvidence, ...]
    stamps: tuple[dict[str, Any], ...]  # as in report.json: a code, the words in each language

    @property
    def id(self) -> str:
        """The area's id."""
        return self.plan.area.id

    @property
    def methodology(self) -> str:
        """Id and version."""
        return f"{self.plan.methodology.id} {self.plan.methodology.version}"

    @property
    def inventory(self) -> bool:
        """Whether it is an inventory, which has no baseline and credits nothing."""
        return self.plan.methodology.baseline == "none"

    @property
    def surveyed(self) -> bool:
        """Whether its areas are those of surveyed parcels, which don't change with the map."""
        return self.plan.pipeline.areas.method == "parcels"

    @cached_property
    def lands(self) -> dict[str, Land]:
        """What the land of each stratum is: as its keys say, else the category of the class that it covers."""
        classes = {one.id: one.ipcc for one in self.plan.pipeline.land.classes}
        found = {}
        for name, stratum in self.plan.area.strata.items():
            keys = stratum.keys | stratum.project
            said: Any = keys["category"].replace("_", " ") if "category" in keys else classes[stratum.cover]
            found[name] = Land(said, keys.get("land_change", ""))
        return found


def read_member(found: Found) -> Member:
    """Read a run; a Refusal (exit 5) names every file that isn't what the manifest states."""
    run, manifest = found.run, read_manifest(found.run)
    _hold(run, manifest)
    return Member(
        run=run,
        plan=found.plan,
        manifest=manifest["digest"],
        results=manifest["results"],
        activity=read_csv(run / "areas/activity.csv", r.Activity),
        classes=read_csv(run / "areas/classes.csv", r.ClassArea),
        transitions=read_if_there(run / "areas/transitions.csv", r.Transition),
        variables=read_csv(run / "carbon/variables.csv", r.Variable),
        worksheet=read_csv(run / "carbon/worksheet.csv", r.WorksheetRow),
        postings=read_csv(run / "credit/statement.csv", r.Posting),
        alerts=read_if_there(run / "land/alerts.csv", r.Alert),
        practice=read_if_there(run / "land/practice.csv", r.PracticeEvidence),
        stamps=tuple(read_json(run / "report/report.json")["stamps"]),
    )


def _hold(run: Path, manifest: dict[str, Any]) -> None:
    """Nothing is read that isn't as the run left it."""
    body = {key: value for key, value in manifest.items() if key != "digest"}
    if manifest.get("digest") != digest(body):
        raise Refusal(Problem("E-PTF-008", run.name, {"files": NAME}), Exit.INTEGRITY)
    stated = stated_files(manifest)
    if missing := [path for path in NEEDED if path not in stated or not (run / path).is_file()]:
        raise Refusal(Problem("E-PTF-007", run.name, {"files": ", ".join(missing)}), Exit.INTEGRITY)
    # A file that the manifest doesn't know was put there afterwards: it isn't read either.
    changed = [path for path in READ if (run / path).is_file() and file_sha256(run / path) != stated.get(path)]
    if changed:
        raise Refusal(Problem("E-PTF-008", run.name, {"files": ", ".join(changed)}), Exit.INTEGRITY)
