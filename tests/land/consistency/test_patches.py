"""The minimum mapping unit on maps a person can check by eye."""

from __future__ import annotations

import numpy as np
import pytest

from carbonsink.declared.land import Consistency
from carbonsink.land.consistency.patches import minimum_unit, patches
from carbonsink.land.consistency.steps import made_consistent
from tests.land.consistency.classes import CLASSES, CODES, cover, letters


def after(*rows: str, pixels: int = 3, neighbours: int = 4) -> tuple[str, ...]:
    return letters(minimum_unit(cover(*rows), CLASSES, pixels, neighbours))


def test_a_single_pixel_of_tea_in_a_paddy_is_paddy() -> None:
    assert after("pppp", "ptpp", "pppp") == ("pppp", "pppp", "pppp")


def test_a_patch_of_the_unit_itself_stays() -> None:
    assert after("pppp", "pttp", "pptp") == ("pppp", "pttp", "pptp")


def test_the_longest_border_decides_before_the_larger_patch() -> None:
    assert after("ffftppp", "fffpppp", "fffpppp") == ("fffpppp", "fffpppp", "fffpppp")
    assert after("fffffff", "ffftppp", "fffffff") == ("fffffff", "ffffppp", "fffffff")


def test_of_equal_borders_the_larger_patch_is_taken_then_the_pipeline_s_order() -> None:
    assert after("fffffftppp") == ("fffffffppp",)
    assert after("ffftppp") == ("fffpppp",)  # paddy comes before forest in the pipeline


def test_borders_with_several_patches_of_one_class_count_together() -> None:
    assert after("ppp.fff", "fffffff", ".ppptfp", ".ppp..p", "......p")[2] == ".pppffp"


def test_land_that_is_not_monitored_gives_nothing_and_takes_nothing() -> None:
    assert after("....", ".t..", "....") == ("....", ".t..", "....")
    assert after("p.tt", "p.tt", "p...") == ("p.tt", "p.tt", "p...")


def test_corners_join_where_eight_neighbours_are_declared() -> None:
    diagonal = ("tppp", "ptpp", "pptp")
    assert after(*diagonal, neighbours=8) == diagonal
    assert after(*diagonal, neighbours=4) == ("pppp", "pppp", "pppp")


def test_a_patch_whose_neighbours_grew_large_goes_in_the_next_round() -> None:
    assert after("ffftbp") == ("ffffff",)


def test_a_mosaic_of_small_patches_falls_to_the_largest() -> None:
    assert after("ptf", pixels=9) == ("ppp",)
    assert after("pttf", pixels=9) == ("tttt",)
    assert len(set("".join(after("ptpt", "tptp", "ptpt", pixels=20)))) == 1


@pytest.mark.parametrize("neighbours", [4, 8])
@pytest.mark.parametrize("seed", range(6))
def test_whatever_the_map_nothing_small_is_left_beside_other_land(seed: int, neighbours: int) -> None:
    random = np.random.default_rng(seed)
    codes = random.choice(list(CODES.values()), (40, 50), p=[0.05, 0.35, 0.3, 0.2, 0.1]).astype(np.uint8)
    found = minimum_unit(codes, CLASSES, 6, neighbours)
    assert ((found == 0) == (codes == 0)).all(), "what isn't monitored stays so, and nothing else becomes it"
    numbers, sizes, _ = patches(found, neighbours)
    for patch in np.flatnonzero(sizes < 6):
        rows, columns = np.nonzero(numbers == patch)
        if patch:
            around = {(r + a, c + b) for r, c in zip(rows, columns, strict=True) for a, b in ((0, 1), (1, 0), (0, -1), (-1, 0))}
            inside = [found[r, c] for r, c in around if 0 <= r < 40 and 0 <= c < 50 and numbers[r, c] != patch]
            assert not any(inside), "a small patch that has a neighbour"
    assert (minimum_unit(found, CLASSES, 6, neighbours) == found).all(), "once is enough"


def test_turned_maps_give_turned_maps_where_no_tie_decides() -> None:
    rows = ("fffffff", "fftffff", "fffpppp", "ffbpppp", "ffppppp")
    codes = cover(*rows)
    assert (np.rot90(minimum_unit(codes, CLASSES, 3, 4)) == minimum_unit(np.rot90(codes), CLASSES, 3, 4)).all()


def test_the_unit_is_an_area_and_pixels_are_rounded_up() -> None:
    choice = Consistency.model_validate({"minimum_unit_m2": 201.0, "neighbours": 4})
    maps, changes = made_consistent(choice, CLASSES, {2000: cover("pppptt", "pppppp")}, [], 10.0)
    assert letters(maps[2000]) == ("pppppp", "pppppp")
    assert [(c.rule, c.before, c.after, c.pixels) for c in changes] == [("minimum-unit", "tea", "paddy", 2)]


def test_a_patch_knows_its_pixels() -> None:
    numbers, sizes, codes = patches(cover("ptt", "ppt"), 4)
    assert numbers.tolist() == [[1, 2, 2], [1, 1, 2]]
    assert (sizes.tolist(), codes.tolist()) == ([0, 3, 3], [0, 10, 20])
