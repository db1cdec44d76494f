"""Features of a year's series: curves whose answer is known, properties that need no oracle, and plain numpy as a second opinion."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from carbonsink.base.problems import Refusal
from carbonsink.base.rasters import COMPOSITE_NODATA
from carbonsink.composites.features import feature_names, features_of
from carbonsink.composites.features_wave import KINDS, half_days
from carbonsink.declared.timeseries import known_features, read_features, unit_of

LIBRARY = read_features()
YEAR = LIBRARY.harmonics.year_days
ALL = [name.split(".")[1] for name in known_features(["lswi"])]
DAILY = np.arange(1, 366)
FIVE = np.arange(3, 366, 5)  # Sentinel-2's revisit
MONTHS = np.arange(15, 366, 30)


def of(values: Any, days: NDArray[Any], *kinds: str, layer: str = "lswi", seen: Any = True) -> dict[str, int]:
    """Features of one pixel's series in the layer's own unit."""
    counts = np.rint(np.asarray(values, float) * 10_000).astype(np.int16)[:, None, None]
    valid = np.broadcast_to(np.asarray(seen, bool), days.shape).copy()[:, None, None]
    wanted = [f"{layer}.{kind}" for kind in kinds]
    return dict(zip(kinds, features_of(wanted, {layer: counts}, {layer: valid}, np.asarray(days, np.int64))[:, 0, 0].tolist(), strict=True))


def cosine(day: NDArray[Any], peak: Any, waves: int = 1) -> NDArray[Any]:
    return np.asarray(np.cos(2 * np.pi * waves * (day - peak) / YEAR))


def crop(day: NDArray[Any], peak: float, width: float = 30.0) -> NDArray[Any]:
    """A crop's greenness above bare soil: a bell around its peak."""
    return np.asarray(np.exp(-(((day - peak) / width) ** 2)))


def stacks(seed: int, times: int = 30, clear: float = 0.7) -> tuple[NDArray[np.int16], NDArray[np.bool_], NDArray[np.int64]]:
    """Noisy fields of one or two crops under clouds, 5 rows of 150 pixels: more than a piece of any kernel."""
    rng = np.random.default_rng(seed)
    days = np.sort(rng.choice(np.arange(1, 366), times, replace=False)).astype(np.int64)
    peaks, second = rng.uniform(60, 300, (5, 150)), rng.random((5, 150)) < 0.5
    green = 0.2 + 0.6 * crop(days[:, None, None], peaks) + 0.5 * second * crop(days[:, None, None], (peaks + 120) % 365)
    return np.rint((green + rng.normal(0, 0.03, green.shape)) * 10_000).astype(np.int16), rng.random(green.shape) < clear, days


def every(stack: NDArray[np.int16], valid: NDArray[np.bool_], days: NDArray[np.int64]) -> dict[str, NDArray[np.int16]]:
    """All features of a stack, by kind."""
    found = features_of([f"lswi.{kind}" for kind in ALL], {"lswi": stack}, {"lswi": valid}, days)
    return dict(zip(ALL, found, strict=True))


# --- curves whose answer is known ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [DAILY, FIVE, MONTHS])
@pytest.mark.parametrize("peak", [1, 100, 182, 183, 200, 300, 364])
def test_a_wave_is_found_as_it_was_made(days: NDArray[Any], peak: int) -> None:
    found = of(0.4 + 0.25 * cosine(days, peak), days, "mean", "amplitude1", "phase1")
    assert abs(found["mean"] - 4000) <= 1 and abs(found["amplitude1"] - 2500) <= 1
    assert found["phase1"] == peak


@pytest.mark.parametrize("peak", [1, 45, 90, 91, 92, 150, 181])
def test_two_waves_are_told_apart(peak: int) -> None:
    found = of(0.4 + 0.2 * cosine(FIVE, 210) + 0.1 * cosine(FIVE, peak, waves=2), FIVE, "amplitude2", "phase2")
    assert abs(found["amplitude2"] - 1000) <= 1
    assert found["phase2"] == peak


def test_days_of_maxima_are_whole_days_from_one_to_the_last() -> None:
    assert half_days(YEAR).shape == (365, 2) and half_days(YEAR / 2).shape == (183, 2)
    peaks = np.arange(0, 365, 0.25) + 0.1  # a pixel each
    curves = np.rint(3000 * cosine(DAILY[:, None, None], peaks[None, None, :])).astype(np.int16)
    phases = features_of(["ndvi.phase1"], {"ndvi": curves}, {"ndvi": np.ones(curves.shape, bool)}, DAILY.astype(np.int64))[0, 0].tolist()
    assert set(phases) == set(range(1, 366))
    assert phases[0] == 365, "the first tenth of a day is nearer to the old year's end"


def test_a_flat_year_has_no_phase_no_season_and_no_slope() -> None:
    found = of(np.full(DAILY.shape, 0.3), DAILY, *ALL)
    assert found["mean"] == 3000 and found["amplitude1"] == found["range"] == found["slope"] == found["seasons"] == 0
    assert all(found[kind] == COMPOSITE_NODATA for kind in ("phase1", "phase2", "season_start", "season_end", "season_length"))


def test_percentiles_are_observations_of_lower_rank() -> None:
    values = np.arange(1, 22) / 100  # 0.01 to 0.21
    found = of(values[::-1], np.arange(1, 22) * 10, "minimum", "p05", "p10", "p25", "p50", "p75", "p90", "p95", "maximum", "range")
    assert list(found.values()) == [100, 200, 300, 600, 1100, 1600, 1900, 2000, 2100, 2000]


def test_a_straight_line_has_its_slope_a_year() -> None:
    assert of(0.1 + 0.2 * FIVE / YEAR, FIVE, "slope")["slope"] == pytest.approx(2000, abs=1)
    assert of(0.9 - 0.8 * MONTHS / YEAR, MONTHS, "slope")["slope"] == pytest.approx(-8000, abs=1)


def test_one_crop_a_year_is_one_season_between_a_fifth_of_its_rise_and_of_its_fall() -> None:
    day = np.arange(1, 366)
    triangle = 0.2 + 0.6 * np.clip(1 - np.abs(day - 200) / 100, 0, 1)  # bare until day 100, green on day 200, bare from day 300
    found = of(triangle, day, "seasons", "season_start", "season_end", "season_length")
    assert found == {"seasons": 1, "season_start": 120, "season_end": 280, "season_length": 160}


@pytest.mark.parametrize(("peak", "calendar", "july"), [(200, 1, 0), (15, 0, 1), (-20, 0, 1)])
def test_a_season_is_one_where_both_its_edges_lie_within_the_year(peak: int, calendar: int, july: int) -> None:
    """A field green once a year, seen in a calendar year and from July to June; south of the equator it is so in January."""
    day = np.arange(-183, 366)
    green = 0.2 + 0.6 * sum(crop(day, peak + 365 * year, 45) for year in (-1, 0, 1))
    for within, first, seasons in ((day >= 1, 1, calendar), (day <= 181, -183, july)):
        days = day[within] - first + 1
        assert of(green[within], days, "seasons")["seasons"] == seasons


def test_early_and_late_rice_are_two_seasons_and_the_larger_gives_the_days() -> None:
    double = 0.2 + 0.5 * crop(FIVE, 150, 25) + 0.6 * crop(FIVE, 255, 25)
    found = of(double, FIVE, "seasons", "season_start", "season_end")
    assert found["seasons"] == 2
    assert 200 < found["season_start"] < 230 and 280 < found["season_end"] < 300


def test_the_largest_season_is_the_highest_above_both_its_minima_and_the_first_of_equals() -> None:
    day = np.arange(10, 180, 10)
    twice = [0.2, 0.3, 0.5, 0.7, 0.5, 0.3, 0.2, 0.3, 0.5, 0.7, 0.5, 0.3, 0.2, 0.2, 0.2, 0.2, 0.2]
    assert of(twice, day, "seasons", "season_start", "season_end")["season_end"] < 70 == day[6]
    green_winter = [0.2, 0.3, 0.5, 0.7, 0.7, 0.5, 0.3, 0.2, 0.3, 0.5, 0.9, 0.9, 0.7, 0.65, 0.65, 0.65, 0.65]  # the second rises higher, but falls little
    found = of(green_winter, day, "seasons", "season_end")
    assert found["seasons"] == 2 and found["season_end"] < 80 == day[7]


@pytest.mark.parametrize(("curve", "seasons"), [
    (0.2 + 0.6 * crop(FIVE, 200), 1),
    (0.3 + 0.5 * crop(FIVE, 110) + 0.5 * crop(FIVE, 230, 25), 2),
    (0.2 + 0.5 * crop(FIVE, 70, 15) + 0.6 * crop(FIVE, 170, 15) + 0.5 * crop(FIVE, 290, 15), 3),
    (0.8 + 0.03 * cosine(FIVE, 200), 0),  # evergreen
    (0.2 + 0.6 * crop(FIVE, 1, 40), 0),  # a winter crop cut by the calendar: its rise lies in the year before
])  # fmt: skip
def test_seasons_are_counted_through_scatter(curve: NDArray[Any], seasons: int) -> None:
    scatter = np.random.default_rng(2).normal(0, 0.02, curve.shape)
    assert of(curve + scatter, FIVE, "seasons")["seasons"] == seasons


def test_one_cloud_that_was_missed_makes_no_season() -> None:
    curve = 0.2 + 0.6 * crop(FIVE, 200, 50)
    curve[FIVE.tolist().index(203)] = 0.05
    assert of(curve, FIVE, "seasons")["seasons"] == 1


def test_rice_that_is_drained_twice_has_two_dry_downs() -> None:
    """Flooded on day 120, drained at mid-season for ten days, flooded again, and drained before harvest on day 230."""
    day = np.arange(100, 260, 5)
    flooded = ((day >= 120) & (day < 165)) | ((day >= 175) & (day < 230))
    found = of(np.where(flooded, 0.3, -0.1), day, "drydowns", "wet_days")
    assert found["drydowns"] == 2
    assert found["wet_days"] == len(day[flooded]) * 5


def test_damp_between_the_thresholds_is_neither_wet_nor_dry() -> None:
    thresholds = LIBRARY.water.layer["lswi"]
    damp = (thresholds.wet + thresholds.dry) / 2
    day = np.arange(10, 130, 10)
    assert of([damp] * 12, day, "drydowns", "wet_days") == {"drydowns": 0, "wet_days": 0}
    assert of([0.3, damp, 0.3, damp, 0.3, damp, 0.3, damp, 0.3, damp, -0.1, damp], day, "drydowns")["drydowns"] == 1
    assert of([-0.2] * 11 + [0.3], day, "drydowns")["drydowns"] == 0, "flooded at last, not drained yet"


def test_dark_radar_is_water() -> None:
    power = 10 ** (np.array([-17, -24, -24, -18, -16, -25, -23, -17, -16]) / 10)
    found = of(power, np.arange(12, 120, 12), "drydowns", "wet_days", layer="vh")
    assert found == {"drydowns": 2, "wet_days": 48}


def test_an_observation_speaks_for_no_more_than_half_a_gap_around_it() -> None:
    gap = LIBRARY.water.longest_gap_days
    day = np.array([1, 11, 21, 31, 231, 241])
    assert of([0.3] * 6, day, "wet_days")["wet_days"] == 30 + gap + 10


# --- what isn't there ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [kind for kind in ALL if LIBRARY.feature[kind].observations])
def test_one_observation_too_few_gives_no_feature(kind: str) -> None:
    least = LIBRARY.feature[kind].observations
    days = np.linspace(5, 360, least).astype(int)
    curve = 0.1 + 0.6 * crop(days, 180, 60) - 0.2 * (days < 40)
    assert of(curve, days, kind)[kind] != COMPOSITE_NODATA
    assert of(curve[:-1], days[:-1], kind)[kind] == COMPOSITE_NODATA


def test_pixels_never_seen_have_no_features_but_their_number_of_observations() -> None:
    found = of(np.zeros(20), np.arange(1, 21), *ALL, seen=False)
    assert found.pop("observations") == 0
    assert set(found.values()) == {COMPOSITE_NODATA}


def test_a_year_without_any_acquisition_has_no_features() -> None:
    found = every(np.empty((0, 2, 3), np.int16), np.empty((0, 2, 3), np.bool_), np.empty(0, np.int64))
    assert (found.pop("observations") == 0).all()
    assert all(values.shape == (2, 3) and (values == COMPOSITE_NODATA).all() for values in found.values())


def test_days_crowded_together_give_no_waves() -> None:
    days = np.arange(150, 170)
    found = of(0.3 + 0.001 * days, days, *KINDS, "slope")
    assert found.pop("slope") > 0
    assert set(found.values()) == {COMPOSITE_NODATA}
    assert of(np.linspace(0.1, 0.5, 20), np.full(20, 150), "slope")["slope"] == COMPOSITE_NODATA


def test_what_is_masked_does_not_count() -> None:
    curve, seen = 0.4 + 0.25 * cosine(FIVE, 200), np.arange(FIVE.size) % 3 > 0
    spoiled = np.where(seen, curve, 3.2)
    assert of(spoiled, FIVE, *ALL, seen=seen) == of(curve[seen], FIVE[seen], *ALL)


def test_values_beyond_sixteen_bits_are_held() -> None:
    days = np.array([1, 2, 3, 4, 5, 6])
    assert of([-3, 3, -3, 3, 3, 3.2], days, "range", "slope") == {"range": 32767, "slope": 32767}


# --- properties ---------------------------------------------------------------------------------------------------------


@settings(max_examples=30)
@given(st.integers(0, 1000), st.integers(-60, 60))
def test_a_year_that_comes_later_has_later_days_and_nothing_else_changes(seed: int, shift: int) -> None:
    stack, valid, days = stacks(seed)
    before, after = every(stack, valid, days), every(stack, valid, days + shift)
    for kind in ("season_start", "season_end"):
        assert (np.where(before[kind] == COMPOSITE_NODATA, before[kind], before[kind] + shift) == after[kind]).all(), kind
    for kind, days_a_wave in (("phase1", YEAR), ("phase2", YEAR / 2)):
        known = (before[kind] != COMPOSITE_NODATA) & (before[kind.replace("phase", "amplitude")] > 100)
        off = (after[kind][known].astype(float) - before[kind][known] - shift + days_a_wave / 2) % days_a_wave - days_a_wave / 2
        assert (np.abs(off) <= 1).all(), kind
    for kind in ("mean", "amplitude1", "amplitude2"):
        assert (np.abs(after[kind].astype(int) - before[kind]) <= 1).all(), kind
    assert all((before[kind] == after[kind]).all() for kind in ALL if kind not in (*KINDS, "season_start", "season_end"))


@settings(max_examples=30)
@given(st.integers(0, 1000), st.integers(-2000, 2000))
def test_a_brighter_year_has_the_same_shape(seed: int, more: int) -> None:
    stack, valid, days = stacks(seed)
    before, after = every(stack, valid, days), every(stack + np.int16(more), valid, days)
    moved = ("mean", "minimum", "maximum", "p05", "p10", "p25", "p50", "p75", "p90", "p95")
    for kind in moved:
        expected = np.where(before[kind] == COMPOSITE_NODATA, before[kind], before[kind] + more)
        assert (np.abs(after[kind].astype(int) - expected) <= (kind == "mean")).all(), kind
    for kind in ("amplitude1", "amplitude2", "phase1", "phase2"):
        assert (np.abs(after[kind].astype(int) - before[kind]) <= 1).all(), kind
    assert all((before[kind] == after[kind]).all() for kind in ("range", "slope", "observations", "seasons", "season_start", "season_length"))


@settings(max_examples=20)
@given(st.integers(0, 1000))
def test_a_pixel_s_features_hang_on_no_other_pixel_and_on_no_order_of_the_observations(seed: int) -> None:
    stack, valid, days = stacks(seed)
    rng = np.random.default_rng(seed)
    turned, mixed = rng.permutation(stack.shape[2]), rng.permutation(days.size)
    here, there = every(stack, valid, days), every(stack[:, :, turned], valid[:, :, turned], days)
    again = every(stack[mixed], valid[mixed], days[mixed])
    alone = every(stack[:, 2:3, 77:78], valid[:, 2:3, 77:78], days)
    for kind in ALL:
        assert (here[kind][:, turned] == there[kind]).all(), kind
        assert (here[kind] == again[kind]).all(), kind
        assert here[kind][2, 77] == alone[kind][0, 0], kind


@settings(max_examples=30)
@given(st.integers(0, 1000))
def test_features_agree_with_each_other(seed: int) -> None:
    stack, valid, days = stacks(seed, clear=0.9)
    found = {kind: values.astype(int) for kind, values in every(stack, valid, days).items()}
    ranks = [found[kind] for kind in ("minimum", "p05", "p10", "p25", "p50", "p75", "p90", "p95", "maximum")]
    assert all((low <= high).all() for low, high in zip(ranks, ranks[1:], strict=False))
    assert (found["range"] == found["maximum"] - found["minimum"]).all()
    some = found["seasons"] > 0
    assert (found["season_length"][some] == found["season_end"][some] - found["season_start"][some]).all()
    assert (found["season_length"][some] > 0).all()
    assert (found["season_start"][some] >= days[0]).all() and (found["season_end"][some] <= days[-1]).all()
    assert (found["season_start"][~some] == COMPOSITE_NODATA).all()
    assert (found["wet_days"] <= days[-1] - days[0]).all()


def test_asking_for_one_feature_or_for_all_gives_the_same() -> None:
    stack, valid, days = stacks(5)
    both = every(stack, valid, days)
    for kind in ALL:
        assert (features_of([f"lswi.{kind}"], {"lswi": stack}, {"lswi": valid}, days)[0] == both[kind]).all(), kind


def test_layers_keep_the_order_they_are_declared_in() -> None:
    stack, valid, days = stacks(6)
    wanted = ["ndvi.p50", "lswi.p50", "ndvi.mean", "lswi.observations"]
    found = features_of(wanted, {"ndvi": stack, "lswi": -stack}, {"ndvi": valid, "lswi": ~valid}, days)
    alone = [features_of([name], {"ndvi": stack, "lswi": -stack}, {"ndvi": valid, "lswi": ~valid}, days)[0] for name in wanted]
    assert (found == np.stack(alone)).all()


# --- a second opinion by numpy ----------------------------------------------------------------------------------------------


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_waves_and_slope_are_those_of_numpy_s_least_squares(seed: int) -> None:
    stack, valid, days = stacks(seed, times=40)
    found = every(stack, valid, days)
    angle = 2 * np.pi * days / YEAR
    waves = np.stack([np.ones(days.size), np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)], axis=1)
    for y, x in np.random.default_rng(seed).integers(0, (5, 150), (25, 2)):
        seen, values = valid[:, y, x], stack[:, y, x].astype(float)
        one = np.linalg.lstsq(waves[seen, :3], values[seen])[0]
        two = np.linalg.lstsq(waves[seen], values[seen])[0]
        line = np.polyfit(days[seen] / YEAR, values[seen], 1)
        assert abs(found["mean"][y, x] - one[0]) <= 0.51
        assert abs(found["amplitude1"][y, x] - np.hypot(*one[1:])) <= 0.51
        assert abs(found["amplitude2"][y, x] - np.hypot(*two[3:])) <= 0.51
        assert abs(found["slope"][y, x] - line[0]) <= 0.51
        day = np.arctan2(one[2], one[1]) * YEAR / (2 * np.pi)
        assert abs((found["phase1"][y, x] - day + YEAR / 2) % YEAR - YEAR / 2) <= 0.76


@settings(max_examples=40)
@given(arrays(np.int16, (12, 2, 3), elements=st.integers(-32767, 32767)), arrays(np.bool_, (12, 2, 3)))
def test_ranks_are_those_of_the_sorted_observations(stack: NDArray[np.int16], valid: NDArray[np.bool_]) -> None:
    found = every(stack, valid, np.arange(1, 13))
    for y, x in np.ndindex(2, 3):
        values = sorted(stack[valid[:, y, x], y, x].tolist())
        for kind, percent in (("minimum", 0), ("p05", 5), ("p25", 25), ("p50", 50), ("p90", 90), ("maximum", 100)):
            expected = values[(len(values) - 1) * percent // 100] if len(values) >= 3 else COMPOSITE_NODATA
            assert found[kind][y, x] == expected
        assert found["observations"][y, x] == len(values)


def seasons_by_prominence(values: list[int], days: list[int]) -> int:
    """Seasons by another road: cut the smoothed year at every dip deep enough on both sides, and count what stands out."""
    padded = [values[0], *values, values[-1]]
    smooth = [sorted(padded[i : i + 3])[1] for i in range(len(values))]
    least = LIBRARY.turns.percent * (max(smooth) - min(smooth)) / 100
    if max(smooth) - min(smooth) < LIBRARY.turns.least_amplitude * 10_000:
        return 0
    turns = [smooth[0]]  # a zigzag whose legs are all at least `least`
    for value in smooth:
        if len(turns) == 1:
            low, high = min(smooth[: smooth.index(value) + 1]), max(smooth[: smooth.index(value) + 1])
            if abs(value - low) >= least:
                turns = [low, value]
            elif abs(value - high) >= least:
                turns = [high, value]
        elif (value - turns[-1]) * (turns[-1] - turns[-2]) > 0:
            turns[-1] = value
        elif abs(value - turns[-1]) >= least:
            turns.append(value)
    return sum(a < b > c for a, b, c in zip(turns, turns[1:], turns[2:], strict=False))


@settings(max_examples=60)
@given(st.lists(st.integers(0, 8000), min_size=9, max_size=40, unique=True))
def test_seasons_are_the_peaks_of_the_zigzag(values: list[int]) -> None:
    days = np.arange(1, len(values) + 1) * 8
    assert of(np.array(values) / 10_000, days, "seasons")["seasons"] == seasons_by_prominence(values, days.tolist())


# --- names, units, and the same bits elsewhere ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "nearest"), [("ndvi.amplitud1", "ndvi.amplitude1"), ("lswi.drydown", "lswi.drydowns")])
def test_an_unknown_feature_is_refused_with_the_nearest_known(name: str, nearest: str) -> None:
    with pytest.raises(Refusal, match="E-CFG-011") as caught:
        feature_names(["ndvi.mean", name])
    assert caught.value.problems[0].facts["found"] == name
    assert caught.value.problems[0].facts["nearest"] == nearest


def test_dry_downs_are_only_of_layers_with_thresholds_of_wet_and_dry() -> None:
    assert feature_names(["lswi.drydowns", "mndwi.wet_days", "vh.drydowns"])
    with pytest.raises(Refusal, match="E-CFG-011") as caught:
        feature_names(["ndvi.drydowns"])
    assert "drydowns" not in str(caught.value.problems[0].facts["known"])


def test_known_features_pass_in_their_order() -> None:
    assert feature_names(["lswi.drydowns", "ndvi.mean"]) == ("lswi.drydowns", "ndvi.mean")
    assert feature_names([]) == ()


def test_values_are_in_ten_thousandths_and_days_and_counts_are_whole() -> None:
    whole = {kind for kind in ALL if unit_of(f"lswi.{kind}") == 1}
    assert whole == {"phase1", "phase2", "observations", "seasons", "season_start", "season_end", "season_length", "drydowns", "wet_days"}
    assert {unit_of(f"lswi.{kind}") for kind in ALL} == {1, 10_000}


PROGRAM = """
import hashlib
from tests.composites.test_features import ALL, every, stacks
print(hashlib.sha256(b"".join(every(*stacks(11))[kind].tobytes() for kind in ALL)).hexdigest())
"""


def test_a_plainer_processor_gives_the_same_bits() -> None:
    """The kernels compiled for this processor, and for one without any of its vector instructions."""
    plain = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}
    digests = [subprocess.run([sys.executable, "-c", PROGRAM], env=os.environ | more, capture_output=True, check=True).stdout for more in ({}, plain)]
    assert digests[0] == digests[1] and len(digests[0]) == 65
