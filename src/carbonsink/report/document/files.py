"""The documents of a run: report/report.<language>.pdf and report/pdd.<language>.pdf, in the pipeline's languages and always in English."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from carbonsink.base.evidence import write_bytes
from carbonsink.declared.language import Language
from carbonsink.declared.plan import Plan
from carbonsink.report.document.design import design
from carbonsink.report.document.report import report
from carbonsink.report.document.sections import Matter
from carbonsink.report.page.html import Sketches, view_of
from carbonsink.report.results import Results
from carbonsink.report.stamps import Stamp

ALWAYS = "en"


def write_documents(plan: Plan, results: Results, run: Path, stamped: Sequence[Stamp], drawn: Sketches, languages: Sequence[Language]) -> None:
    """Write them; the same run, typesetter and face give the same bytes."""
    for w in languages:
        matter = Matter(plan, view_of(plan, results, run, w), drawn, w)
        write_bytes(run / "report" / f"report.{w.code}.pdf", report(matter, stamped))
        write_bytes(run / "report" / f"pdd.{w.code}.pdf", design(matter, stamped))
