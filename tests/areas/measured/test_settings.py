"""Every limit of measured numbers has its source and place, and the levels are those the methodologies name."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from carbonsink.base.topics import LIBRARY, read_topics
from carbonsink.base.units import symbols
from carbonsink.declared.measured.settings import read_measured_settings
from carbonsink.declared.measured.soil import COLUMNS as SOIL
from carbonsink.declared.measured.stocking import COLUMNS as STOCKING
from carbonsink.declared.schema import Graded


def parts(model: BaseModel) -> Iterator[BaseModel]:
    """The settings that hold numbers."""
    inner = [value for _, value in model if isinstance(value, BaseModel)]
    yield from (part for value in inner for part in parts(value)) if inner else iter([model])


def test_every_setting_is_sourced() -> None:
    sources = read_topics(LIBRARY / "sources")
    for part in parts(read_measured_settings()):
        assert isinstance(part, Graded)
        assert part.source in sources and part.place.strip()


def test_the_levels_of_the_methodologies() -> None:
    found = read_measured_settings()
    assert (found.interval.percent, found.census.uncertainty.percent, found.soil.deduction.probability_percent) == (95.45, 90, 66.7)
    assert (found.stocking.tests.least_z, found.stocking.tests.most_difference, found.soil.similarity.most_distance_km) == (1.96, 0.25, 250)


def test_the_facts_that_must_agree_are_columns() -> None:
    from carbonsink.declared.measured.controls import COLUMNS as SITES

    found = read_measured_settings()
    assert set(found.soil.similarity.same) <= {column.name for column in SITES}
    assert set(found.stocking.donors.same) <= {column.name for column in STOCKING}


def test_columns_stand_in_the_documentation() -> None:
    text = (LIBRARY.parents[2] / "docs" / "measured.md").read_text(encoding="utf-8")
    for column in (*SOIL, *STOCKING):
        assert f"`{column.name}`" in text, column.name


def test_the_symbols_have_the_units_of_their_equations() -> None:
    units = {name: symbols()[name].unit for name in ("tree_carbon_gain", "soc_gain_measured", "performance_benchmark")}
    assert units == {"tree_carbon_gain": "t_C yr^-1", "soc_gain_measured": "t_C ha^-1 yr^-1", "performance_benchmark": "1"}
