"""Labelled samples: what an area declares of them, and the library's numbers for drawing, showing and taking them back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache

from pydantic import Field

from carbonsink.base.problems import Problem, Refusal
from carbonsink.base.topics import LIBRARY
from carbonsink.declared.paths import Places
from carbonsink.declared.schema import Declared, Sourced, read_toml


class Samples(Declared):
    """One drawn sample of a year's map with the tables its interpreters saved; `arbitration` where two of them differ."""

    year: int
    file: str  # the GeoPackage that was drawn
    labels: list[str] = Field(min_length=1, max_length=2)
    arbitration: str | None = None
    source: str  # who interpreted, and what they looked at

    @property
    def files(self) -> list[str]:
        """Every file it names."""
        return [self.file, *self.labels, *([self.arbitration] if self.arbitration else [])]


class Design(Sourced):
    """What a design takes where nothing else is said: the target, and the least of a class."""

    standard_error: float = Field(gt=0, lt=0.5)
    minimum: int = Field(ge=2)


class Expected(Sourced):
    """Points added to counted samples before an accuracy is expected of them."""

    right: float = Field(gt=0)
    wrong: float = Field(gt=0)


class Returned(Sourced):
    """What is asked of returned labels."""

    unclear_share: float = Field(ge=0, lt=1)


class Picture(Declared):
    """Three bands shown as red, green and blue."""

    id: str
    bands: list[str] = Field(min_length=3, max_length=3)


class Sheet(Sourced):
    """What an interpretation sheet shows of a point."""

    chip_pixels: int = Field(ge=3, le=101)
    pictures: int = Field(ge=1)
    low_percent: float = Field(ge=0, lt=50)
    high_percent: float = Field(gt=50, le=100)
    picture: list[Picture]


class SamplingNumbers(Declared):
    """library/sampling.toml"""

    design: Design
    expected: Expected
    returned: Returned
    sheet: Sheet


@cache
def read_sampling() -> SamplingNumbers:
    """The library's numbers."""
    return read_toml(LIBRARY / "sampling.toml", SamplingNumbers)


def disagreements(samples: Sequence[Samples], years: Sequence[int], places: Places) -> Iterator[Problem]:
    """Files that aren't there, years that are no vintages, and two samples of one year; `years` is empty where the period is wrong itself."""
    for number, sample in enumerate(samples):
        where = f"area.toml [samples.{number}]"
        if years and sample.year not in years:
            yield Problem("E-SMP-001", where, {"year": sample.year, "known": ", ".join(map(str, years))})
        for text in sample.files:
            yield from _missing(text, places, where)
    for year, count in Counter(sample.year for sample in samples).items():
        if count > 1:
            yield Problem("E-SMP-002", "area.toml [samples]", {"year": year, "count": count})


def _missing(text: str, places: Places, where: str) -> Iterator[Problem]:
    try:
        places.existing(text, where)
    except Refusal as refusal:
        yield from refusal.problems
