"""7 and 8. Do hectares sum to the boundary, and postings to zero?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

from carbonsink.base.geometry import hectares
from carbonsink.base.records import Activity, ClassArea, ParcelShare, Posting
from carbonsink.base.standing import Standing, by_vintage
from carbonsink.base.tables import read_csv, total
from carbonsink.declared.withholding import withholding
from carbonsink.run import Means
from carbonsink.verify.declared import load_declared

TYPES = 2  # removals and avoided emissions, each rounded down by itself


def check_areas(run: Path, _: Means) -> Iterator[str]:
    """7. The areas of the classes sum to the boundary, and parcels to their strata."""
    plan = load_declared(run)
    boundary = hectares(plan.land.area_m2)
    sums: dict[tuple[int, str, str], list[float]] = defaultdict(list)
    for row in read_csv(run / "areas" / "classes.csv", ClassArea):
        sums[row.year, row.split, "mapped"].append(row.mapped_ha)
        sums[row.year, row.split, "adjusted"].append(row.adjusted_ha)
    for (year, split, column), parts in sums.items():
        if abs(total(parts) - boundary) > 0.01:
            yield f"classes.csv {year} {split}: {column} areas sum to {total(parts)} ha, the boundary has {boundary} ha"
    counted: dict[tuple[int, str], list[float]] = defaultdict(list)
    for parcel in read_csv(run / "areas" / "parcels.csv", ParcelShare):
        counted[parcel.year, parcel.stratum].append(parcel.area_ha if parcel.counted else 0.0)
    for activity in read_csv(run / "areas" / "activity.csv", Activity):
        parts = counted[activity.year, activity.stratum]
        if activity.method == "parcels" and abs(total(parts) - activity.area_ha) > 0.01:
            yield f"activity.csv {activity.year} {activity.stratum}: {activity.area_ha} ha, its parcels sum to {total(parts)} ha"


def check_statement(run: Path, _: Means) -> Iterator[str]:
    """8. Every vintage's postings sum to zero, rounding is under a tonne a type, nothing is issued on a loss, on a debt or where the plan bars it.

    What is owed and kept goes on from what the declared earlier run left, vintage by vintage.
    """
    plan = load_declared(run)
    barred, standing = withholding(plan, run), plan.earlier.left if plan.earlier else Standing()
    for vintage, accounts in by_vintage(read_csv(run / "credit" / "statement.csv", Posting)).items():
        yield from unsettled(vintage, accounts, standing)
        standing = standing.after(accounts)
        if balance := sum(accounts.values()):
            yield f"statement.csv {vintage}: postings sum to {balance}, not to zero"
        issued = accounts.get("issued", Decimal(0))
        if not 0 <= accounts.get("rounding", Decimal(0)) < TYPES:
            yield f"statement.csv {vintage}: rounding is {accounts['rounding']}, not under a tonne a type"
        if issued != int(issued) or issued < 0 or (issued and (accounts.get("shortfall") or accounts.get("reversal"))):
            yield f"statement.csv {vintage}: issued {issued} beside a shortfall of {accounts.get('shortfall')} and a reversal of {accounts.get('reversal')}"
        if issued and barred:
            yield f"statement.csv {vintage}: {issued} t issued, which the plan bars: {' '.join(barred)}"


def unsettled(vintage: int, accounts: Mapping[str, Decimal], standing: Standing) -> Iterator[str]:
    """What a vintage does with what the ones before it left owed and kept [t CO2e], where that isn't the rule."""
    carried, drawn, short = accounts["carried"], -accounts["reversal"], -accounts["shortfall"]
    if not 0 <= carried <= standing.owed or (accounts["issued"] and carried != standing.owed):
        yield f"statement.csv {vintage}: {carried} t carried and {accounts['issued']} t issued, {standing.owed} t are owed from before"
    if not 0 <= drawn <= standing.kept or short < 0 or (short >= 1 and drawn != standing.kept):
        yield f"statement.csv {vintage}: {drawn} t drawn on the buffer beside a shortfall of {short} t, {standing.kept} t are kept from before"
