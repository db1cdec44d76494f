"""portfolio.html: one self-contained page in Chinese and English, without scripts, with links to the areas' own pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from carbonsink import __version__
from carbonsink.declared.language import Language
from carbonsink.portfolio.account import Portfolio
from carbonsink.portfolio.map import colours, overview
from carbonsink.portfolio.parts import credit_table, interval_rows, inventory_tables_of, land_table, look_table, matrices, tiles
from carbonsink.portfolio.settings import inventory_tables, settings
from carbonsink.portfolio.tables import AreaRow, area_rows
from carbonsink.report.stamps import mark_of
from carbonsink.report.tabular import Column, Row, Table, plain

TEMPLATES = Path(__file__).parent / "templates"


def page(portfolio: Portfolio, out: Path, languages: tuple[Language, ...]) -> str:
    """The page's HTML; `out` is the folder that its links start from."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["plain"] = plain
    sketch = overview(portfolio.members)
    return environment.get_template("portfolio.html.j2").render(
        languages=languages, views={w.code: _view(portfolio, out, w) for w in languages}, drawn={w.code: sketch.spoken(w) for w in languages},
        legend=colours(portfolio.members), css=Markup((TEMPLATES / "portfolio.css").read_text(encoding="utf-8")), tool=__version__,
    )  # fmt: skip


def _view(portfolio: Portfolio, out: Path, w: Language) -> dict[str, Any]:
    """Everything the page says in one language."""
    sampling = settings()
    return {
        "tiles": tiles(portfolio, w),
        "problems": [one.line(w.code) for one in portfolio.problems],
        "simulated": list(portfolio.simulated),
        "period": w("portfolio.period", first=portfolio.years[0], last=portfolio.years[-1]),
        "interval": interval_rows(portfolio, w),
        "sampling": w("portfolio.sampling", draws=sampling.draws, seed=sampling.seed, shared=portfolio.shared_rows),
        "areas": _areas(portfolio, out, w),
        "credits": credit_table(portfolio, w),
        "land": [table for standard in ("ipcc", "gbt") if (table := land_table(portfolio, standard, w))],
        "matrices": matrices(portfolio, w),
        "inventory": inventory_tables_of(portfolio, w),
        "inventory_source": w("portfolio.inventory-source", source=inventory_tables().source, status=w(f"status.{inventory_tables().status}")),
        "look": look_table(portfolio, w),
        "runs": [(member.run.name, member.manifest) for member in portfolio.members],
    }


def _areas(portfolio: Portfolio, out: Path, w: Language) -> Table:
    names = (
        ("number", False),
        ("name", False),
        ("methodology", False),
        ("vintages", False),
        ("ha", True),
        ("gross", True),
        ("withheld", True),
        ("issued", True),
    )
    columns = [Column(w(f"portfolio.column-{name}"), numeric, tight=name == "vintages") for name, numeric in names]
    rows = [Row(_area(number, row, w), "warn" if row.simulated else "") for number, row in enumerate(area_rows(portfolio, out), start=1)]
    return Table(
        [*columns, Column(w("portfolio.column-stamps"))], [Row((*row.cells, _stamps(portfolio, place, w)), row.mark) for place, row in enumerate(rows)]
    )


def _area(number: int, row: AreaRow, w: Language) -> tuple[object, ...]:
    name = Markup('<a href="{}">{}</a><br><small>{}</small>').format(quote(row.page), plain(row.name_zh if w.code == "zh" else row.name_en), row.area)
    years = str(row.first_vintage) if row.first_vintage == row.last_vintage else f"{row.first_vintage}–{row.last_vintage}"
    told = row.methodology if row.kind == "project" else f"{row.methodology} ({w('portfolio.inventory')})"
    if row.counted == "credits":
        told += f" · {w('portfolio.counted-credits')}"
    return number, name, told, years, w.number(row.area_ha, 2), *(w.number(value, 1) for value in (row.gross, row.withheld)), w.number(row.issued, 0)


def _stamps(portfolio: Portfolio, place: int, w: Language) -> str:
    mine = portfolio.members[place].id
    return ", ".join(dict.fromkeys(mark_of(one.code, w) for one in portfolio.stamps if one.area == mine))
