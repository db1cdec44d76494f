"""maps/*.tif: the cover map of every vintage with its legend, and the composite of every vintage that was seen best."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from carbonsink.base.cog import cog, cog_of
from carbonsink.base.evidence import write_bytes
from carbonsink.base.records import CompositePeriod
from carbonsink.declared.language import Language
from carbonsink.declared.plan import Plan
from carbonsink.report.layers.shapes import said
from carbonsink.report.results import Results


def write_maps(plan: Plan, results: Results, run: Path, folder: Path, languages: Sequence[Language]) -> None:
    """Write the maps as Cloud Optimized GeoTIFFs into a folder."""
    classes = plan.pipeline.land.classes
    colours, legend = {c.code: c.colour for c in classes}, {c.code: said(languages, c.name) for c in classes}
    for year, cover in results.covers.items():
        write_bytes(folder / f"cover_{year}.tif", cog(cover, colours, legend, "MODE"))
    for best in best_composites(plan, results):
        write_bytes(folder / f"composite_{best.period}.tif", cog_of(run / "composites" / best.file, "AVERAGE"))


def best_composites(plan: Plan, results: Results) -> tuple[CompositePeriod, ...]:
    """The period of each vintage in which most of the area was seen, the earliest of equals; none of a vintage without one."""
    found = []
    for year in plan.vintages:
        seen = [c for c in results.composites if c.start[:4] == str(year) and c.observed_share > 0]
        found += [min(seen, key=lambda c: (-c.observed_share, c.start))] if seen else []
    return tuple(found)
