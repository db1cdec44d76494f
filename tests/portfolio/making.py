"""Finished runs without their pixels, cheaply: declared land, the real reckoning from hectares to statement, and a manifest."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from carbonsink.base import records as r
from carbonsink.base.evidence import digest, file_sha256, write_json
from carbonsink.base.geometry import hectares
from carbonsink.base.manifest import describe, write_manifest
from carbonsink.base.tables import write_csv
from carbonsink.carbon.work import work
from carbonsink.credit.statement import credit
from carbonsink.declared.load import declared_methodology, explain_plan, load
from carbonsink.declared.plan import Plan
from carbonsink.run import run_name
from carbonsink.uncertainty import propagate
from tests.bad.area import Area, feature, good_area, square
from tests.signing import confirm_folder

REAL = 'imagery = { catalogue = "https://stac.example.org" }'
SOIL_KEYS = (
    'keys = { climate = "warm_temperate_moist", soil = "lac", land_use = "long_term_cultivated", moisture = "wet", nitrogen = "synthetic" }\n'
    'baseline = { tillage = "full", input = "low" }\nproject = { tillage = "reduced", input = "high_without_manure" }\n'
)
FOREST_KEYS = (
    'keys = { continent = "asia", ecozone = "subtropical_humid", origin = "natural", age = "gt20y", leaf = "broadleaf", species = "other", '
    'agb_class = "gt125" }\n'
)
STAMP = {"code": "TRANSCRIBED_FACTORS", "rows": [], "zh": "因子待核对", "en": "Factors to be checked"}


def quiet(*_: object) -> None:
    """Progress nobody watches."""


def rice_area(folder: Path, name: str, step: int, years: tuple[int, int] = (2020, 2021), nitrogen: float = 150.0, real: bool = True) -> Area:
    """Two paddies with a path between, so many fields east of the first area's."""
    folder.mkdir(parents=True)
    area = good_area(folder)
    area.features(feature(square(step), "P-1"), feature(square(step + 1), "P-2"))
    area.declare('id = "tiny-paddies"', f'id = "{name}"')
    area.declare('en = "Tiny paddies"', f'en = "Paddies of {name}"')
    area.declare("start = 2020-01-01, end = 2021-12-31", f"start = {years[0]}-01-01, end = {years[1]}-12-31")
    area.declare("value = 150.0", f"value = {nitrogen}")
    if real:
        area.declare('imagery = { catalogue = "simulated" }', REAL)
    return area


def soil_area(folder: Path, name: str, step: int) -> Area:
    """Two fields whose soil is tilled less: removals, and N2O that rises."""
    area = rice_area(folder, name, step)
    nitrogen = (
        'symbol = "nitrogen_rate"\nunit = "kg_N ha^-1 yr^-1"\n' + f'scenario = "{side}"\nvalue = {rate}'
        for side, rate in (("baseline", 150.0), ("project", 180.0))
    )
    _declared_anew(area, SOIL_KEYS, *nitrogen, 'symbol = "change_year"\nunit = "yr"\nvalue = 2019.0', 'symbol = "yield_ratio"\nunit = "1"\nvalue = 1.0')
    area.recipe('"rice-water-management"', '"farmland-soil"')
    return area


def inventory_area(folder: Path, name: str, step: int) -> Area:
    """Land inside a boundary, by pixel counts: an inventory."""
    area = rice_area(folder, name, step)
    area.boundary()
    area.recipe('"rice-water-management"', '"forest-inventory"')
    area.recipe('id = "paddy", code = 1, ipcc = "cropland"', 'id = "paddy", code = 1, ipcc = "forest land"')
    _declared_anew(area, FOREST_KEYS)
    return area


def _declared_anew(area: Area, keys: str, *values: str) -> None:
    """The stratum's keys and all declared values, in place of those of rice."""
    text = (area.folder / "area.toml").read_text()
    said = "".join(f'\n[[value]]\n{value}\nsource = "farm records"\nplace = "book 1"\n' for value in values)
    area.write("area.toml", text[: text.index("keys = {")] + keys + said)


def finished_run(folder: Path, runs: Path, errors: float = 0.0, alerts: Sequence[r.Alert] = (), practice: Sequence[r.PracticeEvidence] = ()) -> Path:
    """The run of an area as the stages would have left it: all but scenes, composites and pages."""
    if declared_methodology(folder)[1].id == "rice-water-management" and REAL in (folder / "area.toml").read_text():
        confirm_folder(folder)
    plan = load(folder)
    run = runs / run_name(plan)
    copied(plan, run)
    write_json(run / "plan.json", explain_plan(plan))
    write_csv(run / "areas/activity.csv", _activity(plan, errors), r.Activity)
    write_csv(run / "areas/classes.csv", _classes(plan, errors), r.ClassArea)
    write_csv(run / "areas/transitions.csv", _transitions(plan), r.Transition)
    if alerts:
        write_csv(run / "land/alerts.csv", alerts, r.Alert)
    if practice:
        write_csv(run / "land/practice.csv", practice, r.PracticeEvidence)
    for stage in (work, propagate, credit):
        stage(plan, run)
    write_json(run / "report/report.json", {"stamps": [STAMP]})
    sealed(run, digest(explain_plan(plan)), plan.simulated)
    return run


def copied(plan: Plan, run: Path) -> None:
    """The declared files in the run, as the line copies them."""
    names = {}
    for number, (text, files) in enumerate(plan.declared_files().items()):
        for path in files:
            names[text] = f"{number:02d}/{path.name}"
            (run / "declared" / names[text]).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, run / "declared" / names[text])
    write_json(run / "declared" / "files.json", names)


def sealed(run: Path, plan: str, simulated: bool) -> dict[str, Any]:
    """Write the manifest of what lies in the run."""
    links = [{"stage": stage, "reads": {}, "writes": describe(run, stage)} for stage in ("land", "areas", "carbon", "uncertainty", "credit", "report")]
    declared = {"plan.json": file_sha256(run / "plan.json")} | {path: one["sha256"] for path, one in describe(run, "declared").items()}
    return write_manifest(run, {"plan": plan, "library": "", "simulated": simulated, "declared": declared, "stages": links})


def _activity(plan: Plan, error: float) -> list[r.Activity]:
    area, stratum = hectares(plan.land.area_m2), next(iter(plan.area.strata))
    return [r.Activity(y, s, stratum, round(area, 6), error, plan.pipeline.areas.method) for y in plan.vintages for s in ("baseline", "project")]


def _classes(plan: Plan, error: float) -> list[r.ClassArea]:
    area = round(hectares(plan.land.area_m2), 6)
    shares = zip(plan.pipeline.land.classes, (0.75, 0.25), strict=True)
    rows = [(one.id, round(area * share, 6)) for one, share in shares]
    return [
        r.ClassArea(year, "none", True, name, part, part, error or None, None, None, None, None, None, None, 0) for year in plan.vintages for name, part in rows
    ]


def _transitions(plan: Plan) -> list[r.Transition]:
    first, second = (one.id for one in plan.pipeline.land.classes)
    area, years = hectares(plan.land.area_m2), plan.vintages
    cells = ((first, first, 0.7), (first, second, 0.05), (second, second, 0.25))
    return [r.Transition(a, a + 1, one, other, round(area * share, 6), None, None, None, None, 0) for a in years[:-1] for one, other, share in cells]
