"""The page: whole in itself, in two languages, with every hostile name as mere text."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from carbonsink.base.problems import Problem
from carbonsink.declared.language import read_languages
from carbonsink.declared.plan import Plan
from carbonsink.report.render import render
from carbonsink.report.tabular import parted
from tests.report.conftest import RICE, Maker

Run = tuple[Plan, Path]
VOID = {"meta", "input", "br", "wbr", "img", "link"}
HOSTILE = (
    '<script>alert("1")</script>',
    '<img src="http://example.org/x.png" onerror="x()">',
    "{{ 7 * 7 }}{% raw %}",
    "</style></svg><b>bold",
    "$\\frac{a}{b}$ @0@",
    "A & B &amp; C",
    '=HYPERLINK("http://example.org","x")',
    "+cmd|' /C calc'!A0",
    "＝1+1",
    "../../etc/passwd",
)


class Reader(HTMLParser):
    """Tags as a browser opens and closes them, ids, addresses, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.tags: set[str] = set()
        self.scripts: list[str] = []  # what each runs; blocks of JSON aside
        self.blocks: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            assert attrs in ([], [("type", "application/json"), ("id", "map-data")], [("type", "application/json"), ("id", "trace-data")])
            (self.blocks if attrs else self.scripts).append("")
        else:
            self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            assert not name.startswith("on"), f"{tag} {name}"
            if name == "id":
                self.ids.append(value or "")
            if name in ("src", "href", "xlink:href", "action", "data"):
                self.addresses.append(value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            (self.scripts if self.scripts else self.blocks)[-1] += data  # all data stands before the first script
        elif not self.open or self.open[-1] != "style":
            self.text += data


def html(run: Run) -> str:
    return (run[1] / "report/report.html").read_text(encoding="utf-8")


def tight(text: str) -> str:
    """Words without the spaces and breaks that setting them puts in."""
    return "".join(text.split())


def test_stamps_are_called_by_their_names_not_their_codes(rice: Run) -> None:
    shown = re.findall(r'<strong title="([A-Z_]+)">([^<]+)</strong>', html(rice))
    assert ("UNCONFIRMED_CLAUSES", "UNCONFIRMED clauses") in shown and not [code for code, name in shown if "_" in name]


def test_codes_break_after_strokes_only_and_digests_anywhere() -> None:
    assert (
        parted("ipcc-2019/rice_x.csv:4") == '<span class="whole">ipcc-2019/</span><wbr><span class="whole">rice_</span><wbr><span class="whole">x.csv:4</span>'
    )
    assert parted("a" * 64) == "a" * 64 and "<b>" not in parted("<b>/</b>")


def test_the_rows_of_the_parameters_have_places_to_break(rice: Run) -> None:
    assert re.search(r'<td class="code"><span class="whole">[\w-]+/</span><wbr>', html(rice))


def test_the_page_is_whole_in_itself(rice: Run, soil: Run) -> None:
    for run in (rice, soil):
        text = html(run)
        page = Reader(text)
        assert not page.open and len(page.ids) == len(set(page.ids))
        assert not page.tags & {"iframe", "link", "object", "embed", "base", "form"}
        assert all(a.startswith(("#", "data:image/png;base64,")) for a in page.addresses)
        assert {a[1:] for a in page.addresses if a.startswith("#")} <= set(page.ids)
        assert not re.findall(r"url\((?!#|data:image/png;base64,)", text) and "@import" not in text


def test_nothing_runs_but_the_pages_own_scripts(rice: Run) -> None:
    page = Reader(html(rice))
    assert len(page.scripts) == 2 and "Leaflet 1." in page.scripts[0] and len(page.blocks) == 2
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in page.scripts)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html(rice))
    assert policy
    assert unescape(policy[1]) == f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    assert "sourceMappingURL" not in page.scripts[0] and "Redistributions in binary form" in html(rice)


def test_both_languages_tell_the_same_tables(rice: Run) -> None:
    zh, en = (re.search(rf'<article id="{code}".*?</article>', html(rice), re.DOTALL) for code in ("zh", "en"))
    assert zh and en
    for tag in ("<table", "<svg", "<tr", "<h2", "<figure"):
        assert zh[0].count(tag) == en[0].count(tag) > 0
    assert "南靖县龙山镇" in zh[0] and "南靖县龙山镇" not in en[0]
    assert 'lang="zh-CN"' in zh[0] and "Longshan town" in en[0]


def test_the_leading_language_of_the_pipeline_is_shown_first(rice: Run, soil: Run) -> None:
    assert 'id="show-zh" checked' in html(rice) and '<html lang="zh-CN">' in html(rice)
    assert 'id="show-en" checked' in html(soil) and '<html lang="en">' in html(soil)


def test_every_report_table_of_the_method_is_there(soil: Run) -> None:
    text = html(soil)
    assert all(f'<span class="no">T{n}</span>' in text for n in range(1, 13))


def test_figures_are_told_to_those_who_cannot_see_them(rice: Run) -> None:
    figures = re.findall(r"<svg[^>]*>", html(rice).partition("</main>")[0])  # what stands behind it is run, not shown
    assert figures and all('role="img"' in f and re.search(r'aria-label="[^"]{10,}"', f) for f in figures)
    assert all('scope="col"' in t for t in re.findall(r"<thead>.*?</thead>", html(rice), re.DOTALL))


def test_no_token_and_no_unfilled_placeholder_is_left(rice: Run, soil: Run) -> None:
    for run in (rice, soil):
        text = Reader(html(run)).text
        assert not re.findall(r"@\d+@|\{[a-z_]+\}|None|nan\b|Markup", text)


def test_the_honest_word_on_the_two_splits(soil: Run) -> None:
    text = Reader(html(soil)).text
    assert "93.1 ± 0.8 % on the random pixel split and 70.2 ± 6.1 % on the split by whole parcels, 22.9 points apart" in text
    assert "Areas stand on the split by whole parcels" in text


def test_an_uncounted_parcel_and_a_gap_are_deviations(rice: Run) -> None:
    text = Reader(html(rice)).text
    assert "Parcels not counted in 2021: 1" in text and "LS-006" in text
    assert "No imagery of tile 50RMN from 29 May 2020 to 12 August 2020: 75 days" in text


def test_what_was_noticed_in_the_land_file_is_said_in_both_languages(rice: Run, tmp_path: Path) -> None:
    plan, run = rice
    noticed = replace(plan, land=replace(plan.land, notices=(Problem("W-AOI-030", "parcels.geojson"),)))
    copy = Path(shutil.copytree(run, tmp_path / run.name))
    render(noticed, copy)
    text = Reader((copy / "report/report.html").read_text()).text
    assert "the points have heights or measures; they were dropped" in text and "顶点带有高程" in text


def test_hostile_names_are_printed_literally(make: Maker) -> None:
    name = " · ".join(HOSTILE)
    strata = {"single-rice": RICE["strata"]["single-rice"] | {"name": {"zh": name, "en": name}}}
    plan, run = make(RICE | {"name": {"zh": name, "en": name}, "strata": strata}, 2)
    render(plan, run)
    page = Reader(html((plan, run)))
    assert page.text.count(name) > 4
    assert not page.tags & {"script", "img", "b"}


def test_characters_that_deceive_are_shown_as_what_they_are(make: Maker) -> None:
    deceiving = "\u202e\u200b\x00\ufeff\u2066"
    plan, run = make(RICE | {"name": {"zh": f"甲{deceiving}乙", "en": f"a{deceiving}b"}}, 2)
    render(plan, run)
    text = html((plan, run))
    assert not set(deceiving) & set(text)
    assert "a⟨U+202E⟩⟨U+200B⟩⟨U+0000⟩⟨U+FEFF⟩⟨U+2066⟩b" in text


FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync")


def browse(chromium: str, folder: Path, *arguments: str) -> str:
    """What Chromium prints; its profile is thrown away."""
    profile = f"--user-data-dir={folder / 'profile'}"
    done = subprocess.run([chromium, *FLAGS, profile, *arguments], capture_output=True, text=True, timeout=120, check=True)
    return done.stdout + done.stderr


def printed_pages(chromium: str, page: Path, folder: Path) -> list[str]:
    """The text of each printed page, by pdftotext or Ghostscript."""
    browse(chromium, folder, f"--print-to-pdf={folder / 'page.pdf'}", page.as_uri())
    if shutil.which("pdftotext"):
        command = ["pdftotext", "-layout", str(folder / "page.pdf"), "-"]
    else:
        command = ["gs", "-q", "-sDEVICE=txtwrite", "-o", "-", str(folder / "page.pdf")]
    text = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    return [page for page in re.split(r"\f|(?<=\d / \d\d)\s*\n", text) if page.strip()]


@pytest.fixture(scope="module")
def printer(chromium: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., list[str]]:
    """`printer(run)`: the printed pages' text; `printer(run, "en")` after choosing that language on the page."""
    if not shutil.which("gs"):
        request.getfixturevalue("pdftotext")

    @cache
    def printed(page: Path, chosen: str) -> list[str]:
        folder = tmp_path_factory.mktemp("printed")
        text = page.read_text(encoding="utf-8")
        if chosen:
            text = text.replace(" checked>", ">").replace(f'id="show-{chosen}"', f'id="show-{chosen}" checked')
        (folder / "page.html").write_text(text, encoding="utf-8")
        return printed_pages(chromium, folder / "page.html", folder)

    return lambda run, chosen="": printed(run[1] / "report/report.html", chosen)


def test_simulated_stands_on_every_printed_page(rice: Run, printer: Callable[..., list[str]]) -> None:
    pages = printer(rice)
    assert len(pages) > 5
    assert all("SIMULATED imagery" in page for page in pages)


def test_the_stamps_begin_on_the_first_printed_page(rice: Run, printer: Callable[..., list[str]]) -> None:
    assert tight(read_languages(["zh"])[0]("mark.unconfirmed-clauses")) in tight(printer(rice)[0])


def test_real_imagery_is_not_marked_simulated(soil: Run, printer: Callable[..., list[str]]) -> None:
    pages = printer(soil)
    assert len(pages) > 5 and not any("SIMULATED" in page for page in pages)


def test_the_language_switch_works_without_scripts(soil: Run, printer: Callable[..., list[str]]) -> None:
    zh, en, both = ("".join(printer(soil, chosen)) for chosen in ("zh", "", "all"))
    assert "碳汇监测与核算报告" in zh and "Carbon sink monitoring" not in zh
    assert "Carbon sink monitoring" in en and "碳汇监测与核算报告" not in en
    assert "碳汇监测与核算报告" in both and "Carbon sink monitoring" in both


def test_the_page_asks_nobody_for_anything(rice: Run, chromium: str, tmp_path: Path) -> None:
    page = rice[1] / "report/report.html"
    log = tmp_path / "net.json"
    browse(chromium, tmp_path, f"--log-net-log={log}", "--host-resolver-rules=MAP * ~NOTFOUND", "--dump-dom", page.as_uri())
    asked = set(re.findall(r'"url":"([^"]+)"', log.read_text()))
    assert not {a for a in asked if a.startswith(("http", "ws")) and "google" not in a}
