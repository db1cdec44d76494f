"""A headless Chromium to look at pages with: no network, a profile that is thrown away, and every complaint of the page kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync")
WIDE, NARROW = (1100, 900), (390, 844)
PATIENCE = 60_000  # ms; a busy machine isn't a defect
GRAVE = ("serious", "critical")


@dataclass
class Seen:
    """An opened page, what it complained of, and every address it asked for but its own."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def ready_after(self) -> float:
        """Milliseconds from the start of the navigation until the page can be used."""
        found: float = self.page.evaluate("performance.getEntriesByName('page-ready')[0].startTime")
        return found

    def barriers(self) -> list[str]:
        """What axe finds serious or critical, with the first place of each."""
        found: dict[str, Any] = Axe().run(self.page)
        return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"] if one["impact"] in GRAVE]


@contextmanager
def started(chromium: str) -> Iterator[Browser]:
    """A browser with nothing opened in it; what one page leaves there no other sees."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(browser: Browser, path: Path, size: tuple[int, int] = WIDE, scripts: bool = True) -> Iterator[Seen]:
    """The page of a file as a browser shows it, once its scripts are done."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, java_script_enabled=scripts, offline=True, reduced_motion="reduce")
    try:
        seen = Seen(context.new_page())
        seen.page.set_default_timeout(PATIENCE)
        seen.page.on("console", lambda message: seen.complaints.append(message.text) if message.type in ("error", "warning") else None)
        seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        seen.page.on("request", lambda request: seen.asked.append(request.url) if not request.url.startswith("data:") else None)
        seen.page.goto(path.as_uri())
        if scripts:
            seen.page.wait_for_selector("html[data-ready]", state="attached")
        yield seen
    finally:
        context.close()
