"""Index formulas as the text of a loop over a row of pixels, which is compiled into the kernel.

    "2.5 * (nir - red) / (nir + 1)"   ->   f32(2.5) * (b1 - b2) / known(b1 + f32(1.0), smallest)

Nothing of a formula's text is taken over: what is written is its tree, of which only sums, differences, products, quotients,
squares and roots over bands and numbers get through. What needs no band is reckoned beforehand, in double precision. Every other
step is the one IEEE 754 operation in single precision that `base.formula.evaluate` makes, so the bits are the same. Where a
denominator is nearer to zero than the library's smallest, or the result isn't finite, an observation gives no value of the
index: `known` makes NaN of a small denominator, and NaN stays. An index that has no value beyond its range has none over a negative
denominator either (`above`, `within`); any other is clipped (`known`, `counted`).
"""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from carbonsink.base.formula import OPERATORS, FormulaError, parse
from carbonsink.declared.indices import ALLOWED, POWERS, Index

BINARY = (ast.Add, ast.Sub, ast.Mult, ast.Div)
CALLED = dict(zip(POWERS, ("square", "root"), strict=True))

Operand = ast.expr | int | float


@dataclass(frozen=True)
class Reckoned:
    """One index: its expression over `b0`, `b1` ..., the positions of the bands in it, what makes counts of it, and its range."""

    expression: str
    bands: tuple[int, ...]
    counted: str
    low: float
    high: float


@dataclass(frozen=True)
class Program:
    """The indices of a recipe over so many bands; `text` is what is compiled, and what a compiled kernel is known by."""

    bands: int
    indices: tuple[Reckoned, ...]
    smallest: float

    @cached_property
    def text(self) -> str:
        """The function `row` of `kernel.reduce`: an acquisition's piece of a row, from `start` to `end`.

        Its state goes into `here`, fill being masked; counts of clear pixels and of those with data grow in `seen`; each index, as
        integers [1e-4], goes into `sort[first:, live]`. False, and no index, where no pixel is clear.
        """
        lines = [
            "def row(values, state, shift, least, t, y, start, end, here, seen, sort, first, live):",
            "    n, smallest = end - start, " + _single(self.smallest),
            "    old, clear, data = state[t, y, start:end], seen[0], seen[1]",
            *(f"    line{band}, shift{band}, least{band} = values[t, {band}, y, start:end], shift[t, {band}], least[t, {band}]" for band in range(self.bands)),
            "    some = u8(NOTHING)",
            "    for x in range(n):",
            f"        now = old[x] if {' & '.join(f'(line{band}[x] > least{band})' for band in range(self.bands)) or True} else min(old[x], u8(MASKED))",
            "        here[x] = now",
            "        some = max(some, now)",
            "        clear[x] += i16(now == CLEAR)",
            "        data[x] += i16(now != NOTHING)",
            "    if some != CLEAR:",
            "        return False",
        ]
        for number, index in enumerate(self.indices):
            lines += [f"    out = sort[first + {number}, live]", "    for x in range(n):"]
            lines += [f"        b{band} = min(f32(line{band}[x]) + shift{band}, MOST) * STEP" for band in index.bands]
            lines += [f"        out[x] = {index.counted}({index.expression}, here[x], {_single(index.low)}, {_single(index.high)})"]
        return "\n".join([*lines, "    return True", ""])


def compiled(indices: Sequence[Index], bands: Sequence[str], smallest: float) -> Program:
    """The program of indices over bands in their order; FormulaError for syntax that an index can't have."""
    return Program(len(bands), tuple(_reckoned(index, bands, smallest) for index in indices), smallest)


def _reckoned(index: Index, bands: Sequence[str], smallest: float) -> Reckoned:
    known, counted = ("above", "within") if index.beyond == "none" else ("known", "counted")
    writer = _Writer(tuple(bands), smallest, known)
    tree = writer.tree(writer.of(parse(index.formula)))
    return Reckoned(ast.unparse(tree), tuple(sorted(writer.used)), counted, index.low, index.high)


@dataclass
class _Writer:
    """Writes one formula, and notes which bands it asks for."""

    bands: tuple[str, ...]
    smallest: float
    known: str  # what a denominator is handed to
    used: set[int] = field(default_factory=set)

    def of(self, node: ast.expr) -> Operand:
        """What a node comes to: a number where no band enters, else the tree of its expression."""
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return number
            case ast.Name(id=name) if name in self.bands:
                self.used.add(self.bands.index(name))
                return ast.Name(f"b{self.bands.index(name)}")
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.of(operand)
            case ast.UnaryOp(op=ast.USub() as op, operand=operand):
                inner = self.of(operand)
                return ast.UnaryOp(op, inner) if isinstance(inner, ast.expr) else -inner
            case ast.BinOp(left=left, op=ast.Pow() as op, right=ast.Constant(value=int() | float() as power)) if power in CALLED:
                base = self.of(left)
                return _call(CALLED[power], base) if isinstance(base, ast.expr) else self._number(op, base, power)
            case ast.BinOp(left=left, op=op, right=right) if isinstance(op, BINARY):
                return self._joined(op, self.of(left), self.of(right))
        raise FormulaError(f"{ast.unparse(node)!r} is not allowed in an index; it takes {ALLOWED} over {', '.join(self.bands)}")

    def tree(self, operand: Operand) -> ast.expr:
        """An operand's expression; a number in single precision."""
        if isinstance(operand, ast.expr):
            return operand
        try:
            return ast.parse(_single(float(operand)), mode="eval").body
        except OverflowError:
            raise FormulaError(f"a number of {len(str(operand))} digits in an index") from None

    def _joined(self, op: ast.operator, left: Operand, right: Operand) -> Operand:
        if not isinstance(left, ast.expr) and not isinstance(right, ast.expr):
            return self._number(op, left, right)
        below = self.tree(right)
        return ast.BinOp(self.tree(left), op, _call(self.known, below, ast.Name("smallest")) if isinstance(op, ast.Div) else below)

    def _number(self, op: ast.operator, left: int | float, right: int | float) -> int | float:
        """An operation on numbers alone."""
        if isinstance(op, ast.Div) and not abs(right) >= self.smallest:
            return math.nan
        try:
            value = OPERATORS[type(op)](left, right)
        except OverflowError:
            raise FormulaError("a number in an index is too large") from None
        if isinstance(value, complex):
            raise FormulaError(f"root of {left} in an index")
        return value  # type: ignore[no-any-return]


def _single(value: float) -> str:
    """The text of a number in single precision, which may be infinite or none."""
    with np.errstate(over="ignore"):
        return f"f32({float(np.float32(value))!r})".replace("nan", "NAN").replace("inf", "INFINITE")


def _call(name: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(name), list(arguments), [])
