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
    assert season.months == tuple(range(1, 13))
    values = season.read(("ndvi",), (0, GRID.height))
    assert values.shape == (12, 1, GRID.height, GRID.width)
    assert values[:, 0, 0, 0].tolist() == [MISSING, 2000, *[MISSING] * 4, 7000, *[MISSING] * 5]


def test_lead_and_tail_months_reach_into_the_neighbouring_years(tmp_path: Path) -> None:
    trial.write_composites(tmp_path, {"2019-12": green(1200), "2020-01": green(100), "2021-02": green(200), "2021-03": green(300)})
    season = season_of(trial.plan(tmp_path, imagery={"lead_months": 2, "tail_months": 2}), tmp_path, 2020)
    assert season.months == tuple(range(-1, 15))
    assert [v for v in season.read(("ndvi",), (0, 1))[:, 0, 0, 0].tolist() if v != MISSING] == [1200, 100, 200]
    assert season.feature_names[:3] == ("nir@-1", "ndvi@-1", "lswi@-1")


def test_yearly_composites_give_one_period_and_a_lead_of_a_year_two(tmp_path: Path) -> None:
    trial.write_composites(tmp_path, {"2019": green(1900), "2020": green(2000)})
    yearly = {"period": "year"}
    assert season_of(trial.plan(tmp_path, composites=yearly), tmp_path, 2020).read(("ndvi",), (0, 1))[:, 0, 0, 0].tolist() == [2000]
    longer = trial.plan(tmp_path, composites=yearly, imagery={"lead_months": 12})
    assert season_of(longer, tmp_path, 2020).read(("ndvi",), (0, 1))[:, 0, 0, 0].tolist() == [1900, 2000]


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
