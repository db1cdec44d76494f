"""A map by a trained classifier: its samples, its training, and its classes and probabilities strip by strip, inside the area only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import rfc8785
from numpy.typing import NDArray

from carbonsink.base.evidence import write_bytes
from carbonsink.base.problems import refuse
from carbonsink.base.rasters import COMPOSITE_NODATA
from carbonsink.base.records import ClassifierTrial
from carbonsink.base.tables import write_csv
from carbonsink.declared.growth import Growth
from carbonsink.declared.land import Land
from carbonsink.declared.plan import Plan
from carbonsink.land.classify import Model
from carbonsink.land.classify.grow import grown
from carbonsink.land.classify.tune import balanced_accuracies, first_of_the_best
from carbonsink.land.features import Season
from carbonsink.land.folds import spatial_folds
from carbonsink.land.reference import Labels, Samples, observed, samples_of

PIXELS = 1 << 16  # gathered at once: it bounds memory and enters no result
PROBABILITY_UNIT = 10_000  # of int16 layers: a probability of one


@dataclass(frozen=True)
class Mapped:
    """A strip as a classifier sees it: class codes (row, column), 0 where not monitored, and int16 layers (layer, row, column) in 1e-4.

    The first layer is the confidence: how far the class leads the next likely one, from 0 (a tie) to 1; one layer a class with its
    probability follows, in the order of the declared classes. COMPOSITE_NODATA where not monitored.
    """

    codes: NDArray[np.uint8]
    layers: NDArray[np.int16]


def labelled(season: Season, labels: Labels) -> Samples:
    """The samples of a reference; refused where they show fewer than two classes."""
    samples = samples_of(season, labels)
    if np.unique(samples.codes).size < 2:  # noqa: PLR2004
        raise refuse("E-LND-006", "[reference]", labelled=int((labels.codes > 0).sum()), samples=samples.codes.size)
    return samples


def trained(plan: Plan, samples: Samples, names: tuple[str, ...], run: Path) -> Model:
    """The map's classifier, by all samples, as model.json holds it; where candidates are declared, tuning.csv holds how well each did."""
    model, trials = fitted(plan.pipeline.land, samples, names)
    if trials:
        write_csv(run / "land" / "tuning.csv", trials, ClassifierTrial)
    value = model.to_json()
    write_bytes(run / "land" / "model.json", rfc8785.dumps(value) + b"\n")
    return Model.from_json(value)


def fitted(land: Land, samples: Samples, names: tuple[str, ...]) -> tuple[Model, list[ClassifierTrial]]:
    """A classifier by the declared settings, or by the best of the declared candidates, and how each did on parcels it never saw."""
    growths = growths_of(land)
    trials = list(_trials(land, samples, growths)) if len(growths) > 1 else []
    chosen = first_of_the_best([trial.balanced_accuracy for trial in trials]) if trials else 0
    classes = [c.code for c in land.classes]
    model = grown(samples.features, samples.codes, classes, names, growths[chosen])
    return model, [replace(trial, chosen=place == chosen) for place, trial in enumerate(trials)]


def growths_of(land: Land) -> list[Growth]:
    """The settings to try: each candidate's, or those of the section where there is none."""
    growth = Growth(**{name: getattr(land, name) for name in Growth.model_fields})
    return [candidate.of(growth) for candidate in land.candidates] or [growth]


def part_of(samples: Samples, chosen: NDArray[np.bool_]) -> Samples:
    """The chosen samples."""
    parcels = None if samples.parcels is None else samples.parcels[chosen]
    return Samples(samples.features[chosen], samples.codes[chosen], parcels, samples.index[chosen])


def by_classifier(plan: Plan, model: Model, season: Season, strip: tuple[int, int], inside: NDArray[np.bool_]) -> Mapped:
    """Classes and probabilities on a strip of a year, of the observed pixels where `inside` (row, column of the strip) holds."""
    values, whole = season.read(season.layers, strip), season.whole(strip)
    monitored = observed(values) & inside
    codes = np.zeros(monitored.shape, np.uint8)
    classes = [c.code for c in plan.pipeline.land.classes]
    layers = np.full((1 + len(classes), *monitored.shape), COMPOSITE_NODATA, np.int16)
    places = np.array([1 + classes.index(int(code)) for code in model.classes])
    layers[1:, monitored] = 0  # a class without samples is never found
    for pixels, features in _gathered(values, whole, np.flatnonzero(monitored)):
        codes.reshape(-1)[pixels], probability = model.answer(features)
        flat = layers.reshape(len(layers), -1)
        flat[np.ix_(places, pixels)] = counts_of(probability).T
        flat[0, pixels] = counts_of(lead_of(probability))
    return Mapped(codes, layers)


def lead_of(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far the likeliest class leads the next, (row,), of probabilities (row, class)."""
    two = np.partition(probability, -2, axis=1)[:, -2:]
    lead: NDArray[np.float64] = two[:, 1] - two[:, 0]
    return lead


def counts_of(probability: NDArray[np.float64]) -> NDArray[np.int16]:
    """Probabilities in whole steps of 1e-4."""
    return np.rint(probability * PROBABILITY_UNIT).astype(np.int16)


def _gathered(values: NDArray[np.int16], whole: NDArray[np.int16], pixels: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], NDArray[Any]]]:
    """Chosen pixels and their features (pixel, feature), so many at a time."""
    size = values.shape[2] * values.shape[3]
    columns = (values.reshape(-1, size), whole.reshape(-1, size))
    for first in range(0, pixels.size, PIXELS):
        some = pixels[first : first + PIXELS]
        yield some, np.concatenate([column[:, some] for column in columns]).T


def _trials(land: Land, samples: Samples, growths: list[Growth]) -> Iterator[ClassifierTrial]:
    folds = spatial_folds(samples.index, samples.parcels, samples.codes, land.folds, land.seed)
    for number, (growth, score) in enumerate(zip(growths, balanced_accuracies(samples.features, samples.codes, folds, growths), strict=True), start=1):
        yield ClassifierTrial(number, **growth.model_dump(exclude={"seed"}), balanced_accuracy=score, chosen=False)
