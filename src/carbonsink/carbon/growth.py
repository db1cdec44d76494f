"""Growth of a planted stand, ex ante: what two curves say its volume gains in the vintage's year.

The curves themselves, for any age, stand in `stand`; here they are equations of a worksheet. Parameters come from a yield study of
the species and site; nothing grows before the year after planting.
"""

from __future__ import annotations

from carbonsink.carbon.equation import Number, equation, exp, maximum


@equation(cites="richards-1959 eq 1, less the year before", returns="volume_increment")
def chapman_richards(vintage: Number, planting_year: Number, volume_limit: Number, growth_rate: Number, growth_shape: Number, one_year: Number) -> Number:
    """Volume gained in the year up to the stand's age [m3/ha/yr]: V = limit (1 - exp(-rate age))^shape."""
    since = (vintage - planting_year) / one_year
    grown = (1 - exp(-growth_rate * one_year * maximum(0, since))) ** growth_shape
    grown_before = (1 - exp(-growth_rate * one_year * maximum(0, since - 1))) ** growth_shape
    return volume_limit * (grown - grown_before) / one_year


@equation(cites="verhulst-1838 eq 1, less the year before", returns="volume_increment")
def logistic(vintage: Number, planting_year: Number, volume_limit: Number, growth_rate: Number, growth_shift: Number, one_year: Number) -> Number:
    """Volume gained in the year up to the stand's age [m3/ha/yr]: V = limit / (1 + shift exp(-rate age))."""
    since = (vintage - planting_year) / one_year
    grown = 1 / (1 + growth_shift * exp(-growth_rate * one_year * maximum(0, since)))
    grown_before = 1 / (1 + growth_shift * exp(-growth_rate * one_year * maximum(0, since - 1)))
    return volume_limit * (grown - grown_before) / one_year
