"""10. Level B: assets fetched again from their source and cut again, all of them or a sample that both sides can draw."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from carbonsink.base.evidence import sha256
from carbonsink.base.problems import Problem
from carbonsink.base.records import MapTile, PixelBudget, SceneAsset
from carbonsink.base.tables import read_csv, read_if_there
from carbonsink.declared.plan import Plan
from carbonsink.run import Means, Progress, sources_again
from carbonsink.verify.verdict import STRAYED, Asked

Name = tuple[str, str]  # item and band, or source and year of a map


@dataclass(frozen=True)
class Resourced:
    """What the source gave: a state an asset, the share of their pixels that it no longer gives, and how they were drawn."""

    states: tuple[Mapping[str, Any], ...] = ()
    unsourced_percent: float = 0.0
    sampled: Mapping[str, Any] | None = None
    relocked: tuple[Problem, ...] = ()  # items that either lock or catalogue has, and the other hasn't

    @property
    def problems(self) -> tuple[Problem, ...]:
        """10. The chips that don't follow from their sources, which are what they were."""
        altered = (state for state in self.states if state["state"] == "altered")
        return tuple(Problem("E-VER-032", f"{one['item']} {one['band']}", {"stated": one["chip"], "cut": one["cut"] or "-"}) for one in altered)


def resource(plan: Plan, run: Path, means: Means, progress: Progress, asked: Asked) -> Resourced:
    """Fetch the assets again and say of each: same, changed, gone or altered."""
    every = [(row.item, row.band) for folder in plan.fetched for row in read_csv(run / folder / "scenes.csv", SceneAsset)]
    every += [(row.source, str(row.year)) for row in read_if_there(run / "scenes" / "maps.csv", MapTile)]
    chosen = None if asked.sample is None else frozenset(drawn(every, asked.sample, asked.seed))
    states, relocked = sources_again(plan, run, means, progress, asked.catalogue, chosen)
    pixels = {(row.item, row.band): row.pixels for folder in plan.fetched for row in read_csv(run / folder / "pixel_budget.csv", PixelBudget)}
    compared = sum(pixels.get((state.item, state.band), 0) for state in states)
    strayed = sum(pixels.get((state.item, state.band), 0) for state in states if state.state in STRAYED)
    sampled = None if chosen is None else {"percent": asked.sample, "seed": asked.seed, "assets": len(chosen), "of": len(every)}
    return Resourced(tuple(asdict(state) for state in states), 100.0 * strayed / compared if compared else 0.0, sampled, tuple(relocked))


def drawn(assets: list[Name], percent: float, seed: int) -> list[Name]:
    """So many percent of the assets, rounded up: those whose names have the smallest digests under the seed."""
    ranked = sorted(assets, key=lambda asset: sha256(f"{seed}|{asset[0]}|{asset[1]}".encode()))
    return ranked[: math.ceil(len(assets) * percent / 100)]
