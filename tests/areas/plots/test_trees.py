"""From diameters and heights to biomass: the tool's equations on the library's tables, and the tables themselves."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from carbonsink.areas.plots.trees import Tree, above_ground, plot_biomass, root_shoot
from carbonsink.base.formula import names_in
from carbonsink.base.topics import LIBRARY, read_topics
from carbonsink.declared.allometry import read_discount, read_plot_settings, read_species, read_tree_equations
from carbonsink.declared.plots import Plots, read_parcel_rules

FIR = Tree("1", "杉木", 18.0, 14.0)


def plots(**given: object) -> Plots:
    return Plots.model_validate({"year": 2020, "file": "plots.csv", "source": "trial", **given})


def test_a_fir_by_volume_and_by_biomass_equation() -> None:
    volume = 0.000058777042 * 18**1.9699831 * 14**0.89646157
    assert 0.15 < volume < 0.25, "m3 of a tree as thick as a hand is long"
    species = read_species()["杉木"]
    assert above_ground(FIR, "volume", {}) == pytest.approx(volume * species.density * species.bef)
    assert above_ground(FIR, "biomass", {}) == pytest.approx(0.06539 * 18**2.01735 * 14**0.49425 / 1000)


def test_a_species_takes_the_equation_it_is_declared_to_and_keeps_its_own_wood() -> None:
    oak = Tree("1", "栎类", 20.0, 12.0)
    volume = 0.000052764291 * 20**1.8821611 * 12**1.0093166
    assert above_ground(oak, "volume", {"栎类": "阔叶树"}) == pytest.approx(volume * 0.676 * 1.355)


@pytest.mark.parametrize(("above", "ratio"), [(20, 0.270392), (50, 0.252573), (100, 0.239878), (150, 0.232750)])
def test_roots_by_the_tool_s_function(above: float, ratio: float) -> None:
    assert root_shoot(above) == pytest.approx(ratio, abs=1e-6)


def test_a_plot_is_its_trees_over_its_area_with_their_roots() -> None:
    above = 30 * above_ground(FIR, "volume", {}) / 0.06
    assert plot_biomass([FIR] * 30, 600.0, plots()) == pytest.approx(above * (1 + root_shoot(above)))
    assert plot_biomass([FIR] * 30, 600.0, plots(roots="species")) == pytest.approx(above * (1 + read_species()["杉木"].root_shoot))
    assert plot_biomass([], 600.0, plots()) == 0


def test_the_species_table_is_the_dossier_s(shared: Path) -> None:
    columns = {"SVD basic wood density": "density", "BEF (stem to aboveground)": "bef", "R root:shoot": "root_shoot"}
    with (shared / "factors" / "china_species_bef_svd_r_cf.csv").open(encoding="utf-8") as stream:
        given = [row for row in csv.DictReader(stream) if row["parameter"] in columns and row["species_group_zh"] != "全国平均"]
    assert len(read_species()) == 49
    for row in given:
        assert getattr(read_species()[row["species_group_zh"]], columns[row["parameter"]]) == float(row["value"]), row


def test_every_row_says_where_it_is_from_and_how_far_it_was_confirmed() -> None:
    known = set(read_topics(LIBRARY / "sources")) | {"setting of this library"}
    for name in ("equations.csv", "discount.csv"):
        with (LIBRARY / "plots" / name).open(encoding="utf-8") as stream:
            for row in csv.DictReader(stream):
                assert row["source"] in known and row["place"] and row["status"] in ("confirmed", "transcribed", "recalled"), row
    settings = read_plot_settings()
    for entry in (settings.carbon_fraction, settings.root_shoot, settings.level, settings.inventory):
        assert entry.source in known and entry.place
    assert all(rule.source and rule.place for rule in read_parcel_rules().minimum)


def test_equations_are_formulas_of_what_is_measured_and_bands_leave_no_gap() -> None:
    assert all(set(names_in(equation.formula)) <= {"dbh", "height"} for equation in read_tree_equations().values())
    bands = read_discount()
    assert bands[0].over_percent == 0 and bands[-1].up_to_percent == float("inf")
    assert all(one.up_to_percent == other.over_percent and one.share < other.share for one, other in zip(bands, bands[1:], strict=False))
