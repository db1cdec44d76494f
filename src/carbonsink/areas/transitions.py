"""Land that changed class between two years: the transition matrix from a sample interpreted at both, with its errors.

Each matrix cell is the area of one kind of land ("was i, is j"), so the estimators of areas hold cell by cell: Olofsson et al.
2014, eqs 9 to 11, where the strata are the mapped transitions, Stehman 2014, eqs 2 and 25, where they are anything else. Two
maps laid over each other give no such errors: their mistakes look like change, and are not independent. What a class gains
less what it loses has an error of its own, since one unit can be in both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from carbonsink.areas.interval import Array
from carbonsink.areas.strata import cell_shares, check_strata, error_of_mean


@dataclass(frozen=True)
class Transitions:
    """Areas and standard errors in the strata's unit: of cells (..., q before, q after), of a class's gain less loss (..., q)."""

    areas: Array
    errors: Array
    net: Array
    net_errors: Array


def transition_matrix(counts: Array, stratum_area: Array, names: Sequence[str] = ()) -> Transitions:
    """The matrix from counts (..., stratum, q classes before, q after) and areas (..., stratum) in any unit.

    Refuses a stratum that holds area but fewer than two samples, `names` being the strata's.
    """
    counts, stratum_area = np.asarray(counts, np.float64), np.asarray(stratum_area, np.float64)
    check_strata(counts, stratum_area, names)
    classes, whole = counts.shape[-1], stratum_area.sum(axis=-1)
    shares, own = cell_shares(counts, stratum_area), np.eye(classes)
    cells = [error_of_mean(counts, stratum_area, np.outer(before, after)) for before in own for after in own]
    gains = [np.broadcast_to(after, (classes, classes)) - np.broadcast_to(after, (classes, classes)).T for after in own]
    net = np.stack([(shares * gain).sum(axis=(-2, -1)) for gain in gains], axis=-1)
    net_errors = np.stack([error_of_mean(counts, stratum_area, gain) for gain in gains], axis=-1)
    errors = np.stack(cells, axis=-1).reshape(shares.shape)
    return Transitions(whole[..., None, None] * shares, whole[..., None, None] * errors, whole[..., None] * net, whole[..., None] * net_errors)
