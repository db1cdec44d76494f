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

from carbonsink.base.evidence import read_json
from carbonsink.run import Means, default_store, estimate

REPOSITORY = Path(__file__).parent.parent
IMAGES = REPOSITORY / "docs" / "images"
AREAS = ("aoi/longshan", "tests/aoi/flanders", "tests/aoi/zagreb")
LIMIT = 300_000  # bytes of a picture
WIDTH, HEIGHT = 1200, 900
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
    """The top of a page as a browser without a network shows it."""
    shot, profile = work / "page.png", work / "profile"
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=4000")
    called = [program("chromium"), *options, f"--user-data-dir={profile}", f"--window-size={WIDTH},{HEIGHT}", f"--screenshot={shot}", path.resolve().as_uri()]
    subprocess.run(called, check=True, capture_output=True, timeout=120)
    return shot


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
