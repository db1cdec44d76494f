"""The Plan of an area folder: what it says, what it doesn't depend on, and that no broken byte gets past it."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carbonsink.base.evidence import digest
from carbonsink.base.geometry import mu
from carbonsink.base.problems import Refusal
from carbonsink.declared.load import explain_plan, load
from tests.bad.area import GOOD, Area, feature, good_area, kml, placemark, square
from tests.conftest import REPOSITORY


@pytest.fixture
def area(tmp_path: Path) -> Area:
    return good_area(tmp_path)


def test_a_plan_has_everything_resolved(area: Area) -> None:
    plan = load(area.folder)
    assert plan.vintages == (2020, 2021)
    assert [p.id for p in plan.land.parcels] == ["P-1", "P-2"]
    assert plan.sensor.id == "sentinel-2-l2a"
    assert plan.methodology.id == "rice-water-management"
    assert plan.pipeline_file == area.folder / "tiny.toml"
    assert plan.simulated


def test_the_plan_in_words_is_json_with_areas_in_both_units(area: Area) -> None:
    value = explain_plan(load(area.folder))
    assert json.loads(json.dumps(value, allow_nan=False)) == value
    assert value["land"]["area_mu"] == pytest.approx(67.306925, abs=1e-5)
    assert value["land"]["area_ha"] * 15 == pytest.approx(value["land"]["area_mu"], abs=1e-5)
    assert value["area"]["name"]["zh"] == "小块稻田"


def test_the_digest_of_a_plan_does_not_depend_on_where_it_lies(area: Area, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "area"
    shutil.copytree(area.folder, elsewhere)
    here, there = explain_plan(load(area.folder)), explain_plan(load(elsewhere))
    assert digest(here) == digest(there)
    assert str(area.folder) not in json.dumps(here)


def test_the_digest_of_a_plan_changes_with_every_declaration(area: Area) -> None:
    seen = {digest(explain_plan(load(area.folder)))}
    area.features(GOOD[0], feature([[x, y + 1e-6] for x, y in square(1)], "P-2"))
    seen.add(digest(explain_plan(load(area.folder))))
    area.declare("value = 5.0", "value = 5.5")
    seen.add(digest(explain_plan(load(area.folder))))
    area.recipe("seed = 1", "seed = 2")
    seen.add(digest(explain_plan(load(area.folder))))
    assert len(seen) == 4


def test_a_seed_that_json_would_round_is_written_as_text(area: Area) -> None:
    area.recipe("seed = 1", f"seed = {2**62}")
    value = explain_plan(load(area.folder))
    assert value["pipeline"]["uncertainty"]["seed"] == str(2**62)
    digest(value)


def test_a_verifier_loads_the_copies_alone(area: Area, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the folder, nor the pipeline beside it, nor the catalogue that an environment variable names is needed."""
    mirror = tmp_path_factory.mktemp("mirror")
    monkeypatch.setenv("CARBONSINK_MIRROR", str(mirror))
    area.declare('"simulated"', '"${CARBONSINK_MIRROR}"')
    original = explain_plan(load(area.folder))
    run = tmp_path_factory.mktemp("run")
    copies = {
        text: run / str(n) / name
        for n, (text, name) in enumerate({"area.toml": "area.toml", "tiny": "tiny.toml", "parcels.geojson": "parcels.geojson"}.items())
    }
    for path in copies.values():
        path.parent.mkdir()
        (area.folder / path.name).rename(path)
    monkeypatch.delenv("CARBONSINK_MIRROR")
    plan = load(copies["area.toml"].parent, copies=copies)
    assert explain_plan(plan) == original
    assert plan.path("parcels.geojson") == copies["parcels.geojson"]


def test_a_period_may_end_today_and_not_tomorrow(area: Area) -> None:
    assert load(area.folder, today=date(2021, 12, 31)).vintages == (2020, 2021)
    with pytest.raises(Refusal, match="E-CFG-023 .*2021-12-31.* 2021-12-30"):
        load(area.folder, today=date(2021, 12, 30))


def test_vintages_are_the_years_that_hold_a_day_of_the_period(area: Area) -> None:
    area.declare("start = 2020-01-01, end = 2021-12-31", "start = 2019-06-01, end = 2022-12-30")
    assert load(area.folder).vintages == (2019, 2020, 2021, 2022)


def test_a_pipeline_is_found_above_the_area_and_above_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "house" / "aoi" / "tiny").mkdir(parents=True)
    (tmp_path / "house" / "pipelines").mkdir()
    area = good_area(tmp_path / "house" / "aoi" / "tiny")
    (area.folder / "tiny.toml").rename(tmp_path / "house" / "pipelines" / "tiny.toml")
    assert load(area.folder).pipeline_file == tmp_path / "house" / "pipelines" / "tiny.toml"
    moved = tmp_path / "county"
    shutil.move(area.folder, moved)
    with pytest.raises(Refusal, match="E-CFG-011"):
        load(moved)
    monkeypatch.chdir(tmp_path / "house" / "aoi")
    assert load(moved).pipeline.id == "tiny"


def test_a_reference_below_an_environment_variable_is_found(area: Area, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path_factory.mktemp("samples")
    (folder / "labels.tif").write_bytes(b"II*\0")
    monkeypatch.setenv("CARBONSINK_SAMPLES", str(folder))
    reference = '[reference]\nfile = "${CARBONSINK_SAMPLES}/labels.tif"\nyear = 2020\nsource = "survey"\nplace = "1"\nlegend = { "1" = "paddy" }\n\n'
    area.declare("[[value]]", reference + "[[value]]")
    plan = load(area.folder)
    assert plan.area.reference is not None
    assert plan.path(plan.area.reference.file) == folder / "labels.tif"
    told = explain_plan(plan)
    assert str(folder) not in json.dumps(told)
    (folder / "labels.tif").write_bytes(b"II*\1")
    assert digest(explain_plan(load(area.folder))) != digest(told), "other labels are another plan"


def test_parcels_may_name_their_strata(area: Area) -> None:
    second = '[strata.double-rice]\ncover = "paddy"\nname = { zh = "双季稻", en = "Double rice" }\n'
    keys = 'keys = { region = "east_asia", cropping = "double", amendment = "straw_lt30d_before_cultivation", preseason = "non_flooded_lt180d" }\n'
    water = 'baseline = { water_regime = "continuously_flooded" }\nproject = { water_regime = "multiple_drainage" }\n\n[[value]]'
    area.declare("[[value]]", second + keys + water)
    area.declare("[land]", '[land]\nstratum = "crop"')
    area.features(feature(square(0), "P-1", crop="double-rice"), feature(square(1), "P-2", crop="single-rice"))
    assert {p.id: p.stratum for p in load(area.folder).land.parcels} == {"P-1": "double-rice", "P-2": "single-rice"}


def test_a_boundary_has_no_parcels(area: Area) -> None:
    area.boundary()
    land = load(area.folder).land
    assert land.parcels == ()
    assert mu(land.area_m2) == pytest.approx(67.307, abs=0.001)


def test_the_demonstration_is_6435_mu(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = load(REPOSITORY / "aoi" / "longshan")
    assert mu(plan.land.area_m2) == pytest.approx(6435, abs=0.01)
    assert plan.vintages == (2020, 2021, 2022)


@pytest.mark.parametrize("name", ["flanders", "zagreb"])
def test_the_areas_of_real_imagery_are_well_declared(name: str, shared: Path) -> None:
    assert load(REPOSITORY / "tests" / "aoi" / name).vintages


SEEDS = ("area.toml", "tiny.toml", "parcels.geojson", "parcels.kml", "parcels.zip", "parcels.gpkg", "parcels.shp", "parcels.dbf", "parcels.shx", "parcels.prj")


def seeded(folder: Path, name: str) -> Area:
    """A good area whose land lies in the format of a file."""
    area = good_area(folder)
    if name.endswith(".kml"):
        area.write(name, kml(placemark(0), placemark(1, "P-2")))
        area.use(name)
    elif name.endswith(".zip"):
        area.zipped()
    elif name.endswith(".gpkg"):
        area.vector(name)
    elif name.startswith("parcels") and not name.endswith(".geojson"):
        area.vector("parcels.shp")
    return area


@pytest.mark.parametrize("name", SEEDS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(places=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255), st.integers(0, 2)), min_size=1, max_size=6))
def test_damaged_bytes_are_read_or_refused(name: str, places: list[tuple[float, int, int]], tmp_path: Path) -> None:
    """Never an exception of ours, whichever byte of a file is changed, lost or doubled."""
    area = seeded(tmp_path, name)
    data = bytearray((area.folder / name).read_bytes())
    for share, value, change in places:
        at = int(share * len(data))
        data[at : at + 1] = (bytes([value]), b"", bytes([value, value]))[change]
    area.write(name, bytes(data))
    try:
        load(area.folder)
    except Refusal as refusal:
        assert refusal.problems
        assert all("\n" not in problem.line(language) for problem in refusal.problems for language in ("en", "zh"))


def test_an_area_far_from_any_checkout_finds_the_packages_pipelines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(Path(__file__).parents[2] / "aoi" / "longshan", tmp_path / "longshan")
    monkeypatch.chdir(tmp_path)
    assert load(tmp_path / "longshan").pipeline.id == "rice-water"
