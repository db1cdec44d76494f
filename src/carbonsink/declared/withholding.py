"""Why nothing of a run may be issued, by what its plan says and by what its evidence shows; credit posts by it, the verifier holds it."""

from __future__ import annotations

from pathlib import Path

from carbonsink.base.records import Activity, PracticeEvidence
from carbonsink.base.tables import read_csv, read_if_there
from carbonsink.declared.plan import Plan
from carbonsink.declared.practice import barred_by_practice


def withholding(plan: Plan, run: Path) -> tuple[str, ...]:
    """The reasons as codes: `Plan.withholding` for the ways areas were known, then practice:<kind> where the record is contradicted."""
    methods = plan.withholding(activity.method for activity in read_csv(run / "areas" / "activity.csv", Activity))
    return (*methods, *barred_by_practice(plan.pipeline.practice, read_if_there(run / "land" / "practice.csv", PracticeEvidence)))
