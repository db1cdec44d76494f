"""Greenhouse gases of the fuel that machinery burns (Verra VM0042, emissions of fossil fuel)."""

from __future__ import annotations

from carbonsink.carbon.equation import Number, equation


@equation(cites="verra-vm0042 emissions of fossil fuel", returns="co2e_emission")
def machinery(area: Number, diesel_rate: Number, ef_diesel: Number, gasoline_rate: Number, ef_gasoline: Number) -> Number:
    """Emissions of diesel and gasoline burned on a stratum in one year [t_CO2e/yr]."""
    return area * (diesel_rate * ef_diesel + gasoline_rate * ef_gasoline)
