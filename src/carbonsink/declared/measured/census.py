"""Planting units that were sampled, read and held against what was counted (VM0047, census approach).

    census.csv   unit, stratum, date, state (alive | burned | dead), biomass_kg

Above-ground dry matter of a living unit; a burned one that lives is alive here, and its fire is the project's emission. A unit
that isn't found is dead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

from carbonsink.base.problems import Problem, Refusal
from carbonsink.declared.measured.declarations import Census
from carbonsink.declared.measured.settings import read_measured_settings
from carbonsink.declared.measured.table import Column, Row, read_table, strange_strata, twice
from carbonsink.declared.measured.years import gap_problems

COLUMNS = (
    Column("unit"),
    Column("stratum"),
    Column("date", date),
    Column("state", words=("alive", "burned", "dead")),
    Column("biomass_kg", float, needed=False, least=0),
)
Living = tuple[float, ...]  # above-ground dry matter [kg] of sampled living units


@dataclass(frozen=True)
class UnitSample:
    """The sampled units of a stratum on a day: what the living ones weigh, in rising order, and how many were sampled."""

    stratum: str
    on: date
    living_kg: Living
    units: int


def read_census(declared: Census, path: Path, strata: Sequence[str]) -> tuple[UnitSample, ...]:
    """The samples in the order of day and stratum; a Refusal lists every problem of them."""
    found: list[Problem] = []
    rows = read_table(path, declared.file, COLUMNS, found)
    found += strange_strata(rows, strata)
    found += twice((declared.file, f"{row.texts['unit']} {row.days['date']}, {row.texts['stratum']}") for row in rows)
    found += [problem for row in rows for problem in _row_problems(declared, row)]
    if found:
        raise Refusal(found)
    samples = _samples(rows)
    found += [*_count_problems(declared, samples), *_day_problems(declared, samples)]
    if found:
        raise Refusal(found)
    return samples


def _samples(rows: Sequence[Row]) -> tuple[UnitSample, ...]:
    groups: dict[tuple[date, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.days["date"], row.texts["stratum"]), []).append(row)
    return tuple(UnitSample(stratum, on, _living(part), len(part)) for (on, stratum), part in sorted(groups.items()))


def _living(rows: Sequence[Row]) -> Living:
    return tuple(sorted(row.numbers["biomass_kg"] for row in rows if row.texts["state"] != "dead"))


def _row_problems(declared: Census, row: Row) -> Iterator[Problem]:
    """Living units that weigh nothing, dead ones that weigh something, units measured before they stood."""
    dead, biomass = row.texts["state"] == "dead", row.numbers.get("biomass_kg", 0.0)
    if dead != (biomass == 0):
        yield Problem("E-MEA-030", row.where, {"unit": row.texts["unit"], "state": row.texts["state"], "found": biomass})
    if row.days["date"] <= declared.planted:
        yield Problem("E-MEA-034", row.where, {"found": row.days["date"], "planted": declared.planted})


def _count_problems(declared: Census, samples: Sequence[UnitSample]) -> Iterator[Problem]:
    """Strata counted and not sampled, sampled and not counted, samples larger than the count, too few living units."""
    least = read_measured_settings().census.rules.least_living
    for on in sorted({sample.on for sample in samples}):
        sampled = {sample.stratum for sample in samples if sample.on == on}
        if lone := sampled ^ declared.counted.keys():
            yield Problem("E-MEA-031", f"{declared.file} {on}", {"strata": ", ".join(sorted(lone))})
    for sample in samples:
        where = f"{declared.file} {sample.stratum} {sample.on}"
        if sample.units > declared.counted.get(sample.stratum, sample.units):
            yield Problem("E-MEA-032", where, {"sampled": sample.units, "counted": declared.counted[sample.stratum]})
        if len(sample.living_kg) < least:
            yield Problem("E-MEA-033", where, {"living": len(sample.living_kg), "least": least})


def _day_problems(declared: Census, samples: Sequence[UnitSample]) -> Iterator[Problem]:
    days = [declared.planted, *sorted({sample.on for sample in samples})]
    yield from gap_problems(declared.file, pairwise(days), read_measured_settings().census.rules.most_years)
