"""A formula's text in other notations, each from its syntax tree: an Excel formula over cells, readable HTML, LaTeX.

excel("a * (b + c)", {"a": "P!$D$1", ...})        P!$D$1*(P!$D$2+P!$D$3)
latex("f_land_use / d", {"f_land_use": "F_LU", "d": "D"}.__getitem__)     \\frac{F_{\\mathrm{LU}}}{D}
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping

from markupsafe import Markup, escape

from carbonsink.base.formula import FormulaError, parse

EXCEL_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^", ast.USub: "-", ast.UAdd: "+",
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "=", ast.NotEq: "<>",
}  # fmt: skip
EXCEL_FUNCTIONS = {"minimum": "MIN", "maximum": "MAX", "exp": "EXP", "sqrt": "SQRT", "log": "LN"}
LATEX_OPERATORS: dict[type[ast.AST], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: r"\times"}
LATEX_FUNCTIONS = {"minimum": r"\min", "maximum": r"\max", "exp": r"\exp", "log": r"\ln"}
WRITTEN = {"minimum": "min", "maximum": "max", "log": "ln"}  # functions as people write them
GREEK = {"Δ": r"\Delta ", "α": r"\alpha ", "β": r"\beta ", "δ": r"\delta ", "ρ": r"\rho ", "π": r"\pi ", "Σ": r"\Sigma "}
BINDING: dict[type[ast.AST], int] = {ast.Add: 1, ast.Sub: 1, ast.Mult: 2, ast.Div: 2, ast.USub: 3, ast.UAdd: 3, ast.Pow: 4}


def excel(formula: str, cells: Mapping[str, str]) -> str:
    """The formula as Excel writes it, names replaced by cell references; without the leading equals sign."""
    return _excel(parse(formula), cells, formula)


def readable(formula: str, notation: Callable[[str], Markup] | None = None) -> Markup:
    """The formula as people write it: fractions as fractions, powers raised, names by `notation`."""
    return _readable(parse(formula), notation or symbol, 0)


def symbol(name: str) -> Markup:
    """A symbol's name with its first part upright in italics and the rest as a subscript: ef_c becomes ef with subscript c."""
    for sign, written in ((" + ", " + "), (" - ", " − "), (" x ", " × ")):  # a document may give such a pair no letter of its own
        if sign in name:
            return Markup("({})").format(Markup(written).join(map(symbol, name.split(sign))))
    head, _, tail = name.partition("_")
    below = Markup("<sub>{}</sub>").format(tail.replace("_", " ")) if tail else Markup("")
    return Markup('<var class="sym">{}{}</var>').format(head, below)


def latex(formula: str, letters: Callable[[str], str]) -> str:
    """The formula in LaTeX's mathematics; `letters` gives each name's letter as its document writes it: SOC_REF, 44/12, 10^-3."""
    return _latex(parse(formula), letters, 0)


def latex_letter(letter: str) -> str:
    """A document's letter in LaTeX: what follows `_` below, what follows `^` above, words upright, fractions of numbers as such."""
    for sign, written in ((" + ", " + "), (" - ", " - "), (" ", r" \times ")):  # a document may give two letters together no letter of their own
        if sign in letter and "_" in letter:
            return _between(written.join(map(latex_letter, letter.split(sign))), True)
    body, _, above = letter.partition("^")
    head, _, below = body.partition("_")
    over, _, under = head.partition("/")
    main = rf"\frac{{{_upright(over)}}}{{{_upright(under)}}}" if under else _upright(head)
    return main + (f"_{{{_upright(below)}}}" if below else "") + (f"^{{{above}}}" if above else "")


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
            return Markup("{}({})").format(WRITTEN.get(name, name), Markup(", ").join(_readable(a, named, 0) for a in arguments))
    return escape(ast.unparse(node))


def _bracketed(body: Markup, needed: bool) -> Markup:
    return Markup("({})").format(body) if needed else body


def _latex(node: ast.expr, letters: Callable[[str], str], around: int) -> str:
    def of(inner: ast.expr, binding: int) -> str:
        return _latex(inner, letters, binding)

    match node:
        case ast.Constant(value=int() | float() as number):
            return repr(number)
        case ast.Name(id=name):
            letter = letters(name)
            return _between(latex_letter(letter), around > BINDING[ast.Pow] and ("^" in letter or "/" in letter))
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return _between(rf"\frac{{{of(left, 0)}}}{{{of(right, 0)}}}", around > BINDING[ast.Pow])
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _between(f"{of(left, BINDING[ast.Pow] + 1)}^{{{of(right, 0)}}}", around > BINDING[ast.Pow])
        case ast.BinOp(left=left, op=op, right=right) if type(op) in LATEX_OPERATORS:
            own = BINDING[type(op)]
            after = own + 1 if isinstance(op, ast.Sub) else own  # a sum or product needs no brackets for its order, as floats do
            return _between(f"{of(left, own)} {LATEX_OPERATORS[type(op)]} {of(right, after)}", own < around)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _between(f"-{of(operand, BINDING[ast.USub])}", around > 1)
        case ast.Call(func=ast.Name(id="sqrt"), args=[inner]):
            return rf"\sqrt{{{of(inner, 0)}}}"
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in LATEX_FUNCTIONS:
            return LATEX_FUNCTIONS[name] + _between(", ".join(of(a, 0) for a in arguments), True)
    raise FormulaError(f"{ast.unparse(node)!r} has no LaTeX form")


def _between(body: str, needed: bool) -> str:
    return rf"\left({body}\right)" if needed else body


def _upright(text: str) -> str:
    """A name of several letters upright, as LaTeX would else set it as a product; the numbers of a chemical formula below the line."""
    greek = "".join(GREEK[c] for c in text if c in GREEK)
    rest = re.sub(r"(?<=[CHON])(\d)", r"_{\1}", "".join(c for c in text if c not in GREEK).replace("_", ",").replace(" ", r"\ "))
    return greek + (rf"\mathrm{{{rest}}}" if len(rest) > 1 and not rest.isdigit() else rest)
