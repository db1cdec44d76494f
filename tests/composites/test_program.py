"""Index formulas as programs: bit for bit what the formula text gives, for every index of the library and for any other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from carbonsink.base.formula import FormulaError
from carbonsink.base.rasters import COMPOSITE_NODATA
from carbonsink.composites import kernel
from carbonsink.composites.block import ONE, _reduce
from carbonsink.composites.program import NORMALISE, compiled
from carbonsink.declared.indices import Index, read_indices
from tests.composites.plain import observe
from tests.composites.stacks import index_of, recipe_of, stack_of

LIBRARY = read_indices()
SMALLEST = LIBRARY.denominator.smallest
EDGES = [0, 1, -1, 9, 10, 11, -9, -10, 500, -998, 5000, 10_000, 32_766, -32_766]


def worked(indices: dict[str, Index], bands: dict[str, NDArray[Any]]) -> dict[str, NDArray[np.int16]]:
    """Indices of one clear observation of a row of pixels, by the kernel."""
    recipe = recipe_of(indices=indices)
    values = np.stack([bands[band] for band in recipe.read])[None, :, None, :]
    out = _reduce(recipe, stack_of(values, np.ones((1, 1, values.shape[-1]))), ONE)
    return {name: layer[0] for name, layer in zip(indices, out, strict=False)}


def expected(index: Index, bands: dict[str, NDArray[Any]]) -> NDArray[np.int16]:
    value, valid = observe(index, SMALLEST, bands)
    return np.where(valid, value, COMPOSITE_NODATA).astype(np.int16)


def test_reflectance_is_the_count_divided_by_ten_thousand_in_single_precision() -> None:
    out = np.empty(65_536, np.float32)
    kernel.load(np.arange(65_536).astype(np.uint16), np.float32(-kernel.BIAS), out, out.size)
    np.testing.assert_allclose(out, np.arange(-32_768, 32_768) / 10_000, rtol=2**-23, atol=0)


@pytest.mark.parametrize("name", LIBRARY.index)
def test_every_index_of_the_library_has_the_bits_of_its_formula(name: str) -> None:
    rng = np.random.default_rng(7)
    index = LIBRARY.index[name]
    ground = {band: rng.integers(-1_000, 12_000, 20_000).astype(np.int16) for band in index.bands}
    edges = {band: rng.choice(EDGES, 5_000).astype(np.int16) for band in index.bands}
    for bands in (ground, edges):
        assert (worked({name: index}, bands)[name] == expected(index, bands)).all()


def test_indices_worked_together_are_those_worked_alone() -> None:
    rng = np.random.default_rng(8)
    names = sorted({band for index in LIBRARY.index.values() for band in index.bands})
    bands = {band: rng.integers(-500, 8_000, 3_000).astype(np.int16) for band in names}
    together = worked(dict(LIBRARY.index), bands)
    for name, index in LIBRARY.index.items():
        assert (together[name] == expected(index, bands)).all(), name


def formulas() -> st.SearchStrategy[str]:
    leaves = st.sampled_from(["red", "nir", "blue"]) | st.sampled_from(["2", "0.5", "7.5", "1e-4", "-3", "0.0005", "1e9"])
    grown = st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
            inner.map(lambda text: f"(-{text})"),
            st.tuples(inner, st.sampled_from(["2", "0.5"])).map(lambda t: f"({t[0]} + 0 * nir) ** {t[1]}"),
        ),
        max_leaves=12,
    )
    return grown.map(lambda text: f"{text} + 0 * red")  # a band is in it


@settings(max_examples=300)
@given(formulas(), arrays(np.int16, (3, 8), elements=st.sampled_from(EDGES) | st.integers(-32_766, 32_766)))
def test_any_formula_has_the_bits_of_its_text(text: str, values: NDArray[np.int16]) -> None:
    bands = dict(zip(("red", "nir", "blue"), values, strict=True))
    index = index_of(text)
    try:
        wanted = expected(index, bands)
    except (ZeroDivisionError, OverflowError):
        return  # numbers alone that have no value
    assert (worked({"it": index}, bands)["it"] == wanted).all()


def test_what_formulas_share_is_reckoned_once_and_the_commonest_index_is_one_step() -> None:
    ndvi, evi = LIBRARY.index["ndvi"], LIBRARY.index["evi"]
    assert len(compiled([ndvi], ndvi.bands, SMALLEST).code) == 0
    assert compiled([ndvi], ndvi.bands, SMALLEST).results[0, 0] == NORMALISE
    assert len(compiled([evi, evi], evi.bands, SMALLEST).code) == len(compiled([evi], evi.bands, SMALLEST).code)


def test_no_step_writes_over_what_it_reads() -> None:
    program = compiled(list(LIBRARY.index.values()), sorted({b for i in LIBRARY.index.values() for b in i.bands}), SMALLEST)
    assert all(target not in sources for _, target, *sources in program.code.tolist())


FORBIDDEN = ["nir ** 3", "nir ** red", "sqrt(nir)", "nir > red", "True * nir", "swir16", "nir.real", "(-1) ** 0.5 * nir", "9" * 400 + " * nir"]


@pytest.mark.parametrize("text", FORBIDDEN)
def test_what_an_index_cannot_have_is_refused(text: str) -> None:
    with pytest.raises(FormulaError):
        compiled([index_of("nir + 0").model_copy(update={"formula": text})], ("nir", "red"), SMALLEST)


def one(index: str, **bands: int) -> int:
    found = worked({index: LIBRARY.index[index]}, {name: np.array([value], np.int16) for name, value in bands.items()})
    return int(found[index][0])


def test_indices_by_hand() -> None:
    assert one("ndvi", nir=4000, red=400) == 8182  # 3600 / 4400
    assert one("evi", nir=4000, red=400, blue=200) == 6040  # 2.5 * 0.36 / 1.49
    assert one("lswi", nir=3000, swir16=1500) == 3333
    assert one("nbr", nir=1000, swir22=3000) == -5000


def test_an_index_is_rounded_half_to_even() -> None:
    bands = {"nir": np.array([625, 1875, -625], dtype=np.int16)}
    assert worked({"half": index_of("nir / 2")}, bands)["half"].tolist() == [312, 938, -312]  # 312.5, 937.5, -312.5: exact in binary


def test_a_denominator_near_zero_gives_no_value_and_a_value_out_of_range_is_clipped() -> None:
    for nothing in ({"nir": 5, "red": -5}, {"nir": 0, "red": 0}, {"nir": 9, "red": 0}):
        assert one("ndvi", **nothing) == COMPOSITE_NODATA
    assert one("ndvi", nir=10, red=0) == 10000
    assert one("ndvi", nir=500, red=-100) == 10000
    assert one("evi", nir=2000, red=500, blue=2000) == COMPOSITE_NODATA  # 0.2 + 0.3 - 1.5 + 1 = 0
    assert one("evi", nir=9000, red=100, blue=2400) == 10000
