"""docs/equations.md, the reference of the equation book, from the equations' own bodies; a test holds the page against them.

python -m benchmarks.equations     `make readme`
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from itertools import groupby
from pathlib import Path

from carbonsink.carbon.book import equations
from carbonsink.carbon.equation import Equation
from carbonsink.carbon.reference import Argument, arguments_of, citation_of, excel_of, latex_of

PAGE = Path(__file__).parent.parent / "docs" / "equations.md"
HEAD = """# Equations · 方程

Written by `make readme` from the equations' own bodies in `src/carbonsink/carbon/`; never edit it by hand. `carbonsink methods --equations [NAME]`
prints the same. A zero above a letter marks the baseline's practice. How an equation is added: [the house](design.md).
本页由 `make readme` 依据 `src/carbonsink/carbon/` 中的方程自动生成，请勿手工修改；`carbonsink methods --equations [名称]` 可查询同样内容。
字母右上角的 0 表示基准线做法。新增方程的办法见 [design.md](design.md)。"""
TABLE = "| argument | letter | meaning | 含义 | unit |\n|---|---|---|---|---|"


def page() -> str:
    """The whole page."""
    return "\n\n".join([HEAD, *sections(list(equations().values()))]) + "\n"


def sections(known: list[Equation]) -> Iterator[str]:
    """A section a module, an equation below another."""
    for module, found in groupby(known, lambda one: one.name.partition(".")[0]):
        listed = list(found)
        yield f"## `{module}`\n\n{purpose_of(listed[0].body.__module__)}"
        yield from map(entry, listed)


def entry(one: Equation) -> str:
    """One equation: what it is for, where it stands, its three forms and its arguments."""
    result = f"Result: `{one.returns.name}` [{one.returns.unit}], {one.returns.meaning['en']} · {one.returns.meaning['zh']}."
    parts = [f"### `{one.name}`", one.purpose, f"Source: {citation_of(one)}.", f"$$\n{latex_of(one)}\n$$"]
    return "\n\n".join([*parts, "\n".join([TABLE, *map(row, arguments_of(one))]), result, f"Excel: `{excel_of(one)}`"])


def row(argument: Argument) -> str:
    """One argument in the table."""
    return f"| `{argument.name}` | ${argument.letter}$ | {argument.meaning['en']} | {argument.meaning['zh']} | {argument.unit} |"


def purpose_of(module: str) -> str:
    """The first line of a module's own words."""
    return (import_module(module).__doc__ or "").strip().partition("\n")[0]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
