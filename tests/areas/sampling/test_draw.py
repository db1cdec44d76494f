"""The draw: every pixel has its chance, and the same seed draws the same points, whatever the machine, the window and the strips."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from carbonsink.areas.estimate import error_adjusted
from carbonsink.areas.sampling import draw as room
from carbonsink.areas.sampling.design import Stratum, deviation, enough, expected_error
from carbonsink.areas.sampling.draw import counted, draw, keys
from carbonsink.areas.sampling.frame import Frame, frame_of
from carbonsink.areas.sampling.points import Point, name_of, read_points, write_points
from carbonsink.base.problems import Refusal
from carbonsink.base.rasters import Grid, Raster
from tests.areas.sampling.world import CLASSES, YEAR, World
from tests.land import trial

GRID = Grid("EPSG:32650", 500_000.0, 2_720_000.0, 10.0, 40, 50)


def pattern() -> np.ndarray:  # type: ignore[type-arg]
    row, column = np.mgrid[:40, :50]
    return np.where((row * row + 3 * column) % 11 < 3, 2, 1).astype(np.uint8)


def drawn(counts: dict[int, int], seed: int, codes: np.ndarray | None = None) -> tuple[Point, ...]:  # type: ignore[type-arg]
    codes = pattern() if codes is None else codes
    frame = Frame(GRID, codes, np.zeros(codes.shape, np.bool_))
    shares = [room.Share(CLASSES[code], code, int((codes == code).sum()), int((codes == code).sum()), n) for code, n in counts.items()]
    return draw(frame, Raster(GRID, ("cover",), codes[None], 0), YEAR, shares, seed)


def test_the_same_seed_draws_the_same_points_on_every_machine() -> None:
    points = drawn({1: 30, 2: 20}, 2014)
    assert points == drawn({1: 30, 2: 20}, 2014)
    assert [p.id for p in points[:3]] == ["0bnw-7bdw", "1arj-ngvg", "1kqm-gqv4"]
    assert name_of(points) == "d5f4297e2caebc80"


def test_points_are_pixel_centres_of_their_class_with_their_chance() -> None:
    codes = pattern()
    points = drawn({1: 30, 2: 20}, 3)
    assert Counter(p.map_class for p in points) == {"paddy": 30, "water": 20}
    assert len({(p.x, p.y) for p in points}) == len({p.id for p in points}) == 50
    for p in points:
        assert (p.x % 10, p.y % 10) == (5, 5)
        assert CLASSES[int(codes[int((GRID.north - p.y) // 10), int((p.x - GRID.west) // 10)])] == p.map_class
        assert p.inclusion == p.class_points / p.drawable_px and p.class_px == (codes == {"paddy": 1, "water": 2}[p.map_class]).sum()


def test_a_larger_sample_holds_the_smaller_one() -> None:
    small, large = ({p.id for p in drawn({1: n, 2: n}, 5)} for n in (20, 45))
    assert small < large


def test_another_seed_draws_other_points_and_a_whole_class_is_drawn_whole() -> None:
    assert len({p.id for p in drawn({1: 30}, 1)} & {p.id for p in drawn({1: 30}, 2)}) < 6
    assert len(drawn({2: int((pattern() == 2).sum())}, 1)) == (pattern() == 2).sum()


def test_strips_and_the_projects_window_cannot_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [(p.id, p.x, p.y) for p in drawn({1: 30, 2: 20}, 9)]
    monkeypatch.setattr(room, "STRIP_PIXELS", 130)
    assert [(p.id, p.x, p.y) for p in drawn({1: 30, 2: 20}, 9)] == whole
    larger = Grid(GRID.crs, GRID.west - 70.0, GRID.north + 40.0, 10.0, 60, 70)
    codes = np.zeros((60, 70), np.uint8)
    codes[4:44, 7:57] = pattern()
    shares = [room.Share(CLASSES[c], c, int((codes == c).sum()), int((codes == c).sum()), n) for c, n in ((1, 30), (2, 20))]
    other = draw(Frame(larger, codes, np.zeros(codes.shape, np.bool_)), Raster(larger, ("cover",), codes[None], 0), YEAR, shares, 9)
    assert [(p.id, p.x, p.y) for p in other] == whole


def test_every_pixel_has_the_same_chance() -> None:
    rows, columns = np.nonzero(pattern() == 1)
    hits = np.zeros(rows.size)
    draws, points = 3000, 60
    for seed in range(draws):
        hits[np.argsort(keys(GRID, rows, columns, seed, "draw"))[:points]] += 1
    chance = points / rows.size
    z = (hits - draws * chance) / np.sqrt(draws * chance * (1 - chance))
    assert abs(float((z**2).mean()) - 1) < 0.1 and np.abs(z).max() < 5
    grid = np.zeros((40, 50))
    grid[rows, columns] = z
    assert abs((grid[:-1] * grid[1:]).sum() / ((pattern()[:-1] == 1) & (pattern()[1:] == 1)).sum()) < 0.12  # neighbours don't come together


def test_samples_of_a_target_error_have_that_error_and_hit_the_truth(world: World) -> None:
    frame = frame_of(world.plan, world.cover)
    shares = counted(world.plan, frame)
    area = frame.codes > 0
    right = {s.code: float((world.truth == frame.codes)[frame.codes == s.code].mean()) for s in shares}
    strata = [Stratum(s.land_class, s.pixels, s.drawable, deviation(right[s.code])) for s in shares]
    counts = enough(strata, 0.025, "optimal", 10)
    truth = float((world.truth == frame.codes)[area].mean())
    found = [_overall(world, [replace(s, points=n) for s, n in zip(shares, counts, strict=True)], frame, seed) for seed in range(400)]
    assert expected_error(counts, strata) <= 0.025
    assert np.std(found) == pytest.approx(expected_error(counts, strata), rel=0.12)
    assert abs(np.mean(found) - truth) < 3 * 0.025 / 20


def _overall(world: World, shares: list[room.Share], frame: Frame, seed: int) -> float:
    counts = np.zeros((2, 2))
    for code, share in enumerate(shares, start=1):
        rows, columns = np.divmod(room._smallest(frame, share.code, share.points, seed), frame.grid.width)
        for true in world.truth[rows, columns]:
            counts[code - 1, true - 1] += 1
    return float(error_adjusted(counts, np.array([float(s.pixels) for s in shares])).points.overall)


def test_pixels_the_map_was_trained_on_are_not_drawn(tmp_path: Path) -> None:
    labels = np.zeros((12, 12), np.uint16)
    labels[:, :6] = 7
    trial.write_labels(tmp_path / "labels.tif", labels)
    reference = {"file": "labels.tif", "legend": {"7": "paddy"}, "year": 2020, "source": "-", "place": "-"}
    plan = trial.plan(tmp_path, land={"method": "classifier"}, reference=reference)
    codes = np.ones((12, 12), np.uint8)
    codes[:, 3:] = 2
    cover = Raster(trial.GRID, ("cover",), codes[None], 0)
    codes[5:7, 7] = 3
    frame = frame_of(plan, Raster(trial.GRID, ("cover",), codes[None], 0))
    with pytest.raises(Refusal, match="E-SMP-005 paddy: .* 36 pixels .* of which 0 were not used"):
        counted(plan, frame)
    codes[0, 11] = codes[3, 9] = 1
    frame = frame_of(plan, cover)
    shares = counted(plan, frame)
    assert [(s.land_class, s.pixels, s.drawable) for s in shares] == [("paddy", 38, 2), ("tea", 104, 68), ("forest", 2, 2)]
    points = draw(frame, cover, 2020, [replace(s, points=2) for s in shares], 1)
    assert all(p.x > trial.GRID.west + 60 for p in points)
    untrained = trial.plan(tmp_path, reference=reference)
    assert not frame_of(untrained, cover).trained.any()  # rules learn nothing from a reference


def test_nothing_outside_the_boundary_is_drawn(world: World) -> None:
    points = world.sample(200)
    frame = frame_of(world.plan, world.cover)
    assert 0 < (frame.codes > 0).mean() < 0.6
    assert all(frame.codes[int((frame.grid.north - p.y) // 10), int((p.x - frame.grid.west) // 10)] for p in points)


def test_a_sample_comes_back_from_its_file_as_it_was(world: World, tmp_path: Path) -> None:
    points = world.sample()
    for name in ("one.gpkg", "two.gpkg"):
        write_points(tmp_path / name, points)
    assert read_points(tmp_path / "one.gpkg") == points
    assert (tmp_path / "one.gpkg").read_bytes() == (tmp_path / "two.gpkg").read_bytes()


def test_a_sample_opens_in_any_gis(world: World, tmp_path: Path) -> None:
    import geopandas

    points = world.sample()
    write_points(tmp_path / "sample.gpkg", points)
    frame = geopandas.read_file(tmp_path / "sample.gpkg")
    assert frame.crs == "EPSG:32650" and list(frame.columns[:3]) == ["id", "year", "x"]
    assert [(g.x, g.y) for g in frame.geometry] == [(p.x, p.y) for p in points]
    lonlat = frame.to_crs("EPSG:4326").geometry
    assert max(abs(g.x - p.lon) + abs(g.y - p.lat) for g, p in zip(lonlat, points, strict=True)) < 2e-7
    assert frame.groupby("map_class").inclusion.nunique().eq(1).all()


def test_a_file_that_is_no_sample_is_refused(tmp_path: Path, world: World) -> None:
    from tests.areas.sampling.broken import BROKEN

    for name, make in BROKEN.items():
        path = tmp_path / f"{name}.gpkg"
        make(path, world.sample(40))
        with pytest.raises(Refusal, match="E-SMP-010"):
            read_points(path)
