"""T1's parcels: which count in which vintage, why the others don't, and what the map shows on them.

A short list stands there whole; of a long one the sums, and the parcels that were left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from carbonsink.base.geometry import hectares_to_mu
from carbonsink.base.records import ParcelShare
from carbonsink.base.tables import total
from carbonsink.declared.language import Language
from carbonsink.declared.plan import Plan
from carbonsink.declared.plots import minimum_parcel_m2, minimum_rule, read_parcel_rules
from carbonsink.report.results import source_words
from carbonsink.report.tabular import Row, Table, headed, maybe

SHOWN_WHOLE = 30  # parcels of a list that stands there whole
SHOWN_LEFT = 60  # parcels left out of a longer one; the rest stands in areas/parcels.csv
OUTCOMES = ("counted", "too-small", "not-monitored", "condition")
M2_PER_HA = 10_000


@dataclass(frozen=True)
class Outcome:
    """What became of so many parcels in a vintage: `counted`, or the reason why they weren't."""

    year: int
    outcome: str
    parcels: int
    area_ha: float


def outcomes(parcels: Iterable[ParcelShare]) -> list[Outcome]:
    """Parcels and hectares by vintage and outcome."""
    found: dict[tuple[int, int], list[float]] = defaultdict(list)
    for p in parcels:
        found[p.year, OUTCOMES.index(p.reason or "counted")].append(p.area_ha)
    return [Outcome(year, OUTCOMES[n], len(areas), total(areas)) for (year, n), areas in sorted(found.items())]


def parcels(plan: Plan, rows: Sequence[ParcelShare], w: Language) -> dict[str, Any]:
    """The sentences and tables; None where the land has no parcels."""
    if not rows:
        return {"parcels": None}
    return {"parcels": {"rules": _rules(plan, rows, w), "outcomes": _outcomes(rows, w), "list": _list(plan, rows, w)}}


def _rules(plan: Plan, rows: Sequence[ParcelShare], w: Language) -> list[str]:
    """What makes a parcel count, how its edge was read, and whether anything hangs on it."""
    rules, begun = plan.pipeline.areas, plan.area.period.start
    least = minimum_parcel_m2(rules.minimum_parcel_m2, begun)
    sizes = {"area": w.number(least, 0), "mu": w.number(hectares_to_mu(least / M2_PER_HA), 2), "share": w.number(rules.minimum_share * 100, 0)}
    beside = [] if rules.method == "parcels" else [w("parcels.beside", method=w(f"method.{rules.method}"))]
    return [*beside, w("parcels.rule", origin=_origin(plan, w), **sizes), _edge(plan, rows, w)]


def _origin(plan: Plan, w: Language) -> str:
    if plan.pipeline.areas.minimum_parcel_m2 is not None:
        return w("parcels.by-pipeline")
    rule = minimum_rule(plan.area.period.start)
    return w("parcels.by-library", source=source_words(rule.source), place=rule.place, status=w(f"status.{rule.status}"))


def _edge(plan: Plan, rows: Sequence[ParcelShare], w: Language) -> str:
    """How pixels that a border cuts were read in the latest vintage."""
    latest = [p for p in rows if p.year == plan.vintages[-1]]
    area = total(p.area_ha for p in latest)
    share = total(p.area_ha * p.edge_share for p in latest) / area if area > 0 else 0.0
    read = sum(p.pixels == "whole" for p in latest)
    counts = {"whole": w.number(read, 0), "weighted": w.number(len(latest) - read, 0), "least": read_parcel_rules().edge.least_whole_px}
    return w(f"parcels.edge-{plan.pipeline.areas.edge_pixels}", share=w.number(share * 100, 1), **counts)


def _outcomes(rows: Sequence[ParcelShare], w: Language) -> Table:
    columns = headed(w, "year!", "outcome", "number:", "area:ha", "area:mu", "part:%")
    lines = []
    for o in outcomes(rows):
        whole = total(p.area_ha for p in rows if p.year == o.year)
        areas = (w.number(o.area_ha, 2), w.number(hectares_to_mu(o.area_ha), 1), w.number(o.area_ha / whole * 100, 1))
        lines.append(Row((str(o.year), w(f"outcome.{o.outcome}"), w.number(o.parcels, 0), *areas), "" if o.outcome == "counted" else "warn"))
    return Table(columns, lines, w("parcels.outcomes"))


def _list(plan: Plan, rows: Sequence[ParcelShare], w: Language) -> Table:
    """A line a parcel over all vintages: every parcel of a short list, the largest of those left out of a long one."""
    by_parcel: dict[str, list[ParcelShare]] = defaultdict(list)
    for p in sorted(rows, key=lambda p: p.year):
        by_parcel[p.parcel].append(p)
    left = sorted((n for n, years in by_parcel.items() if not all(p.counted for p in years)), key=lambda n: (-by_parcel[n][0].area_ha, n))
    whole = len(by_parcel) <= SHOWN_WHOLE
    listed = list(by_parcel) if whole else left
    shown = listed[: SHOWN_WHOLE if whole else SHOWN_LEFT]
    columns = headed(w, "parcel!", "stratum", "area:ha", "area:mu", "declared:mu", "share:%", "monitored:%", "edge:%", "outcome")
    caption = w("parcels.whole" if whole else "parcels.left", shown=len(shown), listed=len(listed), all=len(by_parcel))
    areas = [total(getattr(by_parcel[n][0], unit) for n in listed) for unit in ("area_ha", "area_mu")]
    foot = [w("total"), "", *(w.number(area, 2) for area in areas), *[""] * 5]
    return Table(columns, [_line(plan, by_parcel[n], whole, w) for n in shown], caption, foot)


def _line(plan: Plan, years: Sequence[ParcelShare], marked: bool, w: Language) -> Row:
    p, counted = years[0], all(p.counted for p in years)
    sizes = (w.number(p.area_ha, 2), w.number(p.area_mu, 2), maybe(w, p.declared_mu, 2))
    shares = (_range([getattr(p, name) for p in years], w) for name in ("share", "monitored_share", "edge_share"))
    said = w("outcome.counted") if counted else "; ".join(_left_out(years, w))
    return Row((p.parcel, w.of(plan.area.strata[p.stratum].name), *sizes, *shares, said), "warn" if marked and not counted else "")


def _left_out(years: Sequence[ParcelShare], w: Language) -> list[str]:
    """Each reason with the vintages it holds in; all of them go without saying."""
    found: dict[str, list[int]] = defaultdict(list)
    for p in years:
        if not p.counted:
            found[p.reason].append(p.year)
    always = [w(f"outcome.{reason}") for reason, when in found.items() if len(when) == len(years)]
    return always or [w("parcels.when", years=spans(when), outcome=w(f"outcome.{reason}")) for reason, when in found.items()]


def spans(years: Sequence[int]) -> str:
    """Years as people list them: 2020–2022, 2024."""
    runs: list[list[int]] = []
    for year in sorted(years):
        if runs and runs[-1][-1] == year - 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def _range(values: Sequence[float], w: Language) -> str:
    """A share, from the least to the most of the vintages where they differ [%]."""
    ends = [w.number(value * 100, 1) for value in (min(values), max(values))]
    return ends[0] if ends[0] == ends[1] else "–".join(ends)
