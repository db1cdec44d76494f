"""What stands beside the cover maps: the classes in the IPCC's and in China's categories, where the maps come from, what made them consistent."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from carbonsink.base.records import ConsistencyChange, MapTile
from carbonsink.base.tables import read_csv
from carbonsink.declared.gbt import Use, uses
from carbonsink.declared.land import Consistency
from carbonsink.declared.language import Language
from carbonsink.declared.legend import Legend, read_legend
from carbonsink.declared.paths import Places
from carbonsink.declared.plan import Plan
from carbonsink.report.parts.evidence import class_name
from carbonsink.report.tabular import Row, Table, headed, table


def land(plan: Plan, run: Path, w: Language) -> dict[str, Any]:
    """The tables and sentences beside the cover maps."""
    return {"cover_classes": _classes(plan, w), "cover_source": _source(plan, run, w), "consistency": _consistency(plan, run, w)}


def _classes(plan: Plan, w: Language) -> Table:
    columns = headed(w, "class", "ipcc", "gbt", "status!")
    rows = []
    for c in plan.pipeline.land.classes:
        use = uses().get(c.gbt or "")
        rows.append((w.of(c.name), w(f"ipcc.{c.ipcc.replace(' ', '-')}"), _use(use, w), w(f"status.{use.status}") if use else "–"))
    return table(columns, rows, w("cover.classes"))


def _use(use: Use | None, w: Language) -> str:
    return f"{use.code} {use.name_zh if w.code == 'zh' else use.name_en}" if use else "–"


def _source(plan: Plan, run: Path, w: Language) -> list[str]:
    """Sentences: the way of mapping; of a published map its maker, its years, and which vintage took another year's."""
    cover = plan.pipeline.land
    said = [w(f"cover.{cover.method}")]
    maps, legend = plan.area.cover_map, legend_of(plan)
    if legend is None or maps is None:
        return said
    said.append(w("cover.legend", name=_name(legend, w), source=legend.source, place=legend.place, status=w(f"status.{legend.status}")))
    said.append(w("cover.licence", attribution=legend.attribution, licence=legend.licence))
    for year, sources in _tiles(run).items():
        said.append(w("cover.map-of", year=year, sources=", ".join(sources)))
    borrowed = [(vintage, maps.year_of(vintage)) for vintage in plan.vintages if maps.year_of(vintage) != vintage]
    return said + [w("cover.stands-in", vintage=vintage, year=year) for vintage, year in borrowed]


def legend_of(plan: Plan) -> Legend | None:
    """The legend of the published map that the pipeline takes; None where it takes none."""
    published = plan.pipeline.land.published
    return None if published is None else read_legend(published.legend, Places(plan.folder, plan.copies), "pipeline [land.published.legend]")


def uses_of(plan: Plan) -> list[Use]:
    """The classes of GB/T 21010-2017 that the pipeline's classes name."""
    named = dict.fromkeys(c.gbt for c in plan.pipeline.land.classes if c.gbt)
    return [uses()[code] for code in named if code in uses()]


def _name(legend: Legend, w: Language) -> str:
    return legend.name["zh" if w.code == "zh" else "en"]


def _tiles(run: Path) -> dict[int, list[str]]:
    """The sources of each year's map."""
    found: dict[int, list[str]] = {}
    for tile in read_csv(run / "scenes" / "maps.csv", MapTile):
        found.setdefault(tile.year, []).append(tile.source)
    return dict(sorted(found.items()))


def _consistency(plan: Plan, run: Path, w: Language) -> dict[str, Any] | None:
    """The declared rules in words and the pixels each changed, by class; None where none is declared."""
    choice = plan.pipeline.land.consistency
    if choice is None:
        return None
    counts: Counter[tuple[int, str, str, str]] = Counter()
    for change in read_csv(run / "land" / "consistency.csv", ConsistencyChange):
        counts[change.year, change.rule, change.before, change.after] += change.pixels
    columns = headed(w, "year!", "rule", "before", "after", "pixels:")
    rows = [
        Row((str(year), w(f"consistency.{rule}"), class_name(plan, before, w), class_name(plan, after, w), w.number(pixels, 0)))
        for (year, rule, before, after), pixels in counts.items()
    ]
    return {"rules": _rules(plan, choice, w), "changes": Table(columns, rows, w("consistency.caption"))}


def _rules(plan: Plan, choice: Consistency, w: Language) -> list[str]:
    said = [w("consistency.raw"), *([w("consistency.unmended")] if plan.pipeline.land.method == "classifier" else [])]
    if choice.smoother == "majority":
        said.append(w("consistency.by-majority", years=choice.window))
    if choice.smoother == "hidden-markov":
        m = choice.markov
        said.append(w(f"consistency.by-markov-{m.transitions}", stay=w.number(m.stay * 100, 1)))
        said.append(w(f"consistency.emission-{m.emission}", accuracy=w.number(m.accuracy * 100, 1)))
    if choice.minimum_unit_m2:
        said.append(w("consistency.by-unit", area=w.number(choice.minimum_unit_m2, 0), neighbours=choice.neighbours))
    for before, after in choice.allowed.items():
        names = ", ".join(class_name(plan, name, w) for name in after) or w("none")
        said.append(w("consistency.by-table", before=class_name(plan, before, w), after=names))
    return said
