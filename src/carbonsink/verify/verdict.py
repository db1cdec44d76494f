"""What a verification found: the checks, the differences weighed, and the class of the outcome."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from carbonsink.base.problems import Exit, Problem
from carbonsink.declared.keys import Keys
from carbonsink.verify.comparison import Class, Comparison
from carbonsink.verify.settings import settings

SIGNED = 0  # the check of signatures, made where keys are given
AUTHENTIC = 3  # up to here the checks decide whether the folder is evidence at all
AGAIN = 9  # the stages run again
SOURCED = 10  # the chips cut again from their sources, made where those are asked for; it decides like the first three
STRAYED = ("changed", "gone")  # what a source can be that no longer gives what the run took
SHOWN = 3  # differences of a check that are told; the rest is counted
EXITS: dict[Class | None, Exit] = {"V2": Exit.DIFFERS, "V3": Exit.DIFFERS, "V6": Exit.INTEGRITY}


def told(problems: Iterable[Problem], language: str) -> list[str]:
    """What was found, a line each, in a language."""
    return [problem.line(language) for problem in problems]


@dataclass(frozen=True)
class Check:
    """One numbered sentence, held or not, with both sides where they differ."""

    number: int
    name: str
    problems: tuple[Problem, ...]

    @property
    def passed(self) -> bool:
        """Whether the sentence holds."""
        return not self.problems

    def detail(self, language: str) -> str:
        """What differs, the first few and how many more."""
        more = len(self.problems) - SHOWN
        return " ".join(told(self.problems[:SHOWN], language)) + (f" (+{more})" if more > 0 else "")


@dataclass(frozen=True)
class Asked:
    """How far a verification goes.

    `again`: whether the stages are run again. `source`: whether assets are fetched again, from where the lock says or from the folder
    `catalogue`, all of them or `sample` percent drawn by `seed`. `keys`: the list by which signatures are checked, as of `day` (today where
    it isn't said). `materiality`: percent, where the programme sets another than the library's.
    """

    again: bool = True
    source: bool = False
    catalogue: Path | None = None
    sample: float | None = None
    seed: int = 0
    materiality: float | None = None
    keys: Keys | None = None
    day: date | None = None

    @property
    def materiality_percent(self) -> float:
        """The threshold that was asked for, else the library's."""
        return settings().materiality_percent.value if self.materiality is None else self.materiality


@dataclass(frozen=True)
class Verdict:
    """Every check made, what differs in numbers and in the environment, and the class of the outcome."""

    run: str
    checks: tuple[Check, ...]
    environment: tuple[Problem, ...]
    sources: tuple[Mapping[str, Any], ...] = ()  # level B: every asset asked for again: same, changed, gone or altered
    manifest: str = ""  # its digest: which run this is about
    results: str = ""
    simulated: bool = False
    comparison: Comparison | None = None  # None where the stages weren't run again
    signers: tuple[Mapping[str, str], ...] = ()  # key id, holder, role and algorithm of each, where signatures were checked
    unsigned: bool = False  # signatures were asked for, and there is no envelope
    keys_sha256: str = ""  # the list by which signers are known
    custom_tables: tuple[Problem, ...] = ()  # library tables of the run whose numbers aren't this version's, with both digests
    words: tuple[Problem, ...] = ()  # words of the run's pages that aren't this version's, with both texts
    unprinted: bool = False  # some of them couldn't be taken for the pages that were printed again
    materiality_percent: float = field(default_factory=lambda: settings().materiality_percent.value)
    unsourced_percent: float = 0.0  # share of the pixels of the assets asked for again that their source no longer gives
    relocked: tuple[Problem, ...] = ()  # scenes by which the lock isn't what its search gave, or what its catalogue gives now
    sampled: Mapping[str, Any] | None = None  # level B by a sample: percent, seed, assets asked for, assets in all

    @property
    def passed(self) -> bool:
        """Whether every sentence holds."""
        return all(check.passed for check in self.checks)

    @property
    def authentic(self) -> bool:
        """Whether the folder is evidence at all; one without an envelope is unsigned, not forged."""
        deciding = (check for check in self.checks if check.number <= AUTHENTIC or check.number == SOURCED)
        return all(check.passed for check in deciding if not (self.unsigned and check.number == SIGNED))

    @property
    def strayed(self) -> tuple[Mapping[str, Any], ...]:
        """Assets that their source no longer gives as they were: the run stands, its source doesn't."""
        return tuple(state for state in self.sources if state["state"] in STRAYED)

    @property
    def mirrored(self) -> int:
        """Assets for which a mirror answered in its source's place."""
        return sum(state["by"] == "mirror" for state in self.sources)

    @property
    def outcome(self) -> Class | None:
        """V0 to V3 of the numbers, V6 where the evidence isn't authentic; None where nothing failed and nothing was run again.

        A sentence that fails without a difference that could be weighed counts as material.
        """
        if not self.authentic:
            return "V6"
        failed = [check.number for check in self.checks if not check.passed and check.number > AUTHENTIC]
        weighed = self.comparison.outcome(self.materiality_percent, bool(self.environment) or self.unprinted) if self.comparison else None
        if weighed in (None, "V0"):
            return "V3" if failed else weighed
        return "V2" if weighed == "V1" and failed != [AGAIN] else weighed

    @property
    def notes(self) -> tuple[str, ...]:
        """What stands beside it: V4 an input that can't be matched, V5 another environment, and, mildest of all, words that differ."""
        beside = {"V4": self.strayed or self.unsigned, "V5": self.environment, "words": self.words}
        return tuple(note for note, found in beside.items() if found)

    @property
    def exit_code(self) -> Exit:
        """0 well, 4 only the source has changed, 5 evidence not authentic or not signed, 9 the numbers differ."""
        if code := EXITS.get(self.outcome):
            return code
        if self.unsigned:
            return Exit.INTEGRITY
        return Exit.SOURCE if self.strayed else Exit.WELL
