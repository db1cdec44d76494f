"""report.<language>.pdf and pdd.<language>.pdf: T1 to T12 in order, the figures of report.json, marks on every page, the same bytes each time."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from carbonsink.base import typeface
from carbonsink.base.evidence import read_json
from carbonsink.declared.language import read_languages
from carbonsink.declared.plan import Plan
from carbonsink.report.document.blocks import laid
from carbonsink.report.document.columns import ROOM
from carbonsink.report.document.design import design_parts
from carbonsink.report.document.equations import equation
from carbonsink.report.document.report import report, report_facts
from carbonsink.report.document.sections import Matter, sections
from carbonsink.report.document.text import extent, nodes
from carbonsink.report.page.html import sketches_of, view_of
from carbonsink.report.parts.summary import SECTIONS
from carbonsink.report.render import render
from carbonsink.report.results import gather
from carbonsink.report.stamps import stamps
from carbonsink.report.tabular import Column, Row, number
from carbonsink.report.tabular import table as tabular
from tests.report.conftest import RICE, make_plan, make_run
from tests.report.test_part_foreseen import MONEY, PERIOD

Run = tuple[Plan, Path]
HOSTILE = '#panic("x") $ \\ @a <b> `c` = *d* _e_ //f #read("/etc/passwd")'


def tight(text: str) -> str:
    """Words without the spaces and breaks that setting them puts in."""
    return "".join(text.replace("\u200b", "").split())


def pages(path: Path) -> tuple[str, ...]:
    return read(path.read_bytes())


@cache
def read(pdf: bytes) -> tuple[str, ...]:
    """The words of each page; reading takes longer than setting."""
    return tuple(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


def whole(path: Path) -> str:
    return tight("".join(pages(path)))


def made(run: Run, language: str = "en") -> bytes:
    plan, folder = run
    w = read_languages([language])[0]
    results = gather(plan, folder)
    matter = Matter(plan, view_of(plan, results, folder, w), sketches_of(plan, results, folder), w)
    return report(matter, stamps(plan, results))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_twelve_tables_stand_in_their_order(rice: Run, language: str) -> None:
    w = read_languages([language])[0]
    text = whole(rice[1] / f"report/report.{language}.pdf")
    body = text[text.index(tight(w("summary.caption"))) :]  # behind the contents
    places = [body.index(tight(number + w(f"section.{key}"))) for number, key in SECTIONS]
    assert [number for number, _ in SECTIONS] == [f"T{n}" for n in range(1, 13)]
    assert places == sorted(places)


@pytest.mark.parametrize("which", ["rice", "soil"])
def test_figures_are_those_of_report_json_to_the_last_printed_digit(which: str, request: pytest.FixtureRequest) -> None:
    plan, run = request.getfixturevalue(which)
    text, w = whole(run / "report/report.en.pdf"), read_languages(["en"])[0]
    told = read_json(run / "report/report.json")
    for vintage in told["vintages"]:
        for account, value in vintage["postings"].items():
            if Decimal(value):
                assert w.number(Decimal(value), 3) in text, f"{vintage['vintage']} {account}"
    for factor in told["factors"]:
        assert w.significant(float(factor["value"])) in text, factor["id"]
    for digest in (told["digests"]["results"], told["digests"]["land"], *told["digests"]["files"].values()):
        assert digest in text
    assert plan.area.id in text


def test_every_page_bears_the_marks_and_its_number(rice: Run) -> None:
    w = read_languages(["zh"])[0]
    for name in ("report", "pdd"):
        found = pages(rice[1] / f"report/{name}.zh.pdf")
        for n, page in enumerate(found, start=1):
            assert tight(w("mark.simulated")) in tight(page), f"{name} page {n}"
            assert f"{n}/{len(found)}" in tight(page)
    assert tight(stamps(rice[0], gather(*rice))[0].said(w)) in tight(pages(rice[1] / "report/report.zh.pdf")[0]), "page one says what the first stamp means"


def test_equations_stand_with_their_values_and_their_result(rice: Run) -> None:
    plan, run = rice
    results, w = gather(plan, run), read_languages(["en"])[0]
    facts = report_facts(Matter(plan, view_of(plan, results, run, w), sketches_of(plan, results, run), w), ())
    blocks = [b for section in facts["sections"] if section["number"] == "T6" for b in section["blocks"] if b["kind"] == "equation"]
    row = next(r for r in results.worksheet if r.flow == "rice_methane" and r.scenario == "project" and r.year == plan.vintages[-1])
    assert [{"t": w.number(row.result, 3)}] == blocks[0]["result"]
    assert "429" in str(blocks[0]["valued"]) and "'EF'" in str(blocks[0]["symbolic"])
    assert w.number(row.result, 3) in whole(run / "report/report.en.pdf")


@pytest.mark.parametrize("name", ["report", "pdd"])
def test_it_is_an_archive_and_can_be_read_aloud(rice: Run, name: str) -> None:
    reader = PdfReader(rice[1] / f"report/{name}.en.pdf")
    about = str(reader.xmp_metadata.stream.get_data()) if reader.xmp_metadata else ""
    assert "<pdfaid:part>2" in about and "<pdfaid:conformance>A" in about and "<pdfuaid:part>1" in about
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"] == "en" and root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert root["/StructTreeRoot"]["/K"] and [one["/S"] for one in root["/OutputIntents"]] == ["/GTS_PDFA1"]
    assert root["/OutputIntents"][0]["/DestOutputProfile"].get_data(), "colours mean the same elsewhere"
    assert reader.metadata is not None and reader.metadata.title and "20221231" in str(reader.metadata.get("/CreationDate", "")), "dated by the period's end"


@pytest.mark.parametrize("name", ["report.zh", "report.en", "pdd.zh", "pdd.en"])
def test_nothing_in_it_runs_fetches_or_is_hidden(rice: Run, name: str) -> None:
    kinds, actions, pictures = objects(PdfReader(rice[1] / f"report/{name}.pdf"))
    assert actions <= {"/GoTo"}, "only the contents lead somewhere, and stay inside"
    assert not kinds & {"/JavaScript", "/JS", "/OpenAction", "/AA", "/EmbeddedFiles", "/AF", "/Encrypt", "/XFA", "/AcroForm"}
    assert pictures and all(pictures), "every picture is told in words"


def objects(reader: PdfReader) -> tuple[set[str], set[str], list[str]]:
    """The keys of every dictionary of a file, the kinds of its actions, and the words that stand for its figures."""
    kinds, actions, told = set(), set(), []
    for place in range(1, len(reader.xref_objStm) + sum(map(len, reader.xref.values())) + 1):
        found = reader.get_object(place)
        if not isinstance(found, dict):
            continue
        kinds |= set(found)
        action = found.get("/A")
        actions |= {str(action["/S"])} if isinstance(action, dict) and "/S" in action else set()
        told += [str(found.get("/Alt", ""))] if found.get("/S") == "/Figure" else []
    return kinds, actions, told


def test_fonts_are_embedded_as_subsets(rice: Run) -> None:
    names = set()
    for page in PdfReader(rice[1] / "report/report.zh.pdf").pages:
        for font in page["/Resources"].get("/Font", {}).values():  # type: ignore[union-attr]
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            described = inner["/FontDescriptor"].get_object()
            assert any(key in described for key in ("/FontFile2", "/FontFile3")), inner["/BaseFont"]
            names.add(str(inner["/BaseFont"]))
    assert names and all(re.match(r"/[A-Z]{6}\+", name) for name in names)
    assert any("NotoSansSC" in name for name in names)


def test_the_same_run_gives_the_same_bytes(rice: Run, tmp_path: Path) -> None:
    assert made(rice) == made(rice) == (rice[1] / "report/report.en.pdf").read_bytes()


def test_hostile_names_are_shown_as_they_stand_and_nothing_is_read(make: Callable[..., Run]) -> None:
    area: dict[str, Any] = copy.deepcopy(RICE)
    area["name"] = {"zh": HOSTILE, "en": HOSTILE}
    area["strata"]["single-rice"]["name"] = {"zh": f"{HOSTILE}😀", "en": f"{HOSTILE}😀"}
    area["submitter"] = {"name": {"zh": HOSTILE, "en": HOSTILE}, "address": {"zh": HOSTILE, "en": HOSTILE}, "contact": HOSTILE}
    plan, run = make(area, columns=1)
    render(plan, run)
    for name in ("report.en", "pdd.zh"):
        text = whole(run / f"report/{name}.pdf")
        assert tight(HOSTILE) in text and "root:" not in text
        assert tight(pages(run / f"report/{name}.pdf")[0]).count(tight(HOSTILE)) == 4, "the name of the area, and three of the submitter"
    assert read_json(run / "report/report.json")["area"]["submitter"]["contact"] == HOSTILE
    assert "[U+1F600]" in whole(run / "report/report.en.pdf"), "a sign the face lacks is spelled, not left out"


def test_without_the_face_it_is_set_in_others_and_says_so_on_page_one(rice: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(typeface, "PACKAGE", "no_such_package")
    typeface.font_file.cache_clear()
    try:
        (tmp_path / "report.pdf").write_bytes(made(rice))
        assert typeface.font_words() == typeface.MISSING
    finally:
        typeface.font_file.cache_clear()
        monkeypatch.undo()
    first = pages(tmp_path / "report.pdf")[0]
    assert tight("Noto Sans SC (package zhplot)") in tight(first) and "SIMULATED" in first
    typeface.font_file.cache_clear()
    assert typeface.font_words().startswith("Noto Sans SC sha256:")


def test_what_is_foreseen_and_the_money_stand_under_e_and_the_submitter_under_g(tmp_path: Path) -> None:
    words = {"zh": "县农业农村局", "en": "Bureau of Agriculture"}
    plan = make_plan(RICE | {"crediting": PERIOD, "money": MONEY, "submitter": {"name": words, "address": words}}, columns=1)
    run, (w,) = make_run(plan, tmp_path / "run"), read_languages(["en"])
    results = gather(plan, run)
    view = view_of(plan, results, run, w)
    parts = design_parts(Matter(plan, view, sketches_of(plan, results, run), w))
    estimate = str(parts["E"])
    assert view["projection_note"] in estimate and view["money"]["sentence"] in estimate and "'2029'" in estimate
    assert "Bureau of Agriculture" in str(parts["G"])


def test_the_answers_to_the_checklist_stand_under_additionality_with_their_evidence(rice: Run) -> None:
    plan, run = rice
    w = read_languages(["en"])[0]
    results = gather(plan, run)
    asked = tabular([Column("Question"), Column("Evidence")], [("Is it common practice?", "survey.csv")])
    view = view_of(plan, results, run, w) | {"checklist": asked}
    parts = design_parts(Matter(plan, view, sketches_of(plan, results, run), w))
    assert "Is it common practice?" in str(parts["D"]) and "survey.csv" in str(parts["D"])


def test_the_design_document_asks_for_what_nobody_declared(soil: Run) -> None:
    plan, run = soil
    text, w = whole(run / "report/pdd.en.pdf"), read_languages(["en"])[0]
    for part in "abcdefg":
        assert tight(part.upper() + w(f"design.part-{part}")) in text
    for asked in ("land-rights", "barriers", "double-counting", "retention"):
        assert tight(w(f"design.{asked}-asked")) in text
    for clause in plan.methodology.applicability:
        assert tight(w.of(clause.name)) in text


def parts_of(run: Run, language: str = "en") -> dict[str, list[dict[str, Any]]]:
    """The design document's parts and the report's sections, as blocks."""
    plan, folder = run
    w, results = read_languages([language])[0], gather(plan, folder)
    matter = Matter(plan, view_of(plan, results, folder, w), sketches_of(plan, results, folder), w)
    return {**design_parts(matter), **sections(matter)}


def test_every_table_has_rows_and_a_caption(rice: Run, soil: Run) -> None:
    for run in (rice, soil):
        tables = [(part, block) for part, blocks in parts_of(run).items() for block in blocks if block["kind"] == "table"]
        assert not [part for part, block in tables if not block["caption"] or not block["rows"]]


def test_a_methodology_without_deductions_says_so(rice: Run) -> None:
    plan, run = rice
    w = read_languages(["en"])[0]
    bare = replace(plan, methodology=plan.methodology.model_copy(update={"deduction": ()}))
    results = gather(bare, run)
    view = view_of(bare, results, run, w)
    parts = design_parts(Matter(bare, view, sketches_of(bare, results, run), w))
    assert w("statement.no-rules") in str(parts["E"]) and w("statement.rules") not in str(parts["E"])


def test_the_design_document_names_pools_gases_practices_and_symbols(rice: Run) -> None:
    told = parts_of(rice, "zh")
    assert "稻田" in str(told["B"]) and "CH4" not in str(told["B"])
    baseline = str(told["C"])
    assert "水分管理" in baseline and "持续淹水" in baseline and "continuously_flooded" not in baseline and "nitrogen_rate" not in baseline


def test_calendar_years_are_not_grouped(rice: Run) -> None:
    plan, run = rice
    w, results = read_languages(["en"])[0], gather(plan, run)
    (found, *_) = [one for one in view_of(plan, results, run, w)["equations"] if one["rows"][0].flow == "rice_methane"]
    name = next(iter(found["units"]))
    row = replace(found["rows"][0], inputs=re.sub(rf"({name}=)[^@; ]+", r"\g<1>2018", found["rows"][0].inputs))
    block = next(b for b in equation(plan, {**found, "units": {**found["units"], name: "yr"}, "rows": [row]}, w) if b["kind"] == "equation")
    assert "2018" in str(block["valued"]) and "2,018" not in str(block["valued"])


@pytest.mark.parametrize("which", ["rice", "soil"])
def test_a_map_stands_with_its_heading_and_its_colours(which: str, request: pytest.FixtureRequest) -> None:
    plan, run = request.getfixturevalue(which)
    w = read_languages(["en"])[0]
    (page,) = [tight(text) for text in pages(run / "report/report.en.pdf")[2:] if tight("T3" + w("section.areas")) in tight(text)]
    assert tight(w("areas.map", year=plan.vintages[0])) in page and tight(w.of(plan.pipeline.land.classes[0].name)) in page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_sign_of_the_languages_can_be_set(language: str) -> None:
    words = read_languages([language])[0].words
    missing = {key: text for key, text in words.items() if "[U+" in "".join(node["t"] for node in nodes(text))}
    assert missing == {}


def test_signs_the_face_lacks_are_lowered_and_raised() -> None:
    assert nodes("kg CH₄ ha⁻¹") == [{"t": "kg CH"}, {"t": "4", "as": "sub"}, {"t": " ha"}, {"t": "−1", "as": "sup"}]


def test_columns_fill_the_page_and_numbers_never_break() -> None:
    columns = (Column("Year", tight=True), number("Area", "ha"), Column("Source"))
    rows = [Row(("2020", "1,234,567.89", "a long sentence that may be broken anywhere " * 4))]
    block = laid(columns, rows, "")
    assert sum(block["widths"]) == pytest.approx(ROOM, abs=0.1)
    assert block["widths"][1] >= len("1,234,567.89") * 0.5 * block["size"]
    assert block["widths"][2] > block["widths"][1] > block["widths"][0]


def test_long_sources_get_the_room_that_short_columns_leave() -> None:
    columns = (Column("Symbol"), Column("Meaning"), number("Value"), Column("Source"), Column("Row", code=True))
    source = "2019 Refinement, Volume 4, Chapter 5: Cropland, rice cultivation, Chapter 5, Table 5.12"
    rows = [Row((f"SF{n}", "scaling factor of water", "0.55", source, "ipcc-2019/rice.csv:12")) for n in range(9)]
    widths = laid(columns, rows, "")["widths"]
    assert widths[3] == max(widths) and widths[3] > 1.5 * widths[1] > widths[0]


def test_lowered_signs_are_measured_as_small_as_they_are_set() -> None:
    assert extent(nodes("CH₄"))[0] < extent(nodes("CH4"))[0]
    assert extent(nodes("two words"))[1] < extent(nodes("two words"))[0]
    assert extent(nodes("甲烷排放"))[1] <= 1.0, "Chinese lines break anywhere"
