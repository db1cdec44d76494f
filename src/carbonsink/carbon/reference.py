r"""What an equation says to its reader: letters, LaTeX, Excel, units, the document spelled out; all from its one body.

latex_of(equation)          \Delta C = A \times ...
arguments_of(equation)      name, letter, unit, meaning in both languages
citation_of(equation)       2019 Refinement ..., eq 2.25
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from carbonsink.base.notation import excel, latex, latex_letter
from carbonsink.base.topics import LIBRARY, read_topics
from carbonsink.base.units import symbols
from carbonsink.carbon.equation import BEFORE, Equation, symbol_of

BEFORE_MEANING = {"en": "{meaning}, under the baseline's practice", "zh": "{meaning}（基准线）"}


@dataclass(frozen=True)
class Argument:
    """One argument of an equation as its reader meets it."""

    name: str
    letter: str  # in LaTeX
    unit: str
    meaning: Mapping[str, str]


def selected(equations: Iterable[Equation], name: str | None) -> list[Equation]:
    """The equations of a name, `soil.mineral_soil_change`, or of a module, `soil`; all where no name is given."""
    return [one for one in equations if name is None or one.name == name or one.name.startswith(f"{name}.")]


def letter(argument: str) -> str:
    """An argument's letter in its document; the baseline's practice is marked by a zero above, as in the report."""
    known = symbols()[symbol_of(argument)].ipcc
    # A document's bare number (0.59) is one value of the symbol, not its name.
    plain = symbol_of(argument).replace("_", " ") if known.removeprefix("-").replace(".", "").isdigit() else known
    return f"{plain}^0" if argument.endswith(BEFORE) else plain


def latex_of(equation: Equation) -> str:
    """The whole equation, result and all."""
    return f"{latex_letter(letter(equation.returns.name))} = {latex(equation.formula, letter)}"


def excel_of(equation: Equation) -> str:
    """The equation as Excel writes it, over cells that bear its arguments' names."""
    return "=" + excel(equation.formula, {argument: argument for argument in equation.arguments})


def arguments_of(equation: Equation) -> tuple[Argument, ...]:
    """Its arguments in order."""
    return tuple(Argument(name, latex_letter(letter(name)), symbols()[symbol_of(name)].unit, meaning(name)) for name in equation.arguments)


def meaning(argument: str) -> dict[str, str]:
    """What an argument means, by language."""
    words = symbols()[symbol_of(argument)].meaning
    return {code: BEFORE_MEANING[code].format(meaning=words[code]) if argument.endswith(BEFORE) else words[code] for code in ("zh", "en")}


def citation_of(equation: Equation) -> str:
    """The place an equation cites, its document spelled out; a KeyError where the library knows no such source."""
    source, _, place = equation.cites.partition(" ")
    return f"{read_topics(LIBRARY / 'sources')[source]['citation']}, {place}"
