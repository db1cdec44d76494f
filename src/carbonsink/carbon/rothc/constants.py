"""The constants of RothC-26.3 as the kernel takes them, from `library/models/rothc.csv`."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from carbonsink.carbon.inputs import MONTHS
from carbonsink.declared.parameters import read_parameters


class Constants(NamedTuple):
    """The table's parameters under their names, a choice behind its parameter; `month` is the length of a month in years."""

    temperature_scale: float
    temperature_exponent: float
    temperature_shift: float
    temperature_floor: float
    deficit_constant: float
    deficit_clay: float
    deficit_clay_squared: float
    reference_depth: float
    bare_share: float
    unstressed_share: float
    least_moisture: float
    pan_share: float
    covered_rate: float
    decay_dpm: float
    decay_rpm: float
    decay_bio: float
    decay_hum: float
    respired_scale: float
    respired_constant: float
    respired_clay: float
    respired_exponent: float
    biomass_share: float
    manure_share_dpm: float
    manure_share_rpm: float
    manure_share_hum: float
    month: float


@cache
def constants() -> Constants:
    """The table's values; a KeyError where the table lacks one."""
    rows = read_parameters("rothc").rows
    named = {f"{name}_{choice}" if choice else name: row.value for (name, choice), row in rows.items()} | {"month": 1 / MONTHS}
    return Constants(**{name: named[name] for name in Constants._fields})
