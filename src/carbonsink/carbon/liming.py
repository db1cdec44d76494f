"""Carbon dioxide of lime and urea (IPCC Guidelines, Volume 4, Chapter 11.3 and 11.4)."""

from __future__ import annotations

from carbonsink.carbon.equation import Number, equation


@equation(cites="ipcc-2006-v4 eq 11.12", returns="carbon_emission")
def lime(area: Number, limestone_rate: Number, ef_limestone: Number, dolomite_rate: Number, ef_dolomite: Number) -> Number:
    """Carbon that limestone and dolomite set free in one year [t_C/yr]."""
    return area * (limestone_rate * ef_limestone + dolomite_rate * ef_dolomite)


@equation(cites="ipcc-2006-v4 eq 11.13", returns="carbon_emission")
def urea(area: Number, urea_rate: Number, ef_urea: Number) -> Number:
    """Carbon that urea sets free in one year [t_C/yr]."""
    return area * urea_rate * ef_urea
