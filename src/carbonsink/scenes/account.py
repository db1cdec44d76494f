"""The account of one scene: its radiometry decided, every pixel of its chips counted, and every reason not to believe them.

Stage 1 makes it of the chips that it cuts, a verifier of those that lie in a run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from carbonsink.base.problems import Exit, Problem, Refusal
from carbonsink.base.records import PixelBudget
from carbonsink.declared.plan import Plan
from carbonsink.scenes.budget import Masked, budget, clear_values, darkest_values, emptiness, hollow, imbalance, impossible, masked
from carbonsink.scenes.chips import Cut
from carbonsink.scenes.radiometry import Decision, Shade, conflict, decide, leftover, mixed, shade
from carbonsink.scenes.scene import Scene

CUTTERS = min(4, os.cpu_count() or 1)  # scenes worked on at once: each holds its masks and one band in memory


@dataclass(frozen=True)
class Account:
    """By band: how its chip is read, as far as its item decides that, and where its pixels went, as far as there are chips of it and the masks."""

    decisions: Mapping[str, Decision]
    budgets: Mapping[str, PixelBudget]  # in the order of the bands' names
    problems: tuple[Problem, ...]
    exits: frozenset[Exit]


def account(scene: Scene, plan: Plan, cut_of: Callable[[str], Cut]) -> Account:
    """The account of a scene whose chip of a band is `cut_of(band)`; what that refuses is a problem of the account.

    Asked for are the masks first, as the others are read in their light, then band by band, so that one band is held at a time.
    """
    return _Accounting(scene, plan, cut_of).made()


class _Accounting:
    def __init__(self, scene: Scene, plan: Plan, cut_of: Callable[[str], Cut]) -> None:
        self.scene, self.plan, self.cut_of = scene, plan, cut_of
        self.problems: list[Problem] = []
        self.exits: set[Exit] = set()
        self.shades: list[Shade] = []
        self.decisions: dict[str, Decision] = {}
        self.budgets: dict[str, PixelBudget] = {}

    def made(self) -> Account:
        item, sensor = self.scene.item, self.plan.sensor
        masks = {band: cut for band in sensor.mask_bands if (cut := self._cut(band))}
        classes = self._classes(masks)
        for band in sorted(self.scene.wanted):
            cut = masks.get(band) or (None if band in sensor.mask_bands else self._cut(band))
            decision = self._decision(band)
            if cut and classes is not None and decision:
                self.budgets[band] = self._counted(cut, classes, decision)
        self._note(mixed(item, self.decisions))
        self._note(leftover(item, self.shades, sensor))
        return Account(self.decisions, self.budgets, tuple(self.problems), frozenset(self.exits))

    def _cut(self, band: str) -> Cut | None:
        try:
            return self.cut_of(band)
        except Refusal as refusal:
            self.problems += refusal.problems
            self.exits.add(refusal.exit_code)
            return None

    def _classes(self, masks: Mapping[str, Cut]) -> Masked | None:
        """The ground's classes, the masks' own problems noted; None where a mask is missing."""
        sensor = self.plan.sensor
        if len(masks) < len(sensor.mask_bands):
            return None
        for mask in sensor.masks:
            self._note(impossible(mask, masks[mask.band], self.scene.item))
        return masked(self.scene.item, masks, sensor, self.scene.area)

    def _decision(self, band: str) -> Decision | None:
        try:
            self.decisions[band] = decide(self.scene.item, band, self.plan.sensor, self.plan.dialect)
            return self.decisions[band]
        except Refusal as refusal:
            self.problems += refusal.problems
            self.exits.add(Exit.INTEGRITY)
            return None

    def _counted(self, cut: Cut, classes: Masked, decision: Decision) -> PixelBudget:
        """Where the band's pixels went, with every reason not to believe them noted."""
        item, sensor = self.scene.item, self.plan.sensor
        row = budget(classes, cut, sensor)
        self._note(imbalance(row))
        self._note(emptiness(classes, row, cut, sensor) or hollow(classes, cut, sensor))
        if decision.offset < 0:
            self._note(conflict(item, row.band, decision, clear_values(classes, cut, sensor), sensor))
        elif sensor.radiometry.darkest and row.band in sensor.radiometry.darkest.bands:
            seen = shade(row.band, decision, darkest_values(classes, cut, sensor), sensor)
            self.shades += [seen] if seen else []
        return row

    def _note(self, problem: Problem | None) -> None:
        if problem:
            self.problems.append(problem)
            self.exits.add(Exit.INTEGRITY)
