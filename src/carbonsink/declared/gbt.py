"""China's land use classes (GB/T 21010-2017) and the IPCC categories they fall into: library/gbt21010.csv.

category_of("0101")      cropland
category_of("03")        none: the second level of 03 falls into several, so whoever uses it says which
categories_of("0305")    forest land, or grassland where the national forest definition isn't met
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import get_args

from carbonsink.base.topics import LIBRARY
from carbonsink.declared.categories import IPCC

FIRST_LEVEL = 2  # digits of a first-level code


@dataclass(frozen=True)
class Use:
    """One class of the standard, of its first level (two digits) or its second (four)."""

    code: str
    name_zh: str
    name_en: str
    ipcc: str  # the category it falls into by rule; empty at the first level
    also: str  # the category that its note allows
    source: str
    place: str
    status: str  # confirmed | transcribed | recalled
    note: str


@cache
def uses() -> Mapping[str, Use]:
    """Every class of the standard by its code, in the table's order."""
    path = LIBRARY / "gbt21010.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        return {row["code"]: Use(**row) for row in csv.DictReader(stream)}


def category_of(code: str) -> IPCC | None:
    """The IPCC category that a class falls into by rule; None where it doesn't follow from the code, or there is no such code."""
    if len(code) > FIRST_LEVEL:
        return _category(uses()[code].ipcc) if code in uses() else None
    found = categories_of(code)
    return found[0] if len(found) == 1 else None


def categories_of(code: str) -> tuple[IPCC, ...]:
    """Every category that a class may fall into; of a first-level code those of its second level. Empty where there is no such code."""
    within = [use for use in uses().values() if use.code.startswith(code) and use.ipcc] if code in uses() else []
    names = {name for use in within for name in (use.ipcc, use.also)}
    return tuple(name for name in get_args(IPCC) if name in names)


def _category(name: str) -> IPCC:
    return next(known for known in get_args(IPCC) if known == name)
