"""Uncertainty: how far the tonnes may be off, by error propagation and by Monte Carlo, and where that comes from.

distributions  probabilities -> values, cut at declared bounds
draws          draws keyed by names
together       what moves together: shared changes, correlations
quantities     gross and net of every year, of the period, and last less first
spreads        an interval as a record
propagation    approach 1
simulation     approach 2
shares         shares of variance and rank correlations
stage          the stage: uncertainty.csv, shares.csv
"""

from carbonsink.uncertainty.draws import Sampling, draw
from carbonsink.uncertainty.propagation import approach_1, half_widths
from carbonsink.uncertainty.quantities import Totals, totals
from carbonsink.uncertainty.shares import variance_shares
from carbonsink.uncertainty.simulation import approach_2, simulate
from carbonsink.uncertainty.stage import propagate

__all__ = ["Sampling", "Totals", "approach_1", "approach_2", "draw", "half_widths", "propagate", "simulate", "totals", "variance_shares"]
