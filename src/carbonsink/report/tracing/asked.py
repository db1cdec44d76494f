"""The figures of a page that its reader can ask about, with their trees: compact JSON a language."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from carbonsink.declared.language import Language
from carbonsink.declared.plan import Plan
from carbonsink.report.tracing.evidence import Evidence, read_evidence
from carbonsink.report.tracing.node import Node, interned
from carbonsink.report.tracing.numbers import worked
from carbonsink.report.tracing.statement import QUANTITIES, all_vintages, quantity

SHOWN = 100  # parcels or scenes of a list; `carbonsink explain` lists all


def trees(plan: Plan, run: Path, languages: tuple[Language, ...]) -> dict[str, Any]:
    """By language: each sentence once, and which figure begins where (`issued`, `issued:2021`, a worksheet row's id)."""
    evidence = read_evidence(run, languages[0], tuple(plan.methodology.deduction), SHOWN)
    return {w.code: interned(_roots(evidence.in_words(w))) for w in languages}


def _roots(evidence: Evidence) -> dict[str, Node]:
    years = sorted({p.vintage for p in evidence.postings})
    whole = {name: all_vintages(evidence, name) for name in QUANTITIES}
    by_year = {f"{name}:{year}": quantity(evidence, year, name) for year in years for name in QUANTITIES}
    return whole | by_year | {row.id: worked(evidence, row) for row in evidence.rows}
