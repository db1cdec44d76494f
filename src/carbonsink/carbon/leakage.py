"""Leakage of farmland: what the project's manure and straw would have done elsewhere."""

from __future__ import annotations

from carbonsink.carbon.equation import Number, equation


@equation(cites="verra-vm0042 leakage, manure from outside of the project", returns="carbon_emission")
def imported_manure(area: Number, manure_import_rate: Number, manure_carbon_fraction: Number, manure_carbon_kept: Number) -> Number:
    """Carbon that manure would have left in the soil it was taken from, in one year [t_C/yr]."""
    return area * manure_import_rate * manure_carbon_fraction * manure_carbon_kept


@equation(cites="farmland-proposal step 5, straw that was feed or fuel", returns="co2e_emission")
def diverted_straw(area: Number, diverted_straw_rate: Number, replacement_emission: Number) -> Number:
    """Emissions of the feed or fuel that takes the place of straw now returned to soil, in one year [t_CO2e/yr]."""
    return area * diverted_straw_rate * replacement_emission
