"""An equation: a function of a few lines over symbols, from which its formula text, its unit check and its reference are made.

    @equation(cites="ipcc-2019-v4 eq 2.25", returns="soc_stock")
    def mineral_soil_stock(soc_ref, f_land_use, ...):
        return soc_ref * f_land_use * ...

Argument names are symbols of the vocabulary; an ending `_before` asks for the symbol under the baseline's practice.
At import the body is called once with unit quantities: a forgotten carbon fraction, 44/12 or kilogram is an error.
The function stays a plain function, of floats, arrays that broadcast, or xarray; the book knows it as `soil.mineral_soil_stock`.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from numpy import exp as exp  # the functions a body may call, those of base/formula
from numpy import log as log
from numpy import maximum as maximum
from numpy import minimum as minimum
from numpy import sqrt as sqrt

from carbonsink.base.formula import FUNCTIONS, PutIn
from carbonsink.base.units import Symbol, equal_to_one, symbols, unit

BEFORE = "_before"
Number = Any  # a float or an array of draws; at import, a pint quantity
Body = TypeVar("Body", bound=Callable[..., Any])
_equations: dict[str, Equation] = {}


class EquationError(TypeError):
    """An equation that the vocabulary, the units or the allowed form of a body refuse."""


@dataclass(frozen=True)
class Equation:
    """A registered equation; calling it works on floats and on arrays alike."""

    name: str  # module.function
    cites: str
    returns: Symbol
    arguments: tuple[str, ...]
    formula: str
    body: Callable[..., Any]

    @property
    def purpose(self) -> str:
        """The first line of the function's own words."""
        return (self.body.__doc__ or "").partition("\n")[0]

    def __call__(self, *values: Any, **named: Any) -> Any:
        """The equation's result in the unit of `returns`."""
        return self.body(*values, **named)


def equation(cites: str, returns: str) -> Callable[[Body], Body]:
    """Register a function as an equation that cites one place of one document; EquationError where its units don't meet."""

    def register(body: Body) -> Body:
        arguments = tuple(inspect.signature(body).parameters)
        name = f"{body.__module__.rpartition('.')[2]}.{body.__name__}"
        made = Equation(name, cites, _symbol(returns, body), arguments, formula_of(body), body)
        _check_units(made)
        if made.name in _equations:
            raise EquationError(f"{made.name} is registered already")
        body.__doc__ = _documented(made)
        _equations[made.name] = made
        return body

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
                known[name] = PutIn(known).visit(value)
            case ast.Return(value=ast.expr() as value):
                return ast.unparse(_only_arithmetic(PutIn(known).visit(value), function.name))
            case _:
                break
    raise EquationError(f"{function.name}: a body is simple assignments and one return")


def _only_arithmetic(tree: ast.expr, name: str) -> ast.expr:
    allowed = (ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.Name, ast.expr_context, ast.Constant)
    for node in ast.walk(tree):
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS and not node.keywords
        if not isinstance(node, allowed) and not called:
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
    try:
        result = made.body(**ones)
    except (TypeError, ValueError) as error:  # pint's mismatches: tonnes added to hectares
        raise EquationError(f"{made.name}: {error}") from error
    expected = made.returns.unit
    # Magnitudes of the ones may add up (1 + 1); what counts is the unit that comes out, kilograms told from tonnes.
    if not result.is_compatible_with(unit(expected)) or not equal_to_one(1 * result.units, expected):
        raise EquationError(f"{made.name}: comes out as {result.units}, but {made.returns.name} is in {expected}")


def _documented(made: Equation) -> str:
    """The function's words with what every equation owes its reader: source, arguments and units."""
    lines = [f"    {argument}: {_meaning(argument, made)} [{_symbol(argument, made.body).unit}]" for argument in made.arguments]
    shapes = "Floats, arrays that broadcast, or xarray; the result has their common shape."
    own = inspect.cleandoc(made.body.__doc__ or "")
    return "\n".join([own, "", f"Source: {made.cites}. {made.returns.name} = {made.formula}", "", shapes, "", "Args:", *lines])


def _meaning(argument: str, made: Equation) -> str:
    meaning = _symbol(argument, made.body).meaning["en"]
    return f"{meaning}, under the baseline's practice" if argument.endswith(BEFORE) else meaning
