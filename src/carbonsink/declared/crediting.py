"""What an area declares of its crediting: the crediting period with what is foreseen, the answers of checklists, prices and shares.

[crediting]      start, end, ex_ante          [[checklist]]      question, answer, files          [money]      price_per_t, shares
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from carbonsink.declared.schema import Declared, Sourced, Words


class ExAnte(Sourced):
    """What the project expected to be credited a year, after every deduction [t CO2e]."""

    t_per_year: float = Field(ge=0)


class Crediting(Declared):
    """The crediting period, which monitoring lies within."""

    start: date
    end: date
    ex_ante: ExAnte | None = None


class Answer(Declared):
    """The answer to one question of the methodology's checklist, with the files that show it."""

    question: str
    answer: Literal["yes", "no"]
    reason: str = Field(min_length=1)
    files: list[str] = Field(min_length=1)


class Share(Declared):
    """Who gets which part of the income."""

    to: Words
    share: float = Field(gt=0, le=1)


class Money(Sourced):
    """A price and how it is shared: information for readers, and no part of any reckoning of tonnes."""

    price_per_t: float = Field(gt=0)
    currency: str = Field(pattern="^[A-Z]{3}$")
    shares: list[Share] = []
