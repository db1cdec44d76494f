"""Scores as probabilities, by single steps of IEEE 754: the system's exponential differs in its last bit from machine to machine."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

LN2 = 0.6931471805599453
LN2_HIGH = 0.693147180369123816490  # of ln 2, 33 bits: its products with whole exponents are exact (fdlibm, e_exp.c)
LN2_LOW = 1.90821492927058770002e-10  # and the rest
TERMS = tuple(1.0 / math.factorial(n) for n in range(14))  # of the exponential's series: under half a last bit within ln 2 / 2
SMALLEST = -700.0  # exponents below are nothing


def softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities of scores, both of shape (row, class)."""
    raised = exponential(np.maximum(scores - scores.max(axis=1, keepdims=True), SMALLEST))
    total = np.zeros(len(scores))
    for column in raised.T:  # one by one, in the order of classes
        total += column
    return raised / total[:, None]


def exponential(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """e to the power of each x from SMALLEST to 0."""
    times = np.rint(x / LN2)
    rest = (x - times * LN2_HIGH) - times * LN2_LOW
    value = np.full(x.shape, TERMS[-1])
    for term in TERMS[-2::-1]:
        value *= rest
        value += term
    result: NDArray[np.float64] = np.ldexp(value, times.astype(np.int32))
    return result
