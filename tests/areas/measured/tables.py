"""Tables as people hand them in, made from a few numbers, and a small area that declares them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from carbonsink.areas.measured.stage import measure_all
from carbonsink.base.problems import Problem, Refusal
from carbonsink.base.records import Activity, Measured
from carbonsink.base.tables import read_csv, write_csv
from carbonsink.declared.measured.problems import measured_problems
from carbonsink.declared.paths import Places
from carbonsink.declared.plan import Plan
from tests.land import trial

Cells = dict[str, object]
STRATA = {"upper": "paddy", "lower": "tea"}


def write(folder: Path, name: str, rows: Sequence[Mapping[str, object]], header: Iterable[str] | None = None) -> None:
    """A CSV of rows; columns in the order of the first row."""
    folder.mkdir(parents=True, exist_ok=True)
    names = list(header or rows[0])
    lines = [",".join(names), *(",".join(str(row.get(name, "")) for name in names) for row in rows)]
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def plan(folder: Path, years: Sequence[int], **sections: Any) -> Plan:
    """A trial area of two strata with sections of area.toml: soil_samples, census, stocking, plots."""
    made = trial.plan(folder, years=tuple(years), strata=STRATA)
    given = made.area.model_dump() | sections
    return dataclasses.replace(made, area=type(made.area).model_validate(given))


def problems(made: Plan) -> list[Problem]:
    """What `carbonsink check` says of the measured sections."""
    return list(measured_problems(made.area, made.vintages, Places(made.folder)))


def measured(made: Plan, run: Path, hectares: float = 10.0) -> list[Measured]:
    """The rows of areas/measured.csv but for the baseline's zeros, of an area with so many hectares in each stratum."""
    activity = [Activity(year, side, stratum, hectares, 0.0, "parcels") for year in made.vintages for side in ("baseline", "project") for stratum in STRATA]
    write_csv(run / "areas" / "activity.csv", activity, Activity)
    measure_all(made, run)
    rows = read_csv(run / "areas" / "measured.csv", Measured)
    baseline = [row for row in rows if row.scenario == "baseline" and row.place.startswith("definition")]
    assert {(row.value, row.distribution) for row in baseline} <= {(0.0, "exact")}
    return [row for row in rows if row not in baseline]


def codes(made: Plan, run: Path) -> list[str]:
    """The codes of what `check` finds, and where it finds nothing, of what the stage refuses."""
    if found := problems(made):
        return [problem.code for problem in found]
    try:
        measured(made, run)
    except Refusal as refusal:
        return [problem.code for problem in refusal.problems]
    return []


# --- soil ---

SOIL = {"file": "soil_samples.csv", "sites": "soil_sites.csv", "source": "trial"}
FACTS: Cells = {"slope_class": "flat", "texture": "clay_loam", "soil_group": "acrisols", "ecoregion": "southeast", "climate": "warm_temperate_moist"}
DAYS = (date(2020, 3, 20), date(2024, 3, 20))
SITES = {"P1": "project", "C1": "control", "C2": "control", "C3": "control"}


def layer(sample: str, site: str, on: date, content: float, **changed: object) -> Cells:
    """A layer of 0 to 30 cm by bulk density: 1.25 g/cm3 is 3,750 t/ha."""
    cells: Cells = {"sample": sample, "site": site, "stratum": "upper", "date": on, "depth_cm": 30, "organic_carbon_g_kg": content}
    more: Cells = {"mass_g": "", "cores": "", "diameter_mm": "", "bulk_density_g_cm3": 1.25, "coarse_percent": 0}
    return cells | more | changed


def soil(contents: Mapping[str, Sequence[tuple[float, float]]]) -> list[Cells]:
    """Samples of each site with their contents [g/kg] in the two campaigns."""
    return [
        layer(f"{site}-{number}", site, day, content)
        for site, samples in contents.items()
        for number, pair in enumerate(samples)
        for day, content in zip(DAYS, pair, strict=True)
    ]


def sites(names: Mapping[str, str] = SITES, **changed: object) -> list[Cells]:
    """A row a site in the stratum "upper"."""
    near: Cells = {"rainfall_mm": 1500, "aspect_degrees": "", "distance_km": 12, "management_years": 6, "converted_from": "", "converted_year": ""}
    return [{"site": name, "stratum": "upper", "kind": kind, **FACTS, **near, **changed} for name, kind in names.items()]


def good_soil() -> list[Cells]:
    """A stratum whose project gains about 0.8 g/kg and whose controls gain about 0.2."""
    random = np.random.default_rng(42)
    first = {site: random.normal(13, 1, 6) for site in SITES}
    gains = {site: random.normal(0.8 if kind == "project" else 0.2, 0.15, 6) for site, kind in SITES.items()}
    return soil({site: [(round(a, 3), round(a + g, 3)) for a, g in zip(first[site], gains[site], strict=True)] for site in SITES})


# --- planting units ---

CENSUS: dict[str, Any] = {
    "file": "census.csv", "counted": {"upper": 400}, "planted": date(2019, 6, 1), "root_shoot": 0.25, "root_shoot_source": "trial", "source": "trial",
}  # fmt: skip


def units(weights: Sequence[float | None], on: date, stratum: str = "upper") -> list[Cells]:
    """Sampled units by their weight [kg]; None is dead."""
    return [
        {"unit": f"U{n}", "stratum": stratum, "date": on, "state": "dead" if w is None else "alive", "biomass_kg": "" if w is None else w}
        for n, w in enumerate(weights)
    ]


# --- stocking index ---

STOCKING = {"file": "stocking.csv", "start": 2020, "controls": 2, "source": "trial"}
PLACE: Cells = {"jurisdiction": "fujian", "ecoregion": "southeast", "policy": "none", "tenure": "collective"}


def stocking(growth: float = 0.05, donor_growth: float = 0.02, plots: int = 30, donors: int = 120, seed: int = 7) -> list[Cells]:
    """Plots and donors with one history, whose index grows by so much a year from 2020 on."""
    random = np.random.default_rng(seed)
    rows: list[Cells] = []
    for number in range(plots + donors):
        kind, rate = ("project", growth) if number < plots else ("donor", donor_growth)
        level = random.normal(0.4, 0.05)
        past = {str(year): round(level + random.normal(0, 0.005), 5) for year in (2011, 2016, 2020)}
        later = {str(year): round(level + rate * (year - 2020) + random.normal(0, 0.005), 5) for year in (2021, 2022, 2023)}
        more: Cells = {"area_ha": 0.25, "distance_km": "" if kind == "project" else 40, "inside_share": 1 if kind == "project" else ""}
        rows.append({"plot": f"{kind[0]}{number:03d}", "kind": kind, **PLACE, **more, **past, **later})
    return rows
