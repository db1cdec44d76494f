"""New forest: the year it was planted, and the stand since."""

from __future__ import annotations

from datetime import date

import pytest

from carbonsink.declared.practice import read_practices
from carbonsink.land.practice.planting import levels_of, planting
from carbonsink.land.practice.series import Look

RULES = read_practices()


def stand(levels: dict[int, float]) -> list[Look]:
    """Eight looks a year; one of the winter shows less."""
    return [Look(date(year, month, 10), "a", {"ndvi": level - (0.15 if month == 2 else 0.0)}) for year, level in levels.items() for month in range(2, 10)]


def found(levels: dict[int, float], year: int) -> tuple[str, str]:
    by_kind = {finding.practice: finding.found for y, finding in planting(stand(levels), sorted(levels), RULES) if y == year}
    return by_kind["planting"], by_kind["survival"]


def test_a_years_level_is_that_of_its_months_in_leaf() -> None:
    assert levels_of(stand({2020: 0.6}), RULES.planting) == {2020: 0.6}
    assert levels_of(stand({2020: 0.6})[:4], RULES.planting) == {}


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ({2018: 0.7, 2019: 0.25, 2020: 0.3, 2021: 0.45, 2022: 0.6}, ("2020", "growing")),
        ({2019: 0.25, 2020: 0.4, 2021: 0.6, 2022: 0.4}, ("2019", "failing")),
        ({2020: 0.3, 2021: 0.41, 2022: 0.38}, ("2020", "uncertain")),
        ({2020: 0.3, 2021: 0.31, 2022: 0.3}, ("", "")),
        ({2020: 0.8, 2021: 0.8, 2022: 0.8}, ("", "")),
    ],
)
def test_planting_and_survival_from_levels(levels: dict[int, float], expected: tuple[str, str]) -> None:
    assert found(levels, max(levels)) == expected


def test_a_year_knows_nothing_of_the_years_after() -> None:
    assert found({2020: 0.3, 2021: 0.45, 2022: 0.6}, 2020) == ("", "")
