"""Clauses of applicability, judged as answers come: a clause that an answer fails is said at once, with the answers that would meet it.

clauses = Clauses(methodology, {"first_year": 2021, "land_use": "perennial_tree_crop"})
clauses.problem({"soil": "wetland"}, "soil")    E-BEG-012, None where nothing fails or a fact is still unknown
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from carbonsink.base.formula import evaluate, names_in
from carbonsink.base.problems import Problem
from carbonsink.declared.methodology import Applicability, Methodology, tables_of, words_of
from carbonsink.declared.schema import Words

Fact = str | float


class Clauses:
    """The clauses of a methodology over what is known of a stratum so far; what is known grows by `learn`."""

    def __init__(self, methodology: Methodology, known: Mapping[str, Fact]) -> None:
        transition: dict[str, Fact] = {row.variable.symbol: row.variable.value for row in tables_of(methodology).select("transition_time")}
        self.clauses, self.words = methodology.applicability, words_of(methodology)
        self.known = transition | dict(known)

    def of(self, names: Iterable[str]) -> tuple[Words, ...]:
        """The words of the clauses that hang on any of these facts."""
        return tuple(clause.name for clause in self.clauses if {*names} & {*names_in(clause.requires)})

    def learn(self, facts: Mapping[str, Fact]) -> None:
        """Facts that later clauses are judged with."""
        self.known |= facts

    def problem(self, facts: Mapping[str, Fact], where: str, others: Iterable[Mapping[str, Fact]] | None = None) -> Problem | None:
        """The first clause that these facts fail, given what is known; `others` are the facts that other answers would state, None: any number."""
        for clause in self.clauses:
            if {*facts} & {*names_in(clause.requires)} and self._fails(clause, facts):
                return self._said(clause, facts, where, others)
        return None

    def _fails(self, clause: Applicability, facts: Mapping[str, Fact]) -> bool:
        """Whether a clause is asked of this land, can be judged, and doesn't hold."""
        known: dict[str, Any] = {word: word for word in self.words} | self.known | dict(facts)
        if any(name not in known for text in (clause.requires, clause.when) if text for name in names_in(text)):
            return False
        return (clause.when is None or bool(evaluate(clause.when, known))) and not evaluate(clause.requires, known)

    def _said(self, clause: Applicability, facts: Mapping[str, Fact], where: str, others: Iterable[Mapping[str, Fact]] | None) -> Problem:
        found = self.known | dict(facts)
        stated = ", ".join(f"{name}={found[name]}" for name in names_in(clause.requires) if name in found)
        told: dict[str, object] = {"clause": clause.clause, "name": f"{clause.name.zh} / {clause.name.en}", "requires": clause.requires, "found": stated}
        would = [str(next(iter(other.values()))) for other in others or () if not self._fails(clause, other)]
        return Problem("E-BEG-012", where, told | {"would": " | ".join(would) or clause.requires})
