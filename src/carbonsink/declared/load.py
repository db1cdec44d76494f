"""An area folder made into a Plan, or one Refusal with every problem of its declarations, land and pipeline.

    load(Path("aoi/longshan"))       area.toml -> pipeline -> sensor, methodology -> land file -> Plan

Each declaration is read by itself, so that a mistake in one doesn't hide the mistakes of the next.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from carbonsink.base.evidence import file_sha256
from carbonsink.base.geometry import hectares, mu
from carbonsink.base.problems import Problem, Refusal
from carbonsink.base.tables import quantise
from carbonsink.declared.agreement import Draft, agreement, draft, unknown
from carbonsink.declared.area import AreaFile, Land
from carbonsink.declared.changecheck import change_problems
from carbonsink.declared.checkpoint import read_checkpoint
from carbonsink.declared.confirmation import read_confirmation
from carbonsink.declared.correlation import correlation_problems
from carbonsink.declared.covercheck import cover_problems
from carbonsink.declared.creditcheck import credit_problems
from carbonsink.declared.earlier import read_earlier
from carbonsink.declared.edition import edition_problems
from carbonsink.declared.justification import read_justification
from carbonsink.declared.landfile import read_land_file
from carbonsink.declared.limits import MINIMUM_AREA_M2
from carbonsink.declared.measured.problems import measured_problems
from carbonsink.declared.methodology import Methodology, check_applicability, methodology_names, rated, read_methodology
from carbonsink.declared.models import model_problems
from carbonsink.declared.parcels import LandCheck, check_land
from carbonsink.declared.paths import Places
from carbonsink.declared.period import vintages
from carbonsink.declared.pipeline import Pipeline
from carbonsink.declared.place import place_problems
from carbonsink.declared.plan import Plan
from carbonsink.declared.plots import inventory_problems, minimum_parcel_m2
from carbonsink.declared.quantiles import with_quantiles
from carbonsink.declared.radar import radar_problems
from carbonsink.declared.schema import load_toml, validate
from carbonsink.declared.sensor import Sensor, read_sensor, sensor_names
from carbonsink.declared.simulation import misplaced
from carbonsink.declared.submitter import submitter_problems
from carbonsink.declared.text import declaration_texts
from carbonsink.declared.values import read_values
from carbonsink.declared.zoning import apply_zones, zones_of

T = TypeVar("T")
PIPELINE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
EXACT_INTEGER = 2**53  # above, JSON readers lose digits (RFC 8785), so such a number is written as text
SHOWN_PLACES = 6  # decimals of hectares and mu in the plan


def load(folder: Path, *, copies: Mapping[str, Path] | None = None, today: date | None = None) -> Plan:
    """The Plan of an area folder. `copies` are a run folder's copies of the declared files by the text that names them, for a
    verifier who has neither folder nor catalogue; `today` (the calendar's day where it isn't given) bounds the period.

    A Refusal lists all problems; what hangs on a broken section is judged once that is mended.
    """
    places = Places(folder, copies or {})
    found: list[Problem] = []
    raw = load_toml(places.of("area.toml", "area.toml"))
    filed = _kept(found, lambda: _filed_values(raw, places)) or []
    raw = _with_filed(raw, filed)
    raw = _kept(found, lambda: with_quantiles(raw, places)) or raw
    area = _kept(found, lambda: validate(raw, AreaFile, "area.toml"))
    found += declaration_texts(raw, "area.toml")
    found += correlation_problems(area.correlation) if area else ()
    found += place_problems(area.place) if area and area.place else ()
    found += submitter_problems(area.submitter) if area and area.submitter else ()
    found += misplaced(area.simulation, area.imagery.catalogue) if area else ()
    found += inventory_problems(area.plots, area.changes, vintages(area.period), places) if area else ()
    found += measured_problems(area, vintages(area.period), places) if area else ()
    path, recipe = _kept(found, lambda: _pipeline(raw.get("pipeline"), places)) or (Path("-"), {})
    pipeline = _kept(found, lambda: validate(recipe, Pipeline, path.name)) if recipe else None
    parts = draft(raw, recipe, path.name, [where for where, _ in filed])
    sensor = _named(found, parts.imagery.sensor if parts.imagery else None, f"{path.name} [imagery.sensor]", sensor_names, read_sensor)
    radar = _named(found, parts.practice.radar if parts.practice else None, f"{path.name} [practice.radar]", sensor_names, read_sensor)
    methodology = _named(found, parts.carbon.methodology if parts.carbon else None, f"{path.name} [carbon.methodology]", methodology_names, read_methodology)
    found += agreement(parts, sensor, places, today or date.today())
    found += model_problems(area, vintages(area.period), places) if area else ()
    found += radar_problems(parts.practice, parts.imagery, area.imagery if area else None, radar, path.name)
    found += cover_problems(parts, raw, recipe, places)
    found += change_problems(parts, raw, places)
    found += edition_problems(area.value, methodology.edition) if area and methodology else ()
    found += credit_problems(area, methodology, places) if area and methodology else ()
    land = _kept(found, lambda: _land(parts, sensor, places))
    checkpoint = _kept(found, lambda: read_checkpoint(area.ledger, places)) if area else None
    earlier = _kept(found, lambda: read_earlier(area.earlier, area.id, area.period, places)) if area else None
    confirmation = None
    if area and methodology:
        confirmation = _kept(found, lambda: read_confirmation(area.confirmation, methodology, places, today or date.today()))
    justification = _kept(found, lambda: read_justification(area, methodology, places, today or date.today())) if area and methodology else None
    zoned = _kept(found, lambda: apply_zones(area, zones_of(area, land.boundary, places))) if area and land else None
    if zoned and methodology and not found:
        found += check_applicability(methodology, zoned[0])
    if found or not (zoned and pipeline and sensor and methodology and land):
        raise Refusal(found)
    whole, zones = zoned
    rating = rated(methodology, whole)
    signed = (confirmation, radar, zones, checkpoint, justification, earlier)
    return Plan(folder, whole, land, pipeline, sensor, rating, vintages(whole.period), path, dict(places.copies), *signed)


def declared_methodology(folder: Path) -> tuple[AreaFile, Methodology]:
    """An area's declarations and its methodology alone, which is all that somebody needs who is to confirm its clauses."""
    places = Places(folder)
    raw = load_toml(places.of("area.toml", "area.toml"))
    area = validate(raw, AreaFile, "area.toml")
    path, recipe = _pipeline(area.pipeline, places) or (Path("-"), {})
    name = validate(recipe, Pipeline, path.name).carbon.methodology
    if name not in methodology_names():
        raise Refusal(unknown(name, methodology_names(), f"{path.name} [carbon.methodology]"))
    return area, read_methodology(name)


def explain_plan(plan: Plan) -> dict[str, Any]:
    """The plan as a JSON value: every declaration resolved, areas in ha and mu; no path of any machine stands in it."""
    land = plan.land
    shown = {
        **_area(land.area_m2),
        "parcels": [{"id": p.id, "stratum": p.stratum, **_area(p.area_m2), "declared_mu": p.declared_mu} for p in land.parcels],
        "source_crs": land.source_crs,
        "encoding": land.encoding,
        "digest": land.digest,
        "notices": [{"code": n.code, "where": n.where, "facts": {k: str(v) for k, v in n.facts.items()}} for n in land.notices],
    }
    models = {"area": plan.area, "pipeline": plan.pipeline, "sensor": plan.sensor, "methodology": plan.methodology}
    declared = {name: _exact(model.model_dump(mode="json")) for name, model in models.items()}
    confirmation = plan.confirmation.model_dump(mode="json") if plan.confirmation else None
    radar = {"radar": _exact(plan.radar_sensor.model_dump(mode="json"))} if plan.radar_sensor else {}
    earlier = {"earlier": plan.earlier.value()} if plan.earlier else {}
    others = {"land": shown, "zones": [asdict(zone) for zone in plan.zones], "confirmation": confirmation, "files": _contents(plan)}
    return {**declared, **radar, **earlier, **others, "vintages": list(plan.vintages), "simulated": plan.simulated}


def _contents(plan: Plan) -> dict[str, list[str]]:
    """SHA-256 of every declared file whose content doesn't stand in the plan itself: tables of the field, references, layers."""
    told = {"area.toml", plan.area.pipeline, plan.area.land.file, plan.area.confirmation, *plan.area.value_files}
    files = {text: paths for text, paths in plan.declared_files().items() if text not in told}
    return {text: [file_sha256(path) for path in paths if path.is_file()] for text, paths in sorted(files.items())}


def _filed_values(raw: dict[str, Any], places: Places) -> list[tuple[str, dict[str, Any]]]:
    """The rows of the area's value files, each with its file and line."""
    texts = raw.get("value_files")
    return read_values(texts, places) if isinstance(texts, list) else []


def _with_filed(raw: dict[str, Any], filed: Sequence[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """The raw declaration with the values of its files behind its own."""
    own = raw.get("value", [])
    return raw | {"value": [*own, *(row for _, row in filed)]} if filed and isinstance(own, list) else raw


def _kept(found: list[Problem], read: Callable[[], T | None]) -> T | None:
    """What a step gives, or None with its problems kept."""
    try:
        return read()
    except Refusal as refusal:
        found += refusal.problems
        return None


def _pipeline(name: object, places: Places) -> tuple[Path, dict[str, Any]] | None:
    """The pipeline's file and raw content: in the area's folder, else in a `pipelines` folder above it, above the current one, or of this package."""
    where = "area.toml [pipeline]"
    if not isinstance(name, str):
        return None  # the area's own problem says so
    if name in places.copies or name.endswith(".toml"):
        path = places.existing(name, where)
    else:
        folders = [places.folder, *_pipeline_folders(places.folder)]
        candidates = [folder / f"{name}.toml" for folder in folders] if PIPELINE_NAME.fullmatch(name) else []
        there = next((candidate for candidate in candidates if candidate.is_file()), None)
        if there is None:
            raise Refusal(unknown(name, {p.stem for folder in folders[1:] for p in folder.glob("*.toml")}, where))
        path = there
    return path, load_toml(path)


def _pipeline_folders(folder: Path) -> Iterator[Path]:
    for start in (folder.resolve(), Path.cwd(), Path(str(files("carbonsink")))):
        for above in (start, *start.parents):
            if (above / "pipelines").is_dir():
                yield above / "pipelines"


def _named(found: list[Problem], name: str | None, where: str, names: Callable[[], list[str]], read: Callable[[str], T]) -> T | None:
    """An entry of the library by name, or None with the problem kept."""
    if name is None:
        return None
    if name not in names():
        found.append(unknown(name, names(), where))
        return None
    return _kept(found, lambda: read(name))


def _land(parts: Draft, sensor: Sensor | None, places: Places) -> Land | None:
    spec = parts.land
    if spec is None:
        return None
    path = places.of(spec.file, "area.toml [land.file]")
    source = read_land_file(path, spec.layer, spec.encoding)
    bands = parts.composites.bands if parts.composites else []
    sizes = [sensor.bands[band].resolution for band in bands if band in sensor.bands] if sensor else []
    least = minimum_parcel_m2(parts.areas.minimum_parcel_m2, parts.period.start if parts.period else None) if parts.areas else MINIMUM_AREA_M2
    return check_land(source, LandCheck(spec, parts.country, tuple(parts.strata), least, min(sizes, default=1), path.name))


def _area(area_m2: float) -> dict[str, float]:
    return {"area_ha": quantise(hectares(area_m2), SHOWN_PLACES), "area_mu": quantise(mu(area_m2), SHOWN_PLACES)}


def _exact(value: Any) -> Any:
    """A JSON value whose whole numbers survive every reader."""
    match value:
        case dict():
            return {key: _exact(inner) for key, inner in value.items()}
        case list():
            return [_exact(inner) for inner in value]
        case int() if abs(value) > EXACT_INTEGER:
            return str(value)
    return value
