"""portfolio.json: the account for machines, numbers that money hangs on as decimal strings; its schema is library/portfolio/schema.json."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from carbonsink import __version__
from carbonsink.portfolio.account import Portfolio
from carbonsink.portfolio.credits import SETTLED, whole
from carbonsink.portfolio.exact import added
from carbonsink.portfolio.settings import FOLDER, inventory_tables, settings
from carbonsink.portfolio.tables import area_hectares, area_rows, overlap_rows

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

SCHEMA = "carbonsink-portfolio/1"
SCHEMA_FILE = FOLDER / "schema.json"
TOTALS = ("removals", "avoided", "baseline", "gross", *SETTLED, "withheld_removals", "issued_removals")


def record(portfolio: Portfolio, out: Path) -> dict[str, Any]:
    """The account as one JSON value."""
    lines = inventory_tables()
    return {
        "schema": SCHEMA,
        "tool": __version__,
        "complete": not portfolio.problems,
        "simulated": list(portfolio.simulated),
        "vintages": list(portfolio.years),
        "areas": _rows(area_rows(portfolio, out)),
        "left_out": list(portfolio.left_out),
        "problems": [{"code": one.code, "where": one.where, "zh": one.line("zh"), "en": one.line("en")} for one in portfolio.problems],
        "overlaps": _rows(overlap_rows(portfolio)),
        "totals": totals(portfolio),
        "credits": _rows(portfolio.credits),
        "area_credits": _rows(portfolio.area_credits),
        "uncertainty": {"draws": settings().draws, "seed": settings().seed, "shared_rows": portfolio.shared_rows, "intervals": _rows(portfolio.spreads)},
        "inventory": {"source": lines.source, "place": lines.place, "status": lines.status, "rows": _rows(portfolio.inventory)},
        "land": {"areas": _rows(portfolio.land_areas), "transitions": _rows(portfolio.land_transitions)},
        "alerts": _rows(portfolio.alerts),
        "stamps": _rows(portfolio.stamps),
    }


def totals(portfolio: Portfolio) -> dict[str, Any]:
    """What projects come to over all vintages [t CO2e], and the hectares of the areas that are counted in whole."""
    whole_areas = [member for member in portfolio.members if member.id not in portfolio.covered]
    tonnes = {f"{name}_t_co2e": _text(whole(portfolio.credited, name)) for name in TOTALS}
    return {"areas": len(portfolio.members), "area_ha": _text(added(area_hectares(member) for member in whole_areas)), **tonnes}


def _rows(rows: Iterable[DataclassInstance]) -> list[dict[str, Any]]:
    return [{key: _text(value) if isinstance(value, float | Decimal) else value for key, value in asdict(row).items()} for row in rows]


def _text(value: float | Decimal) -> str:
    """A number in its shortest exact decimal form, never an exponent."""
    return f"{Decimal(repr(value)) if isinstance(value, float) else value:f}"
