"""report.html: one self-contained page in the pipeline's languages, without any address outside it.

The leading language is shown first; a group of radio buttons and the style sheet change it. Everything can be read without scripts; they
add a map to move about in and the way from a figure down to what it stands on.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from carbonsink import __version__
from carbonsink.declared.language import Language
from carbonsink.declared.plan import Plan
from carbonsink.report.drawings import charts, maps
from carbonsink.report.drawings.sketch import Label, Sketch
from carbonsink.report.mapping.data import map_data
from carbonsink.report.mapping.leaflet import leaflet
from carbonsink.report.page.program import program
from carbonsink.report.parts.anchors import anchors
from carbonsink.report.parts.areas import areas
from carbonsink.report.parts.change import changing
from carbonsink.report.parts.crediting import crediting
from carbonsink.report.parts.evidence import evidence
from carbonsink.report.parts.land import land
from carbonsink.report.parts.measured import measured
from carbonsink.report.parts.parcels import parcels
from carbonsink.report.parts.plots import plots
from carbonsink.report.parts.practice import practice
from carbonsink.report.parts.reckoning import meaning, reckoning
from carbonsink.report.parts.samples import samples
from carbonsink.report.parts.summary import summary
from carbonsink.report.parts.uncertainty import uncertain
from carbonsink.report.parts.zones import zones
from carbonsink.report.results import Results, greenness
from carbonsink.report.stamps import Stamp
from carbonsink.report.tabular import clipped, parted, plain
from carbonsink.report.tracing.asked import trees

TEMPLATES = Path(__file__).parent / "templates"
MAP_WIDTH = 700
SMALL_MAP_WIDTH = 300
AXIS_CELLS = 48  # of a label beside a bar


@dataclass(frozen=True)
class Sketches:
    """Every drawing of a page."""

    parcels: Sketch
    covers: dict[int, Sketch]
    observations: Sketch
    greenness: Sketch | None
    intervals: Sketch | None
    shares: Sketch | None
    waterfalls: dict[int, Sketch]


def page(plan: Plan, results: Results, run: Path, stamped: tuple[Stamp, ...], languages: tuple[Language, ...], drawn: Sketches) -> str:
    """The whole page as HTML text, with drawings of `sketches_of`."""
    views = {w.code: view_of(plan, results, run, w) for w in languages}
    library = leaflet()
    run_by = program(library, {"map-data": map_data(plan, results, run, languages), "trace-data": _traces(plan, run, languages)})
    css = Markup((TEMPLATES / "report.css").read_text(encoding="utf-8"))
    return _environment().get_template("report.html.j2").render(
        plan=plan, results=results, stamps=stamped, languages=languages, leading=languages[0], views=views, sketches=drawn,
        latest=plan.vintages[-1], css=css, printed=Markup(_printed(plan, languages)), tool=__version__,
        library=library, program=run_by,
    )  # fmt: skip


def view_of(plan: Plan, results: Results, run: Path, w: Language) -> dict[str, Any]:
    """Everything the page says in one language; the printed documents are made of the same."""
    parts = (
        summary(plan, results, w),
        evidence(plan, results, w),
        parcels(plan, results.parcels, w),
        zones(plan, w),
        areas(plan, results, w),
        samples(plan, results, w),
        plots(plan, results, w),
        measured(plan, results, w),
        land(plan, run, w),
        changing(plan, run, w),
        practice(plan, results, w),
        reckoning(plan, results, w),
        uncertain(plan, results, w),
        crediting(plan, results, w),
        anchors(plan, results, w),
    )
    return {key: value for part in parts for key, value in part.items()}


def _traces(plan: Plan, run: Path, languages: tuple[Language, ...]) -> dict[str, Any]:
    """What the figures that can be clicked stand on, with the words around it, by language."""
    told = trees(plan, run, languages)
    words = ("click", "close", "opened")
    return {w.code: {"tree": told[w.code], "words": {"lang": w("format.lang"), **{key: w.words[f"trace.{key}"] for key in words}}} for w in languages}


@cache
def _environment() -> Environment:
    """The templates; compiled once a process, whatever the number of areas."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["plain"] = plain
    environment.filters["parted"] = parted
    environment.filters["call"] = lambda language, key: language(key)
    return environment


def _printed(plan: Plan, languages: tuple[Language, ...]) -> str:
    """What stands in the margin of every printed page; ids are of a closed alphabet, so nothing can break out of the string."""
    banner = " · ".join(w("simulated.banner") for w in languages) if plan.simulated else ""
    boxes = f'@top-left {{ content: "{plan.area.id}"; }} @bottom-right {{ content: counter(page) " / " counter(pages); }}'
    warning = f'@top-center {{ content: "{banner}"; color: #b3261e; font-weight: 700; }}' if banner else ""
    return f"@page {{ {boxes} {warning} }}"


def sketches_of(plan: Plan, results: Results, run: Path) -> Sketches:
    """Every drawing, made once for page and documents."""
    latest = plan.vintages[-1]
    series = greenness(plan, results, run)
    shares = [s for s in results.shares if s.year == latest]
    return Sketches(
        parcels=maps.cover_map(plan, latest, results.covers[latest], parcels=True, width=MAP_WIDTH),
        covers={year: maps.cover_map(plan, year, cover, parcels=False, width=SMALL_MAP_WIDTH) for year, cover in results.covers.items()},
        observations=charts.observations(results),
        greenness=charts.greenness(plan, results, series) if series and len(results.composites) > 1 else None,
        intervals=charts.intervals(results) if results.spreads else None,
        shares=charts.variance_shares(shares, _named(results)) if shares else None,
        waterfalls={v.year: charts.waterfall(v) for v in results.vintages if v.gross},
    )


def _named(results: Results) -> dict[str, Label]:
    """Each variable's meaning, for the axis of a chart."""
    values = {v.id: v.value for v in results.variables}
    return {s.variable: lambda w, s=s: f"{clipped(meaning(s.symbol, w), AXIS_CELLS)} = {w.significant(values[s.variable])}" for s in results.shares}  # type: ignore[misc]
