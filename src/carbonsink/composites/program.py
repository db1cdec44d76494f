"""Index formulas as a program over rows of pixels: no code is made, a kernel reads instructions of three addresses.

    "2.5 * (nir - red) / (nir + 1)"   ->   SUBTRACT r4 r0 r1,  MULTIPLY r5 r2 r4,  ADD r4 r0 r3,  result: DIVIDE r5 r4

A register holds a row of pixels in float32. The first are bands in reflectance, then constants, then what instructions
give; what two formulas share is reckoned once. An index's last step is kept apart, as its result is rounded at once and
never stored. Every step is the one IEEE 754 operation that `base.formula.evaluate`
makes, so the bits are the same. Where a denominator is nearer to zero than the library's smallest, or the result isn't
finite, an observation gives no value of the index: a small denominator makes NaN, and NaN stays.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.formula import OPERATORS, FormulaError, parse
from carbonsink.declared.indices import Index

ADD, SUBTRACT, MULTIPLY, DIVIDE, NEGATE, SQUARE, ROOT, NORMALISE, COPY = range(9)  # NORMALISE: (a - b) / (a + b), in one
BINARY: dict[type[ast.operator], int] = {ast.Add: ADD, ast.Sub: SUBTRACT, ast.Mult: MULTIPLY, ast.Div: DIVIDE}
SINGLE = (NEGATE, SQUARE, ROOT, COPY)  # operations with one source
POWERS = {2.0: SQUARE, 0.5: ROOT}  # the exponents whose result IEEE 754 states to the last bit
ALLOWED = "+ - * /, ** 2 and ** 0.5"
UNUSED = 0  # the second source of an operation with one


@dataclass(frozen=True)
class Step:
    """What isn't a number yet: the place of its key in the draft."""

    place: int


Operand = int | float | Step
Key = tuple[str, float] | tuple[int, int, int]  # ("band", position), ("number", value), (operation, place, place)


@dataclass(frozen=True)
class Program:
    """Instructions for the indices of a recipe.

    `loads` are positions of bands, in the order of the registers they come to; `constants` fill those that follow.
    `code` has shape (instruction, 4): operation, target, two sources, the target never being a source. `results` has
    shape (index, 3): the operation, DIVIDE, NORMALISE or COPY, and its sources; `low` and `high` are its range.
    """

    loads: NDArray[np.int64]
    constants: NDArray[np.float32]
    code: NDArray[np.int64]
    results: NDArray[np.int64]
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    smallest: np.float32
    registers: int


def compiled(indices: Sequence[Index], bands: Sequence[str], smallest: float) -> Program:
    """The program of indices over bands in their order; FormulaError for syntax that an index can't have."""
    draft = _Draft(tuple(bands), smallest)
    results = [draft.place(draft.of(parse(index.formula))) for index in indices]
    bounds = np.array([(index.low, index.high) for index in indices], dtype=np.float32).reshape(-1, 2)
    return _laid_out(list(draft.keys), results, bounds, smallest)


@dataclass
class _Draft:
    """Steps by key, each once, in the order in which they can be worked."""

    bands: tuple[str, ...]
    smallest: float
    keys: dict[Key, int] = field(default_factory=dict)

    def of(self, node: ast.expr) -> Operand:
        """What a node comes to: a number where no band enters, else a step."""
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return number
            case ast.Name(id=name) if name in self.bands:
                return self._step(("band", self.bands.index(name)))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.of(operand)
            case ast.UnaryOp(op=ast.USub() as op, operand=operand):
                return self._joined(NEGATE, op, self.of(operand))
            case ast.BinOp(left=left, op=ast.Pow() as op, right=ast.Constant(value=int() | float() as power)) if power in POWERS:
                base = self.of(left)
                return self._joined(POWERS[power], op, base) if isinstance(base, Step) else self._number(op, base, power)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in BINARY:
                return self._joined(BINARY[type(op)], op, self.of(left), self.of(right))
        raise FormulaError(f"{ast.unparse(node)!r} is not allowed in an index; it takes {ALLOWED} over {', '.join(self.bands)}")

    def place(self, operand: Operand) -> int:
        """The place of an operand, a number becoming a step of its own."""
        if isinstance(operand, Step):
            return operand.place
        try:
            return self._step(("number", float(operand))).place
        except OverflowError:
            raise FormulaError(f"a number of {len(str(operand))} digits in an index") from None

    def _joined(self, operation: int, op: ast.AST, *operands: Operand) -> Operand:
        if not any(isinstance(operand, Step) for operand in operands):
            return self._number(op, *operands)
        first, second = (*map(self.place, operands), UNUSED)[:2]
        if operation == DIVIDE and (pair := self._normalised(first, second)):
            return self._step((NORMALISE, *pair))
        return self._step((operation, first, second))

    def _normalised(self, above: int, below: int) -> tuple[int, int] | None:
        """The two sources of a normalised difference, where a quotient is one."""
        keys = list(self.keys)
        operation, *pair = keys[above]
        one, other = pair if len(pair) == 2 else (UNUSED, UNUSED)
        if operation == SUBTRACT and keys[below] in ((ADD, one, other), (ADD, other, one)):
            return int(one), int(other)
        return None

    def _number(self, op: ast.AST, *operands: Operand) -> Operand:
        """An operation on numbers alone."""
        if isinstance(op, ast.Div) and not abs(operands[1]) >= self.smallest:  # type: ignore[arg-type]
            return float("nan")
        try:
            value = OPERATORS[type(op)](*operands)
        except OverflowError:
            raise FormulaError("a number in an index is too large") from None
        if isinstance(value, complex):
            raise FormulaError(f"root of {operands[0]} in an index")
        return value  # type: ignore[no-any-return]

    def _step(self, key: Key) -> Step:
        return Step(self.keys.setdefault(key, len(self.keys)))


def _laid_out(keys: list[Key], results: list[int], bounds: NDArray[np.float32], smallest: float) -> Program:
    """Give every step that is needed a register: bands and constants keep theirs, others are used again once nothing needs them."""
    ends = [_end(keys, place) for place in results]
    last = _last_needs(keys, [source for end in ends for source in _sources(end)])
    bands = [place for place, key in enumerate(keys) if key[0] == "band" and place in last]
    numbers = [place for place, key in enumerate(keys) if key[0] == "number" and place in last]
    register = {place: number for number, place in enumerate(bands + numbers)}
    free: list[int] = []
    code, used = [], len(register)
    for place, key in enumerate(keys):
        if len(key) == 2 or place not in last:
            continue
        if not free:
            free, used = [used], used + 1
        register[place] = free.pop()
        sources = _sources(key)
        code.append((key[0], register[place], register[sources[0]], register[sources[-1]]))
        free += [register[source] for source in dict.fromkeys(sources) if last[source] == place and len(keys[source]) == 3]
    return Program(
        np.array([keys[place][1] for place in bands], dtype=np.int64),
        np.array([keys[place][1] for place in numbers], dtype=np.float32),
        np.array(code, dtype=np.int64).reshape(-1, 4),
        np.array([(end[0], register[_sources(end)[0]], register[_sources(end)[-1]]) for end in ends], dtype=np.int64).reshape(-1, 3),
        bounds[:, 0].copy(),
        bounds[:, 1].copy(),
        np.float32(smallest),
        max(used, 1),
    )


def _end(keys: list[Key], place: int) -> Key:
    """An index's last step: a quotient as it is, anything else copied from its register."""
    return keys[place] if keys[place][0] in (DIVIDE, NORMALISE) else (COPY, place, UNUSED)


def _last_needs(keys: list[Key], results: list[int]) -> dict[int, int]:
    """The last step that needs each step that any result needs; results are needed to the end."""
    last = dict.fromkeys(results, len(keys))
    for place in reversed(range(len(keys))):
        if place in last:
            for source in _sources(keys[place]):
                last.setdefault(source, place)
    return last


def _sources(key: Key) -> tuple[int, ...]:
    if len(key) == 2:
        return ()
    operation, first, second = key
    return (first,) if operation in SINGLE else (first, second)
