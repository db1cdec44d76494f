"""Tables of measured and modelled numbers, which only some runs have, read once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from carbonsink.base import records as r
from carbonsink.base.tables import read_if_there


@dataclass(frozen=True)
class Measurements:
    """What was measured or modelled, and what it stands on; empty where nothing was."""

    numbers: tuple[r.Measured, ...] = ()  # measured and modelled
    soil_sites: tuple[r.SoilStock, ...] = ()
    soil_changes: tuple[r.SoilChange, ...] = ()
    census: tuple[r.CensusStock, ...] = ()
    matches: tuple[r.MatchedControl, ...] = ()
    balance: tuple[r.Balance, ...] = ()
    benchmarks: tuple[r.BenchmarkYear, ...] = ()


def read_numbers(run: Path) -> tuple[r.Measured, ...]:
    """What stage 4 measured and what models gave, where there is any."""
    return (*read_if_there(run / "areas" / "measured.csv", r.Measured), *read_if_there(run / "carbon" / "modelled.csv", r.Measured))


def read_measurements(run: Path) -> Measurements:
    """The tables of a run."""
    areas = run / "areas"
    return Measurements(
        numbers=read_numbers(run),
        soil_sites=read_if_there(areas / "soil_sites.csv", r.SoilStock),
        soil_changes=read_if_there(areas / "soil_changes.csv", r.SoilChange),
        census=read_if_there(areas / "census.csv", r.CensusStock),
        matches=read_if_there(areas / "matches.csv", r.MatchedControl),
        balance=read_if_there(areas / "balance.csv", r.Balance),
        benchmarks=read_if_there(areas / "benchmarks.csv", r.BenchmarkYear),
    )
