"""A finished, verified run folder without its pixels: what a submission reads of one."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from carbonsink.base.evidence import digest, file_sha256, write_json
from carbonsink.base.library import library_digests
from carbonsink.base.manifest import describe, write_manifest
from carbonsink.base.records import Activity, Posting
from carbonsink.base.tables import write_csv
from carbonsink.base.topics import LIBRARY
from carbonsink.credit.statement import ACCOUNTS
from carbonsink.declared.load import explain_plan, load
from carbonsink.run.copies import copy_declared
from tests.bad.area import good_area
from tests.signing import confirm_folder

CHECKS = ("whole", "declared", "scenes", "pixel budget", "variables", "worksheet", "areas", "statement", "run again")
REAL = 'imagery = { catalogue = "https://stac.example.org" }'
ISSUED = {"issued": "100", "buffer": "0.9", "rounding": "0.5", "removals": "-101.4"}


def run_folder(
    folder: Path, accounts: Mapping[str, str] = ISSUED, simulated: bool = False, confirmed: bool = True, notes: str = "", place: str = ""
) -> Path:  # fmt: skip
    """The run of the tiny area, as stages would have left it; verified."""
    (folder / "area").mkdir(parents=True)
    area = good_area(folder / "area")
    if not simulated:
        area.declare('imagery = { catalogue = "simulated" }', REAL)
    if place:
        area.declare('country = "CN"', f'country = "CN"\nplace = {place}')
    if confirmed:
        confirm_folder(area.folder)
    run = folder / "tiny-run"
    plan = load(area.folder)
    copy_declared(plan, run / "declared")
    write_json(run / "plan.json", explain_plan(plan))
    write_csv(run / "areas" / "activity.csv", [], Activity)
    postings = [
        Posting(2020, account, Decimal(said), notes if account == "withheld" else "")
        for account, said in (dict.fromkeys(ACCOUNTS, "0") | dict(accounts)).items()
    ]
    write_csv(run / "credit" / "statement.csv", postings, Posting)
    finish(run, plan.simulated)
    verified(run)
    return run


def finish(run: Path, simulated: bool = False) -> None:
    """Write the manifest of what lies in the run."""
    links = [{"stage": stage, "reads": {}, "writes": describe(run, stage)} for stage in ("areas", "credit")]
    declared = {"plan.json": file_sha256(run / "plan.json")} | {path: one["sha256"] for path, one in describe(run, "declared").items()}
    facts = {"plan": digest({}), **library_digests(LIBRARY), "lock": "", "simulated": simulated, "declared": declared, "stages": links}
    write_manifest(run, facts)


def verified(run: Path, **change: Any) -> Path:
    """Write a passing verification of the run beside it, or one with something changed."""
    from carbonsink.base.manifest import read_manifest

    checks = [{"number": n, "name": name, "passed": True, "detail": ""} for n, name in enumerate(CHECKS, start=1)]
    path = run.parent / f"{run.name}.verification.json"
    write_json(path, {"run": run.name, "manifest": read_manifest(run)["digest"], "passed": True, "checks": checks} | change)
    return path
