"""How the worksheet reads on the page: years as years, and rows with many values without a table wider than the page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from carbonsink.base.reckon import read_inputs, write_inputs
from carbonsink.declared.language import read_languages
from carbonsink.declared.plan import Plan
from carbonsink.report.parts.reckoning import MOST_INPUTS, amount, reckoning
from carbonsink.report.results import gather

(EN,) = read_languages(["en"])


@pytest.mark.parametrize(
    ("value", "unit", "shown"), [(2021.0, "yr", "2021"), (20.0, "yr", "20"), (0.5, "yr", "0.5"), (2021.0, "t_C ha^-1", "2,021"), (1 / 3, "1", "0.333333")]
)
def test_a_calendar_year_isn_t_grouped_like_an_amount(value: float, unit: str, shown: str) -> None:
    assert amount(value, unit, EN) == shown


def varied(plan: Plan, folder: Path, inputs: int) -> list[tuple[str, ...]]:
    """Headings and first row of the soil equation, so many of whose inputs differ from row to row."""
    results = gather(plan, folder)
    soil = [row for row in results.worksheet if row.equation.startswith("soil.")]
    rows = []
    for number, row in enumerate(soil):
        changed = [replace(one, value=one.value + number * (place < inputs)) for place, one in enumerate(read_inputs(row.inputs))]
        rows.append(replace(row, inputs=write_inputs(changed)))
    (block,) = reckoning(plan, replace(results, worksheet=tuple(rows)), EN)["equations"]
    return [tuple(column.name for column in block["table"].columns), tuple(map(str, block["table"].rows[0].cells))]


def test_few_inputs_that_vary_have_a_column_each(soil: tuple[Plan, Path]) -> None:
    columns, cells = varied(*soil, 1)
    assert "Values of the row" not in columns and len(columns) == len(cells) <= 6 + MOST_INPUTS


def test_many_inputs_that_vary_share_a_cell(soil: tuple[Plan, Path]) -> None:
    """Every input differs: each stands with its letter, value and unit, in one cell."""
    columns, cells = varied(*soil, 99)
    assert columns[3:5] == ("Values of the row", "Result") and len(columns) == 7
    assert 'A</var> = 24.5 <span class="unit">ha</span>' in cells[3] and cells[3].count('class="whole"') > MOST_INPUTS
