"""Whatever can be asked of a finished run, by its name."""

from __future__ import annotations

from pathlib import Path

from carbonsink.base import reckon
from carbonsink.base.evidence import read_json
from carbonsink.base.manifest import NAME
from carbonsink.base.problems import Exit, refuse
from carbonsink.declared.language import Language, read_languages
from carbonsink.declared.methodology import Deduction
from carbonsink.report.tracing.evidence import Evidence, read_evidence
from carbonsink.report.tracing.land import class_lines, parcel_line, point_line, scene_line
from carbonsink.report.tracing.node import Node
from carbonsink.report.tracing.numbers import number, worked
from carbonsink.report.tracing.statement import QUANTITIES, all_vintages, named, quantity, vintage


def explain(run: Path, what: str, language: str = "en") -> Node:
    """The explanation of an account, vintage, worksheet row, variable, parcel or item; a Refusal lists what can be asked."""
    if run.is_file():
        raise refuse("E-RUN-012", str(run), Exit.USAGE)
    if not (run / NAME).is_file():
        raise refuse("E-EXP-002", str(run), Exit.USAGE)
    both = {w.code: w for w in read_languages(("en", "zh"))}
    evidence = read_evidence(run, both[language], _deductions(run))
    found = _of_statement(evidence, what, tuple(both.values())) or _of_reckoning(evidence, what) or _of_land(evidence, what)
    if found is None:
        vintages = ", ".join(str(year) for year in _years(evidence))
        raise refuse("E-EXP-001", what, Exit.USAGE, vintages=vintages, accounts=", ".join(QUANTITIES), example=evidence.rows[0].id if evidence.rows else "-")
    return found


def _deductions(run: Path) -> tuple[Deduction, ...]:
    """The rules of the plan's methodology; none of a folder without a plan."""
    plan = read_json(run / "plan.json") if (run / "plan.json").is_file() else {"methodology": {"deduction": []}}
    return tuple(Deduction.model_validate(rule) for rule in plan["methodology"]["deduction"])


def _years(evidence: Evidence) -> list[int]:
    return sorted({p.vintage for p in evidence.postings})


def _of_statement(evidence: Evidence, what: str, languages: tuple[Language, ...]) -> Node | None:
    """A vintage, `account:year`, `year/account`, or an account over all vintages; accounts by their names or their words."""
    names = {told.casefold(): name for name in QUANTITIES for told in (name, *(named(evidence.in_words(w), name) for w in languages))}
    years = {str(year): year for year in _years(evidence)}
    if what in years:
        return vintage(evidence, years[what])
    first, _, second = what.replace("：", ":").replace("/", ":", 1).partition(":")
    name, year = (first, second) if second in years or not second else (second, first)
    if name.casefold() in names and (year in years or not year):
        asked = names[name.casefold()]
        return quantity(evidence, years[year], asked) if year else all_vintages(evidence, asked)
    return None


def _of_reckoning(evidence: Evidence, what: str) -> Node | None:
    """A worksheet row, or a number with every row that uses it."""
    for row in evidence.rows:
        if row.id == what:
            return worked(evidence, row)
    if what in evidence.variables:
        users = tuple(worked(evidence, row) for row in evidence.rows if what in reckon.variables_of(row))
        return Node(number(evidence, what).text, users)
    return None


def _of_land(evidence: Evidence, what: str) -> Node | None:
    """A parcel, a point, a class of the map or an item of the lock."""
    w = evidence.w
    parcels = tuple(Node(parcel_line(p, w)) for p in evidence.parcels if p.parcel == what)
    scenes = tuple(Node(scene_line(s, w)) for s in (*evidence.scenes, *evidence.radar) if s.item == what)
    points = tuple(Node(point_line(s, w)) for s in evidence.labels if s.id == what)
    found = parcels + points + tuple(class_lines(evidence, what)) + scenes
    return Node(what, found) if found else None
