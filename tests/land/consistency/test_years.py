"""Smoothers and allowed transitions: what becomes of a pixel's years."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from carbonsink.base.problems import Refusal
from carbonsink.base.records import Confusion
from carbonsink.declared.land import Consistency, Markov
from carbonsink.land.consistency import markov, sequences
from carbonsink.land.consistency.majority import majority
from carbonsink.land.consistency.paths import cheapest
from carbonsink.land.consistency.sequences import relabelled
from carbonsink.land.consistency.steps import made_consistent
from carbonsink.land.consistency.transitions import allowed_steps, repaired
from tests.land.consistency.classes import CLASSES, histories, years

LASTING = {"built-up": []}  # what is built up stays so


def after(choice: dict[str, object], *pixels: str, errors: list[Confusion] | None = None) -> tuple[str, ...]:
    maps, _ = made_consistent(Consistency.model_validate(choice), CLASSES, years(*pixels), errors or [], 10.0)
    return histories(maps)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("ppp", "ppp"),
        ("ptp", "ppp"),  # a year of tea between paddy is a mistake
        ("pttp", "pttp"),  # at an end the window has two years, and a tie keeps the class
        ("ptf", "ptf"),  # all different: each keeps its own
        ("p.t", "p.t"),  # no vote, and no class, of a year that wasn't monitored
        ("pp.ttt", "pp.ttt"),
        ("...", "..."),
        ("tp", "tp"),
    ],
)
def test_majority_of_three_years(before: str, expected: str) -> None:
    assert after({"smoother": "majority"}, before) == (expected,)


def test_a_wider_window_sees_more_years() -> None:
    assert after({"smoother": "majority", "window": 5}, "ppttpp") == ("pppppp",)
    assert after({"smoother": "majority", "window": 3}, "ppttpp") == ("ppttpp",)


def test_a_tie_without_the_pixel_s_own_class_goes_by_the_pipeline_s_order() -> None:
    numbers = np.array([[1, 0, 2, 0, 1]], np.int16)  # tea, paddy, forest, paddy, tea: the middle has a tie of two others
    assert majority(numbers, 5, 3)[0, 2] == 0


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("pbb", "pbb"),  # paddy may be built over
        ("bbp", "bbb"),  # and never comes back: one year is changed, not two
        ("bpp", "ppp"),
        ("pbp", "ppp"),  # one change either way; the land that changes least is taken
        ("b.p", "p.p"),  # also across a year that wasn't monitored; then by the pipeline's order
        ("bpbpb", "bbbbb"),
        ("pt", "pt"),
    ],
)
def test_no_forbidden_step_is_left_and_as_little_is_changed_as_can_be(before: str, expected: str) -> None:
    assert after({"allowed": LASTING}, before) == (expected,)


def test_repair_is_the_least_of_all_possible_changes() -> None:
    """Held against every row of classes there is, for random allowed tables."""
    random = np.random.default_rng(3)
    for _ in range(20):
        steps = (random.random((3, 3)) < 0.5) | np.eye(3, dtype=bool)
        numbers = np.array(list(itertools.product((-1, 0, 1, 2), repeat=4)), np.int16)
        found = repaired(numbers, steps)
        possible = np.array([row for row in itertools.product(range(3), repeat=4) if all(steps[a, b] for a, b in itertools.pairwise(row))])
        least = ((possible[None] != numbers[:, None]) & (numbers[:, None] >= 0)).sum(axis=-1).min(axis=1)
        assert (((found != numbers) & (numbers >= 0)).sum(axis=1) == least).all()
        assert all(steps[a, b] for row in found for a, b in itertools.pairwise(row))


def test_allowed_names_the_classes_that_may_follow_and_leaves_the_others_free() -> None:
    steps = allowed_steps({"forest": ["built-up"]}, CLASSES)
    assert steps.tolist() == [[True] * 4, [True] * 4, [False, False, True, True], [True] * 4]


DECLARED = {"smoother": "hidden-markov", "markov": {"emission": "declared", "accuracy": 0.8, "stay": 0.95}}


def test_a_hidden_markov_smoother_mends_a_year_and_keeps_a_lasting_change() -> None:
    """By hand, of four classes: one odd year in the middle costs 2 ln(0.05 / 3 / 0.95) in steps or ln(0.2 / 3 / 0.8) as a mistake."""
    assert after(DECLARED, "ppptppp", "ppppttt", "p......", ".......") == ("ppppppp", "ppppttt", "p......", ".......")


def test_the_map_that_is_always_right_is_believed() -> None:
    sure = {"smoother": "hidden-markov", "markov": {"emission": "declared", "accuracy": 0.999999, "stay": 0.5}}
    assert after(sure, "ptpft") == ("ptpft",)


def test_the_likeliest_row_is_that_of_all_rows() -> None:
    random = np.random.default_rng(5)
    emission, transitions = random.dirichlet(np.ones(3), 3), random.dirichlet(np.ones(3), 3)
    numbers = np.array(list(itertools.product((-1, 0, 1, 2), repeat=4)), np.int16)
    found = cheapest(numbers, markov.costs(emission), markov.costs(transitions))
    rows = np.array(list(itertools.product(range(3), repeat=4)))
    steps = sum(np.log(transitions[rows[:, year], rows[:, year + 1]]) for year in range(3))
    for sequence, row in zip(numbers, found, strict=True):
        seen = [year for year in range(4) if sequence[year] >= 0]
        likelihood = steps + sum((np.log(emission[rows[:, year], sequence[year]]) for year in seen), np.zeros(len(rows)))
        mine = likelihood[(rows == row).all(axis=1)][0]
        assert mine == pytest.approx(likelihood.max(), abs=1e-5)


def simulated(transitions: np.ndarray, emission: np.ndarray, pixels: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    """True and mapped class numbers (pixel, year) of a known chain."""
    random = np.random.default_rng(11)
    true = np.zeros((pixels, length), np.int64)
    true[:, 0] = random.integers(0, len(transitions), pixels)
    for year in range(1, length):
        true[:, year] = (random.random(pixels)[:, None] > transitions[true[:, year - 1]].cumsum(axis=1)).sum(axis=1)
    shown = (random.random(true.shape)[..., None] > emission[true].cumsum(axis=-1)).sum(axis=-1)
    return true, np.minimum(shown, len(emission) - 1)


TRUTH = np.array([[0.96, 0.03, 0.01], [0.02, 0.97, 0.01], [0.0, 0.0, 1.0]])
ERRORS = np.array([[0.85, 0.1, 0.05], [0.1, 0.8, 0.1], [0.05, 0.05, 0.9]])


def test_transitions_are_estimated_from_maps_that_err() -> None:
    """Counting the mapped steps would find a fifth of the land changing every year; the estimate finds the chain's own 3 and 4 %."""
    _, shown = simulated(TRUTH, ERRORS, 20_000, 8)
    rows, counts = np.unique(shown, axis=0, return_counts=True)
    steps = np.array([[True, True, True], [True, True, True], [False, False, True]])
    found = markov.estimated_transitions(rows.astype(np.int16), counts, ERRORS, markov.declared_transitions(0.9, steps), 60)
    assert found == pytest.approx(TRUTH, abs=0.012)
    assert found[2, 2] == 1.0, "what is impossible at the start stays so"
    naive = (shown[:, 1:] != shown[:, :-1]).mean()
    assert naive > 0.2 > 1 - np.diag(found).min() + 0.1


def test_smoothing_brings_the_maps_nearer_to_the_truth() -> None:
    true, shown = simulated(TRUTH, ERRORS, 20_000, 8)
    rows, where, counts = np.unique(shown, axis=0, return_inverse=True, return_counts=True)
    choice = Consistency.model_validate({"markov": {"transitions": "estimated"}}).markov
    smooth = markov.smoothed(rows.astype(np.int16), counts, ERRORS, np.ones((3, 3), bool), choice)[where]
    voted = majority(rows.astype(np.int16), 3, 3)[where]
    accuracy = [float((one == true).mean()) for one in (shown, voted, smooth)]
    assert accuracy[0] < 0.86 and accuracy[1] > 0.9 and accuracy[2] > 0.955, accuracy


def confusion(cells: dict[tuple[str, str], int], split: str = "parcel") -> list[Confusion]:
    return [Confusion(2000, split, "1", mapped, true, count) for (mapped, true), count in cells.items()]


def test_emission_from_samples_weighs_them_by_the_mapped_area() -> None:
    """Olofsson's eq 4 by hand: W = 3/4, 1/4; rows of the matrix 9 of 10 and 8 of 10 right."""
    rows = confusion({("paddy", "paddy"): 900, ("paddy", "tea"): 100, ("tea", "paddy"): 200, ("tea", "tea"): 800})
    found = markov.confusion_emission(rows, np.array([300, 100]), CLASSES[:2], Markov(accuracy=0.9))
    assert found[0] == pytest.approx([0.675 / 0.725, 0.05 / 0.725], abs=1e-3)
    assert found[1] == pytest.approx([0.075 / 0.275, 0.2 / 0.275], abs=1e-3)


def test_drawn_samples_come_before_parcels_and_parcels_before_pixels() -> None:
    right, wrong = {("paddy", "paddy"): 50, ("tea", "tea"): 50}, {("paddy", "tea"): 50, ("tea", "paddy"): 50}
    both = confusion(wrong, "pixel") + confusion(wrong, "parcel") + confusion(right, "sample")
    assert np.diag(markov.confusion_emission(both, np.array([10, 10]), CLASSES[:2], Markov(accuracy=0.8))).min() > 0.9
    assert np.diag(markov.confusion_emission(both[:4], np.array([10, 10]), CLASSES[:2], Markov(accuracy=0.8))).max() < 0.1


def test_without_samples_the_smoother_wants_to_know_how_often_the_map_errs() -> None:
    with pytest.raises(Refusal, match="E-LND-051"):
        after({"smoother": "hidden-markov"}, "ptp")


def test_a_class_that_nothing_may_follow_stays() -> None:
    assert markov.declared_transitions(0.9, allowed_steps(LASTING, CLASSES))[3].tolist() == [0, 0, 0, 1]


def test_strips_and_their_height_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(1)
    maps = {year: random.choice([0, 10, 20, 30, 40], (37, 11)).astype(np.uint8) for year in range(2000, 2005)}
    choice = Consistency.model_validate(DECLARED | {"allowed": LASTING, "minimum_unit_m2": 300})
    found = []
    for rows in (256, 1, 5):
        monkeypatch.setattr(sequences, "ROWS", rows)
        found.append(made_consistent(choice, CLASSES, maps, [], 10.0))
    for other in found[1:]:
        assert other[1] == found[0][1]
        assert all((other[0][year] == found[0][0][year]).all() for year in maps)


def test_no_pixel_at_all_is_monitored() -> None:
    assert after(DECLARED | {"allowed": LASTING}, "...", "...") == ("...", "...")


def test_every_step_is_counted_by_year_and_class() -> None:
    choice = Consistency.model_validate({"smoother": "majority", "allowed": LASTING})
    _, changes = made_consistent(choice, CLASSES, years("ptp", "ptp", "bbp", "ppp"), [], 10.0)
    assert [(c.year, c.rule, c.before, c.after, c.pixels) for c in changes] == [
        (2001, "majority", "tea", "paddy", 2),
        (2002, "allowed", "paddy", "built-up", 1),
    ]


def test_rows_of_years_are_found_again() -> None:
    maps = years("ptf", "ptf", "b.p")
    keys, counts = sequences.distinct(maps)
    assert keys.size == 2 and sorted(counts.tolist()) == [1, 2]
    same = relabelled(maps, CLASSES, lambda numbers, _: numbers)
    assert histories(same) == histories(maps)
