"""Land x time x pool: what two areas share counts once, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from carbonsink.base.problems import Exit
from carbonsink.portfolio import Portfolio, roll_up
from tests.bad.area import Area, feature, square
from tests.portfolio.making import finished_run, inventory_area, quiet, rice_area, soil_area


def rolled(folder: Path, *areas: Area) -> Portfolio:
    for area in areas:
        finished_run(area.folder, folder / "runs")
    return roll_up([folder / "aoi"], folder / "runs", quiet)


def test_two_claims_of_one_field_leave_both_out(tmp_path: Path) -> None:
    one, other, apart = (rice_area(tmp_path / "aoi" / name, name, step) for name, step in (("one-area", 0), ("other-area", 1), ("third-area", 9)))
    made = rolled(tmp_path, one, other, apart)
    assert [member.id for member in made.members] == ["third-area"] and made.left_out == ("one-area", "other-area")
    assert made.exit_code == Exit.DOUBLE_COUNTING
    (problem,) = made.problems
    assert problem.line("en").startswith("E-PTF-010 one-area: shares 2.24") and "other-area" in problem.line("en") and "CH4-soil" in problem.line("zh")


def test_other_pools_of_the_same_land_count_its_hectares_twice(tmp_path: Path) -> None:
    made = rolled(
        tmp_path,
        rice_area(tmp_path / "aoi" / "rice", "rice", 0),
        soil_area(tmp_path / "aoi" / "soil", "soil", 0),
        rice_area(tmp_path / "aoi" / "x", "x-area", 9),
    )
    assert [problem.code for problem in made.problems] == ["E-PTF-011"] and [member.id for member in made.members] == ["x-area"]


def test_the_same_land_in_other_years_is_no_overlap(tmp_path: Path) -> None:
    made = rolled(tmp_path, rice_area(tmp_path / "aoi" / "early", "early", 0, (2018, 2019)), rice_area(tmp_path / "aoi" / "late", "late", 0, (2020, 2021)))
    assert len(made.members) == 2 and not made.overlaps and not made.problems


def test_a_hair_s_breadth_is_an_edge_drawn_twice(tmp_path: Path) -> None:
    one, other = rice_area(tmp_path / "aoi" / "one", "one-area", 0), rice_area(tmp_path / "aoi" / "other", "other-area", 2)
    west = square(1)[1][0] - 0.0000005  # five centimetres inside of the neighbour's edge
    ring = [[west, y] if x == square(2)[0][0] else [x, y] for x, y in square(2)]
    other.features(feature(ring, "P-1", 50.5), feature(square(3), "P-2"))
    other.declare("declared_area = { value = 67.3,", "declared_area = { value = 84.1,")
    made = rolled(tmp_path, one, other)
    assert [(one.verdict, one.rejected) for one in made.overlaps] == [("trim", False)] and len(made.members) == 2
    assert 0 < made.overlaps[0].area_ha < 0.001


@pytest.mark.parametrize("inside", [True, False])
def test_a_project_inside_an_inventory_brings_its_credits_alone(tmp_path: Path, inside: bool) -> None:
    inventory = inventory_area(tmp_path / "aoi" / "all", "all-land", 0)
    wide = square(0, width=0.02 if inside else 0.001, height=0.002)
    inventory.features(feature(wide, "P-1"))
    project = rice_area(tmp_path / "aoi" / "rice", "rice", 0)
    if not inside:  # half of a field lies in the inventory: no way to tell what is whose
        with pytest.raises(Exception, match="E-PTF-011"):
            rolled(tmp_path, inventory, project)
        return
    made = rolled(tmp_path, inventory, project)
    assert made.covered == ("rice",) and not made.problems
    assert {row.line for row in made.inventory} == {"living-biomass"}
    assert {row.area for row in made.credited} == {"rice"}
    years = [row for row in made.land_areas if row.year == 2020 and row.standard == "ipcc"]
    assert {row.areas for row in years} == {1}
