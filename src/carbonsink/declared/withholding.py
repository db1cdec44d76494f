"""Why nothing of a run may be issued, by what its plan says and by what its evidence shows; credit posts by it, the verifier holds it."""

from __future__ import annotations

from pathlib import Path

from carbonsink.base.library import library_in, numbers_digest, published
from carbonsink.base.records import Activity, PracticeEvidence, WorksheetRow
from carbonsink.base.tables import read_csv, read_if_there
from carbonsink.declared.plan import Plan
from carbonsink.declared.plausibility import implausible, rates
from carbonsink.declared.practice import barred_by_practice

CUSTOM, IMPLAUSIBLE = "custom_factors", "implausible"


def withholding(plan: Plan, run: Path) -> tuple[str, ...]:
    """The reasons as codes: custom_factors where the numbers of the run's tables are those of no published version, `Plan.withholding` for the
    ways areas were known, implausible where a hectare earned more than it may, then practice:<kind> where the record is contradicted."""
    activity = read_csv(run / "areas" / "activity.csv", Activity)
    methods = plan.withholding(one.method for one in activity)
    earned = rates(plan.area.period, activity, read_if_there(run / "carbon" / "worksheet.csv", WorksheetRow))
    gate = (IMPLAUSIBLE,) if implausible(plan.methodology, plan.justification, earned) else ()
    custom = () if numbers_digest(library_in(run)) in published() else (CUSTOM,)
    return (*custom, *methods, *gate, *barred_by_practice(plan.pipeline.practice, read_if_there(run / "land" / "practice.csv", PracticeEvidence)))
