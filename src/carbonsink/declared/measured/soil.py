"""Soil samples and the sites they were taken on, read and held against the area and VM0042's rules for approach 2.

    soil_samples.csv  sample, site, stratum, date, depth_cm, organic_carbon_g_kg; mass_g, cores, diameter_mm of the cores,
                      or bulk_density_g_cm3, coarse_percent
    soil_sites.csv    site, stratum, kind, and the facts of Table 7 (declared/measured/controls.py)

A row is a layer that ends at `depth_cm`; the layers of a sample lie on one another from the surface. Soil is fine soil: what
passes 2 mm. Campaigns are the calendar years in which was sampled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise
from pathlib import Path

from carbonsink.base.problems import Problem, Refusal
from carbonsink.declared.measured.controls import Site, control_problems, read_sites
from carbonsink.declared.measured.declarations import SoilSamples
from carbonsink.declared.measured.settings import read_measured_settings
from carbonsink.declared.measured.table import Column, Row, read_table, strange_strata, twice
from carbonsink.declared.measured.years import gap_problems

COLUMNS = (
    Column("sample"),
    Column("site"),
    Column("stratum"),
    Column("date", date),
    Column("depth_cm", float, over=0),
    Column("organic_carbon_g_kg", float, least=0, most=1000),
    Column("mass_g", float, needed=False, over=0),
    Column("cores", float, needed=False, over=0),
    Column("diameter_mm", float, needed=False, over=0),
    Column("bulk_density_g_cm3", float, needed=False, over=0),
    Column("coarse_percent", float, needed=False, least=0, under=100),
)
BY_CORE = ("mass_g", "cores", "diameter_mm")
BY_DENSITY = ("bulk_density_g_cm3", "coarse_percent")
KINDS = ("project", "control")


@dataclass(frozen=True)
class Layer:
    """A layer of soil that ends at a depth [cm]: organic carbon [g/kg], and either the mass of cores [g] or its bulk density [g/cm3]."""

    depth_cm: float
    organic_carbon: float
    mass_g: float | None = None
    cores: float | None = None
    diameter_mm: float | None = None
    bulk_density: float | None = None
    coarse_percent: float | None = None


@dataclass(frozen=True)
class Sample:
    """A sample of a campaign: layers from the surface down."""

    id: str
    site: str
    stratum: str
    kind: str  # project | control
    on: date
    layers: tuple[Layer, ...]

    @property
    def campaign(self) -> int:
        """The calendar year it was taken in."""
        return self.on.year


@dataclass(frozen=True)
class SoilTables:
    """Samples in the order of campaign, stratum, kind, site and id, and the sites they were taken on."""

    samples: tuple[Sample, ...]
    sites: tuple[Site, ...]


def read_soil(declared: SoilSamples, samples: Path, sites: Path, strata: Sequence[str]) -> SoilTables:
    """The tables; a Refusal lists every problem of their cells, and where these stand, of what the rows say together."""
    found: list[Problem] = []
    known = read_sites(sites, declared.sites, found)
    whole = not found
    rows = read_table(samples, declared.file, COLUMNS, found)
    found += [*strange_strata(rows, strata), *_layer_problems(declared, rows), *(_site_problems(rows, known) if whole else ())]
    least = read_measured_settings().soil.depth.least_cm
    if declared.depth_cm < least:
        found.append(Problem("E-MEA-023", "area.toml [soil_samples.depth_cm]", {"found": declared.depth_cm, "least": least}))
    if found:
        raise Refusal(found)
    taken = tuple(_samples(rows, known))
    sampled = {(sample.site, sample.stratum) for sample in taken}
    sites_of = tuple(site for site in known if (site.id, site.stratum) in sampled)
    found += [*_depth_problems(declared, taken), *_campaign_problems(declared, taken), *_control_problems(declared, taken)]
    found += control_problems(sites_of)
    if found:
        raise Refusal(found)
    return SoilTables(taken, sites_of)


def campaigns(samples: Sequence[Sample], stratum: str, kind: str) -> list[int]:
    """The campaigns in which a side of a stratum was sampled, in order."""
    return sorted({s.campaign for s in samples if (s.stratum, s.kind) == (stratum, kind)})


def _key(row: Row) -> tuple[int, str, str, str]:
    return row.days["date"].year, row.texts["stratum"], row.texts["site"], row.texts["sample"]


def _samples(rows: Sequence[Row], sites: Sequence[Site]) -> Iterator[Sample]:
    kinds = {(site.id, site.stratum): site.kind for site in sites}
    ordered = sorted(rows, key=lambda row: (*_key(row), row.numbers["depth_cm"]))
    for (_, stratum, site, name), part in groupby(ordered, _key):
        layers = list(part)
        yield Sample(name, site, stratum, kinds[site, stratum], max(row.days["date"] for row in layers), tuple(map(_layer, layers)))


def _layer(row: Row) -> Layer:
    numbers = [row.numbers.get(name) for name in ("mass_g", "cores", "diameter_mm", "bulk_density_g_cm3", "coarse_percent")]
    return Layer(row.numbers["depth_cm"], row.numbers["organic_carbon_g_kg"], *numbers)


def _layer_problems(declared: SoilSamples, rows: Sequence[Row]) -> Iterator[Problem]:
    """Layers twice, and layers whose mass is told in no way or in two."""
    yield from twice((declared.file, f"{row.texts['sample']} {row.days['date']} {row.numbers['depth_cm']:g} cm, {row.texts['site']}") for row in rows)
    for row in rows:
        ways = [all(name in row.numbers for name in names) for names in (BY_CORE, BY_DENSITY)]
        parts = [any(name in row.numbers for name in names) for names in (BY_CORE, BY_DENSITY)]
        if ways.count(True) != 1 or parts.count(True) != 1:
            yield Problem("E-MEA-010", row.where, {"cores": ", ".join(BY_CORE), "density": ", ".join(BY_DENSITY)})


def _site_problems(rows: Sequence[Row], sites: Sequence[Site]) -> Iterator[Problem]:
    """Samples of a site, or of a part of a site, of which nothing is known."""
    known = {(site.id, site.stratum) for site in sites}
    for row in rows:
        if (row.texts["site"], row.texts["stratum"]) not in known:
            yield Problem("E-MEA-012", row.where, {"site": row.texts["site"], "stratum": row.texts["stratum"]})


def _depth_problems(declared: SoilSamples, samples: Sequence[Sample]) -> Iterator[Problem]:
    for sample in samples:
        if sample.layers[-1].depth_cm < declared.depth_cm:
            facts: dict[str, object] = {"found": sample.layers[-1].depth_cm, "depth": declared.depth_cm}
            yield Problem("E-MEA-011", f"{declared.file} {sample.site} {sample.id} {sample.on}", facts)


def _campaign_problems(declared: SoilSamples, samples: Sequence[Sample]) -> Iterator[Problem]:
    """Strata sampled once, sides sampled in other years, too few samples, campaigns too far apart."""
    rules = read_measured_settings().soil.campaigns
    for stratum in sorted({s.stratum for s in samples if s.kind == "project"}):
        years = {kind: campaigns(samples, stratum, kind) for kind in KINDS}
        if len(years["project"]) < 2 or (years["control"] and years["control"] != years["project"]):
            told: dict[str, object] = {kind: ", ".join(map(str, found)) or "-" for kind, found in years.items()}
            yield Problem("E-MEA-014", f"{declared.file} {stratum}", told)
        for kind, found in years.items():
            yield from _count_problems(declared, samples, (stratum, kind), found, rules.least_samples)
        days = [max(s.on for s in samples if s.stratum == stratum and s.campaign == year) for year in years["project"]]
        yield from gap_problems(f"{declared.file} {stratum}", pairwise(days), rules.most_years)


def _control_problems(declared: SoilSamples, samples: Sequence[Sample]) -> Iterator[Problem]:
    """Control sites that moved between campaigns, and sites with too few samples to be held against the project's."""
    rules = read_measured_settings().soil.controls
    for stratum in sorted({s.stratum for s in samples}):
        years = campaigns(samples, stratum, "control")
        taken = {year: [s.site for s in samples if (s.stratum, s.kind, s.campaign) == (stratum, "control", year)] for year in years}
        for one, other in pairwise(years):
            if moved := set(taken[one]) ^ set(taken[other]):
                yield Problem("E-MEA-019", f"{declared.file} {stratum}", {"sites": ", ".join(sorted(moved)), "one": one, "other": other})
        for site, count in sorted(Counter(taken[years[0]]).items()) if years else ():
            if count < rules.least_samples:
                facts: dict[str, object] = {"site": site, "count": count, "year": years[0], "least": rules.least_samples}
                yield Problem("E-MEA-024", f"{declared.file} {stratum}", facts)


def _count_problems(declared: SoilSamples, samples: Sequence[Sample], side: tuple[str, str], years: Sequence[int], least: int) -> Iterator[Problem]:
    for year in years:
        count = sum((s.stratum, s.kind, s.campaign) == (*side, year) for s in samples)
        if count < least:
            yield Problem("E-MEA-013", f"{declared.file} {side[0]}", {"count": count, "kind": side[1], "year": year, "least": least})
