"""Formulas as nodes, from their syntax trees: in the letters of their documents, and with the values of one row put in.

symbolic("a * b / 1000")          [{"k": "sym", ...}, {"k": "op", "v": "×"}, {"k": "frac", "a": [...], "b": [...]}]
spoken("a * b / 1000")            a × b ∕ 1000, the alternative text that a reader of screens hears
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from carbonsink.base.formula import FormulaError, parse
from carbonsink.base.notation import BINDING, WRITTEN
from carbonsink.base.units import symbols

Maths = list[dict[str, Any]]
SIGNS: dict[type[ast.AST], str] = {ast.Add: "+", ast.Sub: "−", ast.Mult: "×"}
BEFORE = "_before"  # ends an argument that takes the baseline's practice


def symbolic(formula: str) -> Maths:
    """The formula in the letters of the equation's document."""
    return _walk(parse(formula), letter, 0)


def valued(formula: str, values: Callable[[str], str]) -> Maths:
    """The formula with a written value in the place of every name."""
    return _walk(parse(formula), lambda name: [{"k": "num", "v": values(name)}], 0)


def spoken(formula: str) -> str:
    """The formula in one line of plain signs."""
    return formula.replace("**", "^").replace("*", "×").replace("_", " ")


def letter(name: str) -> Maths:
    """A symbol by its letter in its document: what follows `_` below, what follows `^` above; the baseline's practice has a raised 0."""
    known = symbols().get(name.removesuffix(BEFORE))
    written = known.ipcc if known else name
    if written.replace(".", "").isdigit():  # a document's bare number is one value of the symbol, not its name
        written = name
    mark = "0" if name.endswith(BEFORE) else ""
    for sign, between in ((" + ", "+"), (" - ", "−"), (" x ", "×")):  # a document may give such a pair no letter of its own
        if sign in written:
            first, *others = [_letter(part, mark) for part in written.split(sign)]
            return _bracketed([*first, *(node for part in others for node in ({"k": "op", "v": between}, *part))])
    return _letter(written, mark)


def _letter(written: str, mark: str) -> Maths:
    body, _, above = written.partition("^")
    head, _, below = body.partition("_")
    if head[:1].isdigit():
        over, _, under = head.partition("/")
        number: Maths = [{"k": "frac", "a": [{"k": "num", "v": over}], "b": [{"k": "num", "v": under}]}] if under else [{"k": "num", "v": head}]
        return [{"k": "pow", "a": number, "b": [{"k": "num", "v": above.replace("-", "−")}]}] if above else number
    return [{"k": "sym", "v": head, "sub": below.replace("_", ", "), "sup": (above + mark).replace("-", "−")}]


def _walk(node: ast.expr, named: Callable[[str], Maths], around: int) -> Maths:
    def of(inner: ast.expr, binding: int) -> Maths:
        return _walk(inner, named, binding)

    match node:
        case ast.Constant(value=int() | float() as number):
            return [{"k": "num", "v": repr(number)}]
        case ast.Name(id=name):
            return named(name)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return [{"k": "frac", "a": of(left, 0), "b": of(right, 0)}]
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return [{"k": "pow", "a": of(left, BINDING[ast.Pow] + 1), "b": of(right, 0)}]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in SIGNS:
            own = BINDING[type(op)]
            body = [*of(left, own), {"k": "op", "v": SIGNS[type(op)]}, *of(right, own + 1 if isinstance(op, ast.Sub) else own)]
            return _bracketed(body) if own < around else body
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            body = [{"k": "num", "v": "−"}, *of(operand, BINDING[ast.USub])]
            return _bracketed(body) if around > 1 else body
        case ast.Call(func=ast.Name(id="sqrt"), args=[inner]):
            return [{"k": "root", "a": of(inner, 0)}]
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            return [{"k": "func", "v": WRITTEN.get(name, name), "args": [of(one, 0) for one in arguments]}]
    raise FormulaError(f"{ast.unparse(node)!r} can't be set")


def _bracketed(body: Maths) -> Maths:
    return [{"k": "paren", "a": body}]
