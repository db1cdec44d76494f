"""Whether the declarations agree with each other, with the library and with the calendar.

Sections are taken from the raw declarations one by one, so that those which stand can be judged while others are still wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from urllib.parse import urlsplit

import numpy as np
from pydantic import ValidationError

from carbonsink.base.bounds import beyond, bounds_of
from carbonsink.base.formula import FormulaError, evaluate, names_in
from carbonsink.base.problems import Problem, Refusal
from carbonsink.base.units import same, symbols
from carbonsink.declared.area import LandFile, Reference, Stratum, Value
from carbonsink.declared.indices import read_indices
from carbonsink.declared.paths import Places, expand
from carbonsink.declared.period import Period, vintages
from carbonsink.declared.pipeline import Areas, Carbon, Composites, Imagery, Land
from carbonsink.declared.practice import Practice, unfit
from carbonsink.declared.reducers import TIMES, TRIALS
from carbonsink.declared.reducing import OWN, contradictions
from carbonsink.declared.sampling import Samples, disagreements
from carbonsink.declared.schema import Declared, nearest_alone
from carbonsink.declared.sensor import Sensor
from carbonsink.declared.timeseries import known_features, names_in_rules

D = TypeVar("D", bound=Declared)
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
YEAR_DAYS = 365  # the least of a period: flows are those of a year


@dataclass(frozen=True)
class Draft:
    """The sections of an area and its pipeline that are well formed by themselves; the others are None or left out."""

    period: Period | None
    land: LandFile | None
    country: str
    catalogue: str | None
    dialect: str | None
    strata: Mapping[str, Stratum | None]
    values: Sequence[tuple[str, Value]]  # each with the place it stands at
    reference: Reference | None
    samples: Sequence[Samples]
    imagery: Imagery | None
    composites: Composites | None
    cover: Land | None
    areas: Areas | None
    carbon: Carbon | None
    pipeline: str  # the pipeline's file name
    practice: Practice | None = None
    radar_catalogue: str | None = None


def draft(area: Mapping[str, Any], pipeline: Mapping[str, Any], file: str, filed: Sequence[str] = ()) -> Draft:
    """The draft of raw declarations; `file` is the pipeline's name in messages, `filed` are the places of the last values: rows of files."""
    strata, values = area.get("strata"), area.get("value")
    imagery = _table(area.get("imagery"))
    catalogue, dialect, radar = imagery.get("catalogue"), imagery.get("dialect"), _table(imagery.get("radar")).get("catalogue")
    rows = values if isinstance(values, list) else []
    stand = [*(f"area.toml [value.{number}]" for number in range(len(rows) - len(filed))), *filed]
    read = [(where, _section(raw, Value)) for where, raw in zip(stand, rows, strict=False)]
    return Draft(
        period=_section(area.get("period"), Period),
        land=_section(area.get("land"), LandFile),
        country=str(area.get("country")),
        catalogue=catalogue if isinstance(catalogue, str) else None,
        radar_catalogue=radar if isinstance(radar, str) else None,
        dialect=dialect if isinstance(dialect, str) else None,
        strata={name: _section(raw, Stratum) for name, raw in _table(strata).items()},
        values=[(where, value) for where, value in read if value],
        reference=_section(area.get("reference"), Reference),
        samples=[one for raw in _list(area.get("samples")) if (one := _section(raw, Samples))],
        imagery=_section(pipeline.get("imagery"), Imagery),
        composites=_section(pipeline.get("composites"), Composites),
        cover=_section(pipeline.get("land"), Land),
        areas=_section(pipeline.get("areas"), Areas),
        carbon=_section(pipeline.get("carbon"), Carbon),
        pipeline=file,
        practice=_section(pipeline.get("practice"), Practice),
    )


def agreement(found: Draft, sensor: Sensor | None, places: Places, today: date) -> Iterator[Problem]:
    """Every disagreement between the sections of a draft."""
    yield from _period(found, sensor, today)
    yield from _catalogue(found.catalogue, "area.toml [imagery.catalogue]", places)
    yield from _catalogue(found.radar_catalogue, "area.toml [imagery.radar.catalogue]", places)
    if sensor and found.dialect and found.dialect not in sensor.dialects:
        yield unknown(found.dialect, sensor.dialects, "area.toml [imagery.dialect]")
    yield from _reference(found, places)
    yield from disagreements(found.samples, vintages(found.period) if found.period else (), places)
    yield from _values(found)
    yield from _strata(found)
    yield from _classes(found)
    yield from _methods(found)
    yield from _layers(found, sensor)
    yield from unfit(found.practice, found.composites, found.land, found.pipeline)


def unknown(word: str, known: Iterable[str], where: str) -> Problem:
    """The problem of a name that isn't among the known ones."""
    names = sorted(known)
    return Problem("E-CFG-011", where, {"found": word, "known": ", ".join(names) or "-", "nearest": nearest_alone(word, names)})


def _period(found: Draft, sensor: Sensor | None, today: date) -> Iterator[Problem]:
    period, where = found.period, "area.toml [period]"
    if not period:
        return
    if period.start > period.end:
        yield Problem("E-CFG-003", where, {"start": period.start, "end": period.end})
    elif (days := (period.end - period.start).days + 1) < YEAR_DAYS:
        yield Problem("E-CFG-024", where, {"start": period.start, "end": period.end, "days": days, "least": YEAR_DAYS})
    if period.end > today:
        yield Problem("E-CFG-023", where, {"end": period.end, "today": today})
    elif date(period.end.year, 12, 31) > today:
        yield Problem("E-CRD-016", where, {"end": period.end, "year": period.end.year, "before": period.end.year - 1})
    if sensor and period.start < sensor.started:
        yield Problem("E-CFG-004", where, {"start": period.start, "sensor": sensor.id, "started": sensor.started})


def _catalogue(found: str | None, where: str, places: Places) -> Iterator[Problem]:
    """An address must be https and without credentials (which are never shown); anything else is a folder that exists."""
    if found in (None, "simulated") or places.copies:
        return
    try:
        text = expand(found, where)
        if "://" not in text:
            places.existing(found, where)
            return
        address = urlsplit(text)
        host = address.hostname or "-"
    except Refusal as refusal:
        yield from refusal.problems
        return
    except ValueError:
        yield Problem("E-CFG-010", where, {"host": "-", "scheme": "-"})
        return
    if address.username or address.password:
        yield Problem("E-CFG-017", where, {"host": host})
    if address.scheme != "https" and not (address.scheme == "http" and host in LOOPBACK):
        yield Problem("E-CFG-010", where, {"host": host, "scheme": address.scheme})


def _reference(found: Draft, places: Places) -> Iterator[Problem]:
    reference, where = found.reference, "area.toml [reference"
    if not reference:
        return
    for key, text in (("file", reference.file), ("clusters", reference.clusters)):
        try:
            if text is not None:
                places.existing(text, f"{where}.{key}]")
        except Refusal as refusal:
            yield from refusal.problems
    for value, land_class in reference.legend.items():
        if not (value.isascii() and value.isdigit()):
            yield Problem("E-CFG-034", f"{where}.legend]", {"found": value, "example": "11"})
        if found.cover and land_class not in _class_ids(found.cover):
            yield unknown(land_class, _class_ids(found.cover), f"{where}.legend.{value}]")


def _values(found: Draft) -> Iterator[Problem]:
    for where, value in found.values:
        if value.symbol not in symbols():
            yield unknown(value.symbol, symbols(), where)
        elif not same(value.unit, symbols()[value.symbol].unit):
            yield Problem("E-CFG-008", where, {"symbol": value.symbol, "found": value.unit, "expected": symbols()[value.symbol].unit})
        else:
            yield from _beyond(value, where)
        if value.stratum is not None and value.stratum not in found.strata:
            yield unknown(value.stratum, found.strata, where)
        yield from _range(value, where)


def _beyond(value: Value, where: str) -> Iterator[Problem]:
    """Numbers of a value that its symbol can't have: the value itself, the ends of its range, the bounds it is cut at, its quantiles."""
    ends = (("low", value.low), ("high", value.high), ("least", value.least), ("most", value.most))
    points = [("quantiles", point) for _, point in value.points]
    bounds = bounds_of(value.symbol)
    for key, number in dict(beyond(value.symbol, (("value", value.value), *(points or ends)))).items():
        code = "E-CFG-035" if number < bounds.least else "E-CFG-036"
        yield Problem(code, where, {"symbol": value.symbol, "key": key, "found": number, "unit": value.unit, "expected": bounds.words})


def _range(value: Value, where: str) -> Iterator[Problem]:
    """The problems of a value's interval."""
    low, high = value.low, value.high
    if value.distribution != "exact" and (low is None or high is None):
        yield Problem("E-CFG-033", where, {"symbol": value.symbol, "distribution": value.distribution})
    if not (value.value if low is None else low) <= value.value <= (value.value if high is None else high):
        yield Problem("E-CFG-018", where, {"symbol": value.symbol, "value": value.value, "low": low, "high": high})
    if value.distribution == "normal" and low == 0 < value.value and not bounds_of(value.symbol).signed:  # what begins lower is told already
        yield Problem("E-CFG-030", where, {"symbol": value.symbol, "value": value.value, "low": low})


def _strata(found: Draft) -> Iterator[Problem]:
    for name, stratum in found.strata.items():
        if stratum and found.cover and stratum.cover not in _class_ids(found.cover):
            yield unknown(stratum.cover, _class_ids(found.cover), f"area.toml [strata.{name}.cover], {found.pipeline} [land.classes]")
    land = found.land
    if land and land.parcel_id and not land.stratum and len(found.strata) > 1:
        yield Problem("E-CFG-029", "area.toml [land]", {"count": len(found.strata), "found": ", ".join(found.strata)})
    if land and not land.parcel_id and (land.stratum or land.parcel_area_mu):
        yield Problem("E-CFG-002", "area.toml [land]", {"key": "parcel_id"})


def _classes(found: Draft) -> Iterator[Problem]:
    classes = found.cover.classes if found.cover else []
    for column in ("id", "code"):
        for word, count in Counter(getattr(c, column) for c in classes).items():
            if count > 1:
                yield Problem("E-CFG-031", f"{found.pipeline} [land.classes]", {"found": word, "count": count})


def _methods(found: Draft) -> Iterator[Problem]:
    """Whether what the pipeline's methods need is there: rules, reference samples, parcels."""
    where, cover, areas = found.pipeline, found.cover, found.areas
    if cover and cover.method == "rules" and not cover.rules:
        yield Problem("E-CFG-025", f"{where} [land]")
    if cover and cover.method == "classifier" and cover.rules:
        yield Problem("E-CFG-027", f"{where} [land]", {"count": len(cover.rules)})
    needing = {section.method for section in (cover, areas) if section} & {"classifier", *(() if found.samples else ("error_adjusted",))}
    if not found.reference:
        yield from (Problem("E-CFG-026", "area.toml", {"method": method, "pipeline": where}) for method in sorted(needing))
    if areas and areas.method == "parcels" and found.land and not found.land.parcel_id:
        yield Problem("E-CFG-028", "area.toml [land]", {"pipeline": where})


def _layers(found: Draft, sensor: Sensor | None) -> Iterator[Problem]:
    """Bands the sensor has, indices and features the library has, rules over layers and features the composites have."""
    composites, where = found.composites, found.pipeline
    if not composites:
        return
    yield from contradictions(composites, where)
    try:
        known = read_indices().index
    except Refusal as refusal:
        yield from refusal.problems
        return
    yield from (unknown(name, known, f"{where} [composites.indices]") for name in composites.indices if name not in known)
    needed = {*composites.bands, *(band for name in composites.indices if name in known for band in known[name].bands)}
    if sensor:
        yield from (unknown(band, sensor.bands, f"{where} [composites.bands]") for band in sorted(needed) if band not in sensor.bands)
    single = (*composites.bands, *composites.indices)
    features = known_features(single)
    yield from (unknown(name, features, f"{where} [composites.features]") for name in composites.features if name not in features)
    yield from (unknown(name, single, f"{where} [composites.series]") for name in composites.series if name not in single)
    layers, of_series = {*single, *OWN}, set(names_in_rules(composites.features))
    for number, rule in enumerate(found.cover.rules if found.cover else []):
        place = f"{where} [land.rules.{number}"
        if found.cover and rule.land_class not in _class_ids(found.cover):
            yield unknown(rule.land_class, _class_ids(found.cover), f"{place}.land_class]")
        yield from _rule(rule.when, layers, of_series, f"{place}.when]")


def _rule(text: str, layers: set[str], features: set[str], where: str) -> Iterator[Problem]:
    """A rule is tried on two dates of one pixel, as stage 3 will try it on all: it must give a yes or no that has no dates left."""
    try:
        names = names_in(text)
        known = {name: np.ones((1, 1) if name in features else (2, 1, 1)) for name in names}
        with np.errstate(all="ignore"):
            answer = np.asarray(evaluate(text, known, TRIALS))
    except (FormulaError, TypeError, ArithmeticError) as error:
        yield Problem("E-CFG-022", where, {"found": text, "why": error})
        return
    if strange := [name for name in names if name not in layers | features]:
        yield from (unknown(name, layers | features, where) for name in strange)
    elif answer.ndim == TIMES or answer.dtype != np.bool_:
        yield Problem("E-LND-008", where, {"found": text})


def _class_ids(cover: Land) -> list[str]:
    return [c.id for c in cover.classes]


def _section(raw: Any, model: type[D]) -> D | None:
    try:
        return model.model_validate(raw)
    except ValidationError:
        return None


def _table(raw: Any) -> dict[str, Any]:
    return raw if isinstance(raw, dict) else {}


def _list(raw: Any) -> list[Any]:
    return raw if isinstance(raw, list) else []
