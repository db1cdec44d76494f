"""Returned labels: what is wrong in them comes at once, what is settled is counted against the map."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shapely import box

from carbonsink.areas.measure import measure
from carbonsink.areas.sampling.agreement import confusion, kappa
from carbonsink.areas.sampling.frame import frame_of
from carbonsink.areas.sampling.labels import confusion_of, keep, settle
from carbonsink.areas.sampling.points import Point, name_of
from carbonsink.base.problems import Refusal
from carbonsink.base.rasters import Raster
from carbonsink.base.records import Activity, Agreement, ClassArea, SampleLabel
from carbonsink.base.tables import read_csv
from carbonsink.declared.load import load
from carbonsink.declared.plan import Plan
from carbonsink.declared.sampling import Samples, read_sampling
from carbonsink.run.copies import copy_declared
from tests.areas.sampling.world import YEAR, World, kept, rewritten, rows_of, written
from tests.land import trial

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Desk:
    """Two people's tables of one sample, and a plan that declares them."""

    folder: Path
    world: World
    points: tuple[Point, ...]

    def declared(self, arbitration: str | None = None, labels: tuple[str, ...] = ("a.csv", "b.csv")) -> Plan:
        samples = Samples(year=YEAR, file="sample.gpkg", labels=list(labels), arbitration=arbitration, source="two interpreters, composites of the run")
        plan = self.world.plan
        return replace(plan, folder=self.folder, area=plan.area.model_copy(update={"samples": [samples]}))

    def settled(self, **given: Any) -> dict[str, str]:
        return settle(plan := self.declared(**given), plan.area.samples[0]).labels

    def edit(self, name: str, change: Callable[[Rows], object]) -> None:
        rows = rows_of(self.folder / name)
        change(rows)
        rewritten(self.folder / name, rows)


@pytest.fixture
def desk(world: World, tmp_path: Path) -> Desk:
    points = world.sample()
    kept(tmp_path, points)
    for name in "ab":
        written(tmp_path / f"{name}.csv", points, name.upper(), world.true)
    return Desk(tmp_path, world, points)


def test_labels_that_agree_are_counted_against_the_map(desk: Desk) -> None:
    rows = confusion_of(desk.declared(), desk.world.cover, YEAR)
    assert {(r.year, r.split, r.cluster) for r in rows} == {(YEAR, "sample", "")}
    assert sum(r.count for r in rows) == len(desk.points) == 60
    assert sum(r.count for r in rows if r.map_class != r.reference_class) == sum(desk.world.true(p) != p.map_class for p in desk.points) > 0
    assert [(r.map_class, r.reference_class) for r in rows] == [("paddy", "paddy"), ("paddy", "water"), ("water", "paddy"), ("water", "water")]


def test_a_year_without_a_sample_has_no_rows(desk: Desk) -> None:
    assert confusion_of(desk.declared(), desk.world.cover, YEAR + 1) == []
    assert confusion_of(desk.world.plan, desk.world.cover, YEAR) == []


def test_one_interpreter_is_enough_to_count_but_says_nothing_of_agreement(desk: Desk, tmp_path: Path) -> None:
    plan = desk.declared(labels=("a.csv",))
    assert sum(r.count for r in confusion_of(plan, desk.world.cover, YEAR)) == 60
    keep(plan, tmp_path / "run")
    (row,) = read_csv(tmp_path / "run" / "areas" / "agreement.csv", Agreement)
    assert (row.first, row.second, row.kappa, row.agreed, row.points) == ("A", None, None, None, 60)


def differ(desk: Desk, count: int) -> list[str]:
    """The second interpreter sees otherwise at the first so many points."""

    def change(rows: Rows) -> None:
        for row in rows[:count]:
            row["label"] = "water" if row["label"] == "paddy" else "paddy"

    desk.edit("b.csv", change)
    return [p.id for p in desk.points[:count]]


def test_points_on_which_they_differ_go_to_a_third_person(desk: Desk) -> None:
    ids = differ(desk, 5)
    with pytest.raises(Refusal, match=f"E-SMP-022 sample.gpkg: the interpreters differ at 5 points: {', '.join(ids)};"):
        desk.settled()
    open_points = tuple(p for p in desk.points if p.id in ids)
    written(desk.folder / "c.csv", open_points, "C", lambda p: "paddy")
    desk.edit("c.csv", lambda rows: [row.update(sample=name_of(desk.points)) for row in rows])
    labels = desk.settled(arbitration="c.csv")
    assert all(labels[name] == "paddy" for name in ids)
    assert all(labels[p.id] == desk.world.true(p) for p in desk.points if p.id not in ids)


def test_what_is_kept_names_every_label_and_kappa(desk: Desk, tmp_path: Path) -> None:
    ids = differ(desk, 5)
    open_points = tuple(p for p in desk.points if p.id in ids)
    written(desk.folder / "c.csv", open_points, "C", lambda p: "water", {"sample": name_of(desk.points)})
    desk.edit("a.csv", lambda rows: rows[7].update(certain="false"))
    keep(desk.declared("c.csv"), tmp_path / "run")
    labels = read_csv(tmp_path / "run" / "areas" / "samples.csv", SampleLabel)
    assert [row.id for row in labels] == [p.id for p in desk.points]
    assert {(row.arbitrated, row.label) for row in labels[:5]} == {("water", "water")} and labels[5].arbitrated is None
    assert [n for n, row in enumerate(labels) if not row.certain] == [7]
    (row,) = read_csv(tmp_path / "run" / "areas" / "agreement.csv", Agreement)
    expected = kappa(confusion([r.first for r in labels], [r.second or "" for r in labels], ["paddy", "water"]))
    assert (row.first, row.second, row.arbiter, row.points, row.agreed, row.arbitrated, row.unclear) == ("A", "B", "C", 60, 55, 5, 0)
    assert row.kappa == pytest.approx(expected.kappa, abs=1e-9) and row.kappa_standard_error == pytest.approx(expected.standard_error, abs=1e-9)
    keep(desk.world.plan, tmp_path / "none")
    assert not (tmp_path / "none").exists()  # an area without samples writes nothing


def test_points_nobody_can_tell_are_left_out_if_they_are_few(desk: Desk) -> None:
    def change(rows: Rows, count: int) -> None:
        for row in rows[:count]:
            row["label"] = "?"

    for name in ("a.csv", "b.csv"):
        desk.edit(name, lambda rows: change(rows, 3))
    assert list(desk.settled().values()).count("?") == 3
    assert sum(r.count for r in confusion_of(desk.declared(), desk.world.cover, YEAR)) == 57
    assert read_sampling().returned.unclear_share * 60 == 3
    for name in ("a.csv", "b.csv"):
        desk.edit(name, lambda rows: change(rows, 4))
    with pytest.raises(Refusal, match="E-SMP-024 sample.gpkg: nobody could tell 4 of 60 points"):
        desk.settled()


def test_a_map_that_has_changed_is_refused(desk: Desk) -> None:
    cover = desk.world.cover
    changed = Raster(cover.grid, cover.layers, np.where(cover.pixels == 2, 1, cover.pixels).astype(np.uint8), 0)
    water = sum(p.map_class == "water" for p in desk.points)
    with pytest.raises(Refusal, match=f"E-SMP-025 sample.gpkg: .* {water} of 60 points"):
        confusion_of(desk.declared(), changed, YEAR)


def test_the_projects_window_does_not_matter_to_the_count(desk: Desk) -> None:
    cover = desk.world.cover
    grid = replace(cover.grid, west=cover.grid.west + 100, north=cover.grid.north - 50, height=cover.grid.height - 5, width=cover.grid.width - 10)
    cropped = Raster(grid, cover.layers, cover.pixels[:, 5:, 10:], 0)
    assert confusion_of(desk.declared(), cropped, YEAR) == confusion_of(desk.declared(), cover, YEAR)


def repeat(rows: Rows) -> None:
    rows.append(dict(rows[0]))


def stray(rows: Rows) -> None:
    rows.append(dict(rows[0], id="zzzz-zzzz"))


# One broken table a message; each is the second interpreter's, and the first's stays good.
WRONG: list[tuple[str, Callable[[Rows], object], str]] = [
    ("E-SMP-012", lambda rows: [row.update(sample="0" * 16) for row in rows], "0000000000000000"),
    ("E-SMP-013", stray, r"1 labels .*zzzz-zzzz \(:62\)"),
    ("E-SMP-014", repeat, "1 points are labelled more than once"),
    ("E-SMP-015", lambda rows: rows[3].update(label="rice"), r"rice \(:5\); known are paddy, water, \?"),
    ("E-SMP-018", lambda rows: [row.update(interpreter="A") for row in rows], "“A” stands for more than one"),
    ("E-SMP-019", lambda rows: rows[0].update(interpreter="Z"), r"“B \+ Z”"),
    ("E-SMP-020", lambda rows: rows[0].update(lon=float(rows[0]["lon"]) + 0.0002), r"1 labels lie off .* \(:2\)"),
    ("E-SMP-020", lambda rows: rows[0].update(lat="nan"), r"1 labels lie off .* \(:2\)"),
    ("E-SMP-021", lambda rows: rows.pop(), "1 points have no label"),
    ("E-SMP-011", lambda rows: rows.clear(), "UTF-8 with the columns sample, id"),
    ("E-SMP-011", lambda rows: rows[0].update(lon="east"), "could not convert"),
    ("E-SMP-011", lambda rows: rows[2].update(certain="perhaps"), "line 4: certain=perhaps"),
]


@pytest.mark.parametrize(("code", "change", "words"), WRONG, ids=lambda value: value if isinstance(value, str) else "")
def test_a_wrong_table_is_refused(desk: Desk, code: str, change: Callable[[Rows], object], words: str) -> None:
    desk.edit("b.csv", change)
    with pytest.raises(Refusal, match=words) as caught:
        desk.settled()
    assert [p.code for p in caught.value.problems] == [code]
    assert "b.csv" in caught.value.problems[0].where


def test_everything_that_is_wrong_in_both_tables_comes_at_once(desk: Desk) -> None:
    desk.edit("a.csv", repeat)
    desk.edit("a.csv", lambda rows: rows[3].update(label="rice"))
    desk.edit("b.csv", stray)
    desk.edit("b.csv", lambda rows: rows.pop(5))
    with pytest.raises(Refusal) as caught:
        desk.settled()
    assert [(p.code, p.where) for p in caught.value.problems] == [
        ("E-SMP-014", "a.csv"), ("E-SMP-015", "a.csv"), ("E-SMP-013", "b.csv"), ("E-SMP-021", "b.csv"),
    ]  # fmt: skip


@pytest.mark.parametrize("data", [b"id,label\n1,paddy\n", "样本,标签\n".encode("gbk"), b'sample,id,interpreter,lon,lat,label,certain,remark\n"open', b""])
def test_what_no_sheet_saved_is_refused(desk: Desk, data: bytes) -> None:
    (desk.folder / "b.csv").write_bytes(data)
    with pytest.raises(Refusal, match="E-SMP-011 b.csv"):
        desk.settled()


def test_an_arbiter_rules_on_what_is_disputed_and_is_nobody_else(desk: Desk) -> None:
    ids = differ(desk, 3)
    four = tuple(p for p in desk.points if p.id in ids[:2]) + desk.points[10:12]
    written(desk.folder / "c.csv", four, "A", lambda p: "paddy", {"sample": name_of(desk.points)})
    with pytest.raises(Refusal) as caught:
        desk.settled(arbitration="c.csv")
    assert [p.code for p in caught.value.problems] == ["E-SMP-021", "E-SMP-023", "E-SMP-018"]
    assert ids[2] in str(caught.value) and desk.points[10].id in str(caught.value)


def test_points_outside_the_area_as_it_is_now_are_refused(desk: Desk) -> None:
    plan = desk.declared()
    west, south, east, north = plan.land.boundary.bounds
    half = replace(plan, land=replace(plan.land, boundary=box(west, south, (west + east) / 2, north)))
    outside = sum(p.lon > (west + east) / 2 for p in desk.points)
    with pytest.raises(Refusal, match=f"E-SMP-016 sample.gpkg: {outside} points lie outside") as caught:
        settle(half, half.area.samples[0])
    assert len(caught.value.problems) == 1 and outside > 10


def test_points_the_map_was_trained_on_are_refused(desk: Desk) -> None:
    grid = desk.world.cover.grid
    labels = np.zeros((grid.height, grid.width), np.uint16)
    labels[: grid.height // 2] = 7
    trial.write_labels(desk.folder / "labels.tif", labels, grid)
    plan = desk.declared()
    land = plan.pipeline.land.model_copy(update={"method": "classifier"})
    reference = {"file": "labels.tif", "legend": {"7": "paddy"}, "year": YEAR, "source": "-", "place": "-"}
    area = plan.area.model_copy(update={"reference": trial.plan(desk.folder, reference=reference).area.reference})
    trained = replace(plan, area=area, pipeline=plan.pipeline.model_copy(update={"land": land}))
    count = sum((grid.north - p.y) // 10 < grid.height // 2 for p in desk.points)
    with pytest.raises(Refusal, match=f"E-SMP-017 sample.gpkg: {count} points lie on pixels the map was trained on"):
        settle(trained, area.samples[0])
    (desk.folder / "labels.tif").write_bytes(b"II*")
    with pytest.raises(Refusal, match="E-SMP-010 labels.tif"):
        settle(trained, area.samples[0])


DECLARATION = """
[[samples]]
year = {year}
file = "samples/sample.gpkg"
labels = ["samples/a.csv", "samples/b.csv"]
source = "two interpreters of the county bureau, Sentinel-2 composites"
"""


@pytest.fixture
def area(world: World, tmp_path: Path) -> Path:
    """A copy of the area's folder with a sample and two tables."""
    folder = tmp_path / "copy"
    shutil.copytree(world.area.folder, folder)
    points = world.sample()
    kept(folder / "samples", points)
    for name in "ab":
        written(folder / "samples" / f"{name}.csv", points, name, world.true)
    return folder


def declare(folder: Path, *texts: str) -> Path:
    with (folder / "area.toml").open("a", encoding="utf-8") as stream:
        stream.write("".join(texts))
    return folder


def test_a_declared_sample_travels_with_the_run(area: Path, world: World, tmp_path: Path) -> None:
    plan = load(declare(area, DECLARATION.format(year=YEAR)))
    copy_declared(plan, tmp_path / "run" / "declared")
    names = json.loads((tmp_path / "run" / "declared" / "files.json").read_text())
    copies = {text: tmp_path / "run" / "declared" / name for text, name in names.items()}
    elsewhere = load(copies["area.toml"].parent, copies=copies)
    assert confusion_of(elsewhere, world.cover, YEAR) == confusion_of(plan, world.cover, YEAR) != []


def test_a_sample_is_reference_enough_for_adjusted_areas(area: Path) -> None:
    text = (area / "tiny.toml").read_text().replace('method = "parcels"', 'method = "error_adjusted"')
    (area / "tiny.toml").write_text(text)
    with pytest.raises(Refusal, match="E-CFG-026"):
        load(area)
    assert load(declare(area, DECLARATION.format(year=YEAR))).area.samples[0].year == YEAR


def test_samples_that_cannot_be_meant_are_refused_at_once(area: Path) -> None:
    declare(area, DECLARATION.format(year=2015), DECLARATION.format(year=2015).replace("a.csv", "missing.csv"))
    with pytest.raises(Refusal) as caught:
        load(area)
    assert sorted(p.code for p in caught.value.problems) == ["E-CFG-020", "E-SMP-001", "E-SMP-001", "E-SMP-002"]


def test_areas_adjusted_by_the_sample_hit_the_truth_that_the_map_misses(desk: Desk, tmp_path: Path) -> None:
    world = desk.world
    points = world.sample(300, seed=5, minimum=60)
    kept(desk.folder, points)
    for name in "ab":
        written(desk.folder / f"{name}.csv", points, name.upper(), world.true)
    plan = desk.declared()
    adjusted = plan.pipeline.model_copy(update={"areas": plan.pipeline.areas.model_copy(update={"method": "error_adjusted"})})
    run = tmp_path / "run"
    shutil.copytree(world.run, run)
    measure(replace(plan, pipeline=adjusted), run)
    within = frame_of(plan, world.cover).codes > 0
    share = float((world.truth == 1)[within].mean())
    (row,) = (r for r in read_csv(run / "areas" / "classes.csv", ClassArea) if (r.year, r.land_class, r.used) == (YEAR, "paddy", True))
    true_ha = plan.land.area_m2 / 1e4 * share
    assert row.split == "sample" and row.standard_error_ha is not None
    assert abs(row.adjusted_ha - true_ha) < 1.96 * row.standard_error_ha and abs(row.adjusted_ha - true_ha) < abs(row.mapped_ha - true_ha)
    activity = [a for a in read_csv(run / "areas" / "activity.csv", Activity) if a.year == YEAR]
    assert {(a.method, a.area_ha) for a in activity} == {("error_adjusted", row.adjusted_ha)}
    assert (run / "areas" / "agreement.csv").is_file()
