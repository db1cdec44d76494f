"""What a paddy specialist looks for in the scenes: flooding, green peak, drainage, clouds with shadows, honest metadata."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.simulate.conftest import Shot, Simulated

SINGLE, DOUBLE, FOREST, WATER, BUILT = 1, 2, 4, 5, 6


def indices(shot: Shot) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """NDVI, EVI, LSWI on the 10 m grid."""
    blue, red, nir, swir = (shot.reflectance(band) for band in ("blue", "red", "nir", "swir16"))
    return (nir - red) / (nir + red), 2.5 * (nir - red) / (nir + 6 * red - 7.5 * blue + 1), (nir - swir) / (nir + swir)


def usable(season: Simulated, first: date, last: date) -> list[Shot]:
    return [shot for shot in season.shots if first <= shot.day <= last and shot.item["properties"]["eo:cloud_cover"] < 30]


def test_single_rice_is_flooded_at_transplanting_and_green_later(season: Simulated) -> None:
    rice = season.truth(2020) == SINGLE
    wet = usable(season, date(2020, 5, 25), date(2020, 6, 12))  # the first drainage comes eleven days after transplanting
    assert wet
    for shot in wet:
        _, evi, lswi = indices(shot)
        inner = rice & shot.clear
        assert (lswi + 0.05 >= evi)[inner].mean() > 0.85
    peaks = [np.median(indices(shot)[0][rice & shot.clear]) for shot in usable(season, date(2020, 8, 15), date(2020, 9, 10))]
    assert min(peaks) > 0.7
    before = [np.median(indices(shot)[0][rice & shot.clear]) for shot in usable(season, date(2020, 4, 1), date(2020, 4, 30))]
    after = [np.median(indices(shot)[0][rice & shot.clear]) for shot in usable(season, date(2020, 10, 14), date(2020, 11, 10))]
    assert max(before + after) < 0.4


def test_only_rice_and_water_look_flooded(season: Simulated) -> None:
    truth = season.truth(2020)
    for shot in usable(season, date(2020, 4, 1), date(2020, 11, 10)):
        _, evi, lswi = indices(shot)
        for cover in (FOREST, BUILT):
            assert (lswi + 0.05 >= evi)[(truth == cover) & shot.clear].mean() < 0.1, (shot.day, cover)


def test_drained_fields_are_drier_than_their_flooded_neighbours(season: Simulated) -> None:
    """Early July: by their calendars some fields stand in the first drainage, others in water; SWIR tells them apart."""
    rice = season.truth(2020) == SINGLE

    def widest(first: date, last: date) -> float:
        swir = [shot.reflectance("swir16")[rice & shot.clear] for shot in usable(season, first, last)]
        return max(float(np.subtract(*np.percentile(values, [90, 10]))) for values in swir)

    assert widest(date(2020, 7, 1), date(2020, 7, 20)) > 0.05 > widest(date(2020, 6, 8), date(2020, 6, 12))


def test_double_rice_peaks_twice(season: Simulated) -> None:
    double = season.truth(2020) == DOUBLE
    curve = [(shot.day, np.median(indices(shot)[0][double & shot.clear])) for shot in usable(season, date(2020, 4, 1), date(2020, 11, 10))]
    early = max(value for day, value in curve if day < date(2020, 7, 10))
    between = min(value for day, value in curve if date(2020, 7, 10) < day < date(2020, 8, 25))
    late = max(value for day, value in curve if day > date(2020, 8, 25))
    assert min(early, late) > 0.65 > 0.45 > between


def test_every_month_keeps_two_usable_dates_for_most_pixels_and_some_days_are_overcast(season: Simulated) -> None:
    cover = [shot.item["properties"]["eo:cloud_cover"] for shot in season.shots]
    assert max(cover) > 90 and min(cover) < 5
    for month in range(5, 11):
        counts = np.sum([shot.clear for shot in season.shots if shot.day.month == month], axis=0)
        assert (counts >= 2).mean() > 0.5, month


def test_clouds_are_bright_and_shadows_dark_and_off_the_sun(season: Simulated) -> None:
    for shot in season.shots:
        scl, blue = shot.numbers("scl").repeat(2, 0).repeat(2, 1), shot.reflectance("blue")
        if (scl == 9).mean() > 0.01:
            assert np.median(blue[scl == 9]) > 0.25 > np.median(blue[shot.clear])
        if (scl == 3).mean() > 0.02 and (shot.clear & (scl == 4)).mean() > 0.05:
            nir = shot.reflectance("nir")
            assert np.median(nir[scl == 3]) < 0.75 * np.median(nir[shot.clear])
    april = next(s for s in season.shots if s.day.month == 4 and 2 < s.item["properties"]["eo:cloud_cover"] < 20 and (s.numbers("scl") == 3).any())
    assert 100 < april.item["properties"]["view:sun_azimuth"] < 150


def test_shadows_lie_where_the_sun_table_throws_them() -> None:
    from math import cos, radians, sin, tan

    from carbonsink.simulate.constants import constants

    for _, azimuth, elevation, east, north in constants().sun.days:
        length = 1000 / tan(radians(elevation / 10))
        assert abs(east + length * sin(radians(azimuth / 10))) < 6
        assert abs(north + length * cos(radians(azimuth / 10))) < 6


def test_the_items_counts_are_those_of_the_classification(season: Simulated) -> None:
    for shot in season.shots:
        scl, said = shot.numbers("scl"), shot.item["properties"]
        assert set(np.unique(scl)) <= {3, 4, 5, 6, 8, 9, 10}
        assert said["eo:cloud_cover"] == round(100 * float(np.isin(scl, (8, 9, 10)).sum()) / scl.size, 6)
        shares = [said[f"s2:{name}_percentage"] for name in ("cloud_shadow", "vegetation", "not_vegetated", "water")]
        assert abs(sum(shares) + said["eo:cloud_cover"] - 100) < 1e-4


def test_noise_is_small_and_shared_with_the_neighbours(season: Simulated) -> None:
    """Over closed forest on a fair day neighbours resemble each other, and the spread is a few per cent."""
    shot = min(season.shots, key=lambda s: s.item["properties"]["eo:cloud_cover"])
    forest = (season.truth(2020) == FOREST) & shot.clear
    nir = shot.reflectance("nir")
    assert 0.01 < nir[forest].std() / nir[forest].mean() < 0.12
    pairs = forest[:, 1:] & forest[:, :-1]
    assert 0.3 < np.corrcoef(nir[:, 1:][pairs], nir[:, :-1][pairs])[0, 1] < 0.999


def test_coarse_bands_are_half_the_shape_and_follow_the_fine_ones(season: Simulated) -> None:
    for shot in season.shots[:5]:
        fine, coarse = shot.numbers("nir"), shot.numbers("swir16")
        assert fine.shape == (2 * coarse.shape[0], 2 * coarse.shape[1]) and shot.numbers("scl").shape == coarse.shape
        for band, pixels in (("nir", fine), ("swir16", coarse)):
            asset = shot.item["assets"][band]
            assert tuple(asset["proj:shape"]) == pixels.shape
        assert shot.item["assets"]["nir"]["proj:transform"][2::3] == shot.item["assets"]["swir16"]["proj:transform"][2::3]
    blurred = season.shots[0].reflectance("red").reshape(fine.shape[0] // 2, 2, -1, 2).mean(axis=(1, 3))
    assert np.corrcoef(blurred.ravel(), (season.shots[0].numbers("swir16") / 1e4).ravel())[0, 1] > 0.7


def test_water_and_parcels_of_the_truth_are_there(season: Simulated) -> None:
    truth = season.truth(2020)
    assert set(np.unique(truth)) == {1, 2, 3, 4, 5, 6, 7}
    assert 0.97 < (truth == SINGLE).sum() / 42_900 < 1.01
    shot = min(season.shots, key=lambda s: s.item["properties"]["eo:cloud_cover"])
    ndvi = indices(shot)[0]
    assert np.median(ndvi[(truth == WATER) & shot.clear]) < 0
