"""Spectral indices as data: formula text over bands, the range it may take, and where it was defined."""

from __future__ import annotations

import ast
from functools import cache
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from carbonsink.base.formula import names_in, parse
from carbonsink.base.topics import LIBRARY
from carbonsink.declared.pipeline import Composites
from carbonsink.declared.schema import Declared, Sourced, Words, read_toml

POWERS = (2, 0.5)  # the exponents whose result IEEE 754 states to the last bit
ALLOWED = "+ - * /, ** 2 and ** 0.5"


class Index(Sourced):
    """One index: what it comes to `beyond` its range from `low` to `high` is no value, or clipped to it.

    None where positive reflectances can't lead there: what does is no surface's. Its denominators must then be positive.
    """

    formula: str
    low: float
    high: float
    beyond: Literal["none", "clip"] = "clip"
    name: Words

    @field_validator("formula")
    @classmethod
    def _arithmetic_of_bands(cls, formula: str) -> str:
        for node in ast.walk(parse(formula)):
            if isinstance(node, ast.expr) and not _allowed(node):
                raise ValueError(f"{ast.unparse(node)!r} at column {node.col_offset + 1}: an index takes {ALLOWED} over bands and numbers")
        if not names_in(formula):
            raise ValueError("an index takes one band at least")
        return formula

    @model_validator(mode="after")
    def _has_a_range(self) -> Self:
        if not self.low < self.high:
            raise ValueError(f"low {self.low:g} is not below high {self.high:g}")
        return self

    @property
    def bands(self) -> tuple[str, ...]:
        """The bands the formula asks for."""
        return names_in(self.formula)


class Denominator(Sourced):
    """A formula's denominator nearer to zero than this gives no value."""

    smallest: float = Field(gt=0)


class Indices(Declared):
    """library/indices.toml"""

    denominator: Denominator
    index: dict[str, Index]


def _allowed(node: ast.expr) -> bool:
    """Whether a kernel can be compiled with it: operations that every processor rounds alike."""
    match node:
        case ast.Constant(value=bool()):
            return False
        case ast.Constant(value=int() | float()) | ast.Name() | ast.UnaryOp(op=ast.UAdd() | ast.USub()):
            return True
        case ast.BinOp(op=ast.Pow(), right=ast.Constant(value=int() | float() as power)):
            return power in POWERS
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div()):
            return True
    return False


@cache
def read_indices() -> Indices:
    """Every index of the library."""
    return read_toml(LIBRARY / "indices.toml", Indices)


def bands_needed(composites: Composites) -> tuple[str, ...]:
    """The bands a composite reads, its own and its indices', in the order of the alphabet; without the mask."""
    known = read_indices().index
    return tuple(sorted({*composites.bands, *(band for name in composites.indices for band in known[name].bands)}))
