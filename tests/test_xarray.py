"""The xarray accessor: the library's own indices, composites and equations over datasets."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import xarray
from hypothesis import given
from hypothesis import strategies as st

import carbonsink.xarray  # noqa: F401  (registers the accessor)
from carbonsink.base.problems import Refusal
from carbonsink.carbon.soil import mineral_soil_stock
from carbonsink.declared.indices import read_indices
from tests.composites import plain

DAYS = np.array(["2020-01-05", "2020-01-20", "2020-01-30", "2020-03-01", "2020-12-31"], dtype="datetime64[ns]")
RED = [0.10, 0.20, np.nan, 0.05, 0.04]
NIR = [0.30, 0.25, 0.90, 0.50, 0.45]


def scene(**bands: float) -> xarray.Dataset:
    return xarray.Dataset({name: (("y", "x"), np.full((1, 1), value)) for name, value in bands.items()})


@pytest.fixture
def series() -> xarray.Dataset:
    """One pixel five times; the third isn't clear in red."""
    return xarray.Dataset({name: (("time", "y", "x"), np.array(values)[:, None, None]) for name, values in (("red", RED), ("nir", NIR))}, {"time": DAYS})


def published() -> list[dict[str, str]]:
    with (Path(__file__).parent / "cases" / "indices.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", published(), ids=lambda row: f"{row['index']}-{row['value']}")
def test_indices_give_the_published_values(row: dict[str, str]) -> None:
    bands = {name: float(value) for name, value in (pair.split("=") for pair in row["bands"].split())}
    index = read_indices().index[row["index"]]
    expected = min(max(float(row["value"]), index.low), index.high)
    assert float(scene(**bands).carbonsink.index(row["index"])[0, 0]) == pytest.approx(expected, abs=float(row["tolerance"]) + 1e-12)


@given(st.lists(st.integers(0, 10_000), min_size=4, max_size=4), st.sampled_from(["ndvi", "evi", "savi", "lswi"]))
def test_an_index_is_the_composites_to_their_last_digit(counts: list[int], name: str) -> None:
    index, library = read_indices().index[name], read_indices()
    bands = {band: np.array([[count]], np.int16) for band, count in zip(("blue", "red", "nir", "swir16"), counts, strict=True)}
    value, valid = plain.observe(index, library.denominator.smallest, bands)
    found = scene(**{band: float(counts[0, 0]) / 10_000 for band, counts in bands.items()}).carbonsink.index(name)
    if abs(float(found.fillna(0)[0, 0])) < 1 or not valid[0, 0]:
        assert bool(found.notnull()[0, 0]) == bool(valid[0, 0])
        assert not valid[0, 0] or abs(float(found[0, 0]) * 10_000 - value[0, 0]) <= 0.51


def test_an_index_is_a_method_of_its_name_and_says_where_it_comes_from() -> None:
    found = scene(red=0.1, nir=0.3).carbonsink.ndvi()
    assert float(found[0, 0]) == pytest.approx(0.5) and found.name == "ndvi" and "Rouse" in found.attrs["source"]
    assert {"ndvi", "composite"} <= set(dir(scene(red=1.0).carbonsink))
    with pytest.raises(AttributeError, match="nvdi"):
        _ = scene(red=1.0).carbonsink.nvdi


def test_where_a_denominator_is_next_to_nothing_an_index_has_no_value() -> None:
    assert bool(scene(red=0.0004, nir=0.0005).carbonsink.ndvi().isnull().all())


def test_medians_are_of_what_was_seen_in_every_band(series: xarray.Dataset) -> None:
    found = series.carbonsink.composite("month")
    assert list(found.period.values) == ["2020-01", "2020-03", "2020-12"] and list(found["count"].values.ravel()) == [2, 1, 1]
    assert found.red.values.ravel() == pytest.approx([0.15, 0.05, 0.04]) and found.nir.values.ravel() == pytest.approx([0.275, 0.5, 0.45])


def test_periods_are_those_of_a_pipeline(series: xarray.Dataset) -> None:
    assert list(series.carbonsink.composite("season").period.values) == ["2019-winter", "2020-spring", "2020-winter"]
    assert list(series.carbonsink.composite("year", "mean").red.values.ravel()) == pytest.approx([np.nanmean(RED)])


def test_the_greenest_observation_is_taken_whole(series: xarray.Dataset) -> None:
    found = series.carbonsink.composite("year", "max-ndvi")
    assert (float(found.red[0, 0, 0]), float(found.nir[0, 0, 0])) == (0.04, 0.45)


def test_a_pixel_seen_too_seldom_has_no_value(series: xarray.Dataset) -> None:
    found = series.carbonsink.composite("month", minimum_observations=2)
    assert list(found.red.isnull().values.ravel()) == [False, True, True]


def test_dask_gives_the_same(series: xarray.Dataset) -> None:
    chunked = series.chunk({"x": 1}).carbonsink.composite("month")
    xarray.testing.assert_identical(chunked.compute(), series.carbonsink.composite("month"))


def test_an_equation_takes_variables_and_numbers_and_says_its_unit() -> None:
    dataset = scene(soc_ref=60.0, f_land_use=0.8)
    found = dataset.carbonsink.equation("soil.mineral_soil_stock", f_management=1.1, f_input=1.0)
    assert float(found[0, 0]) == mineral_soil_stock(60.0, 0.8, 1.1, 1.0) and found.dims == ("y", "x")
    assert (found.name, found.attrs["units"], found.attrs["source"]) == ("soc_stock", "t_C ha^-1", "ipcc-2019-v4 eq 2.25")


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda ds: ds.carbonsink.index("ndmi2"), "E-NBK-004 ndmi2: .*nearest is ndmi"),
        (lambda ds: ds.carbonsink.ndvi(), "E-NBK-003 ndvi: needs nir, red, .*has no nir"),
        (lambda ds: ds.carbonsink.composite(), "E-NBK-003 composite: needs time"),
        (lambda ds: ds.carbonsink.equation("soil.stock"), "E-NBK-004 soil.stock"),
        (lambda ds: ds.carbonsink.equation("soil.mineral_soil_stock"), "E-NBK-003 .*has no soc_ref, f_land_use"),
    ],
)  # fmt: skip
def test_what_cannot_be_reckoned_is_refused_with_what_lacks(ask: object, said: str) -> None:
    with pytest.raises(Refusal, match=said):
        ask(scene(red=0.1))  # type: ignore[operator]
