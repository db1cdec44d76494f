"""7 and 8. Do hectares sum to the boundary, and postings to zero?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

from carbonsink.base.geometry import hectares
from carbonsink.base.problems import Problem
from carbonsink.base.records import Activity, ClassArea, ParcelShare, Posting
from carbonsink.base.standing import Standing, by_vintage
from carbonsink.base.tables import read_csv, total
from carbonsink.declared.withholding import withholding
from carbonsink.verify.chips import Chips
from carbonsink.verify.declared import load_declared

TYPES = 2  # removals and avoided emissions, each rounded down by itself


def check_areas(run: Path, _: Chips) -> Iterator[Problem]:
    """7. The areas of the classes sum to the boundary, and parcels to their strata."""
    plan = load_declared(run)
    boundary = hectares(plan.land.area_m2)
    sums: dict[tuple[int, str, str], list[float]] = defaultdict(list)
    for row in read_csv(run / "areas" / "classes.csv", ClassArea):
        sums[row.year, row.split, "mapped"].append(row.mapped_ha)
        sums[row.year, row.split, "adjusted"].append(row.adjusted_ha)
    for (year, split, column), parts in sums.items():
        if abs(total(parts) - boundary) > 0.01:
            yield Problem("E-VER-021", f"classes.csv {year} {split} {column}", {"summed": repr(total(parts)), "boundary": repr(boundary)})
    counted: dict[tuple[int, str], list[float]] = defaultdict(list)
    for parcel in read_csv(run / "areas" / "parcels.csv", ParcelShare):
        counted[parcel.year, parcel.stratum].append(parcel.area_ha if parcel.counted else 0.0)
    for activity in read_csv(run / "areas" / "activity.csv", Activity):
        parts = counted[activity.year, activity.stratum]
        if activity.method == "parcels" and abs(total(parts) - activity.area_ha) > 0.01:
            where = f"activity.csv {activity.year} {activity.stratum}"
            yield Problem("E-VER-022", where, {"stated": repr(activity.area_ha), "summed": repr(total(parts))})


def check_statement(run: Path, _: Chips) -> Iterator[Problem]:
    """8. Every vintage's postings sum to zero, rounding is under a tonne a type, nothing is issued on a loss, on a debt or where the plan bars it.

    What is owed and kept goes on from what the declared earlier run left, vintage by vintage.
    """
    plan = load_declared(run)
    barred, standing = withholding(plan, run), plan.earlier.left if plan.earlier else Standing()
    for vintage, accounts in by_vintage(read_csv(run / "credit" / "statement.csv", Posting)).items():
        where = f"statement.csv {vintage}"
        yield from unsettled(vintage, accounts, standing)
        standing = standing.after(accounts)
        if balance := sum(accounts.values()):
            yield Problem("E-VER-023", where, {"balance": balance})
        issued = accounts.get("issued", Decimal(0))
        if not 0 <= accounts.get("rounding", Decimal(0)) < TYPES:
            yield Problem("E-VER-024", where, {"rounding": accounts["rounding"]})
        if issued != int(issued) or issued < 0 or (issued and (accounts.get("shortfall") or accounts.get("reversal"))):
            losses = {account: accounts.get(account, Decimal(0)) for account in ("shortfall", "reversal")}
            yield Problem("E-VER-025", where, {"issued": issued, **losses})
        if issued and barred:
            yield Problem("E-VER-026", where, {"issued": issued, "stamps": " ".join(barred)})


def unsettled(vintage: int, accounts: Mapping[str, Decimal], standing: Standing) -> Iterator[Problem]:
    """What a vintage does with what the ones before it left owed and kept [t CO2e], where that isn't the rule."""
    where = f"statement.csv {vintage}"
    carried, drawn, short = accounts["carried"], -accounts["reversal"], -accounts["shortfall"]
    if not 0 <= carried <= standing.owed or (accounts["issued"] and carried != standing.owed):
        yield Problem("E-VER-027", where, {"carried": carried, "issued": accounts["issued"], "owed": standing.owed})
    if not 0 <= drawn <= standing.kept or short < 0 or (short >= 1 and drawn != standing.kept):
        yield Problem("E-VER-028", where, {"drawn": drawn, "short": short, "kept": standing.kept})
