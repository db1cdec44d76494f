"""The page in a browser: the map, a parcel's series, the way down from a figure, by mouse, by keyboard, in both languages, without scripts."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from carbonsink.base.records import CompositeMean
from carbonsink.base.tables import write_csv
from carbonsink.declared.plan import Plan
from carbonsink.report.page import html
from tests.report.browser import FLAGS, NARROW, WIDE, Seen, opened, started
from tests.report.conftest import RICE, make_plan, make_run
from tests.report.mapped import AGAINST, only_page, with_everything

Run = tuple[Plan, Path]
MEGABYTE = 1_000_000
EVIL = '</script><script>document.title="broken"</script><img src=x onerror=alert(1)>'


@pytest.fixture(scope="module")
def live(rice: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a run with everything the map can show."""
    plan, run = rice
    return only_page(plan, with_everything(plan, run, tmp_path_factory.mktemp("live")))


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser for all: each test has a context of its own in it."""
    with started(chromium) as one:
        yield one


def speak(seen: Seen, code: str) -> None:
    seen.page.click(f'label[for="show-{code}"]')


def test_the_page_opens_without_a_complaint_and_asks_nobody(live: Path, browser: Browser) -> None:
    with opened(browser, live) as seen:
        assert seen.complaints == []
        assert seen.asked == [live.as_uri()]
        assert seen.page.locator(".map-frame img.leaflet-image-layer").count() == 1


def test_a_clicked_parcel_tells_its_series_and_evidence(live: Path, browser: Browser) -> None:
    with opened(browser, live) as seen:
        seen.page.locator(".map-frame path.leaflet-interactive").nth(5).click()
        popup = seen.page.locator(".leaflet-popup-content")
        assert "亩" in popup.inner_text() and re.search(r"LS-\d{3}", popup.inner_text())
        chart = seen.page.locator("svg.series")
        assert chart.locator("circle").count() == 100 and chart.locator("polyline").count() == 1
        assert "100" in (chart.get_attribute("aria-label") or "")


def test_a_single_value_is_said_where_there_is_no_curve(rice: Run, browser: Browser, tmp_path: Path) -> None:
    plan, run = rice
    copy = with_everything(plan, run, tmp_path)
    (copy / "composites/series.csv").unlink()
    write_csv(copy / "composites/means.csv", [CompositeMean("2020-07", "LS-001", "ndvi", 0.77, 40.0, 50.0)], CompositeMean)
    with opened(browser, only_page(plan, copy)) as seen:
        speak(seen, "en")
        seen.page.select_option("#map-parcels", "LS-001")
        assert "known once only, so there is no curve: 0.77" in seen.page.locator(".map-parcel").inner_text()
        assert seen.page.locator("svg.series").count() == 0 and seen.complaints == []


def test_drainages_stand_in_the_chart_and_a_contradiction_in_red(live: Path, browser: Browser) -> None:
    with opened(browser, live) as seen:
        speak(seen, "en")
        seen.page.select_option("#map-parcels", "LS-001")
        assert seen.page.locator("svg.series rect.dry").count() == 2 and seen.page.locator("svg.series rect.season").count() == 1
        assert "2020-06-20 – 2020-06-28; 2020-07-10 – 2020-07-16" in seen.page.locator(".map-parcel table").inner_text()
        assert seen.page.locator(".map-parcel .contradicts").count() == 0
        seen.page.select_option("#map-parcels", AGAINST)
        assert "contradicts the farm record (2020)" in seen.page.locator(".map-parcel .contradicts").inner_text()
        assert "evidence contradicts the record" in seen.page.locator("#map-parcels option:checked").inner_text()


def test_the_map_follows_the_language_and_keeps_the_parcel(live: Path, browser: Browser) -> None:
    with opened(browser, live) as seen:
        seen.page.select_option("#map-parcels", "LS-002")
        assert "农事记录" in seen.page.locator(".map-parcel").inner_text()
        speak(seen, "en")
        assert seen.page.locator("article.en .map-live").count() == 1 and seen.page.locator(".map-live").count() == 1
        assert "Farm record" in seen.page.locator(".map-parcel").inner_text() and "农事" not in seen.page.locator(".map-live").inner_text()
        assert seen.page.input_value("#map-parcels") == "LS-002"


def test_layers_go_and_come(live: Path, browser: Browser) -> None:
    with opened(browser, live) as seen:
        shapes, picture = seen.page.locator(".map-frame path.leaflet-interactive"), seen.page.locator("img.leaflet-image-layer")
        before, cover = shapes.count(), picture.get_attribute("src")
        seen.page.uncheck('input[value="parcels"]')
        assert shapes.count() == before - 28
        seen.page.check('input[value="change"]')
        assert shapes.count() == before - 27
        seen.page.check('input[value="ndvi"]')
        first = picture.get_attribute("src")
        assert first != cover
        seen.page.locator(".map-period input").fill("0")
        assert picture.get_attribute("src") != first and "2022-01" in seen.page.locator(".map-period").inner_text()
        seen.page.check('input[value="none"]')
        assert picture.count() == 0


def test_an_alert_and_the_place_under_the_pointer_are_told(live: Path, browser: Browser) -> None:
    with opened(browser, live) as seen:
        speak(seen, "en")
        seen.page.locator('.map-frame path[stroke="#b3261e"][stroke-width="2.5"]:not([stroke-dasharray])').click()
        assert "Alert inside a red line" in seen.page.locator(".leaflet-popup-content").inner_text()
        box = seen.page.locator(".map-frame").bounding_box()
        assert box
        seen.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        assert re.search(r"117\.4\d{4}° E, 24\.6\d{4}° N · EPSG:32650 \d{6} E, \d{7} N", seen.page.locator(".map-place").inner_text())


def test_by_keyboard_alone(live: Path, browser: Browser) -> None:
    with opened(browser, live) as seen:
        seen.page.focus("#map-parcels")
        seen.page.keyboard.press("ArrowDown")
        assert "LS-001" in seen.page.locator(".map-parcel h4").inner_text()
        seen.page.focus(".map-frame")
        before = seen.page.locator(".map-place").inner_text()
        seen.page.keyboard.press("ArrowRight")
        seen.page.wait_for_function("text => document.querySelector('.map-place').textContent !== text", arg=before)
        seen.page.locator("article.zh button.asks").first.focus()
        seen.page.keyboard.press("Enter")
        assert seen.page.locator("dialog.trace").is_visible()
        seen.page.keyboard.press("Escape")
        assert not seen.page.locator("dialog.trace").is_visible()
        assert seen.page.evaluate("document.activeElement.className") == "asks"


def test_a_clicked_figure_goes_down_to_the_row_of_a_table(live: Path, browser: Browser) -> None:
    with opened(browser, live) as seen:
        speak(seen, "en")
        seen.page.click('article.en [data-asks="issued:2021"] button >> nth=0')
        tree = seen.page.locator("dialog.trace .tree")
        assert "2021 Issued: 0 t CO2e = Gross" in tree.inner_text()
        while (shut := tree.locator("details:not([open]) > summary")).count() and "rice.csv:4;" not in tree.inner_text():
            shut.first.click()
        assert "daily methane emission" in tree.inner_text() and "withheld because the imagery is simulated" in tree.inner_text()


def test_every_figure_that_can_be_asked_has_its_tree_in_every_language(live: Path) -> None:
    text = live.read_text(encoding="utf-8")
    found = re.search(r'id="trace-data">(.*?)</script>', text)
    assert found
    traces = json.loads(found[1])
    asked = set(re.findall(r'data-asks="([^"]+)"', text))
    assert {"issued", "issued:2021", "gross:2020", "withheld:2022", "2020/project/single-rice/rice_methane"} <= asked
    for code in ("zh", "en"):
        tree = traces[code]["tree"]
        assert asked <= tree["roots"].keys()
        assert all(under < number for number, (_, below) in enumerate(tree["nodes"]) for under in below)


@pytest.mark.parametrize(("code", "size"), [("zh", NARROW), ("en", WIDE)], ids=["zh-narrow", "en-wide"])
def test_no_serious_barrier_in_either_language(live: Path, browser: Browser, code: str, size: tuple[int, int]) -> None:
    with opened(browser, live, size) as seen:
        speak(seen, code)
        seen.page.select_option("#map-parcels", AGAINST)
        assert seen.barriers() == []
        assert seen.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        seen.page.locator(f"article.{code} button.asks").first.click()
        assert seen.barriers() == []


OVER_THE_EDGE = """() => [...document.querySelectorAll('article *')].filter(one =>
  one.offsetParent && !one.closest('.scroll, .map-frame, svg, .sr') && one.getBoundingClientRect().right > innerWidth + 1)
  .map(one => one.outerHTML.slice(0, 100))"""


@pytest.mark.parametrize("code", ["zh", "en"])
def test_nothing_is_cut_off_on_a_phone(live: Path, browser: Browser, code: str) -> None:
    with opened(browser, live, NARROW) as seen:
        speak(seen, code)
        seen.page.select_option("#map-parcels", "LS-001")
        assert seen.page.evaluate(OVER_THE_EDGE) == []
        captions = "[...document.querySelectorAll('.scroll caption')].filter(one => one.offsetParent).map(one => one.getBoundingClientRect().right)"
        assert 0 < max(seen.page.evaluate(captions)) <= NARROW[0]


def test_on_a_phone_the_evidence_is_a_card_a_finding_and_a_row_is_not_a_tower(live: Path, browser: Browser) -> None:
    with opened(browser, live, NARROW) as seen:
        speak(seen, "en")
        seen.page.select_option("#map-parcels", "LS-001")
        cards = seen.page.locator(".map-parcel .scroll")
        assert cards.evaluate("one => one.scrollWidth <= one.clientWidth") and not cards.locator("thead").is_visible()
        told = cards.locator("td").first.evaluate("one => getComputedStyle(one, '::before').content")
        assert told == '"Practice"' and not cards.locator("td.nothing").first.is_visible()
        rows = "[...document.querySelectorAll('article.en > section .scroll tbody tr')].map(one => one.offsetHeight)"
        assert max(seen.page.evaluate(rows)) < NARROW[1] / 4


def test_without_scripts_the_drawn_map_stands_and_the_language_changes(live: Path, browser: Browser) -> None:
    with opened(browser, live, scripts=False) as seen:
        assert seen.page.locator("article.zh .map-drawn svg").is_visible()
        assert not seen.page.locator("article.zh .asking").is_visible()
        speak(seen, "en")
        assert seen.page.locator("article.en .map-drawn svg").is_visible() and not seen.page.locator("article.zh").is_visible()


def test_print_shows_the_drawn_map_and_no_controls(live: Path, browser: Browser) -> None:
    with opened(browser, live) as seen:
        assert not seen.page.locator("article.zh .map-drawn svg").is_visible()
        seen.page.emulate_media(media="print")
        assert seen.page.locator("article.zh .map-drawn svg").is_visible()
        assert not seen.page.locator(".map-live").is_visible() and not seen.page.locator(".asking").first.is_visible()


def test_the_printed_pages_hold_the_map_and_none_of_its_controls(live: Path, chromium: str, pdftotext: str, tmp_path: Path) -> None:
    command = [chromium, "--headless", *FLAGS, f"--user-data-dir={tmp_path / 'p'}", f"--print-to-pdf={tmp_path / 'page.pdf'}", live.as_uri()]
    subprocess.run(command, capture_output=True, timeout=120, check=True)
    text = subprocess.run([pdftotext, str(tmp_path / "page.pdf"), "-"], capture_output=True, text=True, check=True).stdout
    assert "EPSG:32650" in text and "叠加" not in text and "请选择地块" not in text


def test_the_page_is_small_and_says_when_it_is_ready(live: Path, browser: Browser) -> None:
    assert live.stat().st_size < 5 * MEGABYTE
    with opened(browser, live) as seen:
        assert seen.ready_after() > 0


def test_a_hostile_run_is_shown_and_never_run(browser: Browser, tmp_path: Path) -> None:
    strata = {"single-rice": RICE["strata"]["single-rice"] | {"name": {"zh": EVIL, "en": EVIL}}}
    plan = make_plan(RICE | {"name": {"zh": EVIL, "en": EVIL}, "strata": strata}, 2)
    first, *others = plan.land.parcels
    plan = replace(plan, land=replace(plan.land, parcels=(replace(first, id=f"LS-001{EVIL}\u202e"), *others)))
    made = only_page(plan, with_everything(plan, make_run(plan, tmp_path / "run"), tmp_path / "evil"))
    with opened(browser, made) as seen:
        speak(seen, "en")
        seen.page.select_option("#map-parcels", index=1)
        assert EVIL in seen.page.locator(".map-parcel").inner_text() and "⟨U+202E⟩" in seen.page.locator(".map-parcel h4").inner_text()
        assert EVIL in seen.page.locator(".leaflet-popup-content").inner_text()
        assert seen.page.locator("img:not(.leaflet-image-layer)").count() == 0
        assert (seen.page.evaluate("typeof broken"), "broken" in seen.page.title().split(EVIL)[0]) == ("undefined", False)
        assert seen.complaints == [] and seen.asked == [made.as_uri()]


def test_names_without_end_push_nothing_over_the_edge(browser: Browser, tmp_path: Path) -> None:
    name = "稻" * 300 + "W" * 9_000 + "\U00020000\U0001f33e"
    strata = {"single-rice": RICE["strata"]["single-rice"] | {"name": {"zh": name, "en": name}}}
    plan = make_plan(RICE | {"name": {"zh": name, "en": name}, "strata": strata}, 2)
    made = only_page(plan, with_everything(plan, make_run(plan, tmp_path / "run"), tmp_path / "long"))
    with opened(browser, made, NARROW) as seen:
        assert name in seen.page.locator("article.zh h1").inner_text()
        assert seen.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth") and seen.page.evaluate(OVER_THE_EDGE) == []


def test_a_script_that_somebody_adds_is_not_run(live: Path, browser: Browser, tmp_path: Path) -> None:
    text = live.read_text(encoding="utf-8").replace("</body>", '<script>document.title = "broken"</script></body>')
    (tmp_path / "page.html").write_text(text, encoding="utf-8")
    with opened(browser, tmp_path / "page.html") as seen:
        assert seen.page.title() != "broken"
        assert any("Content Security Policy" in complaint for complaint in seen.complaints)


def test_without_the_map_library_the_page_says_so_and_shows_the_drawing(rice: Run, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "leaflet", lambda: None)
    made = only_page(rice[0], with_everything(*rice, tmp_path))
    with opened(browser, made) as seen:
        speak(seen, "en")
        assert "XStatic-Leaflet" in seen.page.locator("article.en .map-credit").inner_text()
        assert seen.page.locator("article.en .map-drawn svg").is_visible() and seen.page.locator("article.en button.asks").count() > 20
        assert seen.complaints == []
