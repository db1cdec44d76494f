"""Generated figures: the READMEs' from finished runs, theirs and docs/speed.md's of speed from the benchmark's results; tests hold the pages against both.

python -m benchmarks.figures README.md RUN [RUN ...]     `make readme`; the first run is the demonstration's
python -m benchmarks.figures --benchmark                 `make bench`, from benchmarks/results.json
"""

from __future__ import annotations

import json
import re
import sys
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import table
from carbonsink.cli.screen import screen_words
from carbonsink.cli.words import in_words, result_of

HERE = Path(__file__).parent
READMES = {"en": "README.md", "zh": "README.zh-CN.md"}
SPEED = HERE.parent / "docs" / "speed.md"
HEADS = {"en": "| area | figure | value |", "zh": "| 项目区 | 项目 | 数值 |"}
AREAS = {
    "en": {"longshan": "Longshan", "flanders": "Flanders", "zagreb": "Zagreb"},
    "zh": {"longshan": "龙山镇", "flanders": "弗兰德斯", "zagreb": "萨格勒布"},
}
WORDS = {
    "en": {
        "gross": "gross, t CO2e a vintage",
        "published": "difference from the published figure, %",
        "pixel": "overall accuracy by random pixels (± standard error), %",
        "parcel": "overall accuracy by whole parcels (± standard error), %",
        "issued": "issued, whole t CO2e",
        "withheld": "withheld, whole t CO2e",
    },
    "zh": {
        "gross": "扣减前总量，各年度，吨二氧化碳当量",
        "published": "与公布数值之差，%",
        "pixel": "总体精度，按随机像元（± 标准误），%",
        "parcel": "总体精度，按整块地（± 标准误），%",
        "issued": "签发，整吨",
        "withheld": "暂扣，整吨",
    },
}


def blocks(runs: list[Path], language: str = "en") -> dict[str, str]:
    """A README's generated blocks by name: what `make estimate` prints, and the table of figures."""
    printed = in_words(result_of(runs[0]) | {"run": f"runs/{runs[0].name}"}, screen_words(language))
    rows = [row for run in runs for row in figures(json.loads((run / "report" / "report.json").read_text(encoding="utf-8")))]
    lines = [f"| {AREAS[language][area]} | {WORDS[language][figure]} | {value} |" for area, figure, value in rows]
    return {"estimate": f"```text\n{printed}\n```", "figures": "\n".join([HEADS[language], "|---|---|---|", *lines])}


def figures(report: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The figures of one report: area, a key of WORDS, value."""
    area, vintages = report["area"]["id"], report["vintages"]
    found = [(area, "gross", ", ".join(f"{float(v['gross_t_co2e']):,.1f}" for v in vintages))]
    if report["published"]:
        found.append((area, "published", f"{float(report['published']['difference_percent']):.2f}"))
    for split in report["accuracy"]:
        accuracy, error = float(split["overall"]), float(split["standard_error"])
        found.append((area, "parcel" if split["split"] == "parcel" else "pixel", f"{100 * accuracy:.1f} ± {100 * error:.1f}"))
    sums = {key: sum(float(v[f"{key}_t_co2e"]) for v in vintages) for key in ("issued", "withheld")}
    return [*found, *((area, key, f"{value:,.0f}") for key, value in sums.items())]


def benchmark(results: list[dict[str, Any]]) -> dict[str, str]:
    """The blocks of speed and memory, a language each."""
    return {f"benchmark-{language}": table.markdown(results, language) for language in READMES}


def speed(results: list[dict[str, Any]], language: str) -> dict[str, str]:
    """The block of speed of a README."""
    return {"speed": table.short(results, language)}


def fill(text: str, values: dict[str, str]) -> str:
    """A page with its generated blocks filled in."""
    for name, value in values.items():
        mark = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        assert mark.search(text), f"the page has no block {name}"
        text = mark.sub(partial(_filled, value), text)
    return text


def _filled(value: str, found: re.Match[str]) -> str:
    return f"{found[1]}{value}\n{found[2]}"


def main() -> None:
    """Fill the README named first and its translations with the figures of the runs named after it, or all pages with the benchmark's."""
    if sys.argv[1] == "--benchmark":
        results = json.loads((HERE / "results.json").read_text(encoding="utf-8"))
        write(SPEED, benchmark(results))
        for language, name in READMES.items():
            write(HERE.parent / name, speed(results, language))
        return
    readme, runs = Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]]
    for language, name in READMES.items():
        write(readme if language == "en" else readme.with_name(name), blocks(runs, language))


def write(page: Path, values: dict[str, str]) -> None:
    """Fill a page in place."""
    page.write_text(fill(page.read_text(encoding="utf-8"), values), encoding="utf-8")


if __name__ == "__main__":
    main()
