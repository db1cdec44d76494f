"""The library's indices: formulas of the allowed kind over bands that sensors have, against published pairs of pixels and values.

tests/cases/indices.csv holds a pixel a row. A row is "published" where somebody printed both the bands and the value (some of
them are raw counts, which a formula takes as well), or "recomputed" where the paper's definition was worked with plain numbers.
"""

from __future__ import annotations

import ast
import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import spyndex

from carbonsink.base.formula import evaluate, parse
from carbonsink.composites.program import compiled
from carbonsink.declared.indices import Index, read_indices
from carbonsink.declared.sensor import read_sensor, sensor_names
from carbonsink.declared.timeseries import known_features, names_in_rules

LIBRARY = read_indices()
INDICES = [pytest.param(name, index, id=name) for name, index in LIBRARY.index.items()]
COMMON = {"coastal", "blue", "green", "red", "rededge1", "rededge2", "rededge3", "nir", "nir08", "nir09", "swir16", "swir22", "vv", "vh"}
EXACT_POWERS = {2, 0.5}  # a product and a square root: every processor rounds them alike, which it needn't other powers
BROADEST = 3.2767  # the largest value that 16 bits hold in ten-thousandths


@dataclass(frozen=True)
class Golden:
    """One row of indices.csv."""

    index: str
    bands: dict[str, float]
    working: str
    value: float
    tolerance: float
    kind: str
    source: str


def golden() -> list[Golden]:
    with (Path(__file__).parent / "cases" / "indices.csv").open(encoding="utf-8", newline="") as file:
        return [_golden(row) for row in csv.DictReader(file)]


def _golden(row: dict[str, str]) -> Golden:
    bands = {name: float(value) for name, value in (pair.split("=") for pair in row["bands"].split())}
    return Golden(row["index"], bands, row["working"], float(row["value"]), float(row["tolerance"]), row["kind"], row["source"])


GOLDEN = golden()


def test_there_are_at_least_forty_indices() -> None:
    assert len(LIBRARY.index) >= 40


@pytest.mark.parametrize(("name", "index"), INDICES)
def test_a_formula_is_arithmetic_of_bands_that_rounds_alike_on_every_processor(name: str, index: Index) -> None:
    for node in ast.walk(parse(index.formula)):
        assert isinstance(node, ast.BinOp | ast.Name | ast.Constant | ast.operator | ast.expr_context), f"{name}: {ast.dump(node)}"
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            assert isinstance(node.right, ast.Constant) and node.right.value in EXACT_POWERS, name
    assert set(index.bands) <= COMMON


@pytest.mark.parametrize(("name", "index"), INDICES)
def test_an_index_fits_in_a_composite_and_says_where_it_is_defined(name: str, index: Index) -> None:
    assert -BROADEST <= index.low < index.high <= BROADEST
    assert index.name.zh and index.name.en and index.source and index.place


def test_every_band_of_an_optical_index_is_one_that_sentinel_2_has() -> None:
    sentinel = read_sensor("sentinel-2-l2a").bands
    optical = {name: index.bands for name, index in LIBRARY.index.items() if not {"vv", "vh"} & set(index.bands)}
    assert {name: bands for name, bands in optical.items() if not set(bands) <= set(sentinel)} == {}


def test_each_index_has_all_its_bands_in_one_sensor_of_the_library() -> None:
    sensors = [set(read_sensor(name).bands) for name in sensor_names()]
    assert [name for name, index in LIBRARY.index.items() if not any(set(index.bands) <= bands for bands in sensors)] == []


def test_no_feature_is_called_in_rules_what_a_layer_or_another_feature_is() -> None:
    features = known_features([*LIBRARY.index, *COMMON])
    names = names_in_rules(features)
    assert len(names) == len(features) and all(name.isidentifier() for name in names)
    assert not set(names) & (COMMON | set(LIBRARY.index))


@pytest.mark.parametrize("row", GOLDEN, ids=lambda row: f"{row.index}-{row.kind}-{row.value}")
def test_an_index_has_the_value_that_was_published_or_worked_by_hand(row: Golden) -> None:
    found = evaluate(LIBRARY.index[row.index].formula, row.bands)
    assert abs(found - row.value) <= row.tolerance, row.source
    if row.working:
        assert abs(evaluate(row.working, {}) - row.value) <= row.tolerance, row.working


# What spyndex (Awesome Spectral Indices) calls bands and indices of ours that it has under another name.
THEIR_BANDS = {
    "blue": "B", "green": "G", "red": "R", "rededge1": "RE1", "rededge2": "RE2", "rededge3": "RE3", "nir": "N", "nir08": "N2", "swir16": "S1", "swir22": "S2",
    "vv": "VV", "vh": "VH",
}  # fmt: skip
THEIR_NAMES = {
    "afri16": "AFRI1600", "afri21": "AFRI2100", "brightness": "BITM", "bsi": "BI", "ndre": "NDREI", "ndti": "NBR2", "rvi": "DpRVIVV", "vhvv": "VHVVR",
}  # fmt: skip
THEIR_CONSTANTS = {"g": 2.5, "C1": 6.0, "C2": 7.5, "L": 1.0, "gamma": 1.0, "alpha": 0.2}
UNKNOWN_THERE = {"crc", "ndsvi"}
OTHERWISE_THERE = {"aweinsh", "sipi", "arvi", "sarvi"}  # brackets of the paper's equation lost; 443 nm for our blue; R - (R - B) for the papers' R - (B - R)


@pytest.mark.parametrize("name", sorted(LIBRARY.index.keys() - UNKNOWN_THERE - OTHERWISE_THERE))
def test_an_index_has_the_values_that_another_library_gives_it(name: str) -> None:
    """A hundred pixels of any colour, before values are clipped."""
    rng = np.random.default_rng(11)
    bands = {band: rng.uniform(0.02, 0.6, 100) for band in LIBRARY.index[name].bands}
    known = {one.lower(): one for one in spyndex.indices}
    theirs = {THEIR_BANDS[band]: values for band, values in bands.items()} | THEIR_CONSTANTS | ({"L": 0.5} if name == "savi" else {})
    unit = 1000 if name == "s2rep" else 1  # nanometres there
    with np.errstate(invalid="ignore"):  # roots of less than nothing are no value in either
        found = spyndex.computeIndex([THEIR_NAMES.get(name) or known[name]], theirs)
        ours = evaluate(LIBRARY.index[name].formula, bands) * unit
    np.testing.assert_allclose(ours, found, rtol=1e-9, atol=1e-12)


def test_every_index_has_a_golden_value_and_every_row_a_source() -> None:
    assert {row.index for row in GOLDEN} == set(LIBRARY.index)
    assert all(row.source and row.kind in ("published", "recomputed") for row in GOLDEN)
    assert all(bool(row.working) == (row.kind == "recomputed") for row in GOLDEN)


@pytest.mark.parametrize(("name", "index"), INDICES)
def test_the_composites_take_every_index_over_its_own_bands(name: str, index: Index) -> None:
    (reckoned,) = compiled([index], index.bands, LIBRARY.denominator.smallest).indices
    assert len(reckoned.bands) == len(index.bands), name


@pytest.mark.parametrize(("name", "index"), INDICES)
def test_an_index_has_no_value_beyond_its_range_if_and_only_if_positive_reflectances_stay_within(name: str, index: Index) -> None:
    """Of a hundred thousand pixels, half of them dark."""
    rng = np.random.default_rng(5)
    bands = {band: np.where(rng.random(100_000) < 0.5, 10 ** rng.uniform(-4, 0.5, 100_000), rng.uniform(0, BROADEST, 100_000)) for band in index.bands}
    with np.errstate(all="ignore"):
        below = [evaluate(text, bands) for text in denominators(index.formula)]
        value = evaluate(index.formula, bands)
    known = np.logical_and.reduce([abs(one) >= LIBRARY.denominator.smallest for one in below], initial=True) & np.isfinite(value)
    within = (index.low <= value[known]) & (value[known] <= index.high)
    assert (index.beyond == "none") == (within.all() and all((one > 0).all() for one in below)), name


def test_clear_water_and_shaded_snow_have_values_of_the_snow_indices() -> None:
    """Where both sums are far from zero and their product isn't."""
    water = {"green": 0.035, "red": 0.018, "nir": 0.012, "swir16": 0.006}
    below = {name: [evaluate(text, water) for text in denominators(LIBRARY.index[name].formula)] for name in ("s3", "swi")}
    assert all(abs(one) >= LIBRARY.denominator.smallest for sums in below.values() for one in sums)


def test_all_indices_together_are_one_program() -> None:
    program = compiled(list(LIBRARY.index.values()), tuple(COMMON), LIBRARY.denominator.smallest)
    assert len(program.indices) == len(LIBRARY.index)
    assert all(index.low < index.high for index in program.indices)


def denominators(formula: str) -> list[str]:
    return [ast.unparse(node.right) for node in ast.walk(parse(formula)) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)]


def test_only_differences_have_no_denominator() -> None:
    assert {name for name, index in LIBRARY.index.items() if not denominators(index.formula)} == {"dvi", "msavi", "mcari1", "aweinsh", "aweish", "mirbi"}


@pytest.mark.parametrize("row", [row for row in GOLDEN if row.kind == "recomputed"], ids=lambda row: f"{row.index}-{row.value}")
def test_crops_soil_water_snow_and_burnt_land_lie_in_an_index_s_range_and_off_its_poles(row: Golden) -> None:
    index = LIBRARY.index[row.index]
    assert index.low < row.value < index.high
    assert all(abs(evaluate(text, row.bands)) >= LIBRARY.denominator.smallest for text in denominators(index.formula))
