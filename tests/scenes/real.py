"""Runs of stage 1 on the shared test data."""

from __future__ import annotations

from pathlib import Path

from carbonsink.catalogue.serve import Catalogue
from carbonsink.declared.pipeline import Composites
from carbonsink.declared.plan import Plan
from carbonsink.scenes.fetch import fetch
from carbonsink.scenes.lock import search
from tests.scenes.plans import Box, lonlat, plan_of

TWL: Box = (499980.0, 4990200.0, 609780.0, 5100000.0)
TWM: Box = (499980.0, 5090220.0, 609780.0, 5200020.0)


def zagreb(bounds: Box = TWL) -> Plan:
    """The ground of tile 33TWL, whose northern rim 33TWM overlaps, in one composite of August 2023."""
    return plan_of(lonlat(bounds, 32633), 2023, Composites(period="year", bands=["blue", "green", "red", "nir"], indices=["ndvi", "evi"]))


def flanders(bands: list[str], indices: list[str] | None = None) -> Plan:
    """The Flanders patch by months, with the autumn of 2017 before."""
    composites = Composites(period="month", bands=bands, indices=indices or [])
    return plan_of(lonlat((501360, 5629040, 502000, 5629680), 32631), 2018, composites, lead_months=5)


def run_scenes(plan: Plan, catalogue: Path, run: Path) -> Path:
    """A run folder with its scenes, from a static catalogue served on loopback."""
    with Catalogue(catalogue) as api:
        lock = search(plan, api.url, api.url)
        fetch(plan, lock, api.url, run / "store", run / "scenes", lambda done, total: None)
    return run
