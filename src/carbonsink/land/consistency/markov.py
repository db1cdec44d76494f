"""The smoother "hidden-markov": the likeliest true classes of a pixel's years (Rabiner 1989, doi:10.1109/5.18626).

The true class of a year hangs on that of the year before (transitions) and is seen through the map's errors (emission); every
class is as likely as another before the first year. As in Abercrombie and Friedl 2016, doi:10.1109/TGRS.2015.2463689, for yearly maps.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.problems import refuse
from carbonsink.base.records import SPLITS, Confusion
from carbonsink.declared.land import LandClass, Markov
from carbonsink.land.consistency.paths import FORBIDDEN, Costs, cheapest
from carbonsink.land.consistency.sequences import NONE, Numbers

UNIT = 1_000_000  # of a cost: natural logarithms in millionths, whole so that they add up the same everywhere
SHARE = 1 << 20  # of a posterior probability, whole for the same reason
Array = NDArray[np.float64]


def smoothed(numbers: Numbers, counts: NDArray[np.int64], emission: Array, steps: NDArray[np.bool_], choice: Markov) -> Numbers:
    """The likeliest true class numbers (sequence, year); forbidden steps are impossible."""
    transitions = declared_transitions(choice.stay, steps)
    if choice.transitions == "estimated":
        transitions = estimated_transitions(numbers, counts, emission, transitions, choice.iterations)
    return cheapest(numbers, costs(emission), costs(transitions))


def declared_transitions(stay: float, steps: NDArray[np.bool_]) -> Array:
    """Probability of a class after another, shape (before, after): `stay` for the same, the rest in equal parts to those allowed."""
    others = steps & ~np.eye(len(steps), dtype=np.bool_)
    number = others.sum(axis=1, keepdims=True)
    spread = np.where(others, (1 - stay) / np.maximum(number, 1), 0.0)
    return np.asarray(spread + np.eye(len(steps)) * np.where(number > 0, stay, 1.0))


def declared_emission(accuracy: float, classes: int) -> Array:
    """Probability of a map class given the true one, shape (true, mapped): `accuracy` for the same, the rest in equal parts."""
    same = np.eye(classes)
    return np.asarray(same * accuracy + (1 - same) * (1 - accuracy) / max(classes - 1, 1))


def confusion_emission(rows: Sequence[Confusion], mapped: NDArray[np.int64], classes: Sequence[LandClass], choice: Markov) -> Array:
    """The same from reference samples and the mapped pixels of each class.

    Shares p_ij = W_i n_ij / n_i. (Olofsson et al. 2014 eq 4, doi:10.1016/j.rse.2014.02.015), each column divided by its sum.
    """
    split = next((name for name in SPLITS if any(row.split == name for row in rows)), None)
    if split is None:
        raise refuse("E-LND-051", "pipeline [land.consistency.markov]")
    number = {c.id: place for place, c in enumerate(classes)}
    samples = choice.prior_samples * declared_emission(choice.accuracy, len(classes))
    for row in rows:
        if row.split == split:
            samples[number[row.map_class], number[row.reference_class]] += row.count
    shares = samples / samples.sum(axis=1, keepdims=True) * np.maximum(mapped, 1)[:, None]
    return np.asarray((shares / shares.sum(axis=0, keepdims=True)).T)


def estimated_transitions(numbers: Numbers, counts: NDArray[np.int64], emission: Array, start: Array, iterations: int) -> Array:
    """The transitions that make the maps likeliest, from `start` on (Baum-Welch); what is impossible at the start stays so.

    Single products and sums of float64, and sums of whole numbers: no order of adding enters.
    """
    shown = np.concatenate((emission, np.ones((len(emission), 1))), axis=1)[:, numbers]  # (class, sequence, year), 1 where not monitored
    found = start
    for _ in range(iterations):
        pairs = _expected(shown, counts, found)
        rows = pairs.sum(axis=1, keepdims=True)
        found = np.where(rows > 0, pairs / np.maximum(rows, 1), found)
    return found


def _expected(shown: Array, counts: NDArray[np.int64], transitions: Array) -> NDArray[np.int64]:
    """How many pixels step from a class to another, as far as the maps tell, in SHARE, shape (before, after)."""
    classes, _, years = shown.shape
    before, after = _forward(shown, transitions), _backward(shown, transitions)
    pairs = np.zeros((classes, classes), np.int64)
    for year in range(1, years):
        joint = np.stack([[before[year - 1][a] * transitions[a, b] * shown[b, :, year] * after[year][b] for b in range(classes)] for a in range(classes)])
        whole = _summed(joint.reshape(classes * classes, -1))
        quantised = np.rint(joint / np.where(whole > 0, whole, 1) * SHARE).astype(np.int64)
        pairs += (quantised * counts).sum(axis=-1)
    return pairs


def _forward(shown: Array, transitions: Array) -> list[Array]:
    """Per year the probability of each class given the maps up to it, shape (class, sequence)."""
    found = [_scaled(shown[:, :, 0])]
    for year in range(1, shown.shape[2]):
        came = np.stack([_summed(found[-1] * transitions[:, [b]]) for b in range(len(shown))])
        found.append(_scaled(came * shown[:, :, year]))
    return found


def _backward(shown: Array, transitions: Array) -> list[Array]:
    """Per year the likelihood of the maps after it given each class, up to a factor, shape (class, sequence)."""
    found = [np.ones_like(shown[:, :, 0])]
    for year in range(shown.shape[2] - 1, 0, -1):
        later = shown[:, :, year] * found[0]
        found.insert(0, _scaled(np.stack([_summed(later * transitions[[a]].T) for a in range(len(shown))])))
    return found


def _scaled(values: Array) -> Array:
    whole = _summed(values)
    return np.asarray(values / np.where(whole > 0, whole, 1))


def _summed(values: Array) -> Array:
    """The sum over the first axis, term after term."""
    found = values[0]
    for one in values[1:]:
        found = found + one
    return np.asarray(found)


def costs(probabilities: Array) -> Costs:
    """Minus the logarithm of each probability, whole; FORBIDDEN where it is none."""
    with np.errstate(divide="ignore"):
        found = -np.log(probabilities) * UNIT
    return np.where(np.isfinite(found), np.rint(np.where(np.isfinite(found), found, 0)), FORBIDDEN).astype(np.int64)


def mapped_pixels(numbers: Numbers, counts: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    """Pixels of each class over all years."""
    found = np.zeros(classes, np.int64)
    for year in range(numbers.shape[1]):
        seen = numbers[:, year] != NONE
        np.add.at(found, numbers[seen, year], counts[seen])
    return found
