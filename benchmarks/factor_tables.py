"""The reference of the factor tables, a page of the documentation site, from the tables themselves (`benchmarks/site.py` puts it there)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from carbonsink.base.topics import LIBRARY, read_topics
from carbonsink.base.units import symbols
from carbonsink.declared.factors import Factor, editions, read_factors

HEAD = """# Factor tables · 因子表

Written by `make docs` from `src/carbonsink/library/factors/`. Each row: its value, the 95 % range, its keys, where it stands, and whether it was
read in the document (`transcribed`) or remembered (`recalled`). `carbonsink factors SYMBOL` says which row a stratum would get.
本页由 `make docs` 依据因子表自动生成：数值、95 % 区间、检索键、出处与状态；`carbonsink factors 符号` 可查询某分层取用哪一行。"""
TABLE = "| value | 95 % | keys | place | status |\n|---|---|---|---|---|"


def page() -> str:
    """The whole page."""
    sources = read_topics(LIBRARY / "sources")
    return "\n\n".join([HEAD, *(part for folder, rows in by_folder() for part in folder_parts(folder, rows, sources))]) + "\n"


def by_folder() -> Iterator[tuple[str, list[Factor]]]:
    """The rows of every folder of tables, each folder once."""
    folders = sorted(path.name for path in (LIBRARY / "factors").iterdir() if path.is_dir())
    (edition, *_) = editions()
    for folder in folders:
        known = read_factors(folder if folder in editions() else edition, () if folder in editions() else (folder,))
        yield folder, [row for row in known.rows if row.folder == folder]


def folder_parts(folder: str, rows: Sequence[Factor], sources: dict[str, dict[str, str]]) -> Iterator[str]:
    """A section a folder, a table a symbol."""
    yield f"## {folder}"
    cited = sorted({row.variable.source for row in rows})
    yield "\n".join(f"- `{name}`: {sources[name]['citation']}" for name in cited)
    for symbol, found in groupby(sorted(rows, key=lambda row: row.variable.symbol), lambda row: row.variable.symbol):
        known = symbols()[symbol]
        head = f"### `{symbol}` ({folder})\n\n{known.meaning['en']} · {known.meaning['zh']} [{known.unit}]"
        yield "\n".join([f"{head}\n", TABLE, *map(line, found)])


def line(row: Factor) -> str:
    """One row of a table."""
    one = row.variable
    span = "exact" if one.low is None else f"{one.low:g} to {one.high:g}, {one.distribution}"
    cells = (f"{one.value:g}", span, row.words(), f"{one.source}, {one.place}", one.status)
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"
