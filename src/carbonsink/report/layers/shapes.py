"""What each layer of layers.gpkg holds: shapes in longitude and latitude, and columns of which each has words in the report's languages.

parcels   what became of each: hectares and mu, stratum, counted or why not, and how the evidence of practice stands
strata    parcels of one stratum as one shape        samples, plots, alerts   points        boundary   the project's
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from carbonsink.base.geometry import hectares, hectares_to_mu
from carbonsink.base.records import ParcelShare
from carbonsink.base.tables import total
from carbonsink.declared.language import Language
from carbonsink.declared.plan import Plan
from carbonsink.declared.plots import Plots
from carbonsink.report.parts.parcels import spans
from carbonsink.report.results import Results
from carbonsink.report.tabular import plain

VERDICTS = ("supports", "contradicts", "unclear", "undeclared")
POLYGONS, POINTS = "MultiPolygon", "Point"
Row = Mapping[str, str | int | float | None]


@dataclass(frozen=True)
class Shapes:
    """One layer: a shape and a row of values each."""

    name: str
    kind: str  # POLYGONS or POINTS
    geometries: Sequence[BaseGeometry]
    rows: Sequence[Row]

    @property
    def wkb(self) -> Any:
        """The shapes as little-endian WKB, polygons as parts of one."""
        return shapely.to_wkb(np.array(self.geometries, dtype=object), byte_order=1)

    @property
    def columns(self) -> dict[str, Any]:
        """An array a column: numbers where every value is one, text without invisible characters else; None and NaN are nothing."""
        return {name: _column([row[name] for row in self.rows]) for name in self.rows[0]}


def layers(plan: Plan, results: Results, languages: Sequence[Language]) -> tuple[Shapes, ...]:
    """Every layer that has something to show, in the order they are listed."""
    made = (
        _points("alerts", [(a.longitude, a.latitude) for a in results.alerts], list(_alerts(plan, results, languages))),
        _points("samples", [(s.lon, s.lat) for s in results.labels], list(_samples(results))),
        _plots(plan),
        _parcels(plan, results, languages),
        _strata(plan, results, languages),
        _boundary(plan, results, languages),
    )
    return tuple(layer for layer in made if layer.rows)


def _parcels(plan: Plan, results: Results, languages: Sequence[Language]) -> Shapes:
    by_parcel: dict[str, list[ParcelShare]] = {}
    for share in sorted(results.parcels, key=lambda p: p.year):
        by_parcel.setdefault(share.parcel, []).append(share)
    verdicts = Counter((p.parcel, p.verdict) for p in results.practice)
    known = [p for p in plan.land.parcels if p.id in by_parcel]
    rows = [_parcel(plan, by_parcel[p.id], languages) | {verdict: verdicts[p.id, verdict] for verdict in VERDICTS} for p in known]
    return Shapes("parcels", POLYGONS, [_many(p.geometry) for p in known], rows)


def _parcel(plan: Plan, years: Sequence[ParcelShare], languages: Sequence[Language]) -> dict[str, Any]:
    """A parcel in its latest vintage, and the vintages it counts in."""
    latest = years[-1]
    return {
        "parcel": latest.parcel, "stratum": latest.stratum, "stratum_name": said(languages, plan.area.strata[latest.stratum].name),
        "area_ha": round(latest.area_ha, 6), "area_mu": round(latest.area_mu, 4), "declared_mu": latest.declared_mu, "vintage": latest.year,
        "outcome": latest.reason or "counted", "outcome_words": words(languages, f"outcome.{latest.reason or 'counted'}"),
        "counted_in": spans([p.year for p in years if p.counted]), "land_class": latest.land_class, "shows_class_percent": _percent(latest.share),
        "monitored_percent": _percent(latest.monitored_share), "edge_percent": _percent(latest.edge_share),
    }  # fmt: skip


def _strata(plan: Plan, results: Results, languages: Sequence[Language]) -> Shapes:
    """Parcels of a stratum as one shape, with the hectares its latest vintage is reckoned on; none where the land is a map's."""
    held = {key: [p for p in plan.land.parcels if p.stratum == key] for key in plan.area.strata}
    latest = plan.vintages[-1]
    rows: list[Row] = []
    for key, parcels in held.items():
        reckoned = total(a.area_ha for a in results.activity if (a.year, a.scenario, a.stratum) == (latest, "project", key))
        stratum, area_ha = plan.area.strata[key], hectares(total(p.area_m2 for p in parcels))
        rows.append({
            "stratum": key, "stratum_name": said(languages, stratum.name), "land_class": stratum.cover, "parcels": len(parcels), "area_ha": round(area_ha, 6),
            "area_mu": round(hectares_to_mu(area_ha), 4), "vintage": latest, "reckoned_ha": round(reckoned, 6),
        })  # fmt: skip
    shown = [(shapely.union_all([p.geometry for p in held[str(row["stratum"])]]), row) for row in rows if row["parcels"]]
    return Shapes("strata", POLYGONS, [_many(shape) for shape, _ in shown], [row for _, row in shown])


def _boundary(plan: Plan, results: Results, languages: Sequence[Language]) -> Shapes:
    area_ha = hectares(plan.land.area_m2)
    row: Row = {
        "area": plan.area.id, "name": said(languages, plan.area.name), "area_ha": round(area_ha, 6), "area_mu": round(hectares_to_mu(area_ha), 4),
        "methodology": plan.methodology.id, "period": f"{plan.area.period.start}/{plan.area.period.end}",
        "simulated": words(languages, "simulated.banner") if plan.simulated else "", "digest": results.digests.results,
    }  # fmt: skip
    return Shapes("boundary", POLYGONS, [_many(plan.land.boundary)], [row])


def _samples(results: Results) -> Iterator[Row]:
    for s in results.labels:
        yield {
            "point": s.id, "year": s.year, "map_class": s.map_class, "first_label": s.first, "second_label": s.second, "arbitrated": s.arbitrated,
            "label": s.label, "agrees": "yes" if s.label == s.map_class else "no", "inclusion": s.inclusion,
        }  # fmt: skip


def _alerts(plan: Plan, results: Results, languages: Sequence[Language]) -> Iterator[Row]:
    lines = {line.id: said(languages, line.name) for line in plan.area.protection}
    for a in results.alerts:
        yield {
            "alert": a.id, "red_line": lines.get(a.protection, a.protection), "kind": a.kind, "kind_words": words(languages, f"change-kind.{a.kind}"),
            "date": a.date, "earliest": a.earliest, "latest": a.latest, "area_ha": a.area_ha, "area_mu": round(hectares_to_mu(a.area_ha), 4),
            "parcel": a.parcel,
        }  # fmt: skip


def _plots(plan: Plan) -> Shapes:
    """The plots of every inventory, as the areas' stage has checked them."""
    found = [(one, row) for one in plan.area.plots for row in _table(plan, one)]
    rows: list[Row] = [
        {"plot": row["plot"], "year": one.year, "scenario": one.scenario, "stratum": row["stratum"], "area_m2": float(row["area_m2"])} for one, row in found
    ]
    return _points("plots", [(float(row["longitude"]), float(row["latitude"])) for _, row in found], rows)


def _table(plan: Plan, declared: Plots) -> list[dict[str, str]]:
    text = plan.path(declared.file).read_text(encoding="utf-8-sig", errors="replace")
    return [{name: cell.strip() for name, cell in row.items()} for row in csv.DictReader(io.StringIO(text, newline=""))]


def _points(name: str, places: Sequence[tuple[float, float]], rows: Sequence[Row]) -> Shapes:
    return Shapes(name, POINTS, [shapely.Point(place) for place in places], rows)


def _many(shape: BaseGeometry) -> BaseGeometry:
    """A shape as several polygons, its rings in one order whoever wrote them."""
    flat = shapely.normalize(shapely.force_2d(shape))
    return shapely.MultiPolygon(list(getattr(flat, "geoms", [flat])))


def _column(values: Sequence[Any]) -> Any:
    if all(isinstance(value, int) for value in values):
        return np.array(values, dtype=np.int64)
    if all(value is None or isinstance(value, int | float) for value in values) and any(value is not None for value in values):
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    return np.array([None if value is None else str(plain(value)) for value in values], dtype=object)


def _percent(share: float) -> float:
    return round(share * 100, 4)


def words(languages: Sequence[Language], key: str) -> str:
    """Words in every language of the report, side by side."""
    return " / ".join(dict.fromkeys(w(key) for w in languages))


def said(languages: Sequence[Language], declared: Any) -> str:
    """A declared text in every language of the report, side by side."""
    return " / ".join(dict.fromkeys(w.of(declared) for w in languages))
