"""Whatever can be asked of a run, by its name."""

from __future__ import annotations

from pathlib import Path

from carbonsink.base import reckon
from carbonsink.base.problems import Exit, refuse
from carbonsink.explain.evidence import read_evidence
from carbonsink.explain.land import class_lines, parcel_line, point_line, scene_line
from carbonsink.explain.node import Node
from carbonsink.explain.numbers import number, worked
from carbonsink.explain.postings import behind, posting_node


def explain(run: Path, what: str) -> Node:
    """The explanation of a vintage, posting, worksheet row, variable, parcel or item; a Refusal lists what can be asked."""
    evidence = read_evidence(run)
    vintage, _, account = what.partition("/")
    vintages = {str(p.vintage) for p in evidence.postings}
    if what in vintages:
        return Node(f"vintage {what}", tuple(posting_node(evidence, p) for p in evidence.postings if str(p.vintage) == what))
    for posting in evidence.postings:
        if (str(posting.vintage), posting.account) == (vintage, account):
            return behind(evidence, posting)
    for row in evidence.rows:
        if row.id == what:
            return worked(evidence, row)
    if what in evidence.variables:
        users = tuple(worked(evidence, row) for row in evidence.rows if what in reckon.variables_of(row))
        return Node(number(evidence.variables[what]), users)
    parcels = tuple(Node(parcel_line(p)) for p in evidence.parcels if p.parcel == what)
    scenes = tuple(Node(scene_line(s)) for s in (*evidence.scenes, *evidence.radar) if s.item == what)
    points = tuple(Node(point_line(s)) for s in evidence.labels if s.id == what)
    if found := parcels + points + tuple(class_lines(evidence, what)) + scenes:
        return Node(what, found)
    raise refuse("E-EXP-001", what, Exit.USAGE, vintages=", ".join(sorted(vintages)), example=evidence.rows[0].id if evidence.rows else "-")
