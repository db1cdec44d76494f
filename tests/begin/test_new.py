"""`carbonsink new`: from a county's file to an area folder that `check` passes, or nothing at all."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from carbonsink.base.problems import Refusal, messages
from carbonsink.begin import Question, begin
from carbonsink.begin.boundary import area_column, id_column, read_boundary
from carbonsink.begin.recipe import entries, recipes
from carbonsink.cli import app
from carbonsink.declared.methodology import read_methodology, tables_of
from carbonsink.run import load_complete
from tests.begin.boundaries import columns, zipped
from tests.conftest import REPOSITORY

RICE = {
    "language": "en", "use": "rice", "name_zh": "兴隆稻田", "name_en": "Xinglong paddies", "first_year": "2021", "last_year": "2021", "imagery": "simulated",
    "region": "east_asia", "cropping": "single", "amendment": "straw_lt30d_before_cultivation", "preseason": "non_flooded_lt180d",
    "baseline_water_regime": "continuously_flooded", "project_water_regime": "multiple_drainage", "straw_rate": "5", "nitrogen_rate": "150", "yield_ratio": "1",
    "source": "农户记录", "place": "第 3 册",
}  # fmt: skip
SOIL = {
    "language": "zh", "use": "straw", "name_zh": "北坡旱地", "name_en": "North fields", "first_year": "2021", "last_year": "2023", "imagery": "earth-search",
    "moisture": "wet", "baseline_tillage": "full", "project_tillage": "reduced", "baseline_input": "low", "project_input": "medium", "change_year": "2020",
    "yield_ratio": "1",
    "baseline_nitrogen_rate": "180", "project_nitrogen_rate": "180", "mat": "17.2", "map": "1400", "pet": "1000", "wrb": "acrisols", "sand": "40",
    "zone_source": "county weather station", "zone_place": "1991-2020", "source": "farm records", "place": "book 1",
}  # fmt: skip


def new(*arguments: str | Path, given: dict[str, str] | None = None) -> Result:
    answers = [word for name, value in (given or {}).items() for word in ("--answer", f"{name}={value}")]
    return CliRunner().invoke(app, ["new", *map(str, arguments), *answers])


@pytest.fixture
def boundary(tmp_path: Path) -> Path:
    return zipped(tmp_path / "xinglong.zip")


def test_a_zipped_gbk_shapefile_in_zone_39_becomes_an_area_that_check_passes(boundary: Path, tmp_path: Path) -> None:
    made = new(tmp_path / "xinglong", "--boundary", boundary, "--json", given=RICE)
    assert made.exit_code == 0, made.stderr
    told = json.loads(made.stdout)
    assert told["land"]["crs"] == "EPSG:4527" and told["land"]["encoding"] == "gb18030" and told["land"]["parcels"] == 4
    assert told["columns"] == {"parcel_id": "地块编号", "parcel_area_mu": "实测面积"}
    assert told["land"]["area_mu"] == pytest.approx(60, rel=0.01) and told["simulated"] is True
    assert CliRunner().invoke(app, ["check", str(tmp_path / "xinglong")]).exit_code == 0
    assert sorted(path.name for path in (tmp_path / "xinglong").iterdir()) == ["area.toml", "parcels.zip"]


def test_what_is_written_says_why_in_the_language_that_was_chosen(boundary: Path, tmp_path: Path) -> None:
    assert new(tmp_path / "north", "--boundary", boundary, given=SOIL).exit_code == 0
    text = (tmp_path / "north" / "area.toml").read_text()
    raw = tomllib.loads(text)
    assert raw["zones"]["climate"]["facts"] == {"mat": 17.2, "map": 1400.0, "pet": 1000.0}
    assert "# -> warm_temperate_moist" in text and "# 当地的事实" in text
    assert raw["cover_map"]["stands_in"] == {"2022": 2021, "2023": 2021}  # WorldCover has 2020 and 2021
    assert "imagery" not in raw and "Earth Search" in text
    assert load_complete(tmp_path / "north").vintages == (2021, 2022, 2023)


def test_the_same_answers_write_the_same_bytes(boundary: Path, tmp_path: Path) -> None:
    texts = []
    for place in ("one", "two"):
        assert new(tmp_path / place / "xinglong", "--boundary", boundary, given=RICE).exit_code == 0
        texts.append((tmp_path / place / "xinglong" / "area.toml").read_bytes())
    assert texts[0] == texts[1]


def test_every_missing_answer_is_listed_at_once_and_nothing_is_left(boundary: Path, tmp_path: Path) -> None:
    half = {name: value for name, value in RICE.items() if name not in ("region", "straw_rate", "place")}
    made = new(tmp_path / "xinglong", "--boundary", boundary, given=half)
    assert made.exit_code == 3 and made.stdout == ""
    assert [line.split()[0] for line in made.stderr.splitlines()] == ["E-BEG-002"] * 3
    assert "--answer region=..." in made.stderr and "east_asia | southeast_asia" in made.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["xinglong.zip"]


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"region": "atlantis"}, "E-BEG-003", "atlantis is none of the answers"),
        ({"straw_rate": "much"}, "E-BEG-004", "t ha^-1"),
        ({"first_year": "21"}, "E-BEG-013", "21 is no year"),
        ({"first_year": "1800"}, "E-BEG-013", "1800 is no year from 1900 to 2199"),
        ({"water": "deep"}, "E-BEG-005", "nearest -. What is asked: "),
        ({"parcel_id": "no"}, "E-BEG-003", "地块编号"),
        ({"baseline_water_regime": "single_drainage"}, "E-BEG-012", "What would meet it: continuously_flooded"),
        ({"first_year": "2022"}, "E-CFG-", "[period]"),
        ({"first_year": "2022"}, "E-BEG-014", "there is no area.toml to edit yet"),
    ],
)  # fmt: skip
def test_a_wrong_answer_is_refused_in_one_line(change: dict[str, str], code: str, said: str, boundary: Path, tmp_path: Path) -> None:
    made = new(tmp_path / "xinglong", "--boundary", boundary, given=RICE | change)
    assert made.exit_code == 3
    lines = [line for line in made.stderr.splitlines() if line.startswith(code)]
    assert lines and said in lines[0] and not any("Traceback" in line or "E-INT" in line for line in made.stderr.splitlines())
    assert not (tmp_path / "xinglong").exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("Xing Long", "--boundary", "b.zip"), "E-BEG-006"),
        (("xinglong",), "E-BEG-010"),
        (("xinglong", "--boundary", "b.zip", "--demo", "rice"), "E-BEG-010"),
        (("xinglong", "--demo", "bamboo"), "E-BEG-008"),
        (("xinglong", "--boundary", "b.zip", "--answer", "region"), "E-BEG-011"),
        (("xinglong", "--boundary", "nothing.zip"), "E-AOI-001 --boundary nothing.zip"),
        (("xinglong", "--boundary", "b.dxf"), "E-AOI-043 --boundary"),
        (("xinglong", "--boundary", "b.zip", "--layer", "zzz"), "E-AOI-044 --layer"),
        (("xinglong", "--boundary", "b.zip", "--crs", "EPSG:1"), "E-AOI-"),
        (("xinglong", "--demo", "rice", "--crs", "EPSG:4490"), "E-BEG-015"),
    ],
)  # fmt: skip
def test_a_wrong_call_is_refused(arguments: tuple[str, ...], code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zipped(tmp_path / "b.zip")
    monkeypatch.chdir(tmp_path)
    made = new(*arguments)
    assert made.exit_code in (2, 3) and made.stderr.startswith(code), made.stderr


def test_a_folder_that_is_there_stays_unless_force_says_so(boundary: Path, tmp_path: Path) -> None:
    assert new(tmp_path / "xinglong", "--boundary", boundary, given=RICE).exit_code == 0
    (tmp_path / "xinglong" / "records.csv").write_text("kept")
    before = (tmp_path / "xinglong" / "area.toml").read_text()
    refused = new(tmp_path / "xinglong", "--boundary", boundary, given=RICE | {"straw_rate": "6"})
    assert refused.exit_code == 2 and refused.stderr.startswith("E-BEG-001")
    assert (tmp_path / "xinglong" / "area.toml").read_text() == before
    assert new(tmp_path / "xinglong", "--boundary", boundary, "--force", given=RICE | {"straw_rate": "6"}).exit_code == 0
    assert "value = 6.0" in (tmp_path / "xinglong" / "area.toml").read_text()
    assert (tmp_path / "xinglong" / "records.csv").read_text() == "kept"


def test_a_person_is_asked_only_what_the_file_does_not_tell(boundary: Path, tmp_path: Path) -> None:
    asked: list[str] = []

    def person(question: Question) -> str:
        asked.append(question.name)
        return RICE[question.name]

    begin(tmp_path / "xinglong", read_boundary(boundary), {}, person)
    assert asked == [name for name in RICE if name != "language"]  # its columns, country and CRS were found, the language is the user's


def test_someone_who_stops_leaves_nothing(boundary: Path, tmp_path: Path) -> None:
    def person(question: Question) -> str:
        if question.name == "straw_rate":
            raise KeyboardInterrupt
        return RICE[question.name]

    with pytest.raises(KeyboardInterrupt):
        begin(tmp_path / "xinglong", read_boundary(boundary), {}, person)
    assert [path.name for path in tmp_path.iterdir()] == ["xinglong.zip"]


def test_columns_are_told_by_name_and_by_what_their_numbers_say(tmp_path: Path) -> None:
    table = columns() | {"TBBH": ["A", "B", "C", "D"], "地块编号": ["A", "A", "B", "C"]}
    found = read_boundary(zipped(tmp_path / "one.zip", table))
    assert id_column(found) == "TBBH" and area_column(found, "TBBH") == "实测面积"
    doubtful = read_boundary(zipped(tmp_path / "two.zip", columns() | {"实测面积": [15.0, 15.0, 15.0, 1.0]}))
    assert area_column(doubtful, "地块编号") is None  # one parcel disagrees with its outline
    with pytest.raises(Refusal, match="E-BEG-007"):
        id_column(read_boundary(zipped(tmp_path / "three.zip", {"地块名称": ["田"] * 4})))


@pytest.mark.parametrize("use", recipes())
def test_a_recipe_agrees_with_its_pipeline_its_methodology_and_the_words_of_the_tables(use: str) -> None:
    recipe = recipes()[use]
    pipeline = tomllib.loads((REPOSITORY / "pipelines" / f"{recipe.pipeline}.toml").read_text())
    assert pipeline["carbon"]["methodology"] == recipe.methodology and pipeline["areas"]["method"] == "parcels"
    assert recipe.cover in {one["id"] for one in pipeline["land"]["classes"]}
    assert pipeline["land"].get("published", {}).get("legend") == recipe.legend
    methodology = read_methodology(recipe.methodology)
    tables = tables_of(methodology).words_by_key()
    parts = [recipe, *(part for cases in recipe.case.values() for part in cases.values())]
    for key in {key for part in parts for key in (*part.keys, *part.practices)}:
        words, asks = set(entries("keys.toml")[key].words), methodology.asks.get(key)
        assert words <= set(asks) if asks else words <= set(tables[key]), key
    assert all(word in (methodology.asks.get(key) or tables[key]) for key, word in recipe.fixed.items())


def test_every_message_of_this_room_was_tried() -> None:
    text = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    assert not [code for code in messages() if code.startswith("E-BEG") and code not in text]


def test_its_problems_come_in_chinese_too(boundary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARBONSINK_LANG", "zh")
    assert "尚未回答" in new(tmp_path / "xinglong", "--boundary", boundary, given={"use": "rice"}).stderr
    assert [path.name for path in tmp_path.iterdir()] == ["xinglong.zip"]
