"""Everything the earlier stages wrote, read once, and the few sums a report is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np

from carbonsink.base import records as r
from carbonsink.base.evidence import file_sha256, read_json
from carbonsink.base.library import library_in, numbers_digest
from carbonsink.base.manifest import chip_digests, content_digest, files_below, results_digest
from carbonsink.base.measurements import Measurements, read_measurements
from carbonsink.base.rasters import COMPOSITE_NODATA, COMPOSITE_UNIT, Raster, read_raster
from carbonsink.base.tables import read_csv, read_if_there, total
from carbonsink.base.topics import LIBRARY, read_topics
from carbonsink.declared.language import Language
from carbonsink.declared.plan import Plan

CREDITED = ("removals", "avoided", "baseline")
DEDUCTED = ("emissions", "leakage", "uncertainty", "buffer", "carried")
SETTLED = ("withheld", "issued", "rounding", "reversal", "shortfall")
UNCLEAR = "?"  # the label of a point that nobody could tell
STAGES = ("scenes", "composites", "land", "areas", "carbon", "uncertainty", "credit")


@dataclass(frozen=True)
class Vintage:
    """One vintage of the statement [t CO2e]; postings as posted, credits negative."""

    year: int
    postings: Mapping[str, Decimal]
    notes: Mapping[str, str]

    def of(self, account: str) -> Decimal:
        """What was posted to an account, zero where nothing was."""
        return self.postings.get(account, Decimal(0))

    @property
    def gross(self) -> Decimal:
        """Removals and avoided emissions over the baseline, before anything is taken off."""
        return -sum((self.of(account) for account in CREDITED), Decimal(0))

    @property
    def deducted(self) -> Decimal:
        """What is taken off before whole tonnes are counted."""
        return sum((self.of(account) for account in DEDUCTED), Decimal(0))


@dataclass(frozen=True)
class Gap:
    """A stretch without an acquisition of a tile that is longer than the sensor's revisit allows."""

    tile: str
    start: date
    end: date
    days: int


@dataclass(frozen=True)
class Imagery:
    """What the lock says: the scenes, and the ones not taken with the reason."""

    source: str
    collection: str
    items: int
    days: int
    first: date
    last: date
    dropped: Mapping[str, int]  # reason -> items
    taken_out: int  # items that the search gave and the lock neither holds nor says dropped; below 0: that it didn't give
    gaps: tuple[Gap, ...]


@dataclass(frozen=True)
class Digests:
    """What the run is made of, by content."""

    results: str
    files: Mapping[str, str]  # path in the run -> SHA-256 of its bytes
    library: str = ""  # of the numbers of the tables it was reckoned with


@dataclass(frozen=True)
class Results:
    """The run's tables as records."""

    imagery: Imagery
    scenes: tuple[r.SceneAsset, ...]
    budget: tuple[r.PixelBudget, ...]
    composites: tuple[r.CompositePeriod, ...]
    confusion: tuple[r.Confusion, ...]
    classes: tuple[r.ClassArea, ...]
    parcels: tuple[r.ParcelShare, ...]
    activity: tuple[r.Activity, ...]
    variables: tuple[r.Variable, ...]
    worksheet: tuple[r.WorksheetRow, ...]
    stock_changes: tuple[r.StockChange, ...]
    spreads: tuple[r.Spread, ...]
    shares: tuple[r.VarianceShare, ...]
    postings: tuple[r.Posting, ...]
    covers: Mapping[int, Raster]
    digests: Digests
    practice: tuple[r.PracticeEvidence, ...] = ()
    alerts: tuple[r.Alert, ...] = ()
    estimators: tuple[r.EstimatorArea, ...] = ()
    transitions: tuple[r.Transition, ...] = ()
    plots: tuple[r.PlotEstimate, ...] = ()
    plot_changes: tuple[r.PlotChange, ...] = ()
    labels: tuple[r.SampleLabel, ...] = ()
    agreement: tuple[r.Agreement, ...] = ()
    radar: Imagery | None = None  # beside the imagery, where the pipeline asks for it
    radar_scenes: tuple[r.SceneAsset, ...] = ()
    radar_budget: tuple[r.PixelBudget, ...] = ()
    measured: Measurements = Measurements()
    projected: tuple[r.Projected, ...] = ()

    @cached_property
    def vintages(self) -> tuple[Vintage, ...]:
        """The statement by vintage, in time."""
        years = sorted({p.vintage for p in self.postings})
        return tuple(_vintage(year, [p for p in self.postings if p.vintage == year]) for year in years)

    @cached_property
    def by_id(self) -> Mapping[str, r.Variable]:
        """The variables by id."""
        return {v.id: v for v in self.variables}

    @cached_property
    def factors(self) -> tuple[r.Variable, ...]:
        """Variables that come from tables or declarations, not from this run's own measuring."""
        return tuple(v for v in self.variables if v.status != "measured")

    def hectares(self, year: int, scenario: str = "project") -> float:
        """Hectares under a scenario in a year, over all strata."""
        return total(a.area_ha for a in self.activity if a.year == year and a.scenario == scenario)

    @cached_property
    def reference(self) -> tuple[r.Confusion, ...]:
        """Every reference sample by map class and reference class: those of the land stage, and drawn points that somebody could label."""
        points = Counter((s.year, s.map_class, s.label) for s in self.labels if s.label != UNCLEAR)
        return (*self.confusion, *(r.Confusion(year, "sample", "", mapped, label, count) for (year, mapped, label), count in points.items()))

    def samples(self, year: int, split: str) -> int:
        """Reference samples of a split that speak for a year."""
        return sum(c.samples for c in self.classes if (c.year, c.split) == (year, split))

    def spread(self, year: int, quantity: str, approach: int) -> r.Spread | None:
        """The 95 % interval of a quantity of a year by an approach."""
        return next((s for s in self.spreads if (s.year, s.quantity, s.approach, s.level_percent) == (year, quantity, approach, 95.0)), None)


def gather(plan: Plan, run: Path) -> Results:
    """Read every file the report speaks of."""
    scenes = read_csv(run / "scenes/scenes.csv", r.SceneAsset)
    radar = read_if_there(run / "scenes/radar/scenes.csv", r.SceneAsset)
    return Results(
        imagery=_imagery(plan, read_json(run / "scenes/lock.json"), scenes),
        scenes=scenes,
        budget=read_csv(run / "scenes/pixel_budget.csv", r.PixelBudget),
        composites=read_csv(run / "composites/composites.csv", r.CompositePeriod),
        confusion=read_csv(run / "land/confusion.csv", r.Confusion),
        classes=read_csv(run / "areas/classes.csv", r.ClassArea),
        parcels=read_csv(run / "areas/parcels.csv", r.ParcelShare),
        activity=read_csv(run / "areas/activity.csv", r.Activity),
        variables=read_csv(run / "carbon/variables.csv", r.Variable),
        worksheet=read_csv(run / "carbon/worksheet.csv", r.WorksheetRow),
        stock_changes=read_csv(run / "carbon/stock_change.csv", r.StockChange),
        spreads=read_csv(run / "uncertainty/uncertainty.csv", r.Spread),
        shares=read_csv(run / "uncertainty/shares.csv", r.VarianceShare),
        postings=read_csv(run / "credit/statement.csv", r.Posting),
        covers={year: read_raster(run / f"land/cover_{year}.tif") for year in plan.vintages},
        digests=_digests(run, {"scenes": scenes, "scenes/radar": radar}),
        practice=read_if_there(run / "land/practice.csv", r.PracticeEvidence),
        alerts=read_if_there(run / "land/alerts.csv", r.Alert),
        estimators=read_if_there(run / "areas/estimators.csv", r.EstimatorArea),
        transitions=read_if_there(run / "areas/transitions.csv", r.Transition),
        plots=read_if_there(run / "areas/plots.csv", r.PlotEstimate),
        plot_changes=read_if_there(run / "areas/plot_changes.csv", r.PlotChange),
        labels=read_if_there(run / "areas/samples.csv", r.SampleLabel),
        agreement=read_if_there(run / "areas/agreement.csv", r.Agreement),
        radar=_imagery(plan.radar, read_json(run / "scenes/radar/lock.json"), radar) if plan.radar else None,
        radar_scenes=radar,
        radar_budget=read_if_there(run / "scenes/radar/pixel_budget.csv", r.PixelBudget),
        measured=read_measurements(run),
        projected=read_if_there(run / "credit/projection.csv", r.Projected),
    )


def source_words(source: str) -> str:
    """A source's citation by the table of sources; what a project cites itself stays as written."""
    entry = sources().get(source)
    return entry["citation"] if entry else source


def dropped_words(reason: str, w: Language) -> str:
    """Why a scene wasn't taken; a reason without words keeps the lock's."""
    return w.named("dropped", reason)


@cache
def sources() -> Mapping[str, Mapping[str, str]]:
    """`library/sources/*.toml`: citation, edition and where each document was read."""
    found: dict[str, dict[str, str]] = read_topics(LIBRARY / "sources")
    return found


def greenness(plan: Plan, results: Results, run: Path) -> dict[str, list[float | None]]:
    """Mean NDVI of each class of the cover map, one value a period; None where too little was seen. Sums are of integers, so exact."""
    if "ndvi" not in plan.pipeline.composites.indices:
        return {}
    series: dict[str, list[float | None]] = {c.id: [] for c in plan.pipeline.land.classes}
    for period in results.composites:
        ndvi = read_raster(run / "composites" / period.file, ["ndvi"]).pixels[0]
        cover = _cover_near(results.covers, int(period.start[:4])).pixels[0]
        for land_class in plan.pipeline.land.classes:
            seen = ndvi[(cover == land_class.code) & (ndvi != COMPOSITE_NODATA)].astype(np.int64)
            series[land_class.id].append(int(seen.sum()) / seen.size / COMPOSITE_UNIT if seen.size else None)
    return {name: values for name, values in series.items() if any(v is not None for v in values)}


def _cover_near(covers: Mapping[int, Raster], year: int) -> Raster:
    return covers[min(covers, key=lambda known: (abs(known - year), known))]


def _vintage(year: int, postings: Iterable[r.Posting]) -> Vintage:
    sums: dict[str, Decimal] = {}
    notes: dict[str, str] = {}
    for posting in postings:
        sums[posting.account] = sums.get(posting.account, Decimal(0)) + posting.co2e_t
        notes[posting.account] = posting.note
    return Vintage(year, sums, notes)


def _imagery(plan: Plan, lock: Mapping[str, Any], scenes: tuple[r.SceneAsset, ...]) -> Imagery:
    days = sorted({(s.platform, s.datetime[:10]) for s in scenes}, key=lambda pair: pair[1])
    dropped: dict[str, int] = {}
    for left in lock["dropped"]:
        dropped[left["reason"]] = dropped.get(left["reason"], 0) + 1
    return Imagery(
        source=plan.area.imagery.catalogue or plan.dialect.catalogue,
        collection=plan.dialect.collection,
        items=len({s.item for s in scenes}),
        days=len(days),
        first=date.fromisoformat(days[0][1]),
        last=date.fromisoformat(days[-1][1]),
        dropped=dict(sorted(dropped.items())),
        taken_out=lock["returned"] - len(lock["items"]) - len(lock["dropped"]),
        gaps=tuple(Gap(g["tile"], date.fromisoformat(g["start"]), date.fromisoformat(g["end"]), g["days"]) for g in lock["gaps"]),
    )


def _digests(run: Path, scenes: Mapping[str, tuple[r.SceneAsset, ...]]) -> Digests:
    """The results digest as the manifest bears it."""
    chips = chip_digests(scenes)
    content = {name: chips.get(name) or content_digest(path) for stage in STAGES for name, path in files_below(run, stage).items()}
    links = [{"stage": "report-reads", "writes": {name: {"content": value} for name, value in content.items()}}]
    return Digests(results_digest(links), {n: file_sha256(run / n) for n in content if n not in chips}, numbers_digest(library_in(run)))
