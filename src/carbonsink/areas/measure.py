"""The areas stage: hectares of every class, parcel and stratum, of what changed, and of plots; numbers measured in the field.

    land/cover_<year>.tif, land/confusion.csv, declared samples
        -> areas/classes.csv, estimators.csv, parcels.csv, activity.csv, transitions.csv; plots.csv, measured.csv and its evidence where there are any

How a stratum's hectares are known is the pipeline's choice: surveyed parcels on which the map shows the stratum's
class, the class's area adjusted for the map's error, or its pixels counted. A surveyed parcel's area is its geometry's;
the map only says whether the parcel is in the condition that counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from carbonsink.areas.changed import transition_rows
from carbonsink.areas.classes import AREA_PLACES, SHARE_PLACES, class_rows, estimator_rows
from carbonsink.areas.coverage import NOT_MONITORED, View, views
from carbonsink.areas.measured.stage import measure_all
from carbonsink.areas.plots.stage import write_plots
from carbonsink.areas.sampling.labels import confusion_of, keep
from carbonsink.base.geometry import hectares, mu
from carbonsink.base.problems import refuse
from carbonsink.base.rasters import Raster, read_raster
from carbonsink.base.records import Activity, ClassArea, Confusion, EstimatorArea, ParcelShare, Transition
from carbonsink.base.tables import quantise, read_csv, total, write_csv
from carbonsink.declared.area import Parcel
from carbonsink.declared.plan import Plan
from carbonsink.declared.plots import minimum_parcel_m2

SCENARIOS = ("baseline", "project")  # the same land; what differs is what is done on it


def measure(plan: Plan, run: Path) -> None:
    """Write the areas of every vintage. Refuses map classes whose error can't be known, and land that would count twice."""
    covers = {year: read_raster(run / "land" / f"cover_{year}.tif") for year in plan.vintages}
    drawn = [row for year, cover in covers.items() for row in confusion_of(plan, cover, year)]
    samples = [*read_csv(run / "land" / "confusion.csv", Confusion), *drawn]
    classes: list[ClassArea] = []
    parcels: list[ParcelShare] = []
    activity: list[Activity] = []
    estimators: list[EstimatorArea] = []
    for year, cover in covers.items():
        classes += class_rows(plan, year, cover, samples)
        estimators += estimator_rows(plan, year, cover, samples)
        parcels += parcel_rows(plan, year, cover)
        activity += activity_rows(plan, year, classes, parcels)
    write_csv(run / "areas" / "classes.csv", classes, ClassArea)
    write_csv(run / "areas" / "estimators.csv", estimators, EstimatorArea)
    write_csv(run / "areas" / "parcels.csv", parcels, ParcelShare)
    write_csv(run / "areas" / "activity.csv", activity, Activity)
    write_csv(run / "areas" / "transitions.csv", list(transition_rows(plan, covers)), Transition)
    keep(plan, run)
    write_plots(plan, run)
    measure_all(plan, run)


def parcel_rows(plan: Plan, year: int, cover: Raster) -> Iterator[ParcelShare]:
    """What the map shows on every surveyed parcel, in the order of parcel ids."""
    codes = {c.id: c.code for c in plan.pipeline.land.classes}
    parcels = sorted(plan.land.parcels, key=lambda parcel: parcel.id)
    for parcel, view in zip(parcels, views(cover, [p.geometry for p in parcels], plan.pipeline.areas.edge_pixels), strict=True):
        wanted = plan.area.strata[parcel.stratum].cover
        monitored = total(share for code, share in view.shares.items() if code != NOT_MONITORED)
        share = view.shares.get(codes[wanted], 0.0) / monitored if monitored > 0 else 0.0
        yield _parcel_row(plan, year, parcel, view, quantise(share, SHARE_PLACES), quantise(monitored, SHARE_PLACES))


def activity_rows(plan: Plan, year: int, classes: Sequence[ClassArea], parcels: Sequence[ParcelShare]) -> Iterator[Activity]:
    """The hectares of every stratum in a year, the same in both scenarios."""
    if plan.pipeline.areas.method != "parcels":
        _check_strata(plan)
    rows = {row.land_class: row for row in classes if row.year == year and row.used}
    for stratum, declared in plan.area.strata.items():
        if plan.pipeline.areas.method == "parcels":
            counted = (row.area_ha for row in parcels if row.counted and (row.year, row.stratum) == (year, stratum))
            area, error, method = quantise(total(counted), AREA_PLACES), 0.0, "parcels"
        else:
            row = rows[declared.cover]
            area, error = row.adjusted_ha, _error_of(plan, row)
            method = _method_of(plan, row)
        for scenario in SCENARIOS:
            yield Activity(year, scenario, stratum, area, error, method)


def _method_of(plan: Plan, row: ClassArea) -> str:
    """How the hectares are known; samples that judged the map before its consistency rules say nothing of the map that is used."""
    land = plan.pipeline.land
    if row.split == "none":
        return "pixel_count"
    before = row.split != "sample" and land.method == "classifier" and land.consistency is not None
    return "adjusted_before_rules" if before else "error_adjusted"


def _error_of(plan: Plan, row: ClassArea) -> float:
    """The standard error that goes on to the credit: the published formula's, or the larger where care is declared."""
    published = row.standard_error_ha or 0.0
    return max(published, row.cautious_error_ha or 0.0) if plan.pipeline.areas.error == "cautious" else published


def _parcel_row(plan: Plan, year: int, parcel: Parcel, view: View, share: float, monitored: float) -> ParcelShare:
    reason = _reason(plan, parcel, share, monitored)
    return ParcelShare(
        year, parcel.id, parcel.stratum, quantise(hectares(parcel.area_m2), AREA_PLACES), quantise(mu(parcel.area_m2), AREA_PLACES), parcel.declared_mu,
        plan.area.strata[parcel.stratum].cover, share, monitored, not reason, view.whole_px, quantise(view.edge_share, SHARE_PLACES), view.pixels, reason,
    )  # fmt: skip


def _reason(plan: Plan, parcel: Parcel, share: float, monitored: float) -> str:
    """Why a parcel doesn't count; empty where it does."""
    rules = plan.pipeline.areas
    if parcel.area_m2 < minimum_parcel_m2(rules.minimum_parcel_m2, plan.area.period.start):
        return "too-small"
    if monitored <= 0:
        return "not-monitored"
    return "" if share >= rules.minimum_share else "condition"


def _check_strata(plan: Plan) -> None:
    """A class's hectares can be given to one stratum only."""
    for cover, number in Counter(stratum.cover for stratum in plan.area.strata.values()).items():
        if number > 1:
            strata = ", ".join(name for name, stratum in plan.area.strata.items() if stratum.cover == cover)
            raise refuse("E-ARE-003", "area.toml [strata]", strata=strata, land_class=cover, method=plan.pipeline.areas.method)
