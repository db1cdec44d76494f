"""What a vintage's features are made of: its months, those before and after, and the gaps between."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from carbonsink.base.problems import Exit, Refusal
from carbonsink.land import features
from carbonsink.land.features import season_of
from tests.land import trial
from tests.land.trial import GRID, MISSING

LAYERS = {"nir": 3000, "ndvi": 5000, "lswi": 1000}


def green(value: int) -> dict[str, int]:
    return LAYERS | {"ndvi": value}


def test_a_year_has_twelve_months_and_the_missing_ones_are_missing(tmp_path: Path) -> None:
    trial.write_composites(tmp_path, {"2020-02": green(2000), "2020-07": green(7000), "2021-01": green(100)})
    season = season_of(trial.plan(tmp_path), tmp_path, 2020)
    assert season.labels == tuple(map(str, range(1, 13)))
    values = season.read(("ndvi",), (0, GRID.height))
    assert values.shape == (12, 1, GRID.height, GRID.width)
    assert values[:, 0, 0, 0].tolist() == [MISSING, 2000, *[MISSING] * 4, 7000, *[MISSING] * 5]


def test_lead_and_tail_months_reach_into_the_neighbouring_years(tmp_path: Path) -> None:
    trial.write_composites(tmp_path, {"2019-12": green(1200), "2020-01": green(100), "2021-02": green(200), "2021-03": green(300)})
    season = season_of(trial.plan(tmp_path, imagery={"lead_months": 2, "tail_months": 2}), tmp_path, 2020)
    assert season.labels == tuple(map(str, range(-1, 15)))
    assert [v for v in season.read(("ndvi",), (0, 1))[:, 0, 0, 0].tolist() if v != MISSING] == [1200, 100, 200]
    assert season.feature_names[:3] == ("nir@-1", "ndvi@-1", "lswi@-1")


def test_yearly_composites_give_one_period_and_a_lead_of_a_year_two(tmp_path: Path) -> None:
    trial.write_composites(tmp_path, {"2019": green(1900), "2020": green(2000)})
    yearly = {"period": "year"}
    assert season_of(trial.plan(tmp_path, composites=yearly), tmp_path, 2020).read(("ndvi",), (0, 1))[:, 0, 0, 0].tolist() == [2000]
    longer = trial.plan(tmp_path, composites=yearly, imagery={"lead_months": 12})
    assert season_of(longer, tmp_path, 2020).read(("ndvi",), (0, 1))[:, 0, 0, 0].tolist() == [1900, 2000]


@pytest.mark.parametrize(
    ("lead", "tail", "labels"),
    [
        (0, 0, ("spring", "summer", "autumn", "winter")),  # the winter that December begins
        (1, 0, ("winter-1", "spring", "summer", "autumn", "winter")),  # and the one before
        (4, 4, ("autumn-1", "winter-1", "spring", "summer", "autumn", "winter", "spring+1")),
    ],
)
def test_the_seasons_of_a_year_are_those_that_begin_in_it(tmp_path: Path, lead: int, tail: int, labels: tuple[str, ...]) -> None:
    trial.write_composites(tmp_path, {"2019-winter": green(1200), "2020-spring": green(300), "2020-summer": green(600), "2020-winter": green(1300)})
    plan = trial.plan(tmp_path, composites={"period": "season"}, imagery={"lead_months": lead, "tail_months": tail})
    season = season_of(plan, tmp_path, 2020)
    assert season.labels == labels
    seen = [v for v in season.read(("ndvi",), (0, 1))[:, 0, 0, 0].tolist() if v != MISSING]
    assert seen == ([1200] if "winter-1" in labels else []) + [300, 600, 1300]
    assert season.feature_names[-1] == f"lswi@{labels[-1]}"


WINDOWS = [
    {"name": "heading", "start": "07-20", "end": "08-31"},
    {"name": "flooding", "start": "04-15", "end": "06-10"},
    {"name": "winter", "start": "11-15", "end": "02-28"},
    {"name": "spring", "start": "04-15", "end": "04-30"},
]


@pytest.mark.parametrize(
    ("lead", "tail", "labels"),
    [
        (0, 0, ("spring", "flooding", "heading", "winter")),
        (2, 4, ("winter-1", "spring", "flooding", "heading", "winter", "spring+1", "flooding+1")),
    ],
)
def test_named_windows_stand_in_the_order_they_begin_in(tmp_path: Path, lead: int, tail: int, labels: tuple[str, ...]) -> None:
    trial.write_composites(tmp_path, {f"{year}-{window['name']}": green(year + len(window["name"])) for year in (2019, 2020, 2021) for window in WINDOWS})
    plan = trial.plan(tmp_path, composites={"period": "windows", "windows": WINDOWS}, imagery={"lead_months": lead, "tail_months": tail})
    season = season_of(plan, tmp_path, 2020)
    assert season.labels == labels
    expected = [(2019 if "-1" in label else 2021 if "+1" in label else 2020) + len(label.rstrip("+-1")) for label in labels]
    assert season.read(("ndvi",), (0, 1))[:, 0, 0, 0].tolist() == expected


def test_features_of_the_whole_series_follow_the_layers_of_periods(tmp_path: Path) -> None:
    trial.write_composites(tmp_path, {"2020-06": LAYERS})
    rising = np.arange(GRID.height * GRID.width).reshape(GRID.height, GRID.width)
    trial.write_features(tmp_path, 2020, {"lswi.drydowns": 2, "ndvi.amplitude1": rising})
    declared = ["ndvi.amplitude1", "lswi.drydowns"]
    season = season_of(trial.plan(tmp_path, composites={"features": declared}), tmp_path, 2020)
    assert season.feature_names[-2:] == tuple(declared)
    assert len(season.feature_names) == 12 * 3 + 2
    whole = season.whole((3, 4))
    assert (whole[0] == rising[3:7]).all() and (whole[1] == 2).all()


def test_without_declared_features_there_are_none(tmp_path: Path) -> None:
    trial.write_composites(tmp_path, {"2020-06": LAYERS})
    season = season_of(trial.plan(tmp_path), tmp_path, 2020)
    assert season.whole((0, 5)).shape == (0, 5, GRID.width)
    assert len(season.feature_names) == 12 * 3


@pytest.mark.parametrize("made", [{}, {"ndvi.mean": 4000}])
def test_declared_features_that_were_not_made_are_refused(tmp_path: Path, made: dict[str, int]) -> None:
    trial.write_composites(tmp_path, {"2020-06": LAYERS})
    if made:
        trial.write_features(tmp_path, 2020, made)
    plan = trial.plan(tmp_path, composites={"features": ["ndvi.mean", "lswi.drydowns"]})
    with pytest.raises(Refusal, match="E-LND-012") as caught:
        season_of(plan, tmp_path, 2020)
    missing = [name for name in plan.pipeline.composites.features if name not in made]
    assert caught.value.problems[0].where == "features_2020.tif"
    assert caught.value.problems[0].facts["missing"] == ", ".join(missing)


def test_features_on_another_grid_are_refused(tmp_path: Path) -> None:
    trial.write_composites(tmp_path, {"2020-06": LAYERS})
    trial.write_features(tmp_path, 2020, {"ndvi.mean": 4000}, replace(GRID, west=GRID.west + 10))
    with pytest.raises(Refusal, match="E-LND-002") as caught:
        season_of(trial.plan(tmp_path, composites={"features": ["ndvi.mean"]}), tmp_path, 2020)
    assert caught.value.exit_code == Exit.INTEGRITY


def test_strips_put_together_are_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rising = np.arange(GRID.height * GRID.width).reshape(GRID.height, GRID.width)
    trial.write_composites(tmp_path, {"2020-06": LAYERS | {"ndvi": rising}})
    season = season_of(trial.plan(tmp_path), tmp_path, 2020)
    monkeypatch.setattr(features, "STRIP_ROWS", 5)
    assert [rows for _, rows in season.strips()] == [5, 5, 2]
    assert (np.concatenate([season.read(("ndvi",), strip)[5, 0] for strip in season.strips()]) == rising).all()


def test_a_vintage_without_any_composite_is_refused(tmp_path: Path) -> None:
    trial.write_composites(tmp_path, {"2020-06": LAYERS})
    with pytest.raises(Refusal, match="E-LND-001.*2021"):
        season_of(trial.plan(tmp_path, years=(2020, 2021)), tmp_path, 2021)


def test_composites_of_different_grids_are_refused(tmp_path: Path) -> None:
    trial.write_composites(tmp_path, {"2020-07": LAYERS}, replace(GRID, west=GRID.west + 10))
    kept = (tmp_path / "composites" / "2020-07.tif").read_bytes()
    trial.write_composites(tmp_path, {"2020-06": LAYERS, "2020-07": LAYERS})
    (tmp_path / "composites" / "2020-07.tif").write_bytes(kept)
    with pytest.raises(Refusal, match="E-LND-002") as caught:
        season_of(trial.plan(tmp_path), tmp_path, 2020)
    assert caught.value.exit_code == Exit.INTEGRITY
