"""The widths of a table's columns, and the size of its type: the page is filled, no word is broken, and the rows come out low.

widths_of(columns, rows of cells)  ->  size [pt], widths [pt]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum
from typing import NamedTuple

from carbonsink.report.document.text import Node, extent, nodes
from carbonsink.report.tabular import Column

ROOM = 481.0  # pt between the margins of a page
INSET = 4.0  # pt on either side of a cell
SIZES = (8.0, 7.4, 6.8, 6.2, 5.6)  # pt; the largest in which no word of a table is broken
MIDDLE, SMALL = 7.4, 6.2  # pt: where sentences stay long at any size, and the least that is taken for their sake
LEAST_CODE = 7.0  # em: ids and digests may be broken down to this
LEAST_TEXT, MOST_TEXT, DAMPED = 6.0, 18.0, 0.4  # em: a column of words is no narrower; beyond, it asks for a part of what it has
CODE_MORE = 3.0  # em
ENOUGH = 0.55  # of what the columns would like beyond the least; below it the type is set smaller
HEADS = 3  # times that a row of names counts: few notice a tall row, everyone a tall head
STEPS = 32  # that the free room is given away in
EVEN = 0.02  # how much a cell counts that isn't the tallest of its row
RAGGED = 1.06  # of a line's width is lost where words end


class Cell(NamedTuple):
    """A cell as nodes, with the width of its longest line and of what can't be broken of it [em]."""

    nodes: list[Node]
    width: float
    word: float


def cell_of(value: object) -> Cell:
    """What stands in a cell, measured."""
    found = nodes(value)
    return Cell(found, *extent(found))


def widths_of(columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> tuple[float, list[float]]:
    """The size of type and the columns' widths [pt]: what each needs, then what lowers the rows most."""
    needs = [_needs(column, [row[n] for row in rows if n < len(row)]) for n, column in enumerate(columns)]
    least = [need.least for need in needs]
    room = ROOM - 2 * INSET * len(columns)
    firm = [s for s in SIZES if room / s >= sum(least)] or [SIZES[-1]]
    size = next((s for s in firm if s >= SMALL and _fits(room / s, needs)), min(firm[0], MIDDLE))
    heads = [cell_of(column.name) for column in columns]
    full = _shared(room / size, needs, [*rows, *[heads] * HEADS])
    return size, [round(wide * size + 2 * INSET, 2) for wide in full]


@dataclass(frozen=True)
class _Need:
    """A column's widths [em]: below the least a word would break, `body` breaks no line, `liked` lies between."""

    least: float
    liked: float
    body: float


def _needs(column: Column, cells: Sequence[Cell]) -> _Need:
    name, unit = extent(nodes(column.name)), extent(nodes(column.unit))
    head = max(name[1], unit[1]) * 1.04
    body = max((cell.width for cell in cells), default=0.0)
    word = max((cell.word for cell in cells), default=0.0)
    firm = body if column.look in ("num", "tight") else min(word, LEAST_CODE) if column.look == "code" else word
    liked = max(_damped(body, firm, column.look), head, firm, min(name[0], 8.0))
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


def _shared(room: float, needs: Sequence[_Need], rows: Sequence[Sequence[Cell]]) -> list[float]:
    """The room [em] given to the columns; what nobody wants is spread over all."""
    widths = [need.least for need in needs]
    free = room - sum(widths)
    if free <= 0:
        return widths
    if (more := room - sum(need.body for need in needs)) >= 0:
        return [need.body + more / len(needs) for need in needs]
    tall = [[cell.width * RAGGED for cell in row] for row in rows]
    for _ in range(STEPS):
        growing = [n for n, need in enumerate(needs) if widths[n] < need.body]
        best = min(growing, key=lambda n: _height(tall, _grown(widths, n, free / STEPS)))
        widths = _grown(widths, best, free / STEPS)
    return widths


def _grown(widths: Sequence[float], one: int, by: float) -> list[float]:
    return [wide + by if n == one else wide for n, wide in enumerate(widths)]


def _height(rows: Sequence[Sequence[float]], widths: Sequence[float]) -> float:
    """About how many lines the rows take: those of the tallest cell of each, and a little for the others."""
    lines = ([max(1.0, cell / wide) for cell, wide in zip(row, widths, strict=False)] for row in rows)
    return fsum(max(row) + EVEN * fsum(row) for row in lines)
