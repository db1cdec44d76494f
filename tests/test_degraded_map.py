"""What a worse map costs: its error goes on into the interval of the credit, and what is issued never rises with it.

Hectares of paddy adjusted by a sample keep their mean however bad the map is; their standard error doesn't. The plan is the
demonstration's, as though its imagery were real and its methodology confirmed, so that tonnes are issued and not withheld.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry import box

from carbonsink.areas.measure import measure
from carbonsink.areas.sampling.draw import counted, draw
from carbonsink.areas.sampling.frame import frame_of
from carbonsink.base.outline import projected
from carbonsink.base.rasters import Grid, Raster, write_raster
from carbonsink.base.records import Activity, ClassArea, Confusion, Posting, Spread
from carbonsink.base.tables import read_csv, write_csv
from carbonsink.carbon.work import work
from carbonsink.credit.statement import credit
from carbonsink.declared.plan import Plan
from carbonsink.declared.schema import Words
from carbonsink.uncertainty import propagate
from tests.signing import confirming
from tests.simulate.plans import geodesic_m2, longshan

SIDE = 200  # pixels: 4 km2, half of it paddy
GRID = Grid("EPSG:32650", 537_000.0, 2_724_000.0, 10.0, SIDE, SIDE)
PADDY, OTHER = 1, 2
YEAR = 2021
STEPS = (0, 4, 8, 12, 20, 30, 40)  # percent of each class that the map has wrong


@dataclass(frozen=True)
class Outcome:
    """What a map ends in: hectares of paddy with their standard error, half-width of the net, whole tonnes issued."""

    hectares: float
    error: float
    half_width: float
    issued: int


def plan_of(method: str = "error_adjusted") -> Plan:
    """One stratum of paddy on the square, with two classes."""
    back = Transformer.from_crs(GRID.crs, 4326, always_xy=True)
    west, south, east, north = GRID.bounds
    land = shapely.transform(box(west, south, east, north).segmentize(100.0), back.transform, interleaved=False)
    paddy = next(c for c in longshan().pipeline.land.classes if c.id == "paddy")
    other = paddy.model_copy(update={"id": "other", "code": OTHER, "name": Words(zh="其他", en="Other")})
    recipe = longshan().pipeline
    cover = recipe.land.model_copy(update={"classes": [paddy, other], "rules": []})
    pipeline = recipe.model_copy(update={"land": cover, "areas": recipe.areas.model_copy(update={"method": method}), "practice": None})
    imagery = longshan().area.imagery.model_copy(update={"catalogue": None})
    area = longshan().area.model_copy(update={"imagery": imagery, "simulation": None})
    parcels = longshan().land.parcels if method == "parcels" else ()
    land_ = replace(longshan().land, boundary=land, parcels=parcels, area_m2=geodesic_m2(land))
    return confirming(replace(longshan(), land=land_, pipeline=pipeline, area=area, vintages=(YEAR,)))


def truth() -> NDArray[np.uint8]:
    """The western half is paddy."""
    codes = np.full((SIDE, SIDE), OTHER, np.uint8)
    codes[:, : SIDE // 2] = PADDY
    return codes


def degraded(percent: int) -> NDArray[np.uint8]:
    """The truth with so many percent of each class taken for the other; what is wrong stays wrong as the map gets worse."""
    order = np.random.Generator(np.random.Philox(4)).permutation(SIDE * SIDE // 2)
    codes = truth()
    for code, part in ((PADDY, np.s_[:, : SIDE // 2]), (OTHER, np.s_[:, SIDE // 2 :])):
        half = codes[part].copy().ravel()
        half[order[: half.size * percent // 100]] = PADDY + OTHER - code
        codes[part] = half.reshape(SIDE, -1)
    return codes


def representative(percent: int, points: int) -> list[Confusion]:
    """A sample that is wrong exactly as often as the map."""
    wrong = points * percent // 100
    table = (("paddy", "paddy", points - wrong), ("paddy", "other", wrong), ("other", "other", points - wrong), ("other", "paddy", wrong))
    return [Confusion(YEAR, "sample", "", mapped, true, count) for mapped, true, count in table if count]


def drawn(plan: Plan, cover: Raster, seed: int, points: int) -> list[Confusion]:
    """A stratified random sample of the map, labelled by the truth."""
    frame = frame_of(plan, cover)
    sample = draw(frame, cover, YEAR, [replace(share, points=points) for share in counted(plan, frame)], seed)
    names = {PADDY: "paddy", OTHER: "other"}
    true = [names[int(truth()[int((GRID.north - p.y) // 10), int((p.x - GRID.west) // 10)])] for p in sample]
    pairs = [(p.map_class, label) for p, label in zip(sample, true, strict=True)]
    return [Confusion(YEAR, "sample", "", *pair, pairs.count(pair)) for pair in sorted(set(pairs))]


def outcome(plan: Plan, codes: NDArray[np.uint8], samples: list[Confusion] | None, folder: Path) -> Outcome:
    """Stages 4 to 7 on a map and its samples; none given, a drawn one is read."""
    shutil.rmtree(folder, ignore_errors=True)
    write_raster(folder / "land" / f"cover_{YEAR}.tif", Raster(GRID, ("cover",), codes[None], 0))
    write_csv(folder / "land" / "confusion.csv", samples or [], Confusion)
    for stage in (measure, work, propagate, credit):
        stage(plan, folder)
    activity = next(a for a in read_csv(folder / "areas" / "activity.csv", Activity) if a.scenario == "project")
    spread = next(s for s in read_csv(folder / "uncertainty" / "uncertainty.csv", Spread) if (s.quantity, s.approach, s.level_percent) == ("net", 2, 95.0))
    issued = next(p for p in read_csv(folder / "credit" / "statement.csv", Posting) if p.account == "issued")
    return Outcome(activity.area_ha, activity.standard_error_ha, spread.half_width_percent, int(issued.co2e_t))


def rising(values: list[float]) -> bool:
    return all(a < b for a, b in zip(values, values[1:], strict=False))


def falling(values: list[float]) -> bool:
    return all(a >= b for a, b in zip(values, values[1:], strict=False))


def test_the_interval_widens_and_the_issue_never_rises_as_the_map_gets_worse(tmp_path: Path) -> None:
    """The sample is wrong exactly as often as the map, so that only the map's error changes, and no luck of the draw."""
    plan = plan_of()
    found = [outcome(plan, degraded(percent), representative(percent, 100), tmp_path / "run") for percent in STEPS]
    assert [one.hectares for one in found] == pytest.approx([found[0].hectares] * len(found), rel=1e-6), "the mean stays"
    assert rising([one.error for one in found])
    assert rising([one.half_width for one in found])
    assert falling([one.issued for one in found]) and found[-1].issued < found[0].issued


def test_the_error_that_goes_into_the_credit_is_the_published_one(tmp_path: Path) -> None:
    """Eq 10 of Olofsson et al. 2014 by hand, with two classes of one size."""
    plan = plan_of()
    areas = plan.pipeline.areas.model_copy(update={"error": "published"})
    plan = replace(plan, pipeline=plan.pipeline.model_copy(update={"areas": areas}))
    for share in (0.0, 0.08, 0.4):
        percent = round(100 * share)
        one = outcome(plan, degraded(percent), representative(percent, 100), tmp_path / "run")
        assert one.error == pytest.approx(2 * one.hectares * (2 * 0.25 * share * (1 - share) / 99) ** 0.5, rel=1e-6)


def test_a_larger_sample_buys_back_what_a_bad_map_costs(tmp_path: Path) -> None:
    plan = plan_of()
    found = [outcome(plan, degraded(30), representative(30, points), tmp_path / "run") for points in (50, 200, 1000)]
    assert rising([-one.half_width for one in found]) and falling([-one.issued for one in found])
    assert found[-1].issued > found[0].issued


def test_drawn_samples_say_the_same_on_average(tmp_path: Path) -> None:
    """Six draws a step: single ones scatter about the truth, their means widen and fall."""
    plan = plan_of()
    means = []
    for percent in (0, 20, 40):
        cover = Raster(GRID, ("cover",), degraded(percent)[None], 0)
        found = [outcome(plan, degraded(percent), drawn(plan, cover, seed, 60), tmp_path / "run") for seed in range(6)]
        means.append(Outcome(*(float(np.mean([getattr(one, name) for one in found])) for name in ("hectares", "error", "half_width", "issued"))))  # type: ignore[arg-type]
        assert means[-1].hectares == pytest.approx(means[0].hectares, rel=0.1)
    assert rising([one.half_width for one in means]) and falling([one.issued for one in means])


def test_parcels_are_lost_as_the_map_gets_worse_and_never_won(tmp_path: Path) -> None:
    """Surveyed parcels keep their geometry; a parcel that the map no longer shows as paddy isn't counted."""
    counted_ha = []
    for codes in worse_parcels():
        plan, grid = codes
        write_raster(tmp_path / "land" / f"cover_{YEAR}.tif", Raster(grid, ("cover",), plan[1][None], 0))
        write_csv(tmp_path / "land" / "confusion.csv", [], Confusion)
        measure(plan[0], tmp_path)
        counted_ha.append(next(iter(read_csv(tmp_path / "areas" / "activity.csv", Activity))).area_ha)
    assert counted_ha[0] == pytest.approx(429.0, rel=1e-3)
    assert falling(counted_ha) and counted_ha[1] == counted_ha[0] > counted_ha[-1]


def worse_parcels() -> Iterator[tuple[tuple[Plan, NDArray[np.uint8]], Grid]]:
    """Maps on which ever more pixels of the demonstration's parcels are taken for something else."""
    plan = replace(plan_of("parcels"), land=longshan().land)
    west, south, east, north = projected(longshan().land.boundary, GRID.crs).bounds
    grid = Grid(GRID.crs, west // 10 * 10, north // 10 * 10 + 10, 10.0, int((north - south) // 10) + 2, int((east - west) // 10) + 2)
    chance = np.random.Generator(np.random.Philox(5)).random((grid.height, grid.width))
    for percent in (0, 20, 45, 55):
        yield (plan, np.where(chance < percent / 100, OTHER, PADDY).astype(np.uint8)), grid


def test_every_row_of_the_classes_has_its_interval(tmp_path: Path) -> None:
    outcome(plan_of(), degraded(20), representative(20, 100), tmp_path)
    rows = [row for row in read_csv(tmp_path / "areas" / "classes.csv", ClassArea) if row.used and row.adjusted_ha and row.standard_error_ha]
    assert [row.land_class for row in rows] == ["paddy", "other"]
    for row in rows:
        assert row.low_ha is not None and row.high_ha is not None and row.low_ha < row.adjusted_ha < row.high_ha
