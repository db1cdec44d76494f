"""Stage 8: report/report.json, report/report.html and report/workbook.xlsx from the files of a run."""

from __future__ import annotations

from pathlib import Path

from carbonsink.base.evidence import write_bytes, write_json
from carbonsink.declared.language import read_languages
from carbonsink.declared.plan import Plan
from carbonsink.report.page.html import page
from carbonsink.report.record import record
from carbonsink.report.results import gather
from carbonsink.report.stamps import stamps
from carbonsink.report.workbook.workbook import workbook


def render(plan: Plan, run: Path) -> None:
    """Write the run's report folder; the same run gives the same bytes. A Refusal where a word or a number is missing."""
    languages = read_languages(plan.pipeline.report.languages)
    results = gather(plan, run)
    stamped = stamps(plan, results)
    write_json(run / "report" / "report.json", record(plan, results, stamped, languages))
    write_bytes(run / "report" / "report.html", page(plan, results, run, stamped, languages).encode())
    write_bytes(run / "report" / "workbook.xlsx", workbook(plan, results, stamped, languages))
