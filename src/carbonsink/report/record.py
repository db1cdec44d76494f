"""report.json: the result for machines, numbers that money hangs on as decimal strings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from carbonsink import __version__
from carbonsink.base.geometry import hectares, hectares_to_mu
from carbonsink.base.measurements import Measurements
from carbonsink.base.records import ClassArea, Spread
from carbonsink.base.records.uncertainty import PERIOD
from carbonsink.base.tables import total
from carbonsink.declared.language import Language
from carbonsink.declared.methodology import Deduction
from carbonsink.declared.plan import Plan
from carbonsink.declared.schema import Words
from carbonsink.declared.submitter import Submitter
from carbonsink.report.parts.parcels import outcomes
from carbonsink.report.results import Imagery, Results, Vintage
from carbonsink.report.stamps import Stamp

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

SCHEMA = "carbonsink-report/1"


def record(plan: Plan, results: Results, stamped: tuple[Stamp, ...], languages: tuple[Language, ...]) -> dict[str, Any]:
    """The report as one JSON value."""
    return {
        "schema": SCHEMA,
        "tool": __version__,
        "simulated": plan.simulated,
        "area": _area(plan),
        "imagery": _imagery(plan, results.imagery),
        **({"radar": _imagery(plan.radar, results.radar)} if plan.radar and results.radar else {}),
        "methodology": _methodology(plan),
        "vintages": [_vintage(v, results) for v in results.vintages],
        "period_uncertainty": _intervals(results, PERIOD),
        "areas_ha": {str(y): {a.stratum: decimal(a.area_ha) for a in results.activity if a.year == y and a.scenario == "project"} for y in plan.vintages},
        "activity": _rows(results.activity),
        "parcels": _rows(outcomes(results.parcels)),
        "left_out": _rows([p for p in results.parcels if not p.counted]),
        "land_cover": _rows(results.classes),
        "estimators": _rows(results.estimators),
        "transitions": _rows(results.transitions),
        "plots": _rows(results.plots),
        "plot_changes": _rows(results.plot_changes),
        "agreement": _rows(results.agreement),
        "zones": [_decimals(asdict(zone)) | {"shares": _decimals(dict(zone.shares))} for zone in plan.zones],
        **_measured(results.measured),
        "accuracy": accuracy(results),
        "published": published(plan, results),
        "stamps": [{"code": s.code, "rows": list(s.rows), **{w.code: s.said(w) for w in languages}} for s in stamped],
        "factors": _rows(results.factors),
        "ledger_checkpoint": plan.checkpoint.value() if plan.checkpoint else None,
        "digests": {"results": results.digests.results, "land": plan.land.digest, "library": results.digests.library, "files": dict(results.digests.files)},
    }


def decimal(value: float | Decimal) -> str:
    """A number in its shortest exact decimal form, never an exponent."""
    return f"{Decimal(repr(value)) if isinstance(value, float) else value:f}"


def accuracy(results: Results) -> list[dict[str, Any]]:
    """Overall accuracy by year and split, and which split the areas stand on; empty without reference samples."""
    found: dict[tuple[int, str], ClassArea] = {}
    for row in results.classes:
        if row.overall_accuracy is not None:
            found.setdefault((row.year, row.split), row)
    return [
        {
            "year": row.year, "split": row.split, "used": row.used, "samples": results.samples(row.year, row.split),
            "overall": decimal(row.overall_accuracy or 0.0), "standard_error": decimal(row.overall_standard_error or 0.0),
        }
        for row in found.values()
    ]  # fmt: skip


def published(plan: Plan, results: Results) -> dict[str, Any] | None:
    """The published figure beside ours: the mean vintage for a yearly unit, the sum for any other."""
    given = plan.area.published
    if given is None:
        return None
    gross = [float(v.gross) for v in results.vintages]
    ours = total(gross) / len(gross) if "yr^-1" in given.unit else total(gross)
    return {
        "quantity": given.quantity, "unit": given.unit, "published": decimal(given.value), "ours": decimal(round(ours, 9)),
        "difference_percent": decimal(round((ours - given.value) / given.value * 100, 6)), "source": given.source, "place": given.place,
    }  # fmt: skip


def _area(plan: Plan) -> dict[str, Any]:
    area, land = plan.area, plan.land
    area_ha = hectares(land.area_m2)
    return {
        "id": area.id,
        "name": _words(area.name),
        "country": area.country,
        "submitter": _submitter(area.submitter),
        "period": {"start": area.period.start.isoformat(), "end": area.period.end.isoformat()},
        "area_ha": decimal(round(area_ha, 6)),
        "area_mu": decimal(round(hectares_to_mu(area_ha), 6)),
        "declared": None if area.land.declared_area is None else {"value": decimal(area.land.declared_area.value), "unit": area.land.declared_area.unit},
        "crs": land.source_crs,
        "parcels": len(land.parcels),
        "strata": {key: _words(stratum.name) for key, stratum in area.strata.items()},
    }


def _submitter(said: Submitter | None) -> dict[str, Any] | None:
    return None if said is None else {"name": _words(said.name), "address": _words(said.address), "contact": said.contact}


def _imagery(plan: Plan, seen: Imagery) -> dict[str, Any]:
    return {
        "catalogue": seen.source, "collection": seen.collection, "sensor": plan.sensor.id, "items": seen.items, "days": seen.days,
        "first": seen.first.isoformat(), "last": seen.last.isoformat(), "dropped": dict(seen.dropped),
        "attribution": plan.dialect.attribution, "licence": plan.dialect.licence,
    }  # fmt: skip


def _methodology(plan: Plan) -> dict[str, Any]:
    m = plan.methodology
    return {
        "id": m.id, "version": m.version, "document": m.document, "edition": m.edition, "gwp": m.gwp, "status": m.status,
        "issuable": m.issuable, "name": _words(m.name), "deductions": [_deduction(d) for d in m.deduction],
        "confirm": [one.model_dump() for one in m.confirm], "confirmation": plan.confirmation.model_dump(mode="json") if plan.confirmation else None,
    }  # fmt: skip


def _deduction(d: Deduction) -> dict[str, Any]:
    return _decimals(d.model_dump()) | {"bands": [_decimals(band.model_dump()) for band in d.bands]}


def _vintage(vintage: Vintage, results: Results) -> dict[str, Any]:
    return {
        "vintage": vintage.year,
        "gross_t_co2e": decimal(vintage.gross),
        "deducted_t_co2e": decimal(vintage.deducted),
        "withheld_t_co2e": decimal(vintage.of("withheld")),
        "issued_t_co2e": decimal(vintage.of("issued")),
        "shortfall_t_co2e": decimal(-vintage.of("shortfall")),
        "postings": {account: decimal(value) for account, value in vintage.postings.items()},
        "uncertainty": _intervals(results, vintage.year),
    }


def _intervals(results: Results, year: int) -> dict[str, dict[str, str]]:
    """The intervals of a year, or of all vintages together and of their trend, by name."""
    return {_interval(s): _spread(s) for s in results.spreads if s.year == year}


def _interval(s: Spread) -> str:
    """The interval's name; its level stands there where it isn't the usual 95 %."""
    return f"{s.quantity}/approach-{s.approach}" + ("" if s.level_percent == 95.0 else f"/level-{decimal(s.level_percent)}")


def _spread(spread: Spread) -> dict[str, str]:
    return {name: decimal(value) for name, value in asdict(spread).items() if name.endswith(("_t", "_percent")) and value is not None}


def _measured(found: Measurements) -> dict[str, list[dict[str, Any]]]:
    """What was measured or modelled, and its tables but for single sites and matches, which stand in the run; nothing where nothing was."""
    tables: dict[str, Sequence[DataclassInstance]] = {
        "measured": found.numbers, "soil_changes": found.soil_changes, "census": found.census, "balance": found.balance, "benchmarks": found.benchmarks,
    }  # fmt: skip
    return {name: _rows(rows) for name, rows in tables.items() if rows}


def _rows(rows: Iterable[DataclassInstance]) -> list[dict[str, Any]]:
    """Rows of a table, a key a column."""
    return [_decimals(asdict(row)) for row in rows]


def _decimals(row: dict[str, Any]) -> dict[str, Any]:
    return {key: decimal(value) if isinstance(value, float | Decimal) else value for key, value in row.items()}


def _words(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}
