"""Finished blocks: a run that was killed goes on from them, and nothing that would change a result takes another's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import shapely

from carbonsink.base.evidence import file_sha256
from carbonsink.base.rasters import Grid
from carbonsink.base.store import Store
from carbonsink.composites import compose as stage
from carbonsink.composites import keep
from carbonsink.composites.block import Recipe, Task, work
from carbonsink.composites.compose import compose
from carbonsink.composites.parcels import weights_of
from carbonsink.composites.periods import Period
from carbonsink.declared.plan import Plan
from tests.composites.stacks import CRS, recipe_of, scene_of
from tests.scenes.real import run_scenes, zagreb

BLOCK = Grid(CRS, 0.0, 0.0, 10.0, 40, 40)


def task(folder: Path, recipe: Recipe | None = None, **more: Any) -> Task:
    rng = np.random.default_rng(1)
    days = []
    for day in (4, 14):
        bands = {"red": rng.integers(2, 9000, (40, 40)).astype(np.uint16), "nir": rng.integers(2, 9000, (40, 40)).astype(np.uint16)}
        scl = rng.choice([4, 9], (20, 20)).astype(np.uint8)
        days.append((scene_of(folder, f"d{day}", bands | {"scl": scl}, day=f"2018-06-{day:02d}", sha256=f"{day}", **more),))
    june = Period("2018-06", date(2018, 6, 1), date(2018, 6, 30), tuple(days))
    return Task(BLOCK, (june,), recipe or recipe_of(("red",), ("ndvi",)), weights=weights_of(BLOCK, [], [(0, 0, 40, 40)])[0])


@pytest.fixture
def worked(monkeypatch: pytest.MonkeyPatch) -> list[Task]:
    """Every block that is truly worked, in order."""
    seen: list[Task] = []

    def watched(one: Task) -> Any:
        seen.append(one)
        return work(one)

    monkeypatch.setattr(keep, "work", watched)
    return seen


def test_an_object_gives_back_every_array_of_the_result(tmp_path: Path) -> None:
    made = task(tmp_path)
    store = Store(tmp_path / "store")
    receipt = keep.fill(keep.order(made, store, reuse=True))
    result, path = work(made), store.get(receipt.sha256)
    assert path is not None
    assert result.pixels is not None
    (layers, sums, covered) = keep.unpacked(path, (0, -2, -1))
    assert (layers == result.pixels[0]).all()
    assert (sums.shape, covered.shape) == (result.sums.shape, result.covered.shape)


def test_a_block_done_twice_is_one_object_and_is_not_done_a_third_time(tmp_path: Path, worked: list[Task]) -> None:
    made, store = task(tmp_path), Store(tmp_path / "store")
    first = keep.fill(keep.order(made, store, reuse=True))
    again = keep.fill(keep.order(made, Store(tmp_path / "elsewhere"), reuse=True))
    third = keep.fill(keep.order(made, store, reuse=True))
    assert first.sha256 == again.sha256 == third.sha256
    assert len(worked) == 2


def test_a_block_that_is_taken_again_says_which_chips_gdal_read(tmp_path: Path, worked: list[Task]) -> None:
    made, store = task(tmp_path), Store(tmp_path / "store")
    chip = made.periods[0].acquisitions[0][0].chips["red"].path
    with rasterio.open(chip) as source:
        profile, pixels = source.profile | {"compress": "packbits"}, source.read()
    with rasterio.open(chip, "w", **profile) as target:
        target.write(pixels)
    first, again = (keep.fill(keep.order(made, store, reuse=True)) for _ in range(2))
    assert again.by_gdal == first.by_gdal == {"d4/red.tif": "compression 32773"}
    assert len(worked) == 1


def test_an_object_that_was_altered_is_made_again(tmp_path: Path, worked: list[Task]) -> None:
    made, store = task(tmp_path), Store(tmp_path / "store")
    path = store.path(keep.fill(keep.order(made, store, reuse=True)).sha256)
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    again = keep.fill(keep.order(made, store, reuse=True))
    assert len(worked) == 2
    assert store.get(again.sha256) == path


def test_without_reuse_nothing_is_taken_from_the_store(tmp_path: Path, worked: list[Task]) -> None:
    made, store = task(tmp_path), Store(tmp_path / "store")
    keep.fill(keep.order(made, store, reuse=True))
    keep.fill(keep.order(made, store, reuse=False))
    assert len(worked) == 2


def test_whatever_a_result_hangs_on_is_in_the_name(tmp_path: Path) -> None:
    made = task(tmp_path)
    june, recipe = made.periods[0], made.recipe
    scene = june.acquisitions[0][0]

    def with_chip(band: str, **more: Any) -> Task:
        chips = {**scene.chips, band: replace(scene.chips[band], **more)}
        return replace(made, periods=(replace(june, acquisitions=((replace(scene, chips=chips),), june.acquisitions[1])),))

    ndvi = recipe.indices["ndvi"]
    others = [
        replace(made, block=replace(BLOCK, west=10.0)),
        replace(made, periods=(replace(june, name="2018-x"),)),
        replace(made, periods=(replace(june, acquisitions=june.acquisitions[:1]),)),
        replace(made, years=(june,)),
        replace(made, weights=None),
        replace(made, weights=weights_of(BLOCK, [shapely.box(0, -100, 95, 0)], [(0, 0, 40, 40)])[0]),
        *(with_chip("red", **more) for more in ({"sha256": "x"}, {"scale": 0.0002}, {"offset": -0.1})),
        with_chip("scl", sha256="y"),
        *(replace(made, recipe=replace(recipe, **more)) for more in (
            {"bands": ("nir",)}, {"minimum": 2}, {"reducer": "mean"}, {"reducer": "percentile"}, {"smallest": 0.01}, {"features": ("red.maximum",)},
            {"reducer": "percentile", "percentile": 20.0}, {"reducer": "best-pixel"}, {"indices": {"evi": ndvi}},
            {"indices": {"ndvi": ndvi.model_copy(update={"formula": "(nir - red) / (red + nir)"})}},
            {"indices": {"ndvi": ndvi.model_copy(update={"low": 0.0})}},
            {"sensor": recipe.sensor.model_copy(update={"minimum_dn": 2.0})},
        )),
    ]  # fmt: skip
    names = [keep.name_of(one) for one in (made, *others)]
    assert None not in names
    assert len(set(names)) == len(names)
    assert keep.name_of(task(tmp_path)) == names[0]
    assert keep.name_of(with_chip("nir", sha256="")) is None
    assert keep.name_of(replace(made, block=replace(BLOCK, west=9000.0))) != names[0]


@pytest.fixture(scope="module")
def run(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, Path]:
    plan = zagreb((520000, 5088000, 550000, 5112000))
    return plan, run_scenes(plan, shared / "imagery" / "zagreb-2023", tmp_path_factory.mktemp("zagreb"))


def compose_into(plan: Plan, run: Path, folder: Path, store: Path | None) -> dict[str, str]:
    folder.mkdir(exist_ok=True)
    (folder / "scenes").symlink_to(run / "scenes")
    compose(plan, folder, block=64, scheduler="synchronous", workers=None, store=store, progress=lambda done, total: None)
    return {path.name: file_sha256(path) for path in (folder / "composites").iterdir()}


def test_a_killed_run_goes_on_from_its_finished_blocks_with_the_same_bytes(
    run: tuple[Plan, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, worked: list[Task]
) -> None:
    plan, folder = run
    undisturbed, done, fill = compose_into(plan, folder, tmp_path / "one", None), [], keep.fill

    def killed(order: keep.Order) -> keep.Receipt:
        done.append(fill(order))
        if len(done) == 7:
            raise KeyboardInterrupt
        return done[-1]

    with monkeypatch.context() as patch:
        patch.setattr(stage.keep, "fill", killed)
        with pytest.raises(KeyboardInterrupt):
            compose_into(plan, folder, tmp_path / "two", tmp_path / "store")
    assert not (tmp_path / "two" / "composites").exists()
    blocks = len(worked) - 7  # of the undisturbed run
    worked.clear()
    assert compose_into(plan, folder, tmp_path / "three", tmp_path / "store") == undisturbed
    assert len(worked) == blocks - 7


def test_every_block_is_reported_when_it_is_done(run: tuple[Plan, Path], tmp_path: Path) -> None:
    plan, folder = run
    (tmp_path / "scenes").symlink_to(folder / "scenes")
    told: list[tuple[int, int]] = []
    compose(plan, tmp_path, block=64, scheduler="threads", workers=2, progress=lambda done, total: told.append((done, total)))
    assert [done for done, _ in told] == list(range(told[0][1] + 1))
