"""A formula's text in other notations: an Excel formula over cells, and readable HTML, both from its syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

from markupsafe import Markup, escape

from carbonsink.base.formula import FormulaError, parse

EXCEL_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^", ast.USub: "-", ast.UAdd: "+",
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "=", ast.NotEq: "<>",
}  # fmt: skip
EXCEL_FUNCTIONS = {"minimum": "MIN", "maximum": "MAX", "exp": "EXP", "sqrt": "SQRT", "log": "LN"}
BINDING: dict[type[ast.AST], int] = {ast.Add: 1, ast.Sub: 1, ast.Mult: 2, ast.Div: 2, ast.USub: 3, ast.UAdd: 3, ast.Pow: 4}


def excel(formula: str, cells: Mapping[str, str]) -> str:
    """The formula as Excel writes it, names replaced by cell references; without the leading equals sign."""
    return _excel(parse(formula), cells, formula)


def readable(formula: str, notation: Callable[[str], Markup] | None = None) -> Markup:
    """The formula as people write it: fractions as fractions, powers raised, names by `notation`."""
    return _readable(parse(formula), notation or symbol, 0)


def symbol(name: str) -> Markup:
    """A symbol's name with its first part upright in italics and the rest as a subscript: ef_c becomes ef with subscript c."""
    head, _, tail = name.partition("_")
    below = Markup("<sub>{}</sub>").format(tail.replace("_", " ")) if tail else Markup("")
    return Markup('<var class="sym">{}{}</var>').format(head, below)


def _excel(node: ast.expr, cells: Mapping[str, str], text: str) -> str:
    def of(inner: ast.expr) -> str:
        # Excel binds a leading minus tighter than a power and chains comparisons from the left, so every compound part is bracketed.
        written = _excel(inner, cells, text)
        return f"({written})" if isinstance(inner, ast.BinOp | ast.UnaryOp | ast.Compare) else written

    match node:
        case ast.Constant(value=bool() as truth):
            return "TRUE" if truth else "FALSE"
        case ast.Constant(value=int() | float() as number):
            return repr(number)
        case ast.Name(id=name) if name in cells:
            return cells[name]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in EXCEL_OPERATORS:
            return of(left) + EXCEL_OPERATORS[type(op)] + of(right)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return f"NOT({_excel(operand, cells, text)})"
        case ast.UnaryOp(op=op, operand=operand) if type(op) in EXCEL_OPERATORS:
            return EXCEL_OPERATORS[type(op)] + of(operand)
        case ast.BoolOp(op=op, values=values):
            return ("AND" if isinstance(op, ast.And) else "OR") + "(" + ",".join(_excel(v, cells, text) for v in values) + ")"
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in EXCEL_OPERATORS:
            return of(left) + EXCEL_OPERATORS[type(op)] + of(right)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in EXCEL_FUNCTIONS:
            return EXCEL_FUNCTIONS[name] + "(" + ",".join(_excel(a, cells, text) for a in arguments) + ")"
    raise FormulaError(f"{ast.unparse(node)!r} in {text!r} has no Excel form")


def _readable(node: ast.expr, named: Callable[[str], Markup], around: int) -> Markup:
    match node:
        case ast.Constant(value=value):
            return Markup("{}").format(value)
        case ast.Name(id=name):
            return named(name)
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            over, under = _readable(left, named, 0), _readable(right, named, 0)
            return Markup('<span class="frac"><span>{}</span><span class="sr">/</span><span>{}</span></span>').format(over, under)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return Markup("{}<sup>{}</sup>").format(_readable(left, named, 5), _readable(right, named, 0))
        case ast.BinOp(left=left, op=op, right=right):
            own = BINDING[type(op)]
            sign = {ast.Add: "+", ast.Sub: "−", ast.Mult: "×"}[type(op)]
            body = Markup("{} {} {}").format(_readable(left, named, own), sign, _readable(right, named, own + 1))
            return _bracketed(body, own < around)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _bracketed(Markup("−{}").format(_readable(operand, named, 3)), around > 1)
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return Markup("{}({})").format(name, Markup(", ").join(_readable(a, named, 0) for a in arguments))
    return escape(ast.unparse(node))


def _bracketed(body: Markup, needed: bool) -> Markup:
    return Markup("({})").format(body) if needed else body
