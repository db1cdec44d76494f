"""A formula without what isn't there: its terms go, what is left stays as it was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carbonsink.base.formula import FUNCTIONS, FormulaError, evaluate, names_in, without


@pytest.mark.parametrize(
    ("text", "absent", "left"),
    [
        ("a * b + c", "b", "c"),
        ("c + a * b", "b", "c"),
        ("(a * b * c + a * (d + e) * f) * g", "de", "a * b * c * g"),
        ("a * (b + c) * d", "c", "a * b * d"),
        ("a * b / c", "b", "0"),
        ("(1 + a * b) ** c", "a", "1 ** c"),
        ("1 - a - b * c", "b", "1 - a"),
        ("a - b", "a", "-b"),
        ("-(a * b)", "a", "0"),
        ("a * (b + c) / a", "a", "0"),  # no division by what isn't there, since nothing is divided
        ("maximum(0, a - b)", "a", "maximum(0, -b)"),
        ("maximum(a, b)", "ab", "0"),
        ("exp(a + b)", "b", "exp(a)"),
        ("a", "b", "a"),
    ],
)
def test_terms_of_what_is_absent_are_left_out(text: str, absent: str, left: str) -> None:
    assert without(text, absent) == left


@pytest.mark.parametrize("text", ["a / b", "a ** b", "exp(b)", "1 + a * log(b)"])
def test_what_needs_an_amount_says_so(text: str) -> None:
    with pytest.raises(FormulaError, match="isn't there"):
        without(text, "b")


@given(st.sets(st.sampled_from("abcdef")), st.lists(st.floats(0.1, 10.0), min_size=6, max_size=6))
def test_what_is_left_is_worth_what_zeros_give(absent: set[str], values: list[float]) -> None:
    text = "a * b * (c + d) + maximum(0, e - f * a) * (1 + b) - c * e"
    known = {name: 0.0 if name in absent else value for name, value in zip("abcdef", values, strict=True)}
    left = without(text, absent)
    assert not set(names_in(left)) & absent
    assert evaluate(left, known, FUNCTIONS) == evaluate(text, known, FUNCTIONS)
