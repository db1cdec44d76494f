"""Index formulas as compiled text: bit for bit what the formula gives, for every index of the library and for any other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from carbonsink.base.evidence import sha256
from carbonsink.base.formula import FormulaError
from carbonsink.base.rasters import COMPOSITE_NODATA
from carbonsink.composites import kernel
from carbonsink.composites.block import ONE, _reduce
from carbonsink.composites.program import compiled
from carbonsink.declared.indices import Index, read_indices
from tests.composites.plain import observe, or_nodata
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


def test_a_band_by_itself_is_its_count() -> None:
    counts = np.arange(-32_766, 32_767).astype(np.int16)
    assert (worked({"red": index_of("+red", -4, 4)}, {"red": counts})["red"] == counts).all()


@pytest.fixture(scope="module")
def library() -> dict[str, tuple[NDArray[np.int16], NDArray[np.int16]]]:
    """All indices, ten to a program, on plausible ground and on edges; and by their formulas one by one."""
    rng = np.random.default_rng(7)
    grounds = sorted({band for index in LIBRARY.index.values() for band in index.bands})
    bands = {band: np.concatenate([rng.integers(-1_000, 12_000, 20_000), rng.choice(EDGES, 5_000)]).astype(np.int16) for band in grounds}
    together: dict[str, NDArray[np.int16]] = {}
    names = list(LIBRARY.index)
    for first in range(0, len(names), 10):
        together |= worked({name: LIBRARY.index[name] for name in names[first : first + 10]}, bands)
    return {name: (together[name], expected(index, bands)) for name, index in LIBRARY.index.items()}


@pytest.mark.parametrize("name", LIBRARY.index)
def test_every_index_of_the_library_has_the_bits_of_its_formula(name: str, library: dict[str, tuple[NDArray[np.int16], NDArray[np.int16]]]) -> None:
    found, wanted = library[name]
    assert (found == wanted).all()


@pytest.mark.parametrize("name", ["ndvi", "evi", "msavi"])
def test_an_index_worked_alone_is_what_it_is_among_others(name: str) -> None:
    rng = np.random.default_rng(8)
    bands = {band: rng.integers(-500, 8_000, 3_000).astype(np.int16) for band in LIBRARY.index[name].bands}
    assert (worked({name: LIBRARY.index[name]}, bands)[name] == expected(LIBRARY.index[name], bands)).all()


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


def numbers() -> st.SearchStrategy[NDArray[np.int16]]:
    return arrays(np.int16, (3, 8), elements=st.sampled_from(EDGES) | st.integers(-32_766, 32_766))


def wanted(text: str, bands: dict[str, NDArray[np.int16]]) -> NDArray[np.int16] | None:
    try:
        return expected(index_of(text), bands)
    except (ZeroDivisionError, OverflowError):
        return None  # numbers alone that have no value


def by_numpy(text: str, bands: dict[str, NDArray[np.int16]]) -> NDArray[np.int16]:
    """A formula's expression as it is handed to the compiler, worked by numpy in single precision."""
    (index,) = compiled([index_of(text)], list(bands), SMALLEST).indices
    space: dict[str, Any] = {f"b{n}": band.astype(np.float32) * kernel.STEP for n, band in enumerate(bands.values())}
    space |= {name: getattr(kernel, name) for name in ("NAN", "INFINITE")} | {"f32": np.float32, "smallest": np.float32(SMALLEST)}
    space |= {"known": lambda below, least: np.where(abs(below) >= least, below, kernel.NAN), "root": np.sqrt, "square": np.square}
    with np.errstate(all="ignore"):
        value = eval(index.expression, space)  # noqa: S307  our own text
        whole = np.rint(np.clip(value, np.float32(index.low), np.float32(index.high)) * kernel.UNIT)
        return np.where(np.isfinite(value), whole, COMPOSITE_NODATA).astype(np.int16)


@settings(max_examples=300)
@given(formulas(), numbers())
def test_any_formula_s_expression_has_the_bits_of_its_text(text: str, values: NDArray[np.int16]) -> None:
    bands = dict(zip(("red", "nir", "blue"), values, strict=True))
    found = wanted(text, bands)
    assert found is None or (by_numpy(text, bands) == found).all()


@settings(max_examples=3, phases=[Phase.generate])
@given(st.lists(formulas(), min_size=12, max_size=12), numbers())
def test_any_formula_compiled_has_the_bits_of_its_text(texts: list[str], values: NDArray[np.int16]) -> None:
    bands = dict(zip(("red", "nir", "blue"), values, strict=True))
    known = {str(number): text for number, text in enumerate(texts) if wanted(text, bands) is not None}
    found = worked({name: index_of(text) for name, text in known.items()} | {"all": index_of("red + nir + blue")}, bands)
    assert all((found[name] == wanted(text, bands)).all() for name, text in known.items()), known


@pytest.mark.parametrize(
    ("nir", "red", "ndvi"),
    [
        (90, -20, None),
        (-20, 90, None),
        (-60, -40, None),
        (-90, 20, None),
        (2500, -1, None),
        (2500, 0, 10_000),
        (0, 90, -10_000),
        (9, 0, None),
        (10, 0, 10_000),
        (3000, 750, 6000),
    ],
)
def test_reflectance_that_no_surface_has_gives_no_normalised_difference(nir: int, red: int, ndvi: int | None) -> None:
    """A shadow after the offset of -1000: beyond the range, or within it over a negative sum."""
    found = worked({"ndvi": LIBRARY.index["ndvi"]}, {"nir": np.array([nir], np.int16), "red": np.array([red], np.int16)})
    assert int(found["ndvi"][0]) == or_nodata(ndvi)


def test_clear_water_has_a_snow_water_index() -> None:
    pixel = {"green": 350, "nir": 120, "red": 180, "swir16": 60}
    found = worked({name: LIBRARY.index[name] for name in ("s3", "swi")}, {band: np.array([count], np.int16) for band, count in pixel.items()})
    assert {name: int(layer[0]) for name, layer in found.items()} == {"s3": round(1e4 * 120 / 300 * 120 / 180), "swi": round(1e4 * 350 / 470 * 60 / 180)}


def test_a_formula_s_text_is_written_anew_from_its_tree() -> None:
    (index,) = compiled([index_of("2.5*( nir-red )/(nir + 1e-1 * 10)")], ("blue", "nir", "red"), SMALLEST).indices
    assert index.expression == "f32(2.5) * (b1 - b2) / known(b1 + f32(1.0), smallest)"
    assert index.bands == (1, 2)


def test_what_is_compiled_is_kept_in_files_of_the_program_s_own() -> None:
    """Not in one file for all: two processes that fill it at the same time might take one's kernel for the other's."""
    ndvi = LIBRARY.index["ndvi"]
    programs = [compiled([ndvi], ("nir", "red"), smallest) for smallest in (SMALLEST, 0.5, SMALLEST)]
    one, other, same = (kernel.reducer(program) for program in programs)
    assert one is same is not other
    worked({"ndvi": ndvi}, {band: np.array([1000], np.int16) for band in ndvi.bands})
    assert any(Path(one.stats.cache_path).glob(f"*{sha256(programs[0].text.encode())}*.nbi"))


ONE_PIXEL = """
import json, sys
import numpy as np
from tests.composites.stacks import index_of
from tests.composites.test_program import worked
bands = {"nir": np.array([3000], np.int16), "red": np.array([1000], np.int16)}
for text in sys.argv[1:]:
    many = {str(number): index_of(f"{text} + {number} * 1e-4") for number in range(12)}  # so much that it isn't put into its caller
    print(json.dumps([int(found[0]) for found in worked(many, bands).values()]))
"""


def test_kernels_that_other_processes_compiled_are_told_apart(tmp_path: Path) -> None:
    """Each process numbers what it compiles anew: without names of their own, two kernels would have the same symbols."""
    up, down = [2000 + number for number in range(12)], [-2000 + number for number in range(12)]

    def said(*formulas: str) -> list[list[int]]:
        cache = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
        done = subprocess.run([sys.executable, "-c", ONE_PIXEL, *formulas], env=cache, stdout=subprocess.PIPE, text=True, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    said("nir")  # what all have in common is compiled
    assert (said("nir - red"), said("red - nir")) == ([up], [down])
    assert said("red - nir", "nir - red", "red - nir + 0 * nir") == [down, up, down]


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


def test_a_denominator_near_zero_gives_no_value_and_a_value_out_of_range_none_or_is_clipped() -> None:
    for nothing in ({"nir": 5, "red": -5}, {"nir": 0, "red": 0}, {"nir": 9, "red": 0}):
        assert one("ndvi", **nothing) == COMPOSITE_NODATA
    assert one("ndvi", nir=10, red=0) == 10000
    assert one("ndvi", nir=500, red=-100) == COMPOSITE_NODATA
    assert one("evi", nir=2000, red=500, blue=2000) == COMPOSITE_NODATA  # 0.2 + 0.3 - 1.5 + 1 = 0
    assert one("evi", nir=9000, red=100, blue=2400) == 10000
