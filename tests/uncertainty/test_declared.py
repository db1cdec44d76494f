"""What an area declares of distributions and correlations, from its files through `carbonsink check` to the intervals of a run."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from carbonsink.base.problems import Exit
from carbonsink.base.records import Activity, Spread, Variable
from carbonsink.base.tables import read_csv, write_csv
from carbonsink.carbon.work import work
from carbonsink.cli import app
from carbonsink.declared.load import load
from carbonsink.uncertainty import propagate
from tests.bad.area import Area, good_area
from tests.carbon.projects import hectares

STRAW = 'value = 5.0\nunit = "t ha^-1"\n'
EMPIRICAL = STRAW + 'distribution = "empirical"\nquantiles = "straw.csv"\nmost = 9.0\n'
TABLE = "probability,value\n0,2\n0.5,5\n1,10\n"
CORRELATION = '[[correlation]]\nvalues = ["declared:straw_rate", "declared:nitrogen_rate"]\ncoefficient = 0.7\nsource = "survey"\nplace = "p. 3"\n\n[[value]]'
NITROGEN = 'value = 150.0\nunit = "kg_N ha^-1 yr^-1"\n'


@pytest.fixture
def area(tmp_path: Path) -> Area:
    """The tiny area, whose straw has a table of quantiles and moves with its fertiliser."""
    made = good_area(tmp_path)
    made.write("straw.csv", TABLE)
    made.declare(STRAW, EMPIRICAL)
    made.declare(NITROGEN, NITROGEN + 'low = 120.0\nhigh = 190.0\ndistribution = "pert"\n')
    made.declare("[[value]]", CORRELATION)
    return made


def check(area: Area, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines = []
    for language in ("zh", "en"):
        monkeypatch.setenv("CARBONSINK_LANG", language)
        result = CliRunner().invoke(app, ["check", str(area.folder)])
        assert result.exit_code in (Exit.WELL, Exit.INVALID), result.output
        lines = result.stderr.splitlines()
    return lines


def test_such_an_area_is_good_and_its_table_is_one_of_its_files(area: Area, monkeypatch: pytest.MonkeyPatch) -> None:
    assert check(area, monkeypatch) == []
    assert load(area.folder).declared_files()["straw.csv"] == [area.folder / "straw.csv"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"declared:straw_rate"', '"declared:straw"', "E-UNC-006 area.toml [[correlation]]: the correlation names declared:straw,"),
        ("coefficient = 0.7", "matrix = [[1.0, 2.0], [2.0, 1.0]]", "E-UNC-004 area.toml [correlation.0]"),
        ("coefficient = 0.7", "coefficient = -0.7", "E-CFG-007 area.toml [correlation.0.coefficient]"),
        ("most = 9.0", "most = 1.0", "E-FAC-004 area.toml [[value]] straw_rate"),
        ('quantiles = "straw.csv"', 'quantiles = "hay.csv"', "E-CFG-020 area.toml [value.0]"),
        ('quantiles = "straw.csv"', "quantiles = 3", "E-CFG-007 area.toml [value.0.quantiles]"),
        ('quantiles = "straw.csv"', 'quantiles = "straw.csv"\npoints = [[0.0, 1.0]]', "E-UNC-002 area.toml [value.0]"),
    ],
)
def test_a_mistake_is_told_before_anything_is_fetched(area: Area, monkeypatch: pytest.MonkeyPatch, old: str, new: str, words: str) -> None:
    area.declare(old, new)
    lines = check(area, monkeypatch)
    assert any(line.startswith(words) for line in lines), lines


def test_areas_and_measurements_are_known_to_the_run_alone(area: Area, monkeypatch: pytest.MonkeyPatch) -> None:
    area.declare('"declared:straw_rate"', '"area:single-rice:2020"')
    assert check(area, monkeypatch) == []


def test_a_run_draws_by_what_was_declared(area: Area, tmp_path: Path) -> None:
    widths = []
    for coefficient in ("0.7", "0.0"):
        area.declare("coefficient = 0.7", f"coefficient = {coefficient}")
        plan, run = load(area.folder), tmp_path / coefficient
        write_csv(run / "areas" / "activity.csv", hectares(plan, 5.0), Activity)
        work(plan, run)
        propagate(plan, run)
        widths.append({(s.year, s.quantity, s.approach): s.half_width_percent for s in read_csv(run / "uncertainty" / "uncertainty.csv", Spread)})
    straw = next(one for one in read_csv(run / "carbon" / "variables.csv", Variable) if one.symbol == "straw_rate")
    assert (straw.quantiles, straw.most, straw.low) == ("0.0=2.0 ; 0.5=5.0 ; 1.0=10.0", 9.0, pytest.approx(2.15))
    assert {year for year, _, _ in widths[0]} == {2020, 2021, 0}
    assert all(widths[0][key] != widths[1][key] for key in widths[0] if key[1] == "net" and key[2] == 1)
