"""Soil measured and measured again: the gain of each stratum on one mass of soil, less what its control sites gained.

    soil_samples.csv, soil_sites.csv -> soc_gain_measured [t C/ha/yr] of every vintage between two campaigns (VM0042, approach 2)

The mass is that of the densest sample of the stratum, to the depth reported. The project's samples are a random sample of the
stratum. Control sites were chosen, so where a stratum has two or more, they are the units: what differs between them is not known
better by more samples of one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from statistics import fmean

from carbonsink.areas.measured.change import Estimate, Units, alike, change, net
from carbonsink.areas.measured.masses import Profile, profile
from carbonsink.areas.measured.rows import Changed, by_vintage
from carbonsink.base.problems import Problem, Refusal
from carbonsink.base.records import Measured
from carbonsink.declared.measured.declarations import SoilSamples
from carbonsink.declared.measured.settings import read_measured_settings
from carbonsink.declared.measured.soil import KINDS, Sample, SoilTables, campaigns
from carbonsink.declared.plan import Plan

Stocks = dict[Sample, float]  # t C/ha on the stratum's mass


def soil_rows(plan: Plan, declared: SoilSamples, tables: SoilTables) -> Iterator[Measured]:
    """The gain of every stratum and vintage; a Refusal lists samples with too little soil, and controls with other soil."""
    strata = sorted({sample.stratum for sample in tables.samples if sample.kind == "project"})
    parts = [[sample for sample in tables.samples if sample.stratum == stratum] for stratum in strata]
    problems = [problem for part in parts for problem in (*_content_problems(declared, part), *_mass_problems(declared, part))]
    if problems:
        raise Refusal(problems)
    for part in parts:
        stratum = part[0].stratum
        yield from by_vintage(list(_changed(declared, part)), plan.area.period, stratum, "soc_gain_measured", f"{declared.file} {stratum}")


def stocks_of(samples: Sequence[Sample], depth_cm: float) -> Stocks:
    """The stock of every sample of a stratum on the mass of its densest one above the depth."""
    profiles = {sample: profile(sample.layers) for sample in samples}
    mass = reference_mass(list(profiles.values()), depth_cm)
    return {sample: one.stock(mass) for sample, one in profiles.items()}


def reference_mass(profiles: Sequence[Profile], depth_cm: float) -> float:
    """The soil [t/ha] that the densest sample holds above the depth (VM0042 section 8.2.1.6)."""
    return max(one.mass_to(depth_cm) for one in profiles)


def gain(stocks: Stocks, before: int, after: int) -> Estimate:
    """The change of a stratum's project land between two campaigns, less that of its control sites [t C/ha]."""
    project, control = (change(units_of(stocks, kind, before), units_of(stocks, kind, after)) for kind in KINDS)
    return net(project, control)


def units_of(stocks: Stocks, kind: str, campaign: int) -> Units:
    """Stocks of a side by unit: samples, or control sites where there are two or more."""
    found = {sample: stock for sample, stock in stocks.items() if (sample.kind, sample.campaign) == (kind, campaign)}
    sites = sorted({sample.site for sample in stocks if sample.kind == kind})
    if kind == "control" and len(sites) > 1:
        return {site: fmean(sorted(stock for sample, stock in found.items() if sample.site == site)) for site in {s.site for s in found}}
    return {f"{sample.site} {sample.id}": stock for sample, stock in found.items()}


def _changed(declared: SoilSamples, samples: Sequence[Sample]) -> Iterator[Changed]:
    """The gain of a stratum from each campaign to the next."""
    stocks, percent = stocks_of(samples, declared.depth_cm), read_measured_settings().interval.percent
    for first, second in pairwise(campaigns(samples, samples[0].stratum, "project")):
        found, before, after = gain(stocks, first, second), _last_day(samples, first), _last_day(samples, second)
        counts = [sum((s.kind, s.campaign) == (kind, second) for s in samples) for kind in KINDS]
        place = f"{declared.file}: {before} to {after}, {counts[0]} samples of the project, {counts[1]} of control sites"
        yield Changed(before, after, found.value, found.half_width(percent), place)


def _last_day(samples: Sequence[Sample], campaign: int) -> date:
    """The day on which a campaign's last sample was taken."""
    return max(sample.on for sample in samples if sample.campaign == campaign)


def _mass_problems(declared: SoilSamples, samples: Sequence[Sample]) -> Iterator[Problem]:
    """Samples that hold less soil than the densest one above the depth: their stock would have to be guessed."""
    profiles = {sample: profile(sample.layers) for sample in samples}
    needed = reference_mass(list(profiles.values()), declared.depth_cm)
    for sample, one in profiles.items():
        if one.masses[-1] < needed:
            facts: dict[str, object] = {"found": round(float(one.masses[-1]), 1), "needed": round(needed, 1), "depth": declared.depth_cm}
            yield Problem("E-MEA-021", f"{declared.file} {sample.site} {sample.id} {sample.on}", facts)


def _content_problems(declared: SoilSamples, samples: Sequence[Sample]) -> Iterator[Problem]:
    """Control sites whose first content of organic carbon isn't the project's (VM0042 Table 7)."""
    first, level = min(sample.campaign for sample in samples), read_measured_settings().soil.similarity.content_percent
    contents = {sample: profile(sample.layers).content(declared.depth_cm) for sample in samples if sample.campaign == first}
    project = {f"{s.site} {s.id}": value for s, value in contents.items() if s.kind == "project"}
    for site in sorted({sample.site for sample in contents if sample.kind == "control"}):
        control = {s.id: value for s, value in contents.items() if s.site == site and s.kind == "control"}
        if (p := alike(control, project)) < 1 - level / 100:
            one, other = (round(fmean(sorted(part.values())), 2) for part in (control, project))
            yield Problem("E-MEA-020", samples[0].stratum, {"control": site, "one": one, "other": other, "level": level, "p": round(p, 4)})
