"""The page as people see it: both languages in Chromium, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
def test_a_language_is_chosen_and_nothing_runs_off_the_screen(browser: Any, written: Path, width: int, height: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": height})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((written / "portfolio.html").as_uri())
    for shown, hidden in (("en", "zh"), ("zh", "en")):
        page.locator(f"label[for=show-{shown}]").click()
        assert page.locator(f"article.{shown}").is_visible() and not page.locator(f"article.{hidden}").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator(f"article.{shown} figure svg").bounding_box()["width"] > width / 2
    assert [url for url in asked if not url.startswith("file:")] == []
    page.close()


def test_the_language_is_chosen_by_keyboard_too(browser: Any, written: Path) -> None:
    page = browser.new_page()
    page.goto((written / "portfolio.html").as_uri())
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert page.locator("article.en").is_visible() and not page.locator("article.zh").is_visible()
    page.close()


def test_axe_finds_nothing_serious(browser: Any, written: Path) -> None:
    page = browser.new_page()
    page.goto((written / "portfolio.html").as_uri())
    found = [(one["id"], one["impact"]) for one in Axe().run(page)["violations"]]
    assert [one for one in found if one[1] in ("serious", "critical")] == []
    page.close()
