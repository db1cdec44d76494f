"""Page one: key figures, the statement in brief, and what the report is of."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from carbonsink.base.geometry import hectares, hectares_to_mu
from carbonsink.declared.language import Language
from carbonsink.declared.plan import Plan
from carbonsink.report.results import Results
from carbonsink.report.tabular import Asked, Table, headed, number, table

SECTIONS = (
    ("T1", "boundary"), ("T2", "eligibility"), ("T3", "areas"), ("T4", "accuracy"), ("T5", "parameters"), ("T6", "stocks"), ("T7", "emissions"),
    ("T8", "leakage"), ("T9", "uncertainty"), ("T10", "statement"), ("T11", "deviations"), ("T12", "files"),
)  # fmt: skip


def summary(plan: Plan, results: Results, w: Language) -> dict[str, Any]:
    """What the first page shows."""
    return {"tiles": _tiles(plan, results, w), "vintages": _vintages(results, w), "identity": _identity(plan, results, w), "sections": SECTIONS}


def _tiles(plan: Plan, results: Results, w: Language) -> list[dict[str, str]]:
    area_ha = hectares(plan.land.area_m2)
    gross, deducted = (sum(values, Decimal(0)) for values in zip(*((v.gross, v.deducted) for v in results.vintages), strict=True))
    withheld, issued = (sum((v.of(a) for v in results.vintages), Decimal(0)) for a in ("withheld", "issued"))
    tonnes = w("unit.tonnes")
    mu = f"{w.number(hectares_to_mu(area_ha), 1)} {w('unit.mu')}"
    share = w.number(deducted / gross * 100, 1) if gross > 0 else "–"
    return [
        _tile(w("tile.area"), w.number(area_ha, 2), w("unit.ha"), mu),
        _tile(w("tile.gross"), Asked(w.number(gross, 1), "gross"), tonnes, w("tile.gross-more", vintages=len(results.vintages))),
        _tile(w("tile.deducted"), Asked(w.number(deducted, 1), "deducted"), tonnes, w("tile.deducted-more", percent=share)),
        _tile(w("tile.withheld"), Asked(w.number(withheld, 0), "withheld"), tonnes, w("tile.withheld-more"), "bad" if withheld else ""),
        _tile(w("tile.issued"), Asked(w.number(issued, 0), "issued"), tonnes, w("tile.issued-more"), "good" if issued else ""),
    ]


def _tile(what: str, value: str, unit: str, more: str, mark: str = "") -> dict[str, str]:
    return {"what": what, "value": value, "unit": unit, "more": more, "class": mark}


def _vintages(results: Results, w: Language) -> Table:
    tonnes = w("unit.tonnes")
    names = ("emissions", "leakage", "uncertainty", "buffer", "carried", "withheld", "issued", "rounding", "reversal", "shortfall")
    used = [name for name in names if name in ("withheld", "issued") or any(v.of(name) for v in results.vintages)]
    places = {"withheld": 0, "issued": 0, "rounding": 3}
    columns = [*headed(w, "vintage!", "gross:tonnes"), *(number(w(f"account.{name}"), tonnes) for name in used)]
    rows = []
    for v in results.vintages:
        told = (Asked(w.number(abs(v.of(a)), places.get(a, 1)), f"{a}:{v.year}") for a in used)
        rows.append((str(v.year), Asked(w.number(v.gross, 1), f"gross:{v.year}"), *told))
    sums = [Asked(w.number(sum((abs(v.of(a)) for v in results.vintages), Decimal(0)), places.get(a, 1)), a) for a in used]
    return table(columns, rows, foot=[w("total"), Asked(w.number(sum((v.gross for v in results.vintages), Decimal(0)), 1), "gross"), *sums])


def _identity(plan: Plan, results: Results, w: Language) -> list[tuple[str, str]]:
    m, seen = plan.methodology, results.imagery
    return [
        (w("identity.area"), f"{plan.area.id} · {plan.area.country}"),
        (w("identity.methodology"), f"{w.of(m.name)} · {m.id} {m.version}"),
        (w("identity.document"), m.document),
        (w("identity.edition"), f"{m.edition} · GWP {m.gwp.upper()}"),
        (w("identity.pipeline"), f"{w.of(plan.pipeline.name)} · {plan.pipeline.id}"),
        (w("identity.imagery"), f"{plan.sensor.title} · {w('identity.items', items=seen.items, first=w.date(seen.first), last=w.date(seen.last))}"),
        (w("identity.digest"), results.digests.results),
        (w("identity.note"), w.of(m.note)),
    ]
