"""Nitrous oxide of synthetic fertiliser (IPCC 2019 Refinement, Volume 4, Chapter 11)."""

from __future__ import annotations

from carbonsink.carbon.equation import Number, equation


@equation(cites="ipcc-2019-v4 eq 11.1, synthetic nitrogen", returns="n2o_emission")
def direct(area: Number, nitrogen_rate: Number, ef1: Number, n2o_per_n: Number, t_per_kg: Number) -> Number:
    """Nitrous oxide from fertiliser on dryland fields in one year [t_N2O/yr]."""
    return area * nitrogen_rate * t_per_kg * ef1 * n2o_per_n


@equation(cites="ipcc-2019-v4 eq 11.1, flooded rice", returns="n2o_emission")
def rice_direct(area: Number, nitrogen_rate: Number, ef1_rice: Number, n2o_per_n: Number, t_per_kg: Number) -> Number:
    """Nitrous oxide from fertiliser on paddies in one year [t_N2O/yr]."""
    return area * nitrogen_rate * t_per_kg * ef1_rice * n2o_per_n


@equation(cites="ipcc-2019-v4 eq 11.9, synthetic nitrogen", returns="n2o_emission")
def volatilised(area: Number, nitrogen_rate: Number, frac_gasf: Number, ef4: Number, n2o_per_n: Number, t_per_kg: Number) -> Number:
    """Nitrous oxide from nitrogen that volatilises and is deposited, in one year [t_N2O/yr]."""
    return area * nitrogen_rate * t_per_kg * frac_gasf * ef4 * n2o_per_n


@equation(cites="ipcc-2019-v4 eq 11.10, synthetic nitrogen", returns="n2o_emission")
def leached(area: Number, nitrogen_rate: Number, frac_leach: Number, ef5: Number, n2o_per_n: Number, t_per_kg: Number) -> Number:
    """Nitrous oxide from nitrogen leached and run off, in one year [t_N2O/yr]."""
    return area * nitrogen_rate * t_per_kg * frac_leach * ef5 * n2o_per_n
