"""Rows of a worksheet that say tonnes and nothing of how they were worked out."""

from __future__ import annotations

from carbonsink.base.records import StockChange, WorksheetRow


def on(stratum: str, change: StockChange) -> WorksheetRow:
    """A flow's tonnes as those of one stratum; no name stands for the whole area."""
    return WorksheetRow(
        f"{change.year}/{change.scenario}/{stratum}/{change.flow}", change.year, change.scenario, stratum, change.flow, change.pool, change.gas, change.kind,
        "given", "", "", "", change.co2e_t, "t", 1.0, "", change.co2e_t,
    )  # fmt: skip
