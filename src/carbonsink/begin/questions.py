"""Questions and answers: each is given beforehand, or asked of a person, or missing; every problem is kept until the end.

sheet = Sheet({"region": "east_asia"}, asker)
sheet.answer(Question("region", words, choices))    "east_asia", or None with the problem in sheet.problems
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from carbonsink.base.problems import Problem, Refusal, user_language
from carbonsink.declared.schema import Words, nearest_alone

YEAR = re.compile(r"(19|20|21)[0-9]{2}")


@dataclass(frozen=True)
class Question:
    """One question: its name on the command line, its text, the words it may be answered by (none: free), the unit of a number, or that it is a year.

    `clauses` of the methodology hang on it and are judged by `judge`; `common` is the name that answers it for every stratum at once;
    `otherwise` is the answer of nobody, `offered` what a person may take by Enter alone.
    """

    name: str
    text: Words
    choices: Mapping[str, Words] = field(default_factory=dict)
    unit: str = ""
    year: bool = False
    clauses: tuple[Words, ...] = ()
    judge: Callable[[str], Problem | None] = lambda answer: None
    common: str = ""
    otherwise: str = ""
    offered: str = ""

    def said(self, language: str) -> str:
        """The text in a language."""
        return str(getattr(self.text, language))

    def problem(self, answer: str) -> Problem | None:
        """What is wrong with an answer; None where nothing is."""
        where = f"--answer {self.name}"
        if self.choices and answer not in self.choices:
            return Problem("E-BEG-003", where, {"found": answer, "choices": " | ".join(self.choices)})
        if self.unit and not _is_number(answer):
            return Problem("E-BEG-004", where, {"found": answer, "unit": self.unit})
        if self.year and not YEAR.fullmatch(answer):
            return Problem("E-BEG-013", where, {"found": answer})
        return self.judge(answer)

    def missing(self) -> Problem:
        """The problem of a question nobody answers."""
        choices = " | ".join(self.choices) or self.unit or "..."
        return Problem("E-BEG-002", f"--answer {self.name}", {"question": self.said(user_language()), "choices": choices, "name": self.common or self.name})


Asker = Callable[[Question], str | None]  # a person's answer, None where nobody is there to ask


class Sheet:
    """The answers to a new area's questions, as they come."""

    def __init__(self, given: Mapping[str, str], asker: Asker) -> None:
        self.given, self.asker = dict(given), asker
        self.asked: dict[str, str | None] = {}
        self.last: dict[str, str] = {}  # answers by common name, offered for the next stratum
        self.problems: list[Problem] = []
        self.heard = False  # whether a person answers

    def answer(self, question: Question, found: str | None = None) -> str | None:
        """The answer: the one given, else what was found, else a person's. None where it is missing or wrong, which is kept as a problem."""
        if question.name not in self.asked:
            self.asked[question.name] = self._answer(replace(question, offered=self.last.get(question.common, question.otherwise)), found)
        return self.asked[question.name]

    def refuse(self, problem: Problem) -> None:
        """Keep a problem that no answer of this question mends; a person is told at once."""
        self.problems.append(problem)
        if self.heard:
            raise Refusal(self.problems)

    def number(self, question: Question) -> float | None:
        """The answer to a question of a number."""
        text = self.answer(question)
        return None if text is None else float(text)

    def unused(self) -> list[Problem]:
        """The answers given to what nobody asked."""
        names = sorted({*self.asked, *self.last})
        strange = [name for name in self.given if name not in names]
        return [Problem("E-BEG-005", f"--answer {name}", {"found": name, "nearest": nearest_alone(name, names), "known": ", ".join(names)}) for name in strange]

    def _answer(self, question: Question, found: str | None) -> str | None:
        answer = self.given.get(question.name) or self.given.get(question.common) or found or self._ask(question)
        problem = question.missing() if answer is None else question.problem(answer)
        if question.common:
            self.last[question.common] = answer or ""
        self.problems += [problem] if problem else []
        return None if problem else answer

    def _ask(self, question: Question) -> str | None:
        answer = self.asker(question)
        self.heard = self.heard or answer is not None
        return answer or question.otherwise or None


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
