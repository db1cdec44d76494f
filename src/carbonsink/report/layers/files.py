"""The files for other programs, below a run's report folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from carbonsink.base.evidence import write_json
from carbonsink.declared.language import Language
from carbonsink.declared.plan import Plan
from carbonsink.report.layers.maps import write_maps
from carbonsink.report.layers.stac import NAME, stac_item
from carbonsink.report.layers.vectors import write_vectors
from carbonsink.report.results import Results


def write_files(plan: Plan, results: Results, run: Path, languages: Sequence[Language]) -> None:
    """Write layers.gpkg, maps/*.tif and, last, stac-item.json, which describes every file of the report; so call it after those are written."""
    report = run / "report"
    write_vectors(plan, results, report / "layers.gpkg", languages)
    write_maps(plan, results, run, report / "maps", languages)
    write_json(report / NAME, stac_item(plan, results, report, languages))
