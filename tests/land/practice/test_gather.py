"""The stage: series.csv and the farm record become land/practice.csv; declarations that don't fit are refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import shapely
from pydantic import ValidationError

from carbonsink.base.problems import Problem, Refusal
from carbonsink.base.records import PracticeEvidence, SeriesPoint
from carbonsink.base.tables import read_csv, write_csv
from carbonsink.declared.area import AreaFile, Land, LandFile, Parcel
from carbonsink.declared.load import load
from carbonsink.declared.pipeline import Composites, Pipeline
from carbonsink.declared.plan import Plan
from carbonsink.declared.practice import LAYERS, Practice, barred_by_practice, read_practices, unfit
from carbonsink.declared.schema import read_toml
from carbonsink.declared.sensor import read_sensor
from carbonsink.land.practice.gather import gather, rows
from carbonsink.land.practice.series import Look
from tests.bad.area import good_area
from tests.land.practice.paddy import looks

PIPELINE = Path(__file__).parents[3] / "pipelines" / "rice-water.toml"
AWD = [(180, 188), (198, 207), (217, 225)]
SOUTH = shapely.box(117.4, -24.6, 117.41, -24.59)
WORDS = {"zh": "试", "en": "test"}


def plan_of(names: dict[str, str], *evidence: str, south: bool = False, contradiction: str = "show") -> Plan:
    """Parcels of some strata under a pipeline that asks for some evidence."""
    strata = {
        "rice": {"cover": "paddy", "name": WORDS, "keys": {"cropping": "single"}, "project": {"water_regime": "multiple_drainage", "straw": "straw_retained"}},
        "wood": {"cover": "forest", "name": WORDS},
    }
    area = {"id": "test", "name": WORDS, "country": "CN", "pipeline": "rice-water", "land": {"file": "x", "parcel_id": "p"}, "strata": strata}
    period = {"period": {"start": date(2020, 1, 1), "end": date(2021, 12, 31)}}
    box = SOUTH if south else shapely.box(117.4, 24.6, 117.41, 24.61)
    parcels = tuple(Parcel(name, stratum, box, 1e4, None) for name, stratum in names.items())
    pipeline = read_toml(PIPELINE, Pipeline)
    section = Practice.model_validate({"evidence": list(evidence), "contradiction": contradiction}) if evidence else None
    land = Land(box, parcels, "EPSG:4326", None, 1e4, "")
    plan = Plan(Path(), AreaFile.model_validate(area | period), land, pipeline, read_sensor("sentinel-2-l2a"), None, (2020, 2021))  # type: ignore[arg-type]
    return replace(plan, pipeline=pipeline.model_copy(update={"practice": section}))


def written(series: dict[str, list[Look]], run: Path) -> None:
    points = [
        SeriesPoint(str(look.day), look.platform, parcel, layer, value, 90.0, 100.0)
        for parcel, some in series.items()
        for look in some
        for layer, value in look.value.items()
    ]
    write_csv(run / "composites" / "series.csv", points, SeriesPoint)


def test_every_parcel_year_and_season_has_its_row_in_order(tmp_path: Path) -> None:
    plan = plan_of({"B": "rice", "A": "rice"}, "water_regime", "crops", "winter_cover")
    written({name: [*looks(2020, AWD, seed=n), *looks(2021, [], seed=n)] for n, name in enumerate("AB")}, tmp_path)
    gather(plan, tmp_path)
    found = read_csv(tmp_path / "land" / "practice.csv", PracticeEvidence)
    assert [(row.year, row.parcel, row.practice) for row in found] == [
        (year, parcel, kind) for year in (2020, 2021) for parcel in "AB" for kind in ("crops", "water_regime", "winter_cover")
    ]
    told = {(row.year, row.practice): (row.found, row.declared, row.verdict) for row in found if row.parcel == "A"}
    assert told == {
        (2020, "water_regime"): ("multiple_drainage", "multiple_drainage", "supports"),
        (2021, "water_regime"): ("continuously_flooded", "multiple_drainage", "contradicts"),
        (2020, "crops"): ("1", "single", "supports"),
        (2021, "crops"): ("1", "single", "supports"),
        (2020, "winter_cover"): ("bare", "", "undeclared"),
        (2021, "winter_cover"): ("bare", "", "undeclared"),
    }


def test_the_same_series_in_whatever_order_give_the_same_bytes(tmp_path: Path) -> None:
    series = {name: [*looks(2020, AWD, cloud=0.5, seed=n), *looks(2021, AWD, cloud=0.5, seed=n)] for n, name in enumerate("ABCDE")}
    files = []
    for run, names in ((tmp_path / "one", "ABCDE"), (tmp_path / "two", "EDCBA")):
        written({name: series[name] for name in names}, run)
        gather(plan_of(dict.fromkeys(names, "rice"), "water_regime", "crops"), run)
        files.append((run / "land" / "practice.csv").read_bytes())
    assert files[0] == files[1]


def test_a_field_alone_is_judged_as_among_others_but_for_the_noise_of_the_run() -> None:
    series = {name: looks(2020, AWD, cloud=0.3, seed=n, noise=0.0) for n, name in enumerate("ABC")}
    together = rows(plan_of(dict.fromkeys("ABC", "rice"), "water_regime"), series)
    alone = rows(plan_of({"B": "rice"}, "water_regime"), {"B": series["B"]})
    assert [row for row in together if row.parcel == "B"] == alone


def test_without_the_section_nothing_is_written(tmp_path: Path) -> None:
    gather(plan_of({"A": "rice"}), tmp_path)
    assert not (tmp_path / "land").exists()


def test_a_parcel_that_was_never_seen_is_unclear() -> None:
    found = rows(plan_of({"A": "rice"}, "water_regime", "crops", "winter_cover", "residue", "burning"), {})
    assert {(row.practice, row.found, row.verdict) for row in found} == {
        ("water_regime", "", "unclear"), ("crops", "", "unclear"), ("winter_cover", "", "undeclared"),
    }  # fmt: skip


def test_a_crop_over_winter_is_no_paddy_and_the_record_says_nothing_of_it() -> None:
    rice, wheat = looks(2020, AWD, seed=2), {"ndvi": 0.8, "lswi": 0.35}
    series = [Look(look.day, "a", wheat) if 30 <= look.day.timetuple().tm_yday <= 105 else look for look in rice]
    found = rows(plan_of({"A": "rice"}, "water_regime", "crops"), {"A": series})
    told = [(row.practice, row.season, row.found, row.verdict) for row in found if row.year == 2020]
    assert told == [
        ("crops", 0, "1+winter", "supports"), ("water_regime", 1, "upland", "undeclared"), ("water_regime", 2, "multiple_drainage", "supports"),
    ]  # fmt: skip


def test_forest_is_asked_when_it_was_planted_and_fields_are_not() -> None:
    levels = {2020: 0.3, 2021: 0.5}
    wood = [Look(date(year, month, 5), "a", {"ndvi": level}) for year, level in levels.items() for month in range(1, 13)]
    found = rows(plan_of({"A": "rice", "W": "wood"}, "planting"), {"W": wood, "A": looks(2020, AWD)})
    assert [(row.year, row.practice, row.found) for row in found] == [
        (2020, "planting", ""), (2020, "survival", ""), (2021, "planting", "2020"), (2021, "survival", "growing"),
    ]  # fmt: skip
    assert {row.parcel for row in found} == {"W"}


def test_straw_is_held_against_the_record() -> None:
    bare = [Look(look.day, "a", dict(look.value) | {"ndti": 0.1, "nbr": 0.0}) for look in looks(2020, AWD)]
    found = {row.practice: row for row in rows(plan_of({"A": "rice"}, "residue", "burning"), {"A": bare}) if row.year == 2020}
    assert (found["residue"].found, found["residue"].verdict) == ("bare", "contradicts")
    assert (found["burning"].found, found["burning"].verdict) == ("not_burned", "supports")


# --- declarations ----------------------------------------------------------------------------------------------------------


COMPOSITES = Composites(period="month", bands=["red", "nir"], indices=["ndvi"], series=["ndvi"])
PARCELS, BOUNDARY = LandFile(file="x", parcel_id="p"), LandFile(file="x")


def test_evidence_without_its_layers_is_refused_in_both_languages() -> None:
    (problem,) = unfit(Practice(evidence=["crops", "water_regime"]), COMPOSITES, PARCELS, "rice.toml")
    assert problem == Problem("E-PRA-001", "rice.toml [practice.evidence]", {"kind": "water_regime", "wanted": "ndvi, lswi | ndvi, vh", "found": "ndvi"})
    assert "lswi" in problem.line("en")
    assert "lswi" in problem.line("zh")


def test_land_without_parcels_and_evidence_named_twice_are_refused() -> None:
    assert [p.code for p in unfit(Practice(evidence=["crops"]), COMPOSITES, BOUNDARY, "rice.toml")] == ["E-PRA-002"]
    assert [p.code for p in unfit(Practice(evidence=["crops", "crops"]), COMPOSITES, PARCELS, "rice.toml")] == ["E-PRA-003"]
    assert all(p.line("zh") and p.line("en") for p in unfit(Practice(evidence=["crops", "crops"]), COMPOSITES, BOUNDARY, "rice.toml"))


def test_what_fits_and_what_is_not_asked_for_is_no_problem() -> None:
    assert list(unfit(Practice(evidence=["crops", "winter_cover"]), COMPOSITES, PARCELS, "p")) == []
    assert list(unfit(None, COMPOSITES, BOUNDARY, "p")) == []
    assert list(unfit(Practice(evidence=["burning"]), None, None, "p")) == []  # a broken section has its own problem


def test_unknown_kinds_and_an_empty_list_are_refused() -> None:
    with pytest.raises(ValidationError):
        Practice.model_validate({"evidence": ["tillage"]})
    with pytest.raises(ValidationError):
        Practice.model_validate({"evidence": []})


def test_a_contradiction_bars_the_issue_only_where_the_pipeline_says_so() -> None:
    plan = plan_of({"A": "rice"}, "water_regime", contradiction="withhold")
    found = rows(plan, {"A": looks(2020, [])})
    assert barred_by_practice(plan.pipeline.practice, found) == ("practice:water_regime",)
    assert barred_by_practice(Practice(evidence=["water_regime"]), found) == ()
    assert barred_by_practice(None, found) == ()


def test_the_library_speaks_of_practices_that_there_are() -> None:
    rules = read_practices()
    assert {entry.practice for entry in rules.record} <= set(LAYERS)
    assert {name for names in rules.water.wider.values() for name in names} <= set(rules.water.regimes.by_name)


@pytest.mark.parametrize(
    ("old", "new", "code", "word"),
    [
        ('indices = ["ndvi"]', 'indices = ["ndvi"]\nseries = ["ndvj"]', "E-CFG-011", "ndvj"),
        ('indices = ["ndvi"]', 'indices = ["ndvi"]\nseries = ["ndvi", "ndvi"]', "E-COM-014", "ndvi"),
        ("[report]", '[practice]\nevidence = ["crops"]\n\n[report]', "E-PRA-001", "ndvi"),
        ('indices = ["ndvi"]', 'indices = ["ndvi"]\nseries = ["ndvi"]\n\n[practice]\nevidence = ["crops", "crops"]\n', "E-PRA-003", "crops"),
        ("[report]", '[practice]\nevidence = ["ploughing"]\n\n[report]', "E-CFG-007", "ploughing"),
    ],
)
def test_a_broken_declaration_is_refused_with_its_code(tmp_path: Path, old: str, new: str, code: str, word: str) -> None:
    area = good_area(tmp_path)
    area.recipe(old, new)
    with pytest.raises(Refusal, match=code) as caught:
        load(area.folder)
    assert [problem.code for problem in caught.value.problems] == [code]
    assert all(word in problem.line(language) for problem in caught.value.problems for language in ("en", "zh"))


def test_evidence_on_a_boundary_is_refused(tmp_path: Path) -> None:
    area = good_area(tmp_path)
    area.boundary()
    area.recipe('indices = ["ndvi"]', 'indices = ["ndvi"]\nseries = ["ndvi"]\n\n[practice]\nevidence = ["crops"]\n')
    with pytest.raises(Refusal, match="E-PRA-002"):
        load(area.folder)
