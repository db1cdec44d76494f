"""An equation: a function of a few lines over symbols, from which its formula text and its unit check are made.

    @equation(cites="ipcc-2019-v4 eq 2.25", returns="soc_stock")
    def mineral_soil_stock(soc_ref, f_land_use, ...):
        return soc_ref * f_land_use * ...

Argument names are symbols of the vocabulary; an ending `_before` asks for the symbol under the baseline's practice.
At import the body is called once with unit quantities: a forgotten carbon fraction, 44/12 or kilogram is an error.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from carbonsink.base.units import Symbol, equal_to_one, symbols, unit

BEFORE = "_before"
Number = Any  # a float or an array of draws; at import, a pint quantity
_equations: dict[str, Equation] = {}


class EquationError(TypeError):
    """An equation that the vocabulary, the units or the allowed form of a body refuse."""


@dataclass(frozen=True)
class Equation:
    """A registered equation; calling it works on floats and on arrays alike."""

    name: str
    cites: str
    returns: Symbol
    arguments: tuple[str, ...]
    formula: str
    body: Callable[..., Any]

    def __call__(self, **values: Any) -> Any:
        """The equation's result in the unit of `returns`."""
        return self.body(**values)


def equation(cites: str, returns: str) -> Callable[[Callable[..., Any]], Equation]:
    """Register a function as an equation that cites one place of one document; EquationError where its units don't meet."""

    def register(body: Callable[..., Any]) -> Equation:
        arguments = tuple(inspect.signature(body).parameters)
        made = Equation(body.__name__, cites, _symbol(returns, body), arguments, formula_of(body), body)
        _check_units(made)
        _equations[made.name] = made
        return made

    return register


def registered() -> Mapping[str, Equation]:
    """Every equation registered so far, by name; `book.equations` is all of them."""
    return dict(sorted(_equations.items()))


def symbol_of(argument: str) -> str:
    """The symbol an argument asks for, its `_before` left out."""
    return argument.removesuffix(BEFORE)


def formula_of(body: Callable[..., Any]) -> str:
    """The body as one formula text: its simple assignments put into its only return."""
    function = ast.parse(textwrap.dedent(inspect.getsource(body))).body[0]
    assert isinstance(function, ast.FunctionDef)
    known: dict[str, ast.expr] = {}
    for statement in function.body:
        match statement:
            case ast.Expr(value=ast.Constant(value=str())):
                continue
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                known[name] = _Inline(known).visit(value)
            case ast.Return(value=ast.expr() as value):
                return ast.unparse(_only_arithmetic(_Inline(known).visit(value), function.name))
            case _:
                break
    raise EquationError(f"{function.name}: a body is simple assignments and one return")


class _Inline(ast.NodeTransformer):
    """Puts the value of a local name where it is used, so the order of operations stays the body's."""

    def __init__(self, known: Mapping[str, ast.expr]) -> None:
        self.known = known

    def visit_Name(self, node: ast.Name) -> ast.expr:  # noqa: N802  the visitor's own naming
        return self.known.get(node.id, node)


def _only_arithmetic(tree: ast.expr, name: str) -> ast.expr:
    allowed = (ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.Name, ast.expr_context, ast.Constant)
    for node in ast.walk(tree):
        if not isinstance(node, allowed):
            raise EquationError(f"{name}: {ast.unparse(node)!r} is not arithmetic")
        if isinstance(node, ast.Constant) and node.value not in (0, 1):
            raise EquationError(f"{name}: {node.value!r} is a bare number; a coefficient is a row of a table")
    return tree


def _symbol(argument: str, body: Callable[..., Any]) -> Symbol:
    found = symbols().get(symbol_of(argument))
    if found is None:
        raise EquationError(f"{body.__name__}: {argument!r} is not a symbol of the vocabulary")
    return found


def _check_units(made: Equation) -> None:
    ones = {argument: 1 * unit(_symbol(argument, made.body).unit) for argument in made.arguments}
    result = made.body(**ones)
    expected = made.returns.unit
    # Magnitudes of the ones may add up (1 + 1); what counts is the unit that comes out, kilograms told from tonnes.
    if not result.is_compatible_with(unit(expected)) or not equal_to_one(1 * result.units, expected):
        raise EquationError(f"{made.name}: comes out as {result.units}, but {made.returns.name} is in {expected}")
