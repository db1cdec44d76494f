"""Draw i of a name is one number: in any block, on any number of threads, beside whatever else, today and next year."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from carbonsink.base.problems import Refusal
from carbonsink.carbon.work import worksheet
from carbonsink.uncertainty import Sampling, draw, simulate, simulation
from tests.carbon.projects import SOIL, SOIL_VALUES, hectares, project, rice, soil
from tests.uncertainty.worksheets import ONE, row, variable

SAMPLING = Sampling(10_000, 7, "pilot")
KNOWN = variable("normal", 10.0, 8.0, 12.0)
FIRST = [10.354826771379, 10.164873693753, 8.543888527561, 9.484485506775]  # frozen: other numbers are another promise


def test_the_first_draws_are_what_they_were() -> None:
    assert np.asarray(draw(KNOWN, SAMPLING, 0, 4)).round(12).tolist() == FIRST


@pytest.mark.parametrize("block", [4, 100, 1000, 10_000, 7])
@pytest.mark.parametrize("weights", [(), (("one", 0.6), ("other", 0.8))], ids=["alone", "with others"])
def test_blocks_change_no_draw(block: int, weights: tuple[tuple[str, float], ...]) -> None:
    parts = [np.asarray(draw(KNOWN, SAMPLING, start, min(block, 10_000 - start), weights)) for start in range(0, 10_000, block)]
    assert np.array_equal(np.concatenate(parts), np.asarray(draw(KNOWN, SAMPLING, 0, 10_000, weights)))


@pytest.mark.parametrize("block", [4, 100, 1000, 10_000])
def test_blocks_change_no_quantity(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    few, known = replace(SAMPLING, draws=1_000), worksheet(rice((2020, 2021)), hectares(rice((2020, 2021)), 10.0, 1.0))
    whole = simulate(*known, few)
    monkeypatch.setattr(simulation, "BLOCK", block)
    blocks = simulate(*known, few)
    assert {key: values.tobytes() for key, values in blocks.items()} == {key: values.tobytes() for key, values in whole.items()}


@pytest.mark.parametrize("threads", [1, 2, 8])
def test_threads_change_no_draw(threads: int) -> None:
    names = [replace(KNOWN, id=f"variable {number}") for number in range(40)]
    with ThreadPoolExecutor(threads) as pool:
        drawn = list(pool.map(lambda one: np.asarray(draw(one, SAMPLING, 0, 1_000)).tobytes(), names))
    assert drawn == [np.asarray(draw(one, SAMPLING, 0, 1_000)).tobytes() for one in names]


def test_another_stratum_moves_nobody_else_s_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[str, bytes] = {}

    def drawing(known, **how):  # type: ignore[no-untyped-def]
        drawn = draw(known, **how)
        assert kept.setdefault(known.id, np.asarray(drawn).tobytes()) == np.asarray(drawn).tobytes(), known.id
        return drawn

    monkeypatch.setattr(simulation, "draw", drawing)
    for names in (("b",), ("a", "b"), ("b", "c"), ("a", "b", "c")):
        plan = project("farmland-soil", dict.fromkeys(names, SOIL), SOIL_VALUES)
        simulate(*worksheet(plan, hectares(plan, 9.0, 0.5)), SAMPLING)
    assert {f"area:{name}:2020" for name in "abc"} < kept.keys()


def test_seeds_projects_and_names_each_give_other_draws() -> None:
    others = [(KNOWN, replace(SAMPLING, seed=8)), (KNOWN, replace(SAMPLING, project="other")), (replace(KNOWN, id="y"), SAMPLING)]
    drawn = {np.asarray(draw(one, sampling, 0, 10)).tobytes() for one, sampling in [(KNOWN, SAMPLING), *others]}
    assert len(drawn) == 4


def test_a_year_s_quantities_are_finite_and_vintages_stand_beside_the_period() -> None:
    found = simulate(*worksheet(soil((2020, 2021)), hectares(soil((2020, 2021)))), replace(SAMPLING, draws=1_000))
    assert set(found) == {(year, name) for year in (2020, 2021, 0) for name in ("gross", "net")} | {(0, "gross_change"), (0, "net_change")}
    assert all(np.isfinite(values).all() for values in found.values())


def test_draws_that_give_no_number_are_refused_with_their_count() -> None:
    divided, known = [row("5 / x", "x")], [variable("normal", 10.0, 0.0, 20.0), ONE]
    with pytest.raises(Refusal) as caught:
        simulate(divided, known, SAMPLING)
    gross, _ = caught.value.problems
    assert "E-UNC-009 2020 gross: " in gross.line("en") and "of 10000 draws give no finite number" in gross.line("en") and gross.line("zh")
    simulate(divided, [replace(known[0], least=1.0), ONE], SAMPLING)
