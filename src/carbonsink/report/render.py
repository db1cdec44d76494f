"""Stage 8: report/report.json, report.html, workbook.xlsx, and the files for other programs, from the files of a run."""

from __future__ import annotations

from pathlib import Path

from carbonsink.base.evidence import write_bytes, write_json
from carbonsink.base.library import LANGUAGES, library_in
from carbonsink.declared.language import read_languages
from carbonsink.declared.plan import Plan
from carbonsink.report.document.files import ALWAYS, write_documents
from carbonsink.report.layers.files import write_files
from carbonsink.report.page.html import page, sketches_of
from carbonsink.report.record import record
from carbonsink.report.results import gather
from carbonsink.report.stamps import stamps
from carbonsink.report.workbook.workbook import workbook


def render(plan: Plan, run: Path) -> None:
    """Write the run's report folder; the same run gives the same bytes. A Refusal where a word or a number is missing."""
    spoken = plan.pipeline.report.languages
    printed = read_languages(dict.fromkeys([*spoken, ALWAYS]), library_in(run) / LANGUAGES)
    languages = printed[: len(spoken)]
    results = gather(plan, run)
    stamped, drawn = stamps(plan, results), sketches_of(plan, results, run)
    write_json(run / "report" / "report.json", record(plan, results, stamped, languages))
    write_bytes(run / "report" / "report.html", page(plan, results, run, stamped, languages, drawn).encode())
    write_bytes(run / "report" / "workbook.xlsx", workbook(plan, results, stamped, languages))
    write_documents(plan, results, run, stamped, drawn, printed)
    write_files(plan, results, run, languages)
