"""What a section is made of, as data for the templates: each block is a dictionary with a kind.

heading, paragraph, notes, table, figure, grid, facts, equation, picture pair; tables come with the widths of their columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from carbonsink.base.typeface import FAMILY
from carbonsink.declared.language import Language
from carbonsink.report.document.columns import cell_of, widths_of
from carbonsink.report.document.text import LOWERED, nodes, shown
from carbonsink.report.drawings.sketch import Sketch
from carbonsink.report.tabular import Column, Row, Table

Block = dict[str, Any]
ALONE = 0.56  # of the page's width
TALL = 400.0  # em of a cell: a row with more may be parted between two pages
WORDS = re.compile(r">([^<]*)<")


def heading(text: str, level: int = 2) -> Block:
    """A heading below the section's own."""
    return {"kind": "heading", "text": nodes(text), "level": level}


def paragraph(text: object, look: str = "") -> Block:
    """A sentence or more; `look` is muted or red."""
    return {"kind": "paragraph", "text": nodes(text), "look": look}


def notes(lines: Iterable[object]) -> Block:
    """A list of sentences."""
    return {"kind": "notes", "lines": [nodes(line) for line in lines]}


def facts(rows: Iterable[tuple[object, object]]) -> Block:
    """Names with what they are, in two columns."""
    return {"kind": "facts", "rows": [[nodes(name), nodes(value)] for name, value in rows]}


def figure(sketch: Sketch, caption: str, w: Language, share: float = 1.0) -> Block:
    """A drawing with its caption; `share` of the page's width."""
    return {"kind": "figure", "svg": svg(str(sketch.spoken(w))), "alt": shown(sketch.alt(w)), "caption": nodes(caption), "share": share}


def grid(figures: Sequence[Block], columns: int) -> Block:
    """Figures side by side; one alone keeps about the size it would have beside another."""
    if len(figures) == 1:
        return {**figures[0], "share": ALONE}
    return {"kind": "grid", "figures": list(figures), "columns": min(columns, len(figures))}


def keyed(drawn: Block, entries: Iterable[tuple[str, str, str]]) -> Block:
    """A figure or grid with its colours beneath, on the same page: names and what stands smaller behind them."""
    return {**drawn, "legend": [{"colour": colour, "name": nodes(name), "more": nodes(more)} for colour, name, more in entries]}


def boxes(rows: Iterable[tuple[str, str]]) -> Block:
    """Fields to be filled by hand: a name and what is asked."""
    return {"kind": "boxes", "rows": [[nodes(name), nodes(asked)] for name, asked in rows]}


def table(made: Table, source: str = "", caption: str | None = None) -> Block:
    """A table with its caption, the files it comes from, and its columns' widths."""
    return laid(made.columns, made.rows, made.caption if caption is None else caption, made.foot, source)


def laid(columns: Sequence[Column], rows: Sequence[Row], caption: str, foot: Sequence[object] | None = None, source: str = "") -> Block:
    """The same from its parts."""
    cells = [[cell_of(cell) for cell in row.cells] for row in rows]
    last = [cell_of(cell) for cell in foot or ()]
    size, widths = widths_of(columns, [*cells, *([last] if last else [])])
    return {
        "kind": "table", "caption": nodes(caption), "source": source, "size": size, "widths": widths,
        "columns": [{"name": nodes(c.name), "unit": nodes(c.unit), "look": c.look} for c in columns],
        "rows": [
            {"mark": row.mark, "whole": all(one.width < TALL for one in said), "cells": [one.nodes for one in said]}
            for row, said in zip(rows, cells, strict=True)
        ],
        "foot": [one.nodes for one in last],
    }  # fmt: skip


def svg(text: str) -> str:
    """A drawing of the page as one that stands by itself, its words in the document's face and in signs that it has."""
    text = re.sub(r'^<svg role="img" aria-label="[^"]*" ', '<svg xmlns="http://www.w3.org/2000/svg" ', text)
    text = re.sub(r"font-family: [^;\"]*", f"font-family: '{FAMILY}'", text)
    return WORDS.sub(lambda found: f">{_lowered(found[1])}<", text)


def _lowered(words: str) -> str:
    parts = re.split("([₀-₉]+)", words)
    small = '<tspan baseline-shift="sub" font-size="70%">{}</tspan>'
    return "".join(small.format("".join(LOWERED[c] for c in p)) if p[:1] in LOWERED and p else shown(p) if p.strip() else p for p in parts)
