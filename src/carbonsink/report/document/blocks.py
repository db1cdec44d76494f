"""What a section is made of, as data for the templates: each block is a dictionary with a kind.

heading, paragraph, notes, table, figure, legend, facts, equation, picture pair; tables come with the widths of their columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from carbonsink.base.typeface import FAMILY
from carbonsink.declared.language import Language
from carbonsink.report.document.text import LOWERED, longest_word, nodes, shown, width
from carbonsink.report.drawings.sketch import Sketch
from carbonsink.report.tabular import Column, Row, Table

Block = dict[str, Any]
ROOM = 481.0  # pt between the margins of a page
ALONE = 0.56  # of the page's width
INSET = 4.0  # pt on either side of a cell
SIZES = (8.0, 7.4, 6.8, 6.2, 5.6)  # pt; the largest in which no word of a table is broken
MIDDLE, SMALL = 7.4, 6.2  # pt: where sentences stay long at any size, and the least that is taken for their sake
LEAST_CODE = 7.0  # em: ids and digests may be broken down to this
LEAST_TEXT, MOST_TEXT, DAMPED = 6.0, 18.0, 0.4  # em: a column of words is no narrower; beyond, it asks for a part of what it has
CODE_MORE = 3.0  # em
ENOUGH = 0.55  # of what the columns would like beyond the least; below it the type is set smaller
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


def legend(entries: Iterable[tuple[str, str, str]]) -> Block:
    """Colours with names and what stands smaller behind them."""
    return {"kind": "legend", "entries": [{"colour": colour, "name": nodes(name), "more": nodes(more)} for colour, name, more in entries]}


def boxes(rows: Iterable[tuple[str, str]]) -> Block:
    """Fields to be filled by hand: a name and what is asked."""
    return {"kind": "boxes", "rows": [[nodes(name), nodes(asked)] for name, asked in rows]}


def table(made: Table, source: str = "", caption: str | None = None) -> Block:
    """A table with its caption, the files it comes from, and its columns' widths."""
    return laid(made.columns, made.rows, made.caption if caption is None else caption, made.foot, source)


def laid(columns: Sequence[Column], rows: Sequence[Row], caption: str, foot: Sequence[object] | None = None, source: str = "") -> Block:
    """The same from its parts."""
    size, widths = _widths(columns, [*(row.cells for row in rows), *([foot] if foot else [])])
    return {
        "kind": "table", "caption": nodes(caption), "source": source, "size": size, "widths": widths,
        "columns": [{"name": nodes(c.name), "unit": nodes(c.unit), "look": c.look} for c in columns],
        "rows": [{"mark": row.mark, "whole": all(width(cell) < TALL for cell in row.cells), "cells": [nodes(cell) for cell in row.cells]} for row in rows],
        "foot": [nodes(cell) for cell in foot] if foot else [],
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


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[object]]) -> tuple[float, list[float]]:
    """The size of type and the columns' widths [pt] that fill the page: what each needs, then what each would like."""
    needs = [_needs(column, [row[n] for row in rows if n < len(row)]) for n, column in enumerate(columns)]
    least, body = [need.least for need in needs], [need.body for need in needs]
    room = ROOM - 2 * INSET * len(columns)
    firm = [s for s in SIZES if room / s >= sum(least)] or [SIZES[-1]]
    size = next((s for s in firm if s >= SMALL and _fits(room / s, needs)), min(firm[0], MIDDLE))
    free = room / size - sum(least)
    liked = body if sum(body) <= room / size else [need.liked for need in needs]
    wants = [max(0.0, b - a) for a, b in zip(least, liked, strict=True)]
    grow = _shared(free, wants) if free > 0 else [0.0] * len(least)
    return size, [round((a + b) * size + 2 * INSET, 2) for a, b in zip(least, grow, strict=True)]


@dataclass(frozen=True)
class _Need:
    """A column's widths [em]: below the least a word would break, `body` breaks no line, `liked` lies between."""

    least: float
    liked: float
    body: float


def _needs(column: Column, cells: Sequence[object]) -> _Need:
    head = max(longest_word(column.name), longest_word(column.unit)) * 1.04
    body = max((width(cell) for cell in cells), default=0.0)
    word = max((longest_word(cell) for cell in cells), default=0.0)
    firm = body if column.look in ("num", "tight") else min(word, LEAST_CODE) if column.look == "code" else word
    liked = max(_damped(body, firm, column.look), head, firm, min(width(column.name), 8.0))
    return _Need(max(head, firm, min(body, LEAST_TEXT)) + 0.3, liked + 0.3, max(body, liked) + 0.3)


def _fits(room: float, needs: Sequence[_Need]) -> bool:
    """Whether at least a part of what the columns would like is there."""
    least, liked = sum(need.least for need in needs), sum(need.liked for need in needs)
    return room >= least + (liked - least) * ENOUGH


def _damped(body: float, firm: float, look: str) -> float:
    """What a column asks for: long sentences get less than their length, so that short ones beside them don't break."""
    if look == "code":
        return min(body, firm + CODE_MORE)
    return body if body <= MOST_TEXT else MOST_TEXT + (body - MOST_TEXT) * DAMPED


def _shared(free: float, wants: Sequence[float]) -> list[float]:
    """Free room given to the columns that want it; what nobody wants is spread over all."""
    whole = sum(wants)
    if whole >= free:
        return [want * free / whole for want in wants]
    return [want + (free - whole) / len(wants) for want in wants]
