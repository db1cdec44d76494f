"""From runs to rows: ratios by round, judged by `rows.toml`, kept as `benchmarks/results.json`.

judged({name: [Taken, ...]}, ...)  ->  [{"name", "ratio", "cpu_ratio", "cpu_seconds", "wall_seconds", "peak_mb", "target", "met", ...}]
"""

from __future__ import annotations

import math
import operator
import statistics
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.interleave import Taken, ratio

Row = dict[str, Any]
SIGNS = {"<=": operator.le, "<": operator.lt, ">=": operator.ge}
SHORT = (0, 1, 4, 6, 7)  # columns of the READMEs' table: what, time, memory, what is asked, whether it is met
FIGURES = ("ratio", "cpu_ratio", "cpu_seconds", "wall_seconds", "peak_mb")


@cache
def declared() -> dict[str, Any]:
    """The table of rows."""
    return tomllib.loads((Path(__file__).parent / "rows.toml").read_text(encoding="utf-8"))


def row(name: str, runs: Sequence[Taken], base: Sequence[Taken] | None, versions: Mapping[str, str], **facts: Any) -> Row:
    """One row, not yet judged: medians over the rounds, ratios to the base of the same round."""
    return {
        "name": name,
        "ratio": ratio([one.wall for one in runs], [one.wall for one in base]) if base else None,
        "cpu_ratio": ratio([one.cpu for one in runs], [one.cpu for one in base]) if base else None,
        "cpu_seconds": statistics.median(one.cpu for one in runs),
        "wall_seconds": statistics.median(one.wall for one in runs),
        "peak_mb": max(one.peak_mb for one in runs),
        "facts": facts,
        "versions": dict(versions),
        "rounds": len(runs),
        "stolen": max(one.stolen for one in runs),
    }


def rows_of(taken: Mapping[str, Sequence[Taken]], versions: Mapping[str, Mapping[str, str]]) -> list[Row]:
    """A row for every command that was run, in order."""
    return [row(name, runs, _base(name, taken), versions[name]) for name, runs in taken.items()]


def merged(known: Sequence[Row], fresh: Sequence[Row]) -> list[Row]:
    """Rows with new ones in place of those of the same name, in the order in which they are declared."""
    by_name = {one["name"]: one for one in (*known, *fresh)}
    return [by_name[name] for name in declared()["row"] if name in by_name]


def judge(rows: Sequence[Row]) -> list[Row]:
    """Rows with what is asked of each and whether it is met; None where nothing is asked."""
    by_name = {one["name"]: one for one in rows}
    return [_rounded(one | _verdict(one, by_name)) for one in rows]


def asked(name: str, by_name: Mapping[str, Row]) -> list[tuple[str, str, float]]:
    """What is asked of a row: field, sign, figure."""
    entry = declared()["row"][name]
    found = [(str(field), str(sign), float(figure)) for field, sign, figure in entry.get("asks", [])]
    if (steady := by_name.get(entry.get("steady", ""))) is not None:
        found += [(field, "<=", steady[field] * factor) for field, factor in declared()["noise"].items()]
    return found


def _verdict(one: Row, by_name: Mapping[str, Row]) -> Row:
    target = asked(one["name"], by_name)
    met = all(SIGNS[sign](_figure(one, field), figure) for field, sign, figure in target) if target else None
    return {"target": [f"{field} {sign} {figure:.4g}" for field, sign, figure in target], "met": met}


def _figure(one: Row, field: str) -> float:
    value = one[field] if field in FIGURES else one["facts"][field]
    return math.nan if value is None else float(value)  # a figure that wasn't measured meets nothing


def _base(name: str, taken: Mapping[str, Sequence[Taken]]) -> Sequence[Taken] | None:
    return taken.get(declared()["row"][name].get("base", ""))


def _rounded(one: Row) -> Row:
    figures = {field: None if one[field] is None else float(f"{one[field]:.4g}") for field in FIGURES}
    facts = {key: float(f"{value:.4g}") if isinstance(value, float) else value for key, value in one["facts"].items()}
    stolen = one.get("stolen")  # absent from rows that were measured before it was
    kept = {key: one[key] for key in ("versions", "rounds")} | ({} if stolen is None else {"stolen": round(stolen, 3)})
    return {"name": one["name"], **figures, "target": one["target"], "met": one["met"], "facts": facts, **kept}


def markdown(rows: Sequence[Row], language: str) -> str:
    """The table of docs/speed.md, Markdown."""
    return "\n".join(map(_line, _cells(rows, language)))


def short(rows: Sequence[Row], language: str) -> str:
    """The READMEs' table, Markdown: what their readers ask first, and what isn't met."""
    named = [one for one in rows if one["name"] in declared()["readme"]]
    return "\n".join(_line([cells[column] for column in SHORT]) for cells in _cells(named, language))


def _cells(rows: Sequence[Row], language: str) -> list[list[str]]:
    """The table of speed and memory, its head and its rule first."""
    heads = {
        "en": ("what", "time", "CPU", "CPU s", "peak MB", "host took", "asked", "met"),
        "zh": ("项目", "时间比", "CPU 比", "CPU 秒", "内存峰值 MB", "宿主机占用", "要求", "达到"),
    }[language]
    yes = {"en": {True: "yes", False: "**no**", None: ""}, "zh": {True: "是", False: "**否**", None: ""}}[language]
    lines = [list(heads), ["---"] * len(heads)]
    for one in rows:
        ratios = [f"{one[field]:.2f}" if one[field] is not None else "" for field in ("ratio", "cpu_ratio")]
        wanted = ", ".join(_wanted(text, language) for text in one["target"])
        taken = f"{one['stolen']:.0%}" if "stolen" in one else ""
        cells = [declared()["row"][one["name"]][language], *ratios, f"{one['cpu_seconds']:.3g}", f"{one['peak_mb']:.0f}", taken, wanted, yes[one["met"]]]
        lines.append(cells)
    return lines


def _wanted(text: str, language: str) -> str:
    """What is asked, in a reader's words."""
    words = {
        "en": {
            "ratio": "time",
            "peak_mb": "MB",
            "cpu_seconds": "CPU s",
            "repeats": "transfers a byte",
            "over_tiles": "bytes over those of the tiles",
            "refused": "refused",
            "wall_seconds": "s",
        },
        "zh": {
            "ratio": "时间比",
            "peak_mb": "MB",
            "cpu_seconds": "CPU 秒",
            "repeats": "每字节传输次数",
            "over_tiles": "传输字节与瓦片字节之比",
            "refused": "被拒",
            "wall_seconds": "秒",
        },
    }[language]
    field, sign, figure = text.split(" ")
    return f"{words[field]} {sign.replace('<=', '≤').replace('>=', '≥')} {figure}"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
