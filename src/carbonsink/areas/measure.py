"""The areas stage: hectares of every class, parcel and stratum.

    land/cover_<year>.tif, land/confusion.csv -> areas/classes.csv, areas/parcels.csv, areas/activity.csv

How a stratum's hectares are known is the pipeline's choice: surveyed parcels on which the map shows the stratum's
class, the class's area adjusted for the map's error, or its pixels counted. Adjusting takes the split by whole
parcels where there is one: neighbouring pixels of a parcel aren't independent, and a split by pixels overstates what
the map knows of land it has not seen. Reference samples of one year serve every vintage of the same map maker.
A trained map's samples are judged by forests that saw fewer parcels than the map's own, while the mapped areas are
the map's: adjusted areas carry the weaker forests' errors.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from carbonsink.areas.coverage import NOT_MONITORED, class_areas, class_shares
from carbonsink.areas.estimate import Array, Estimate, by_parcel, error_adjusted
from carbonsink.base.geometry import hectares, mu
from carbonsink.base.problems import refuse
from carbonsink.base.rasters import Raster, read_raster
from carbonsink.base.records import Activity, ClassArea, Confusion, ParcelShare
from carbonsink.base.tables import quantise, read_csv, total, write_csv
from carbonsink.declared.area import Parcel
from carbonsink.declared.plan import Plan

SCENARIOS = ("baseline", "project")  # the same land; what differs is what is done on it
AREA_PLACES = 6  # of a hectare
SHARE_PLACES = 9
NOT_MONITORED_NAME = "not monitored"


def measure(plan: Plan, run: Path) -> None:
    """Write the areas of every vintage. Refuses map classes whose error can't be known, and land that would count twice."""
    samples = read_csv(run / "land" / "confusion.csv", Confusion)
    classes: list[ClassArea] = []
    parcels: list[ParcelShare] = []
    activity: list[Activity] = []
    for year in plan.vintages:
        cover = read_raster(run / "land" / f"cover_{year}.tif")
        classes += class_rows(plan, year, cover, samples)
        parcels += parcel_rows(plan, year, cover)
        activity += activity_rows(plan, year, classes, parcels)
    write_csv(run / "areas" / "classes.csv", classes, ClassArea)
    write_csv(run / "areas" / "parcels.csv", parcels, ParcelShare)
    write_csv(run / "areas" / "activity.csv", activity, Activity)


def class_rows(plan: Plan, year: int, cover: Raster, samples: Sequence[Confusion]) -> Iterator[ClassArea]:
    """One row a class and split, in the order of the pipeline's classes, and one for what isn't monitored."""
    mapped = class_areas(cover, plan.land.boundary, plan.land.area_m2)
    used = split_used(plan, samples)
    splits = [split for split in ("pixel", "parcel") if any(s.split == split for s in samples)]
    for split in splits or ["none"]:
        yield from _split_rows(plan, year, split, split == used, mapped, samples)
    if used == "none" and splits:
        yield from _split_rows(plan, year, "none", True, mapped, ())


def split_used(plan: Plan, samples: Sequence[Confusion]) -> str | None:
    """The split whose areas feed the activity; None where surveyed parcels do."""
    if plan.pipeline.areas.method == "parcels":
        return None
    if plan.pipeline.areas.method == "pixel_count":
        return "none"
    splits = {s.split for s in samples}
    return next((split for split in ("parcel", "pixel") if split in splits), "none")


def parcel_rows(plan: Plan, year: int, cover: Raster) -> Iterator[ParcelShare]:
    """What the map shows on every surveyed parcel, in the order of parcel ids."""
    codes = {c.id: c.code for c in plan.pipeline.land.classes}
    parcels = sorted(plan.land.parcels, key=lambda parcel: parcel.id)
    for parcel, shares in zip(parcels, class_shares(cover, [p.geometry for p in parcels]), strict=True):
        wanted = plan.area.strata[parcel.stratum].cover
        monitored = total(share for code, share in shares.items() if code != NOT_MONITORED)
        share = shares.get(codes[wanted], 0.0) / monitored if monitored > 0 else 0.0
        yield _parcel_row(plan, year, parcel, wanted, quantise(share, SHARE_PLACES), quantise(monitored, SHARE_PLACES))


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
            area, error = row.adjusted_ha, row.standard_error_ha or 0.0
            method = "pixel_count" if row.split == "none" else "error_adjusted"
        for scenario in SCENARIOS:
            yield Activity(year, scenario, stratum, area, error, method)


def _split_rows(plan: Plan, year: int, split: str, used: bool, mapped: dict[int, float], samples: Sequence[Confusion]) -> Iterator[ClassArea]:
    classes = plan.pipeline.land.classes
    areas = np.array([mapped.get(c.code, 0.0) for c in classes])
    counts = _counts([c.id for c in classes], [s for s in samples if s.split == split])
    found = _estimate(split, counts, areas, [c.id for c in classes])
    for number, land_class in enumerate(classes):
        yield _class_row(year, split, used, land_class.id, areas[number], found, number, int(counts.sum(axis=0)[number].sum()))
    yield _class_row(year, split, used, NOT_MONITORED_NAME, mapped[NOT_MONITORED], None, 0, 0)


def _estimate(split: str, counts: Array, areas: Array, names: Sequence[str]) -> Estimate | None:
    """None without samples, and where nothing at all was monitored."""
    if split == "none" or not areas.any():
        return None
    return by_parcel(counts, areas, names) if split == "parcel" else error_adjusted(counts.sum(axis=0), areas, names)


def _counts(names: Sequence[str], samples: Sequence[Confusion]) -> Array:
    """Counts by parcel, map class and reference class, shape (parcel, q, q)."""
    clusters = {cluster: number for number, cluster in enumerate(dict.fromkeys(s.cluster for s in samples))}
    counts = Counter[tuple[int, int, int]]()
    for s in samples:
        counts[clusters[s.cluster], names.index(s.map_class), names.index(s.reference_class)] += s.count
    table = np.zeros((len(clusters), len(names), len(names)))
    for place, count in counts.items():
        table[place] = count
    return table


def _class_row(year: int, split: str, used: bool, name: str, mapped: float, found: Estimate | None, number: int, samples: int) -> ClassArea:
    if found is None:
        area = quantise(mapped, AREA_PLACES)
        return ClassArea(year, split, used, name, area, area, None, None, None, None, None, None, None, samples)
    p, e = found.points, found.errors
    return ClassArea(
        year, split, used, name, quantise(mapped, AREA_PLACES), quantise(p.areas[number], AREA_PLACES), _known(e.areas[number], AREA_PLACES),
        _known(p.users[number]), _known(e.users[number]), _known(p.producers[number]), _known(e.producers[number]),
        _known(p.overall), _known(e.overall), samples,
    )  # fmt: skip


def _known(value: float | Array, places: int = SHARE_PLACES) -> float | None:
    return None if math.isnan(value) else quantise(float(value), places)


def _parcel_row(plan: Plan, year: int, parcel: Parcel, wanted: str, share: float, monitored: float) -> ParcelShare:
    rules = plan.pipeline.areas
    counted = monitored > 0 and share >= rules.minimum_share and parcel.area_m2 >= rules.minimum_parcel_m2
    return ParcelShare(
        year, parcel.id, parcel.stratum, quantise(hectares(parcel.area_m2), AREA_PLACES), quantise(mu(parcel.area_m2), AREA_PLACES), parcel.declared_mu,
        wanted, share, monitored, counted,
    )  # fmt: skip


def _check_strata(plan: Plan) -> None:
    """A class's hectares can be given to one stratum only."""
    for cover, number in Counter(stratum.cover for stratum in plan.area.strata.values()).items():
        if number > 1:
            strata = ", ".join(name for name, stratum in plan.area.strata.items() if stratum.cover == cover)
            raise refuse("E-ARE-003", "area.toml [strata]", strata=strata, land_class=cover, method=plan.pipeline.areas.method)
