"""A map by a trained classifier: its samples, its training, and its classes strip by strip."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rfc8785
from numpy.typing import NDArray

from carbonsink.base.evidence import write_bytes
from carbonsink.base.problems import refuse
from carbonsink.declared.plan import Plan
from carbonsink.land.features import Season
from carbonsink.land.forest import Forest, forest_of, train
from carbonsink.land.reference import Labels, Samples, flat, observed, samples_of


def labelled(season: Season, labels: Labels) -> Samples:
    """The samples of a reference; refused where they show fewer than two classes."""
    samples = samples_of(season, labels)
    if np.unique(samples.codes).size < 2:  # noqa: PLR2004
        raise refuse("E-LND-006", "[reference]", labelled=int((labels.codes > 0).sum()), samples=samples.codes.size)
    return samples


def trained(plan: Plan, samples: Samples, names: tuple[str, ...], run: Path) -> Forest:
    """The map's forest, by all samples, as model.json holds it."""
    model = train(samples.features, samples.codes, names, plan.pipeline.land).to_json()
    write_bytes(run / "land" / "model.json", rfc8785.dumps(model) + b"\n")
    return forest_of(model)


def by_forest(forest: Forest, season: Season, strip: tuple[int, int]) -> NDArray[np.uint8]:
    """The forest's classes on a strip of a year."""
    values = season.read(season.layers, strip)
    seen = observed(values)
    cover = np.zeros(seen.shape, np.uint8)
    cover[seen] = forest.predict(flat(values, season.whole(strip))[seen.ravel()])
    return cover
