"""Emissions and removals in the tables of a national inventory: what the project scenario did, gas by gas, over all areas.

    [Member, ...]  ->  InventoryRow by year, table, category and gas

Signs are an inventory's: an emission is positive, a removal negative. A gas has its own tonnes, and its CO2e by the warming potentials
of the methodology that reckoned it. A flow whose numbers are over a baseline already (a gain less that of a control) is no change of
stock as an inventory means it: `basis` keeps it apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal

from carbonsink.base.records import WorksheetRow
from carbonsink.portfolio.exact import PLACES, added, decimal
from carbonsink.portfolio.member import Land, Member
from carbonsink.portfolio.settings import Line, codes_of, inventory_tables, line_of

REMAINING, CONVERTED = "remaining", "converted"
ABSOLUTE, OVER_BASELINE = "absolute", "over-baseline"
MIXED = Land("", "")


@dataclass(frozen=True)
class Place:
    """Where a flow stands."""

    year: int
    basis: str  # absolute | over-baseline
    table: str  # of the common reporting tables
    code: str  # its category
    guidelines: str  # category of the 2006 Guidelines
    line: str  # of inventory.toml
    category: str  # of the land; empty where several were reckoned together
    change: str  # remaining | converted; empty with the category
    gas: str


@dataclass(frozen=True)
class InventoryRow(Place):
    """inventory.csv: one line of one table in a year [t of the gas, t CO2e]."""

    gas_t: Decimal
    co2e_t: Decimal
    areas: int


def inventory(members: Sequence[Member]) -> list[InventoryRow]:
    """Every line that any area fills, in the order of tables and years."""
    sums: dict[Place, list[tuple[str, Decimal, Decimal]]] = {}
    for member in members:
        for place, gas, co2e in _rows(member):
            sums.setdefault(place, []).append((member.id, gas, co2e))
    rows = [
        InventoryRow(
            **asdict(place), gas_t=added(gas for _, gas, _ in parts), co2e_t=added(co2e for _, _, co2e in parts), areas=len({name for name, _, _ in parts})
        )
        for place, parts in sums.items()
    ]
    order = [line.id for line in inventory_tables().line]
    return sorted(rows, key=lambda row: (row.basis, row.table == "-", row.table, row.code, order.index(row.line), row.change, row.gas, row.year))


def area_tonnes(member: Member) -> dict[Place, Decimal]:
    """One area's t CO2e by place: what the sums are made of."""
    found: dict[Place, Decimal] = {}
    for place, _, co2e in _rows(member):
        found[place] = found.get(place, Decimal(0)) + co2e
    return found


def _rows(member: Member) -> Iterator[tuple[Place, Decimal, Decimal]]:
    flows = {flow.id: flow for flow in member.plan.methodology.flow}
    for row in member.worksheet:
        if row.scenario != "project":
            continue
        basis = OVER_BASELINE if flows[row.flow].scenario == "project" else ABSOLUTE
        land = _land(member, row.stratum)
        line = line_of(row.pool, row.gas, row.equation, land.category, land.change)
        co2e = decimal(row.co2e_t) * (-1 if row.kind == "removal" else 1)
        gas = co2e if row.gas == "CO2" else (co2e / decimal(row.to_co2e)).quantize(PLACES)
        yield _place(row, basis, line, land), gas, co2e


def _place(row: WorksheetRow, basis: str, line: Line, land: Land) -> Place:
    codes = codes_of(land.category)
    if codes is None:  # land of several categories: no code of one of them is true of it
        crt = guidelines = code = "-"
    else:
        crt, guidelines, code = codes.crt, codes.guidelines, codes.converted if land.change == CONVERTED else codes.remaining
    table, code, guidelines = (text.format(crt=crt, land=code, guidelines=guidelines) for text in (line.crt, line.code, line.guidelines))
    return Place(row.year, basis, table, code, guidelines, line.id, land.category, land.change, row.gas)


def _land(member: Member, stratum: str) -> Land:
    """A stratum's land; of the whole area's flows, what all its strata are."""
    lands = {_changed(member, land) for name, land in member.lands.items() if stratum in ("", name)}
    return lands.pop() if len(lands) == 1 else MIXED


def _changed(member: Member, land: Land) -> Land:
    """The land with whether it was converted: as declared, else by what its methodology is for."""
    planted = member.plan.methodology.id in inventory_tables().planting.methodologies and land.category == "forest land"
    return Land(land.category, land.change or (CONVERTED if planted else REMAINING))
