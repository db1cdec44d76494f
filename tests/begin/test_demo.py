"""The demonstrations: five small simulated areas that run to the end and issue nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from carbonsink.base.evidence import read_json
from carbonsink.base.records import Posting
from carbonsink.base.tables import read_csv
from carbonsink.begin import demo, demo_names
from carbonsink.begin.recipe import recipes
from carbonsink.run import Means, estimate, load_complete


def quiet(*_: object) -> None:
    """Progress nobody watches."""


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store")


def test_there_is_one_for_every_kind_of_project() -> None:
    assert set(demo_names()) == set(recipes())


@pytest.mark.parametrize("name", demo_names())
def test_it_is_well_declared_small_and_simulated(name: str, tmp_path: Path) -> None:
    begun = demo(tmp_path / f"{name}-demo", name)
    plan = load_complete(begun.folder)
    assert plan.simulated and len(plan.land.parcels) == 12 and plan.land.area_m2 < 200_000
    assert plan.methodology.id == recipes()[name].methodology
    again = demo(tmp_path / "again" / f"{name}-demo", name)
    assert {p.name: p.read_bytes() for p in begun.folder.iterdir()} == {p.name: p.read_bytes() for p in again.folder.iterdir()}


@pytest.mark.parametrize("name", demo_names())
def test_it_runs_to_the_end_gains_something_and_issues_nothing(name: str, tmp_path: Path, store: Path) -> None:
    begun = demo(tmp_path / f"{name}-demo", name)
    run = estimate(begun.folder, tmp_path / "runs", Means(store), quiet)
    postings = list(read_csv(run / "credit" / "statement.csv", Posting))
    assert all(float(vintage["gross_t_co2e"]) > 0 for vintage in read_json(run / "report" / "report.json")["vintages"])
    assert all(p.co2e_t == 0 for p in postings if p.account == "issued")
    assert read_json(run / "manifest.json")["simulated"] is True
    conditions = (run / "areas" / "parcels.csv").read_text().splitlines()
    assert len(conditions) > 12
