"""Units in which each substance is a dimension of its own, and the vocabulary of symbols that carry them.

unit("t_C ha^-1") * unit("ha")            tonnes of carbon
same("t_C yr^-1", "t_CO2e yr^-1")         False: 44/12 was forgotten
symbols()["growth"].unit                  "t_dm ha^-1 yr^-1"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any

from carbonsink.base.topics import LIBRARY, read_topics

SUBSTANCES = ("dm", "C", "CO2", "CO2e", "CH4", "N", "N2O", "N2O_N")  # dry matter; N2O_N: the nitrogen in nitrous oxide


@dataclass(frozen=True)
class Symbol:
    """One symbol of the vocabulary: its unit, its meaning by language, its letter in the IPCC Guidelines."""

    name: str
    unit: str
    meaning: Mapping[str, str]
    ipcc: str
    optional: bool = False  # an amount of something that is applied or isn't: a term of it is left out where nobody declares it
    signed: bool = False  # a change, which may be a loss: its draws are not cut at zero
    of: str = ""  # another symbol whose rows it takes, under keys of its own: ef1_organic is ef1 with nitrogen = organic
    keys: Mapping[str, str] = field(default_factory=dict)


@cache
def symbols() -> Mapping[str, Symbol]:
    """The vocabulary, `library/symbols/*.toml`, by name."""
    raw = read_topics(LIBRARY / "symbols")
    return MappingProxyType({name: Symbol(name, **entry) for name, entry in raw.items()})


@cache
def registry() -> Any:
    """A pint registry that knows only this field's units; any other word is an error."""
    import pint

    units: Any = pint.UnitRegistry(None, on_redefinition="raise")
    for line in ("kg = [mass]", "t = 1000 * kg", "m = [length]", "ha = 10000 * m ** 2", "mu = ha / 15", "day = [time]", "yr = [year]"):
        units.define(line)
    for name in SUBSTANCES:
        units.define(f"{name} = [substance_{name}]")
        units.define(f"kg_{name} = kg * {name}")
        units.define(f"t_{name} = t * {name}")
    return units


@cache
def unit(text: str) -> Any:
    """The pint unit of a text such as `t_C ha^-1 yr^-1`; `1` has no dimension. ValueError names an unknown unit."""
    if text == "1":
        return registry().dimensionless
    try:
        return registry().parse_units(text)
    except Exception as error:
        raise ValueError(f"{text!r} is not a unit: {error}") from error


def same(one: str, other: str) -> bool:
    """Whether two texts are one unit, however spelled; a kilogram is not a tonne. Unknown units are the same as nothing."""
    try:
        a, b = (1 * unit(text) for text in (one, other))
    except ValueError:
        return False
    return bool(a.is_compatible_with(b)) and equal_to_one(a, other)


def equal_to_one(quantity: Any, of: str) -> bool:
    """Whether a pint quantity is exactly one of a unit, but for the rounding of powers of ten."""
    return bool(abs(quantity.to(unit(of)).magnitude - 1) < 1e-12)
