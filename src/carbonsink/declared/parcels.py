"""From features as they stand in a file to checked Land: one CRS, valid outlines, no land twice, areas as declared."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from carbonsink.base.evidence import digest
from carbonsink.base.geometry import canonical_wkb, geodesic_area_m2, hectares, hectares_to_mu, invalidity, mu, multipolygon, rounded
from carbonsink.base.problems import Problem, Refusal
from carbonsink.base.tables import quantise, total
from carbonsink.declared import limits
from carbonsink.declared.area import DeclaredArea, Land, LandFile, Parcel
from carbonsink.declared.crs import LONLAT, candidates, check_crs, declared_crs, label, outside_country, same, to_lonlat
from carbonsink.declared.features import Feature, LandSource
from carbonsink.declared.schema import nearest_alone
from carbonsink.declared.text import text_problems

AREA_PLACES = 2  # m2, so that hectares have 6 decimals
WEB_MERCATOR = "EPSG:3857"
SHIFTED_CRS = "E-AOI-014"  # what a web map has shifted stays shifted, whatever is declared
INCOMPLETE = {"E-AOI-003", "E-AOI-004", "E-AOI-005", "E-AOI-007", "E-AOI-037"}  # features that could not be measured


@dataclass(frozen=True)
class LandCheck:
    """What the land is held against: the declaration, the strata it may name, least parcel [m2] and pixel size [m]."""

    spec: LandFile
    country: str
    strata: tuple[str, ...]
    minimum_parcel_m2: float
    resolution: int
    where: str  # the file's name

    def place(self, feature: Feature) -> str:
        """Where a feature's problems are: file, number, and the parcel id if it has one."""
        name = parcel_id(feature, self.spec)
        return f"{self.where} #{feature.number}" + (f" ({name})" if name else "")


def check_land(source: LandSource, check: LandCheck) -> Land:
    """The Land of a source, or one Refusal with every problem of the file."""
    problems = [*source.problems, *_presence(source, check), *_attributes(source.features, check)]
    if not source.features:
        raise Refusal(problems)
    try:
        crs, outlines = _lonlat(source, check)
    except Refusal as refusal:
        raise Refusal(_capped([*problems, *refusal.problems])) from None
    areas = [quantise(geodesic_area_m2(outline), AREA_PLACES) for outline in outlines]
    problems += _geometry(source.features, outlines, areas, check)
    if not any(problem.code in INCOMPLETE for problem in problems):  # else the sum would be wrong for a reason already told
        problems += _whole(total(areas), check)
    if problems:
        raise Refusal(_capped(problems))
    notices = (*source.notices, *([Problem("W-AOI-013", check.where)] if label(crs) == WEB_MERCATOR else []))
    return _land(source, outlines, areas, check.spec, label(crs), check.strata, notices)


def parcel_id(feature: Feature, spec: LandFile) -> str:
    """A feature's parcel id as text, empty where it has none; whole numbers lose their decimal point."""
    return as_text(feature.attributes.get(spec.parcel_id)) if spec.parcel_id else ""


def _land(
    source: LandSource,
    outlines: Sequence[BaseGeometry],
    areas: Sequence[float],
    spec: LandFile,
    crs: str,
    strata: Sequence[str],
    notices: tuple[Problem, ...],
) -> Land:
    area = quantise(total(areas), AREA_PLACES)
    boundary = shapely.union_all(list(outlines))
    if spec.parcel_id is None:
        key = digest({"boundary": canonical_wkb(multipolygon(outlines)).hex()})
        return Land(boundary, (), crs, source.encoding, area, key, notices)
    rows = zip(source.features, outlines, areas, strict=True)
    parcels = [Parcel(parcel_id(f, spec), _stratum(f, spec, strata), outline, m2, _number(f, spec.parcel_area_mu)) for f, outline, m2 in rows]
    parcels.sort(key=lambda parcel: parcel.id)
    key = digest([{"id": p.id, "stratum": p.stratum, "declared_mu": p.declared_mu, "wkb": canonical_wkb(p.geometry).hex()} for p in parcels])
    return Land(boundary, tuple(parcels), crs, source.encoding, area, key, notices)


def _presence(source: LandSource, check: LandCheck) -> Iterator[Problem]:
    if not source.features:
        yield Problem("E-AOI-002", check.where, {"count": source.count})
    vertices = sum(shapely.get_num_coordinates(f.geometry) for f in source.features)
    if vertices > limits.VERTICES:
        yield Problem("E-AOI-030", check.where, {"found": vertices, "limit": limits.VERTICES})


def _attributes(features: Sequence[Feature], check: LandCheck) -> Iterator[Problem]:
    """The problems of ids, strata and declared areas, which need no CRS."""
    spec = check.spec
    columns = sorted({name for f in features for name in f.attributes})
    for key, column in (("parcel_id", spec.parcel_id), ("parcel_area_mu", spec.parcel_area_mu), ("stratum", spec.stratum)):
        if column is not None and column not in columns and features:
            facts: dict[str, object] = {"found": column, "known": ", ".join(columns) or "-", "nearest": nearest_alone(column, columns)}
            yield Problem("E-AOI-035", f"area.toml [land.{key}]", facts)
    if spec.parcel_id in columns:
        yield from _ids(features, check)
    if spec.stratum in columns:
        yield from _strata(features, check)
    if spec.parcel_area_mu in columns:
        yield from (
            Problem("E-AOI-042", check.place(f), {"found": f.attributes.get(spec.parcel_area_mu), "column": spec.parcel_area_mu})
            for f in features
            if _number(f, spec.parcel_area_mu) is None
        )


def _ids(features: Sequence[Feature], check: LandCheck) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for feature in features:
        name = parcel_id(feature, check.spec)
        where = f"{check.where} #{feature.number}"
        yield from text_problems(name, where)
        if not name:
            yield Problem("E-AOI-032", where, {"column": check.spec.parcel_id})
        elif name in first:
            yield Problem("E-AOI-020", where, {"found": name, "other": f"#{first[name]}"})
        first.setdefault(name, feature.number)


def _strata(features: Sequence[Feature], check: LandCheck) -> Iterator[Problem]:
    for feature in features:
        found = as_text(feature.attributes.get(check.spec.stratum or ""))
        if found not in check.strata:
            yield Problem("E-AOI-036", check.place(feature), {"found": found, "known": ", ".join(check.strata)})


def _lonlat(source: LandSource, check: LandCheck) -> tuple[CRS, list[BaseGeometry]]:
    """The CRS and every outline in lon/lat at 1e-9 degree; a Refusal where CRS and coordinates don't fit."""
    bounds = _bounds([f.geometry for f in source.features])
    if not all(map(math.isfinite, bounds)):
        raise Refusal(list(_unfinite(source.features, check)))
    crs = _crs(source, check, bounds)
    check_crs(crs, check.where, bounds, check.country)
    way = to_lonlat(crs, check.where)
    outlines = [rounded(way(f.geometry)) for f in source.features]
    _check_place(_bounds(outlines), check)
    return crs, outlines


def _unfinite(features: Sequence[Feature], check: LandCheck) -> Iterator[Problem]:
    for feature in features:
        points = shapely.get_coordinates(feature.geometry)
        bad = next((point for point in points.tolist() if not all(map(math.isfinite, point))), None)
        if bad is not None:
            yield Problem("E-AOI-005", check.place(feature), {"found": bad})


def _crs(source: LandSource, check: LandCheck, bounds: tuple[float, float, float, float]) -> CRS:
    declared = declared_crs(check.spec.crs, "area.toml [land.crs]") if check.spec.crs else None
    if source.crs_problem and (declared is None or source.crs_problem.code == SHIFTED_CRS):
        raise Refusal(source.crs_problem)
    if source.crs and declared and not same(source.crs, declared):
        raise Refusal(Problem("E-AOI-027", check.where, {"found": label(source.crs), "declared": check.spec.crs}))
    crs = declared or source.crs or source.assumed
    if crs is None:
        facts: dict[str, object] = {"x": f"{bounds[0]:.3f}", "y": f"{bounds[1]:.3f}", "candidates": candidates(bounds[0], bounds[1])}
        raise Refusal(Problem("E-AOI-010", check.where, facts))
    return crs


def _check_place(bounds: tuple[float, float, float, float], check: LandCheck) -> None:
    """Refuse land [degrees] that is nowhere, outside its country or too wide."""
    shown = ", ".join(f"{side:.4f}" for side in bounds)
    box = outside_country(bounds, check.country)
    found = []
    if not all(map(math.isfinite, bounds)):
        found.append(Problem("E-AOI-005", f"{check.where} ({LONLAT})", {"found": shown}))
    elif box:
        found.append(Problem("E-AOI-015", check.where, {"found": shown, "country": check.country, "expected": ", ".join(f"{side:g}" for side in box)}))
    width = max(bounds[2] - bounds[0], bounds[3] - bounds[1])
    if width > limits.MAXIMUM_SPAN_DEGREES:
        found.append(Problem("E-AOI-016", check.where, {"width": f"{width:.2f}", "limit": limits.MAXIMUM_SPAN_DEGREES}))
    if found:
        raise Refusal(found)


def _geometry(features: Sequence[Feature], outlines: Sequence[BaseGeometry], areas: Sequence[float], check: LandCheck) -> list[Problem]:
    """The problems of shape and size; crossing borders are looked for between valid outlines only."""
    places = [check.place(feature) for feature in features]
    wrong = {index: found for index, outline in enumerate(outlines) if (found := invalidity(outline))}
    problems = [Problem("E-AOI-007", places[index], {"why": why, "place": place}) for index, (why, place) in wrong.items()]
    sound = [index for index in range(len(outlines)) if index not in wrong]
    if check.spec.parcel_id is not None:
        problems += [p for i in sound for p in _size(areas[i], check.minimum_parcel_m2, places[i], check)]
        problems += [p for i in sound if (declared := _number(features[i], check.spec.parcel_area_mu)) for p in _against(declared, "mu", areas[i], places[i])]
    problems += _overlaps([outlines[i] for i in sound], [places[i] for i in sound])
    return problems


def _whole(area_m2: float, check: LandCheck) -> Iterator[Problem]:
    """The problems of the land's area as a whole [m2]."""
    yield from _size(area_m2, max(limits.MINIMUM_AREA_M2, limits.MINIMUM_PIXELS * float(check.resolution**2)), check.where, check)
    if hectares(area_m2) > limits.MAXIMUM_AREA_HA:
        yield Problem("E-AOI-018", check.where, {"area": f"{hectares(area_m2):.2f}", "limit": f"{limits.MAXIMUM_AREA_HA:.0f}"})
    declared: DeclaredArea | None = check.spec.declared_area
    if declared:
        yield from _against(declared.value, declared.unit, area_m2, "area.toml [land.declared_area]")


def _size(area_m2: float, least_m2: float, where: str, check: LandCheck) -> Iterator[Problem]:
    if area_m2 < least_m2:
        facts: dict[str, object] = {"area": f"{area_m2:.2f}", "limit": f"{least_m2:.0f}", "resolution": check.resolution}
        facts["pixels"] = int(area_m2 // check.resolution**2)
        yield Problem("E-AOI-017", where, facts)


def _against(declared: float, unit: str, area_m2: float, where: str) -> Iterator[Problem]:
    """A declared area against the geometry's [m2], both shown where they differ too much."""
    stated_mu = declared if unit == "mu" else hectares_to_mu(declared)
    ratio = stated_mu / mu(area_m2) if area_m2 else math.inf
    percent = abs(ratio - 1) * 100
    if percent > limits.DECLARED_TOLERANCE_PERCENT:
        facts: dict[str, object] = {"declared": f"{declared:.2f}", "unit": unit, "mu": f"{mu(area_m2):.2f}", "ha": f"{hectares(area_m2):.4f}"}
        facts |= {"percent": f"{percent:.1f}", "limit": limits.DECLARED_TOLERANCE_PERCENT, "ratio": f"{ratio:.3g}"}
        yield Problem("E-AOI-021", where, facts)


def _overlaps(outlines: Sequence[BaseGeometry], places: Sequence[str]) -> Iterator[Problem]:
    if not outlines:
        return
    pairs = shapely.STRtree(list(outlines)).query(list(outlines), predicate="intersects").T.tolist()
    for one, other in sorted((a, b) for a, b in pairs if a < b):
        common = geodesic_area_m2(shapely.intersection(outlines[one], outlines[other]))
        if common > limits.OVERLAP_TOLERANCE_M2:
            yield Problem("E-AOI-019", places[one], {"other": places[other], "area": f"{common:.2f}", "mu": f"{mu(common):.4f}"})


def _bounds(geometries: Sequence[BaseGeometry]) -> tuple[float, float, float, float]:
    """West, south, east, north over all points; unlike in GEOS bounds, one NaN or infinite coordinate shows."""
    points = shapely.get_coordinates(list(geometries))
    (west, south), (east, north) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return west, south, east, north


def _stratum(feature: Feature, spec: LandFile, strata: Sequence[str]) -> str:
    return as_text(feature.attributes.get(spec.stratum)) if spec.stratum else next(iter(strata), "")


def _number(feature: Feature, column: str | None) -> float | None:
    """A positive finite number of an attribute, None where it isn't one."""
    value = feature.attributes.get(column) if column else None
    try:
        number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) and number > 0 else None


def as_text(value: object) -> str:
    """A cell as the text that ids and strata are compared by: whole numbers without decimals, NFC, no blanks around it."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return unicodedata.normalize("NFC", str(value)).strip()


def _capped(problems: Sequence[Problem]) -> list[Problem]:
    """At most so many problems of a kind, and how many more there are: a hundred thousand lines help nobody."""
    shown: list[Problem] = []
    counts: dict[str, int] = {}
    for problem in problems:
        counts[problem.code] = counts.get(problem.code, 0) + 1
        if counts[problem.code] <= limits.LISTED_PER_CODE:
            shown.append(problem)
    more = {code: count - limits.LISTED_PER_CODE for code, count in counts.items() if count > limits.LISTED_PER_CODE}
    return [*shown, *(Problem("E-AOI-029", "", {"code": code, "count": count}) for code, count in more.items())]
