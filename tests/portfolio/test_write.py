"""The folder: tables, JSON by its schema, a workbook that recalculates, a page without scripts, the same bytes each time."""

from __future__ import annotations

import csv
import json
import re
import shutil
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import jsonschema
import openpyxl
import pytest

from carbonsink.base.evidence import digest, file_sha256, read_json
from carbonsink.base.problems import Refusal
from carbonsink.declared.language import read_languages
from carbonsink.portfolio import Portfolio, roll_up, write
from carbonsink.portfolio.credits import EARNED, SETTLED, whole
from carbonsink.portfolio.page import page
from tests.portfolio.making import quiet
from tests.report.test_workbook import recalculated


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_json_fits_its_schema_and_the_schema_fits_no_other(written: Path) -> None:
    schema, said = read_json(written / "portfolio.schema.json"), read_json(written / "portfolio.json")
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(said, schema)
    said["totals"]["issued_t_co2e"] = "1e3"
    with pytest.raises(jsonschema.ValidationError, match="does not match"):
        jsonschema.validate(said, schema)


def test_json_and_tables_say_the_same(written: Path, rolled: Portfolio) -> None:
    said = read_json(written / "portfolio.json")
    assert [{key: str(value) for key, value in row.items()} for row in said["credits"]] == rows(written, "credits.csv")
    assert sum((Decimal(row["co2e_t"]) for row in rows(written, "inventory.csv")), Decimal(0)) == sum(row.co2e_t for row in rolled.inventory)
    assert said["complete"] and len(rows(written, "areas.csv")) == len(said["areas"]) == 20


def test_totals_are_those_of_projects(written: Path, rolled: Portfolio) -> None:
    totals = read_json(written / "portfolio.json")["totals"]
    projects = [row for row in rolled.area_credits if not row.area.endswith("inventory")]
    assert {name: Decimal(totals[f"{name}_t_co2e"]) for name in ("gross", "issued")} == {name: whole(projects, name) for name in ("gross", "issued")}


def test_the_manifest_names_every_run_and_file(county: Path, written: Path) -> None:
    manifest = read_json(written / "manifest.json")
    assert manifest["runs"] == {run.name: read_json(run / "manifest.json")["digest"] for run in sorted((county / "runs").iterdir())}
    assert manifest["files"] == {path.name: file_sha256(path) for path in sorted(written.iterdir()) if path.name != "manifest.json"}
    assert manifest.pop("digest") == digest(manifest)


def test_the_same_runs_give_the_same_bytes(county: Path, written: Path) -> None:
    again = county / "again"
    write(roll_up([county / "aoi"], county / "runs", quiet), again)
    assert read_json(again / "manifest.json") == read_json(written / "manifest.json")
    write(roll_up([county / "runs"], county / "runs", quiet), again)  # over the one that is there
    assert read_json(again / "manifest.json")["digest"] == read_json(written / "manifest.json")["digest"]


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path, rolled: Portfolio) -> None:
    (tmp_path / "thesis.docx").write_text("years of work")
    with pytest.raises(Refusal, match="E-PTF-012"):
        write(rolled, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]


def test_the_workbook_recalculates_to_the_statements(written: Path, rolled: Portfolio, libreoffice: str, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(written / "portfolio.xlsx")
    formulas = [cell.value for sheet in book for line in sheet.iter_rows() for cell in line if isinstance(cell.value, str) and cell.value.startswith("=")]
    assert len(formulas) > 150 and {text.split("(")[0] for text in formulas if "SUM" in text} == {"=SUMIF", "=ROUND"}
    sheets = recalculated(libreoffice, written / "portfolio.xlsx", tmp_path)
    found = {(line[1], line[2]): line for line in sheets["credits"].iter_rows(values_only=True) if isinstance(line[3], str) and "all areas" in line[3]}
    names = ("removals", "avoided", "baseline", "gross", *SETTLED)
    for row in rolled.credits:
        line = found[row.methodology, row.vintage]
        assert [round(float(value), 9) for value in line[4 : 4 + len(names)]] == pytest.approx([float(getattr(row, name)) for name in names], abs=1e-6)
        assert line[-1] == 0
    sums = [line for line in sheets["inventory"].iter_rows(values_only=True) if isinstance(line[8], str) and "all areas" in line[8]]
    assert [float(line[9]) for line in sums] == pytest.approx([float(row.co2e_t) for row in rolled.inventory], abs=1e-6)
    total = next(line for line in sheets["areas"].iter_rows(values_only=True) if isinstance(line[0], str) and line[0].startswith("合计"))
    assert float(total[9]) == float(whole(rolled.credited, "issued"))


class Reader(HTMLParser):
    """Tags, links and ids of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "xlink:href")]
        self.ids += [value or "" for name, value in attrs if name == "id"]


def read(path: Path) -> Reader:
    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader


def test_the_page_holds_no_script_and_nothing_from_elsewhere(written: Path) -> None:
    reader = read(written / "portfolio.html")
    assert not {"script", "iframe", "object", "img", "link", "form"} & set(reader.tags)
    outside = [link for link in reader.links if not link.startswith("#")]
    assert outside and not [link for link in outside if "//" in link or link.startswith("/")]
    assert {link[1:] for link in reader.links if link.startswith("#")} <= set(reader.ids) and len(reader.ids) == len(set(reader.ids))
    assert not re.search(r"url\((?!#)", (written / "portfolio.html").read_text())


def test_the_page_links_every_area_s_own_page(county: Path, written: Path) -> None:
    links = {unquote(link) for link in read(written / "portfolio.html").links if not link.startswith("#")}
    assert {(written / link).resolve() for link in links} == {run / "report" / "report.html" for run in (county / "runs").iterdir()}


def test_the_page_shows_what_the_tables_say(written: Path, rolled: Portfolio) -> None:
    text = (written / "portfolio.html").read_text(encoding="utf-8")
    zh, en = read_languages(["zh", "en"])
    assert en.number(whole(rolled.credited, "gross"), 1) in text and zh("portfolio.title") in text and en("portfolio.title") in text
    assert text.count("3.C.1") >= 2 and "CH₄" in text and en("portfolio.simulated") in text and en("portfolio.incomplete") not in text


def test_a_hostile_name_stays_a_name(rolled: Portfolio, tmp_path: Path) -> None:
    member = rolled.members[0]
    evil = member.plan.area.name.model_copy(update={"zh": '<script>alert("1")</script>', "en": "=HYPERLINK(1)\u202e"})
    object.__setattr__(member.plan.area, "name", evil)  # the plan is frozen for everybody but this test
    try:
        text = page(rolled, tmp_path, read_languages(["zh", "en"]))
    finally:
        object.__setattr__(member.plan.area, "name", member.plan.area.name.model_copy(update={"zh": "小块稻田", "en": "Paddies"}))
    assert "<script" not in text and "&lt;script&gt;" in text and "\u202e" not in text


def test_an_account_that_is_not_whole_says_so_on_page_one(county: Path, tmp_path: Path) -> None:
    shutil.copytree(county / "runs", tmp_path / "runs")
    shutil.rmtree(next((tmp_path / "runs").glob("rice-03-*")))
    made = roll_up([county / "aoi"], tmp_path / "runs", quiet)
    write(made, tmp_path / "out")
    text = (tmp_path / "out" / "portfolio.html").read_text(encoding="utf-8")
    assert text.index("不完整") < text.index("E-PTF-003 rice-03") < text.index("<svg")
    said = json.loads((tmp_path / "out" / "portfolio.json").read_text(encoding="utf-8"))
    assert not said["complete"] and said["problems"][0]["zh"].startswith("E-PTF-003 rice-03")
    assert openpyxl.load_workbook(tmp_path / "out" / "portfolio.xlsx")["areas"]["A2"].value.startswith("不完整 / INCOMPLETE")


def test_every_word_the_portfolio_asks_for_is_there() -> None:
    (en,) = read_languages(["en"])
    room = Path(page.__code__.co_filename).parent
    texts = [path.read_text(encoding="utf-8") for path in (*room.glob("*.py"), *room.glob("templates/*.j2"))]
    asked = {key for text in texts for key in re.findall(r"""["'](portfolio\.[a-z0-9_-]*[a-z0-9])["']""", text)}
    assert len(asked) > 40 and not {key for key in asked if not en.has(key)} - {"portfolio.css", "portfolio.html", "portfolio.json", "portfolio.xlsx"}
    assert {f"portfolio.column-{name}" for name in ("removals", "avoided", "baseline", "gross", *SETTLED, *EARNED)} <= set(en.words)
