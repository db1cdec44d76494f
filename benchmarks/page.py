"""How soon a report's page can be used: `python -m benchmarks.page RUN [ROUNDS]`, against a bare page with the same map library.

The two are opened in turn in the same headless Chromium; printed are the medians in seconds, and the median of the rounds' ratios.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from tests.report.browser import opened, started

from carbonsink.report.mapping.leaflet import leaflet


def main(run: Path, rounds: int) -> None:
    """Open both pages so many times and say how soon they were ready."""
    chromium = shutil.which("chromium") or sys.exit("chromium isn't installed (Debian package chromium)")
    with tempfile.TemporaryDirectory() as folder:
        pages = bare_map(Path(folder)), (run / "report" / "report.html").resolve()
        times = [tuple(ready_after(chromium, page) for page in pages) for _ in range(rounds)]
    bare, whole = (statistics.median(column) for column in zip(*times, strict=True))
    print(f"bare map {bare:.2f} s, page {whole:.2f} s, ratio {statistics.median(w / b for b, w in times):.1f} over {rounds} rounds")


def ready_after(chromium: str, page: Path) -> float:
    """Seconds from the start of the navigation until a page can be used."""
    with started(chromium) as browser, opened(browser, page) as seen:
        return seen.ready_after() / 1000


def bare_map(folder: Path) -> Path:
    """A page with the map library and nothing to show: what the browser itself takes on this machine, now."""
    library = leaflet()
    assert library
    begin = "L.map('map').fitBounds([[0, 0], [9, 9]]); document.documentElement.dataset.ready = 'yes'; performance.mark('page-ready')"
    body = f"<div id='map' style='height: 400px'></div><script>{library.script}</script><script>{begin}</script>"
    (folder / "bare.html").write_text(f"<!DOCTYPE html><meta charset='utf-8'><style>{library.style}</style>{body}", encoding="utf-8")
    return folder / "bare.html"


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 7)
