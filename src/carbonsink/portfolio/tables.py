"""The CSV files of a portfolio, a record a row: what a statistics bureau reads."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from carbonsink.base.geometry import hectares
from carbonsink.base.tables import quantise
from carbonsink.portfolio.account import Portfolio
from carbonsink.portfolio.alerts import AreaAlert, AreaStamp
from carbonsink.portfolio.credits import Credit, whole
from carbonsink.portfolio.exact import decimal
from carbonsink.portfolio.interval import Combined
from carbonsink.portfolio.inventory import InventoryRow
from carbonsink.portfolio.land import LandArea, LandTransition
from carbonsink.portfolio.member import Member

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

HECTARE_PLACES = 6  # as in the areas' own reports


@dataclass(frozen=True)
class AreaRow:
    """areas.csv: one area and the run that speaks for it [ha; t CO2e over all its vintages]."""

    area: str
    name_zh: str
    name_en: str
    country: str
    pipeline: str
    methodology: str
    kind: str  # project | inventory
    counted: str  # whole | credits: its land and emissions are an inventory's that covers it
    first_vintage: int
    last_vintage: int
    area_ha: Decimal
    parcels: int
    simulated: bool
    gross: Decimal
    withheld: Decimal
    issued: Decimal
    run: str
    manifest: str  # digest
    results: str  # digest
    page: str  # from the portfolio's folder


@dataclass(frozen=True)
class OverlapRow:
    """overlaps.csv: two areas that share land and vintages."""

    area: str
    other: str
    area_ha: Decimal
    years: str
    pools: str
    verdict: str  # pass | trim | reject
    covered: str  # the project inside the other's inventory
    counted: bool


def tables(portfolio: Portfolio, out: Path) -> dict[str, tuple[Sequence[DataclassInstance], type[DataclassInstance]]]:
    """Every table by its file's name."""
    return {
        "areas.csv": (area_rows(portfolio, out), AreaRow),
        "credits.csv": (portfolio.credits, Credit),
        "area_credits.csv": (portfolio.area_credits, Credit),
        "uncertainty.csv": (portfolio.spreads, Combined),
        "inventory.csv": (portfolio.inventory, InventoryRow),
        "land_area.csv": (portfolio.land_areas, LandArea),
        "land_transitions.csv": (portfolio.land_transitions, LandTransition),
        "alerts.csv": (portfolio.alerts, AreaAlert),
        "stamps.csv": (portfolio.stamps, AreaStamp),
        "overlaps.csv": (overlap_rows(portfolio), OverlapRow),
    }


def area_rows(portfolio: Portfolio, out: Path) -> list[AreaRow]:
    """The areas that are counted, in the order of ids."""
    credits: dict[str, list[Credit]] = {}
    for row in portfolio.area_credits:
        credits.setdefault(row.area, []).append(row)
    return [_area(member, credits[member.id], portfolio, out) for member in portfolio.members]


def area_hectares(member: Member) -> Decimal:
    """An area's hectares, as its own report gives them."""
    return decimal(quantise(hectares(member.plan.land.area_m2), HECTARE_PLACES))


def overlap_rows(portfolio: Portfolio) -> list[OverlapRow]:
    """Every two areas that share land and vintages."""
    return [
        OverlapRow(
            one.area, one.other, decimal(quantise(one.area_ha, HECTARE_PLACES)), " ".join(map(str, one.years)), " ".join(one.pools),
            one.verdict, one.covered, not one.rejected,
        )
        for one in portfolio.overlaps
    ]  # fmt: skip


def _area(member: Member, credits: Sequence[Credit], portfolio: Portfolio, out: Path) -> AreaRow:
    area, land = member.plan.area, member.plan.land
    return AreaRow(
        area=area.id,
        name_zh=area.name.zh,
        name_en=area.name.en,
        country=area.country,
        pipeline=member.plan.pipeline.id,
        methodology=member.methodology,
        kind="inventory" if member.inventory else "project",
        counted="credits" if area.id in portfolio.covered else "whole",
        first_vintage=member.plan.vintages[0],
        last_vintage=member.plan.vintages[-1],
        area_ha=area_hectares(member),
        parcels=len(land.parcels),
        simulated=member.plan.simulated,
        gross=whole(credits, "gross"),
        withheld=whole(credits, "withheld"),
        issued=whole(credits, "issued"),
        run=member.run.name,
        manifest=member.manifest,
        results=member.results,
        page=Path(os.path.relpath(member.run / "report" / "report.html", out)).as_posix(),
    )
