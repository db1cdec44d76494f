"""The cover maps around a change: what most of it was, what most of it is now."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from carbonsink.base.rasters import read_raster
from carbonsink.declared.plan import Plan
from carbonsink.land.change.objects import Patch


@dataclass(frozen=True)
class Cover:
    """A map's classes on a change's pixels."""

    majority: str  # class id, the first declared where two tie; empty where nothing is mapped
    categories: dict[str, float]  # share of the mapped pixels by IPCC category


@dataclass(frozen=True)
class Maps:
    """The cover maps of a run, by year."""

    plan: Plan
    files: dict[int, Path]

    def before(self, patch: Patch, year: int) -> Cover:
        """The map of the year before, else of the first year after that there is."""
        earlier = [known for known in self.files if known < year]
        return self._cover(patch, max(earlier) if earlier else min(self.files, default=0))

    def after(self, patch: Patch) -> Cover:
        """The latest map."""
        return self._cover(patch, max(self.files, default=0))

    def _cover(self, patch: Patch, year: int) -> Cover:
        if year not in self.files:
            return Cover("", {})
        codes = read_raster(self.files[year], ["cover"], patch.window).pixels[0][patch.mask]
        counts = Counter(codes[codes > 0].tolist())
        classes = [(counts[c.code], c) for c in self.plan.pipeline.land.classes if counts[c.code]]
        if not classes:
            return Cover("", {})
        shares: dict[str, float] = {}
        for count, found in classes:
            shares[found.ipcc] = shares.get(found.ipcc, 0.0) + count / counts.total()
        return Cover(max(classes, key=lambda pair: pair[0])[1].id, shares)


def maps_of(plan: Plan, run: Path) -> Maps:
    """The maps the stage has made; none where it hasn't."""
    files = {year: run / "land" / f"cover_{year}.tif" for year in plan.vintages}
    return Maps(plan, {year: path for year, path in files.items() if path.is_file()})
