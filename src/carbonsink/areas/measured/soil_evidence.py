"""What a verifier needs of soil samples: every site's stock on the one mass of soil, and the change of either side.

samples -> areas/soil_sites.csv, areas/soil_changes.csv
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import fmean

from carbonsink.areas.measured.change import Estimate, Units, change, mean, net
from carbonsink.areas.measured.masses import profile
from carbonsink.areas.measured.rows import PLACES
from carbonsink.areas.measured.soil import Stocks, reference_mass, stocks_of, units_of
from carbonsink.base.records import SoilChange, SoilStock
from carbonsink.base.tables import quantise
from carbonsink.declared.measured.settings import read_measured_settings
from carbonsink.declared.measured.soil import KINDS, Sample, campaigns


def site_rows(samples: Sequence[Sample], depth_cm: float) -> list[SoilStock]:
    """Every site of every stratum and campaign, after the mean of its side [t/ha, t C/ha]."""
    return [row for part in _strata(samples) for row in _sites(part, depth_cm)]


def change_rows(samples: Sequence[Sample], depth_cm: float) -> list[SoilChange]:
    """What each stratum changed from one campaign to the next: the project, its controls, and the difference [t C/ha]."""
    return [row for part in _strata(samples) for row in _changes(part, depth_cm)]


def _strata(samples: Sequence[Sample]) -> Iterator[list[Sample]]:
    for stratum in sorted({sample.stratum for sample in samples if sample.kind == "project"}):
        yield [sample for sample in samples if sample.stratum == stratum]


def _sites(samples: Sequence[Sample], depth_cm: float) -> Iterator[SoilStock]:
    profiles = {sample: profile(sample.layers) for sample in samples}
    found = {sample: one.mass_to(depth_cm) for sample, one in profiles.items()}
    mass, stocks = reference_mass(list(profiles.values()), depth_cm), stocks_of(samples, depth_cm)
    for campaign, kind in sorted({(s.campaign, s.kind) for s in samples}, key=lambda key: (key[0], KINDS.index(key[1]))):
        side = [s for s in samples if (s.campaign, s.kind) == (campaign, kind)]
        for site in ("", *sorted({s.site for s in side})):
            taken = [s for s in side if site in ("", s.site)]
            units = {s.id: stocks[s] for s in taken} if site else units_of(stocks, kind, campaign)
            yield _stock((samples[0].stratum, campaign, kind, site), units, fmean(found[s] for s in taken), mass)


def _stock(names: tuple[str, int, str, str], units: Units, found: float, mass: float) -> SoilStock:
    middle = fmean(units[name] for name in sorted(units))
    error = quantise(mean(units).error, PLACES) if len(units) > 1 else None
    return SoilStock(*names, len(units), quantise(found, PLACES), quantise(mass, PLACES), quantise(middle, PLACES), error)


def _changes(samples: Sequence[Sample], depth_cm: float) -> Iterator[SoilChange]:
    stocks, stratum = stocks_of(samples, depth_cm), samples[0].stratum
    for before, after in pairwise(campaigns(samples, stratum, "project")):
        sides = [_side(stocks, kind, before, after) for kind in KINDS]
        for kind, found in zip((*KINDS, "net"), (*sides, net(*sides)), strict=True):
            yield _change((stratum, before, after, kind), found)


def _side(stocks: Stocks, kind: str, before: int, after: int) -> Estimate:
    return change(units_of(stocks, kind, before), units_of(stocks, kind, after))


def _change(names: tuple[str, int, int, str], found: Estimate) -> SoilChange:
    half = found.half_width(read_measured_settings().interval.percent)
    numbers = (found.value, found.error, found.degrees, found.value - half, found.value + half)
    return SoilChange(*names, *(quantise(number, PLACES) for number in numbers))
