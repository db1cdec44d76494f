"""Pictures of what people see, for the READMEs and the documentation: the page in Chromium, the printed report by Poppler.

    python -m benchmarks.screenshots [RUN ...]     `make screenshots`; without runs the three areas are estimated first

In: run folders. Out: docs/images/<area>-page.png and <area>-report.png, each below LIMIT bytes.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from carbonsink.base.evidence import read_json
from carbonsink.run import Means, default_store, estimate

REPOSITORY = Path(__file__).parent.parent
IMAGES = REPOSITORY / "docs" / "images"
AREAS = ("aoi/longshan", "tests/aoi/flanders", "tests/aoi/zagreb")
LIMIT = 300_000  # bytes of a picture
WIDTH, HEIGHT, MARGIN = 1200, 900, 24
FIGURES, MAP = ".scroll.keep:visible", ".map-slot:visible"  # the table of vintages, the map, of the language shown
SHEETS = ("1", "3")  # cover and summary
COLOURS = 128  # of a picture's palette


def main(runs: list[Path]) -> None:
    """Every run's two pictures."""
    IMAGES.mkdir(exist_ok=True)
    for run in runs or [estimated(REPOSITORY / area) for area in AREAS]:
        area = read_json(run / "plan.json")["area"]["id"]
        with tempfile.TemporaryDirectory() as work:
            print(small(page(run / "report" / "report.html", Path(work)), IMAGES / f"{area}-page.png"))
            print(small(printed(run / "report" / "report.zh.pdf", Path(work)), IMAGES / f"{area}-report.png"))


def estimated(area: Path) -> Path:
    """A fresh run of an area below runs/."""
    return estimate(area, REPOSITORY / "runs" / "screenshots", Means(default_store()), lambda *_: None)


def page(path: Path, work: Path) -> Path:
    """The key figures and the map of a page, one below the other, as a browser without a network shows them."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"), args=["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND"])
        shown = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        shown.goto(path.resolve().as_uri(), wait_until="load")
        boxes = [shown.locator(selector).first.bounding_box() for selector in (FIGURES, MAP)]
        top, drawn = (box if box else sys.exit(f"{path}: no {selector}") for box, selector in zip(boxes, (FIGURES, MAP), strict=True))
        for name, first, last in (("top", 0.0, top["y"] + top["height"]), ("map", drawn["y"], drawn["y"] + drawn["height"])):
            shown.screenshot(path=work / f"part-{name}.png", full_page=True, clip={"x": 0, "y": first, "width": WIDTH, "height": last - first + MARGIN})
        browser.close()
    return below([Image.open(work / f"part-{name}.png").convert("RGB") for name in ("top", "map")], work / "page.png")


def below(parts: list[Image.Image], target: Path) -> Path:
    """Pictures of one width in one, from top to bottom."""
    whole = Image.new("RGB", (WIDTH, sum(one.height for one in parts)), "white")
    for number, one in enumerate(parts):
        whole.paste(one, (0, sum(before.height for before in parts[:number])))
    whole.save(target)
    return target


def printed(path: Path, work: Path) -> Path:
    """The cover and the summary of a printed report, side by side."""
    for sheet in SHEETS:
        subprocess.run([program("pdftoppm"), "-png", "-r", "60", "-f", sheet, "-l", sheet, str(path), str(work / "sheet")], check=True, timeout=120)
    sheets = [Image.open(sheet).convert("RGB") for sheet in sorted(work.glob("sheet-*.png"))]
    both = Image.new("RGB", (sum(one.width for one in sheets), max(one.height for one in sheets)), "white")
    for number, one in enumerate(sheets):
        both.paste(one, (sum(before.width for before in sheets[:number]), 0))
    both.save(work / "report.png")
    return work / "report.png"


def small(source: Path, target: Path) -> Path:
    """A picture with a palette, below the limit."""
    Image.open(source).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)
    assert target.stat().st_size < LIMIT, f"{target.name} takes {target.stat().st_size} bytes, more than {LIMIT}"
    return target


def program(name: str) -> str:
    """A program's path, or a message that says which is missing."""
    return shutil.which(name) or sys.exit(f"{name} isn't installed")


if __name__ == "__main__":
    main([Path(text) for text in sys.argv[1:]])
