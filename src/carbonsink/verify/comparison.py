"""A run held against the same stages run again: stage by stage, figure by figure, pixel by pixel, and how much it matters.

compare(run, again)  ->  Comparison  ->  outcome(5.0, ...)  ->  V0 | V1 | V2 | V3
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from carbonsink.base.problems import Refusal
from carbonsink.verify.figures import Figure, differing_figures_of_report, figures
from carbonsink.verify.pixels import Patch, differing_pixels
from carbonsink.verify.settings import settings
from carbonsink.verify.stages import StageState, walk
from carbonsink.verify.weights import Weight, weigh

Class = Literal["V0", "V1", "V2", "V3", "V4", "V5", "V6"]


@dataclass(frozen=True)
class Comparison:
    """What differs between a run and the same stages run again."""

    stages: tuple[StageState, ...]  # up to the first that differs
    files: tuple[Weight, ...]  # every file that differs, in all stages
    figures: tuple[Figure, ...]  # areas, stocks, intervals, postings: both values
    patches: tuple[Patch, ...]  # where class maps differ
    unread: str = ""  # why the tables couldn't be read as figures

    def outcome(self, materiality_percent: float, elsewhere: bool) -> Class:
        """V0 identical, V1 equivalent, V2 below the threshold, V3 from it on; `elsewhere`: other versions or machines did the work."""
        if not self.files:
            return "V0"
        if self.unread or any(self._material(figure, materiality_percent) for figure in self.figures):
            return "V3"
        if all(file.equivalent for file in self.files):
            return "V1"
        printed = [file for file in self.files if file.path.startswith("report/")]
        forged = len(printed) == len(self.files) and not any(figure.differs for figure in self.figures)
        return "V3" if forged and not elsewhere else "V2"  # a report that says something else than the same versions print

    @staticmethod
    def _material(figure: Figure, materiality_percent: float) -> bool:
        if figure.kind == "class_area":
            return figure.judged_percent > settings().class_area_percent.value
        return figure.judged_percent >= materiality_percent


def compare(run: Path, again: Path) -> Comparison:
    """Hold a run against the folder in which its stages were run again; neither is written into."""
    states, differing = walk(run, again)
    files = tuple(weigh(path, run, again) for path in differing)
    if not differing:
        return Comparison(states, (), figures(run, again), ())
    try:
        held, unread = (*figures(run, again), *differing_figures_of_report(run, again)), ""
    except (Refusal, OSError, ValueError, KeyError, ArithmeticError) as error:
        held, unread = (), f"{type(error).__name__}: {error}"
    return Comparison(states, files, held, differing_pixels(run, again, differing), unread)
