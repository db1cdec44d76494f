"""Formula text, evaluated through an allow-list of syntax: indices, land rules, the verifier's second reckoning.

    evaluate("(nir - red) / (nir + red)", {"nir": ..., "red": ...})

Works on floats and on arrays alike; only + - * / ** comparisons, `and or not`, and the functions the caller passes.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Any

import numpy as np

OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: np.logical_not,
    ast.And: np.logical_and,
    ast.Or: np.logical_or,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


LONGEST = 4000  # characters of a formula
FUNCTIONS: dict[str, Callable[..., Any]] = {"exp": np.exp, "log": np.log, "sqrt": np.sqrt, "minimum": np.minimum, "maximum": np.maximum}  # of equations


class FormulaError(ValueError):
    """The text is not a formula of the allowed kind, asks for a name nobody gave, or is no real number."""


def evaluate(text: str, names: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]] | None = None) -> Any:
    """The value of a formula text over the given names; FormulaError names what is not allowed."""
    return _value(parse(text), names, functions or {}, text)


@cache
def parse(text: str) -> ast.expr:
    """The syntax tree of a formula text."""
    if len(text) > LONGEST:
        raise FormulaError(f"formula of {len(text)} characters; at most {LONGEST} are read")
    try:
        return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise FormulaError(f"not a formula: {text!r}, at column {error.offset or len(text) + 1}") from error
    except (ValueError, RecursionError) as error:
        raise FormulaError(f"not a formula: {text!r}") from error


def put_in(text: str, values: Mapping[str, str]) -> str:
    """A formula with other formulas in place of some of its names, in brackets where the order of operations asks for them."""
    return ast.unparse(PutIn({name: parse(value) for name, value in values.items()}).visit(ast.parse(text, mode="eval")))


class PutIn(ast.NodeTransformer):
    """Puts the value of a name where it is used, so that the order of operations stays as written."""

    def __init__(self, values: Mapping[str, ast.expr]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:  # noqa: N802  the visitor's own naming
        """The name's value, or the name."""
        return self.values.get(node.id, node)


def without(text: str, absent: Collection[str]) -> str:
    """A formula in which some names stand for nothing: the terms they are a factor of are left out; `0` where nothing is left.

    FormulaError where something is divided by what isn't there, or a function other than `minimum` and `maximum` is asked of it.
    """
    return _without(text, frozenset(absent))


@cache
def _without(text: str, absent: frozenset[str]) -> str:
    left = _left(parse(text), absent)
    return "0" if left is None else ast.unparse(left)


def _left(node: ast.expr, absent: frozenset[str]) -> ast.expr | None:
    """What is left of a formula's tree; None is nothing, which a product stays whatever its other factors are."""
    match node:
        case ast.Name(id=name):
            return None if name in absent else node
        case ast.BinOp(left=left, op=ast.Mult() | ast.Div() as op, right=right):
            first = _left(left, absent)
            second = _left(right, absent) if first is not None else None
            if first is None or (second is None and isinstance(op, ast.Mult)):
                return None
            return ast.BinOp(first, op, _needed(second, node))
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
            first, second = _left(left, absent), _left(right, absent)
            if first is None:
                return ast.UnaryOp(ast.USub(), second) if second is not None and isinstance(op, ast.Sub) else second
            return first if second is None else ast.BinOp(first, op, second)
        case ast.BinOp(left=left, op=op, right=right):
            first = _left(left, absent)
            return None if first is None else ast.BinOp(first, op, _needed(_left(right, absent), node))
        case ast.UnaryOp(op=op, operand=operand):
            inner = _left(operand, absent)
            return None if inner is None else ast.UnaryOp(op, inner)
        case ast.Call(func=ast.Name(id="minimum" | "maximum") as function, args=arguments):
            parts = [_left(one, absent) for one in arguments]
            return ast.Call(function, [part or ast.Constant(0) for part in parts], []) if any(parts) else None
        case ast.Call(func=function, args=arguments):
            return ast.Call(function, [_needed(_left(one, absent), node) for one in arguments], [])
    return node


def _needed(part: ast.expr | None, whole: ast.expr) -> ast.expr:
    if part is None:
        raise FormulaError(f"{ast.unparse(whole)!r} asks for an amount that isn't there")
    return part


@cache
def names_in(text: str) -> tuple[str, ...]:
    """The names a formula needs, functions left out, in the order of the alphabet."""
    tree = parse(text)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return tuple(sorted({n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in called}))


def _value(node: ast.expr, names: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]], text: str) -> Any:
    def of(inner: ast.expr) -> Any:
        return _value(inner, names, functions, text)

    match node:
        case ast.Constant(value=bool() | int() | float() as number):
            return number
        case ast.Name(id=name) if name in names:
            return names[name]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            result = OPERATORS[type(op)](of(left), of(right))
            if isinstance(result, complex):
                raise FormulaError(f"{ast.unparse(node)!r} in {text!r} is the root of a number below zero")
            return result
        case ast.UnaryOp(op=op, operand=operand) if type(op) in OPERATORS:
            return OPERATORS[type(op)](of(operand))
        case ast.BoolOp(op=op, values=[first, *rest]):
            value = of(first)
            for other in rest:
                if isinstance(value, bool | np.bool_) and bool(value) is isinstance(op, ast.Or):
                    break  # decided: a fact that can't matter need not be known
                value = OPERATORS[type(op)](value, of(other))
            return value
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in OPERATORS:
            return OPERATORS[type(op)](of(left), of(right))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in functions:
            return functions[name](*map(of, arguments))
        case ast.Name(id=name):
            raise FormulaError(f"{name!r} in {text!r} is not known; known are {', '.join(sorted(names))}")
        case ast.Call(func=ast.Name(id=name)) if functions and name not in functions:
            raise FormulaError(f"{name!r} in {text!r} is no function here; functions are {', '.join(sorted(functions))}")
    raise FormulaError(f"{ast.unparse(node)!r} in {text!r} is not allowed in a formula")
