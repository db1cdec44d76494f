"""The README's figures, from finished runs and from the benchmark's results; tests hold the README against both.

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
from carbonsink.cli.words import in_words, result_of

HERE = Path(__file__).parent
READMES = {"en": "README.md", "zh": "README.zh-CN.md"}


def blocks(runs: list[Path]) -> dict[str, str]:
    """The README's generated blocks by name: what `make estimate` prints, and the table of figures."""
    result = result_of(runs[0])
    printed = in_words(result | {"run": f"runs/{runs[0].name}"})
    rows = [row for run in runs for row in figures(json.loads((run / "report" / "report.json").read_text(encoding="utf-8")))]
    table = "\n".join(["| area | figure | value |", "|---|---|---|", *(f"| {area} | {figure} | {value} |" for area, figure, value in rows)])
    return {"estimate": f"```text\n{printed}\n```", "figures": table}


def figures(report: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The figures of one report: area, figure, value."""
    area, vintages = report["area"]["id"], report["vintages"]
    found = [(area, "gross, t CO2e a vintage", ", ".join(f"{float(v['gross_t_co2e']):,.1f}" for v in vintages))]
    if report["published"]:
        found.append((area, "difference from the published figure, %", f"{float(report['published']['difference_percent']):.2f}"))
    for split in report["accuracy"]:
        words = "whole parcels" if split["split"] == "parcel" else "random pixels"
        accuracy, error = float(split["overall"]), float(split["standard_error"])
        found.append((area, f"overall accuracy by {words} (± standard error), %", f"{100 * accuracy:.1f} ± {100 * error:.1f}"))
    withheld, issued = (sum(float(v[key]) for v in vintages) for key in ("withheld_t_co2e", "issued_t_co2e"))
    return [*found, (area, "issued, whole t CO2e", f"{issued:,.0f}"), (area, "withheld, whole t CO2e", f"{withheld:,.0f}")]


def benchmark(results: list[dict[str, Any]], language: str) -> dict[str, str]:
    """The block of speed and memory."""
    return {"benchmark": table.markdown(results, language)}


def fill(text: str, values: dict[str, str]) -> str:
    """A README with its generated blocks filled in."""
    for name, value in values.items():
        mark = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        assert mark.search(text), f"the README has no block {name}"
        text = mark.sub(partial(_filled, value), text)
    return text


def _filled(value: str, found: re.Match[str]) -> str:
    return f"{found[1]}{value}\n{found[2]}"


def main() -> None:
    """Fill the README named first (and the Chinese one beside it) with the figures of the runs named after it, or both READMEs with the benchmark's."""
    if sys.argv[1] == "--benchmark":
        results = json.loads((HERE / "results.json").read_text(encoding="utf-8"))
        for language, name in READMES.items():
            write(HERE.parent / name, benchmark(results, language))
    else:
        made, readme = blocks([Path(name) for name in sys.argv[2:]]), Path(sys.argv[1])
        write(readme, made)
        if readme.name == READMES["en"]:
            write(readme.with_name(READMES["zh"]), {"figures": made["figures"]})


def write(readme: Path, values: dict[str, str]) -> None:
    """Fill a README in place."""
    readme.write_text(fill(readme.read_text(encoding="utf-8"), values), encoding="utf-8")


if __name__ == "__main__":
    main()
