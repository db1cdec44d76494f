"""What the page's tables hold, in one language: numbers as people write them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import get_args

from carbonsink.base.geometry import hectares_to_mu
from carbonsink.declared.categories import IPCC
from carbonsink.declared.gbt import uses
from carbonsink.declared.language import Language
from carbonsink.portfolio.account import Portfolio
from carbonsink.portfolio.alerts import AreaAlert
from carbonsink.portfolio.credits import SETTLED, TYPED, Credit, whole
from carbonsink.portfolio.inventory import ABSOLUTE, OVER_BASELINE, InventoryRow
from carbonsink.portfolio.land import UNSEEN, LandArea, LandTransition
from carbonsink.portfolio.record import totals
from carbonsink.portfolio.settings import inventory_tables
from carbonsink.report.parts.practice import practice_words
from carbonsink.report.tabular import Column, Row, Table, gas_words

LANDS = (*get_args(IPCC), UNSEEN)
AMOUNTS = ("removals", "avoided", "baseline", "gross", *SETTLED, "withheld_removals", "issued_removals")
ALWAYS = ("removals", "avoided", "gross", "withheld", "issued")
KILO = Decimal(1000)  # tonnes of a kilotonne, the unit of inventories


def tiles(portfolio: Portfolio, w: Language) -> list[tuple[str, str, str]]:
    """The key figures: what, how much, and what is to be said of it."""
    sums = totals(portfolio)
    area = Decimal(sums["area_ha"])
    net = next((one for one in portfolio.spreads if (one.year, one.quantity) == (0, "net")), None)
    spread = w("portfolio.plus-minus", percent=w.number(net.half_width_percent, 1)) if net and net.mean_t else w("portfolio.no-interval")
    return [
        (w("portfolio.tile-areas"), w.number(sums["areas"], 0), w("portfolio.tile-left-out", count=len(portfolio.problems))),
        (w("portfolio.tile-ha"), f"{w.number(area, 1)} {w('unit.ha')}", f"{w.number(hectares_to_mu(float(area)), 0)} {w('unit.mu')}"),
        (w("portfolio.tile-gross"), w.number(Decimal(sums["gross_t_co2e"]), 1), w("portfolio.tonnes")),
        (w("portfolio.tile-net"), w.number(net.mean_t, 1) if net else "–", spread),
        (w("portfolio.tile-withheld"), w.number(Decimal(sums["withheld_t_co2e"]), 0), w("portfolio.tonnes")),
        (w("portfolio.tile-issued"), w.number(Decimal(sums["issued_t_co2e"]), 0), w("portfolio.tonnes")),
    ]


def interval_rows(portfolio: Portfolio, w: Language) -> Table:
    """The combined interval of every year and of the period."""
    columns = [
        Column(w(f"portfolio.column-{name}"), name not in ("vintage", "quantity")) for name in ("vintage", "quantity", "mean", "low", "high", "half-width")
    ]
    rows = [
        Row((str(one.year) if one.year else w("portfolio.all-vintages"), w(f"quantity.{one.quantity}"),
             *(w.number(value, 1) for value in (one.mean_t, one.low_t, one.high_t)), w.number(one.half_width_percent, 1)))
        for one in sorted(portfolio.spreads, key=lambda one: (one.year == 0, one.year, one.quantity))
    ]  # fmt: skip
    return Table(columns, rows, w("portfolio.interval-caption"))


def credit_table(portfolio: Portfolio, w: Language) -> Table:
    """Every methodology's vintages, and the sum of what projects state."""
    columns = [Column(w("portfolio.column-methodology")), Column(w("portfolio.column-vintage"), tight=True), Column(w("portfolio.column-areas"), True)]
    projects = {member.methodology for member in portfolio.members if not member.inventory}
    shown = [name for name in AMOUNTS if name in ALWAYS or any(getattr(row, name) for row in portfolio.credits)]
    rows = [
        Row((_named(row, projects, w), str(row.vintage), row.areas, *(_amount(getattr(row, name), name, w) for name in shown))) for row in portfolio.credits
    ]
    areas = len({row.area for row in portfolio.credited})
    foot = (w("portfolio.total-projects"), "", areas, *(_amount(whole(portfolio.credited, name), name, w) for name in shown))
    return Table([*columns, *(Column(_amount_name(name, w), True) for name in shown)], rows, w("portfolio.credits-caption"), foot)


def land_table(portfolio: Portfolio, standard: str, w: Language) -> Table | None:
    """Hectares by kind of land and year; none where no run names classes of the standard."""
    found = {(one.land, one.year): one for one in portfolio.land_areas if one.standard == standard}
    if not {land for land, _ in found} - {UNSEEN}:
        return None
    seen = {land for land, _ in found}
    named = [land for land in (LANDS if standard == "ipcc" else (*sorted(seen - {UNSEEN}), UNSEEN)) if land in seen]
    columns = [Column(w(f"portfolio.{standard}")), *(Column(str(year), True, w("unit.ha")) for year in portfolio.years)]
    rows = [Row((land_words(land, w), *(_with_error(found.get((land, year)), w) for year in portfolio.years))) for land in named]
    return Table(columns, rows, w(f"portfolio.land-caption-{standard}"))


def matrices(portfolio: Portfolio, w: Language) -> list[Table]:
    """A matrix of the six categories for every two vintages that follow one another (CRT table 4.1)."""
    moves = [one for one in portfolio.land_transitions if one.standard == "ipcc"]
    return [_matrix([one for one in moves if (one.before, one.after) == pair], pair, w) for pair in sorted({(one.before, one.after) for one in moves})]


def _matrix(moves: list[LandTransition], years: tuple[int, int], w: Language) -> Table:
    found = {(one.from_land, one.to_land): one for one in moves}
    lands = [land for land in LANDS if any(land in pair for pair in found)]
    columns = [Column(w("portfolio.from-to")), *(Column(land_words(land, w), True) for land in lands), Column(w("portfolio.total"), True)]
    rows = [Row((land_words(a, w), *(_with_error(found.get((a, b)), w) for b in lands), w.number(_sum(found, [(a, b) for b in lands]), 1))) for a in lands]
    foot = (w("portfolio.total"), *(w.number(_sum(found, [(a, b) for a in lands]), 1) for b in lands), w.number(_sum(found, list(found)), 1))
    areas = max(one.areas for one in moves)
    return Table(columns, rows, w("portfolio.matrix-caption", before=years[0], after=years[1], areas=areas), foot)


def inventory_tables_of(portfolio: Portfolio, w: Language) -> list[Table]:
    """Emissions and removals by line, a column a year [kt CO2e]; numbers over a baseline in a table of their own."""
    return [
        _inventory(rows, basis, portfolio.years, w) for basis in (ABSOLUTE, OVER_BASELINE) if (rows := [r for r in portfolio.inventory if r.basis == basis])
    ]


def _inventory(rows: Iterable[InventoryRow], basis: str, years: tuple[int, ...], w: Language) -> Table:
    names = {line.id: line.name for line in inventory_tables().line}
    lines: dict[InventoryRow, dict[int, InventoryRow]] = {}
    for row in rows:
        lines.setdefault(replace(row, year=0, gas_t=Decimal(0), co2e_t=Decimal(0), areas=0), {})[row.year] = row
    heads = [Column(w(f"portfolio.column-{name}")) for name in ("table", "code", "guidelines", "line", "land", "gas")]
    columns = [*heads, *(Column(f"{year}", True, w("portfolio.kilotonnes")) for year in years), Column(w("portfolio.column-gas-tonnes", year=years[-1]), True)]
    made = [
        Row((line.table, line.code, line.guidelines, w.of(names[line.line]), _land_of(line, w), gas_words(line.gas), *_by_year(found, years, w)))
        for line, found in lines.items()
    ]
    return Table(columns, made, w(f"portfolio.inventory-caption-{basis}"))


def _by_year(found: dict[int, InventoryRow], years: tuple[int, ...], w: Language) -> list[str]:
    cells = [w.number(found[year].co2e_t / KILO, 4) if year in found else "–" for year in years]
    return [*cells, w.number(found[years[-1]].gas_t, 2) if years[-1] in found else "–"]


def look_table(portfolio: Portfolio, w: Language) -> Table:
    """What somebody has to look at."""
    columns = [Column(w(f"portfolio.column-{name}"), name in ("count", "amount")) for name in ("area", "kind", "vintage", "detail", "count", "amount")]
    rows = [
        Row(
            (one.area, w(f"portfolio.alert-{one.kind}"), str(one.year), _detail(one, w), w.number(one.count, 0), w.number(one.amount, 2)),
            "grave" if one.kind == "protection" else "warn",
        )
        for one in portfolio.alerts
    ]
    return Table(columns, rows, w("portfolio.alerts-caption"))


def _detail(one: AreaAlert, w: Language) -> str:
    """What an alert is about: a practice or an account in words, a red line by the id that its area gave it."""
    match one.kind:
        case "practice":
            return practice_words(one.detail, w)
        case "shortfall":
            return w(f"account.{one.detail}")
    return one.detail


def land_words(land: str, w: Language) -> str:
    """A category in words, or a class of GB/T 21010-2017 with its code."""
    if land == UNSEEN:
        return w("areas.not-monitored")
    use = uses().get(land)
    if use is not None:
        return f"{land} {use.name_zh if w.code == 'zh' else use.name_en}"
    return w(f"ipcc.{land.replace(' ', '-')}")


def _land_of(row: InventoryRow, w: Language) -> str:
    return " · ".join((land_words(row.category, w), w(f"portfolio.{row.change}"))) if row.category else w("portfolio.several-lands")


def _with_error(one: LandArea | LandTransition | None, w: Language) -> str:
    if one is None:
        return "–"
    return w.number(one.area_ha, 1) + (f" ± {w.number(one.standard_error_ha, 1)}" if one.standard_error_ha else "")


def _sum(found: dict[tuple[str, str], LandTransition], cells: list[tuple[str, str]]) -> Decimal:
    return sum((found[cell].area_ha for cell in cells if cell in found), Decimal(0))


def _named(row: Credit, projects: set[str], w: Language) -> str:
    return row.methodology if row.methodology in projects else f"{row.methodology} ({w('portfolio.inventory')})"


def _amount(value: Decimal, name: str, w: Language) -> str:
    return w.number(value, 0 if name.startswith(TYPED) else 1)


def _amount_name(name: str, w: Language) -> str:
    kept = {"gross": "column.gross"} | {f"{one}_removals": f"portfolio.{one}-removals" for one in TYPED}
    return w(kept.get(name, f"account.{name}"))
