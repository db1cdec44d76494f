"""Breaks of single series: planted ones are found and dated, stable ones are left alone, whatever the clouds and the block."""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from carbonsink.base.rasters import Grid
from carbonsink.declared.change import Change
from carbonsink.land.change import kernel
from carbonsink.land.change.detect import between
from carbonsink.land.change.search import EPOCH, Axis, Given
from tests.land.change.scenes import BANDS, LAYERS, Event, monthly, periods

PIXELS = 256
NDVI = LAYERS.index("ndvi")


def axis() -> Axis:
    return Axis(periods(), (), Grid("EPSG:32650", 0.0, 0.0, 10.0, 16, 16), ("ndvi", *(name for name in LAYERS if name != "ndvi")))


def searched(series: NDArray[np.int16], **declared: object) -> tuple[NDArray[np.int16], NDArray[np.uint8]]:
    """The breaks (slot, field, pixel) of series (layer, month, pixel), and where there was a history."""
    order = [NDVI, *(n for n in range(len(LAYERS)) if n != NDVI)]
    found = Given(axis(), Change.model_validate(declared), BANDS).searched(series[order][:, :, None])
    return found.breaks[:, :, 0], found.monitored[0]


def errors(breaks: NDArray[np.int16], on: date) -> NDArray[np.int64]:
    """Days from the true day to the first break's, of the pixels where there is one."""
    first = breaks[0][:, breaks[0, kernel.AFTER] != kernel.NONE].astype(np.int64)
    return between(axis().days, first[kernel.BEFORE], first[kernel.AFTER]) - (on.toordinal() - EPOCH)


@cache
def planted(cover: str, becomes: str, on: date, cloud: float) -> NDArray[np.int16]:
    return monthly(cover, PIXELS, event=Event(on, becomes), cloud=cloud)


PLANTED = [
    ("forest", "clearing", date(2021, 8, 15)),
    ("forest", "clearing", date(2022, 3, 2)),
    ("forest", "burnt-forest", date(2021, 10, 20)),
    ("tea", "built-up", date(2021, 6, 3)),
    ("single-rice", "built-up", date(2021, 3, 10)),
    ("single-rice", "built-up", date(2021, 8, 1)),
    ("single-rice", "built-up", date(2021, 11, 20)),  # when stubble and roofs look alike in NDVI
    ("double-rice", "built-up", date(2022, 2, 20)),
]


@pytest.mark.parametrize(("cover", "becomes", "on"), PLANTED)
def test_what_was_planted_is_found_and_dated_within_thirty_days(cover: str, becomes: str, on: date) -> None:
    breaks, _ = searched(planted(cover, becomes, on, 0.4))
    apart = errors(breaks, on)
    assert apart.size >= 0.97 * PIXELS
    assert abs(np.median(apart)) <= 16  # half a month: a median of the month turns where half of its observations do
    assert (abs(apart) <= 30).mean() >= 0.9


@pytest.mark.parametrize(("cover", "becomes", "on"), PLANTED[:2] + PLANTED[5:6])
def test_at_sixty_percent_cloud_most_are_still_dated_within_thirty_days(cover: str, becomes: str, on: date) -> None:
    breaks, _ = searched(planted(cover, becomes, on, 0.6))
    apart = errors(breaks, on)
    assert apart.size >= 0.9 * PIXELS
    assert (abs(apart) <= 30).mean() >= 0.75


@pytest.mark.parametrize("test", ["mosum", "cusum"])
@pytest.mark.parametrize("cover", ["forest", "tea", "single-rice", "double-rice", "built-up", "water", "bund"])
def test_stable_land_rarely_breaks(cover: str, test: str) -> None:
    breaks, monitored = searched(monthly(cover, 2 * PIXELS, seed=7), test=test)
    assert monitored.mean() > 0.99
    assert (breaks[0, kernel.AFTER] != kernel.NONE).mean() <= 0.03


@pytest.mark.parametrize(("months", "percent", "most"), [(12, 5, 0.1), (12, 1, 0.05), (24, 5, 0.05), (24, 1, 0.01)])
def test_noise_alone_rarely_breaks_and_more_rarely_the_longer_the_history(months: int, percent: int, most: float) -> None:
    """One layer, moves of any size counted: the critical values are those of long histories, short ones know their error badly."""
    chance = np.random.default_rng(11)
    noise = np.rint(chance.normal(5000, 800, (len(LAYERS), 36, 4096))).astype(np.int16)
    breaks, _ = searched(noise, significance_percent=percent, history_months=months, bands=["ndvi"], least_magnitude=0.01)
    assert (breaks[0, kernel.AFTER] != kernel.NONE).mean() <= most


def test_one_month_spoilt_by_a_cloud_is_no_break() -> None:
    series = monthly("forest", PIXELS, seed=3)
    spoilt = series.copy()
    spoilt[:, 20] = np.where(series[:, 20] == -32768, -32768, 4500)
    spoilt[[NDVI, NDVI + 1], 20] = 0
    assert (searched(spoilt)[0][0, kernel.AFTER] == kernel.NONE).all()


def test_a_smaller_move_than_declared_is_no_break() -> None:
    series = planted("forest", "clearing", date(2021, 8, 15), 0.4)
    breaks, _ = searched(series, least_magnitude=1.0)
    assert (breaks[:, kernel.AFTER] == kernel.NONE).all()


def test_a_loss_that_is_made_good_is_found_again_as_recovery() -> None:
    series = monthly("tea", PIXELS, seed=5, cloud=0.1)
    hurt = series.copy()
    hurt[NDVI, 14:20] = np.where(series[NDVI, 14:20] == -32768, -32768, series[NDVI, 14:20] - 4000)
    breaks, _ = searched(hurt, bands=["ndvi"])
    broke = breaks[0, kernel.AFTER] == 14
    assert broke.mean() > 0.9
    months = breaks[0, kernel.RETURN, broke] - breaks[0, kernel.AFTER, broke]
    assert (months >= 5).mean() > 0.9 and (months <= 7).mean() > 0.9
    lasting = searched(planted("tea", "built-up", date(2021, 6, 3), 0.4))[0]
    assert (lasting[0, kernel.RETURN] == kernel.NONE).all()


def test_a_break_in_the_history_begins_the_history_anew_and_is_not_dated() -> None:
    breaks, monitored = searched(monthly("forest", PIXELS, event=Event(date(2020, 7, 1), "clearing")))
    assert monitored.mean() > 0.99
    assert (breaks[0, kernel.AFTER] == kernel.NONE).mean() > 0.95


def test_two_breaks_of_a_pixel_are_kept_apart() -> None:
    first, second = monthly("forest", PIXELS, event=Event(date(2021, 2, 10), "clearing"), cloud=0.2), monthly("tea", PIXELS, cloud=0.2)
    first[:, 30:] = second[:, 30:]
    breaks, _ = searched(first)
    assert (abs(breaks[0, kernel.AFTER] - 13) <= 1).mean() > 0.9
    assert (abs(breaks[1, kernel.AFTER] - 30) <= 1).mean() > 0.9
    assert (breaks[0, kernel.SIZE] < 0).mean() > 0.9 and (breaks[1, kernel.SIZE] > 0).mean() > 0.9


def test_too_few_observations_are_no_history() -> None:
    series = monthly("forest", PIXELS)
    series[:, 8:] = -32768
    breaks, monitored = searched(series)
    assert not monitored.any() and (breaks[:, kernel.AFTER] == kernel.NONE).all()


def test_a_pixel_s_breaks_hang_on_itself_alone() -> None:
    series = planted("single-rice", "built-up", date(2021, 8, 1), 0.4)
    whole = searched(series)[0]
    parts = np.concatenate([searched(series[:, :, n : n + 37])[0] for n in range(0, PIXELS, 37)], axis=2)
    assert (whole == parts).all()


def test_the_logarithm_is_that_of_mathematics_to_eight_digits() -> None:
    for value in (1e-6, 0.5, 0.70710678, 1.0, 1.41421, 2.0, 35.5, 1234.5, 1e9):
        assert kernel.logarithm(value) == pytest.approx(float(np.log(value)), abs=1e-7)
