"""The interpretation sheet: one HTML page, whole in itself, in which a person labels a sample's points and saves a table.

The page knows nothing of the map: neither classes of points nor their order tell what the map says. Each interpreter
has an order of their own, so that two of them can't go by numbers. The only script is the page's own, named by its
digest in the page's policy; the page may ask nobody for anything.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from carbonsink.areas.sampling.chips import Views
from carbonsink.areas.sampling.points import Point, name_of
from carbonsink.areas.sampling.returned import COLUMNS, UNCLEAR
from carbonsink.declared.language import Language, read_languages
from carbonsink.declared.plan import Plan

PAGE = Path(__file__).parent / "page"
WORDS = "sheet."


def sheet(plan: Plan, points: Sequence[Point], seen: Views, interpreter: str, only: Sequence[str] | None = None) -> str:
    """The page of one interpreter as HTML text; `only` are the ids to be labelled, all where it isn't given."""
    languages = read_languages(dict.fromkeys([*plan.pipeline.report.languages, "zh", "en"]))
    wanted = [p for p in points if only is None or p.id in only]
    data = _data(plan, points, in_order(wanted, name_of(points), interpreter), seen, interpreter, languages)
    script = (PAGE / "sheet.js").read_text(encoding="utf-8")
    environment = Environment(loader=FileSystemLoader(PAGE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template("sheet.html.j2").render(
        leading=languages[0], title=languages[0].of(plan.area.name), year=points[0].year, simulated=plan.simulated, languages=languages,
        css=Markup((PAGE / "sheet.css").read_text(encoding="utf-8")), script=Markup(script), digest=_digest(script), data=Markup(_safe(data)),
    )  # fmt: skip


def in_order(points: Sequence[Point], sample: str, interpreter: str) -> list[Point]:
    """The points in the order in which an interpreter meets them: by a hash of their ids."""
    return sorted(points, key=lambda p: hashlib.sha256(f"{sample}|{interpreter}|{p.id}".encode()).digest())


def _data(plan: Plan, points: Sequence[Point], order: Sequence[Point], seen: Views, interpreter: str, languages: Sequence[Language]) -> dict[str, Any]:
    """What the page's script works with."""
    return {
        "sample": name_of(points),
        "interpreter": interpreter,
        "area": {w.code: w.of(plan.area.name) for w in languages},
        "year": points[0].year,
        "metres": points[0].resolution,
        "columns": COLUMNS,
        "unclear": UNCLEAR,
        "classes": [{"id": c.id, **{w.code: w.of(c.name) for w in languages}} for c in plan.pipeline.land.classes],
        "words": {w.code: {key.removeprefix(WORDS): text for key, text in w.words.items() if key.startswith(WORDS)} for w in languages},
        "periods": seen.periods,
        "pictures": seen.pictures,
        "side": seen.side,
        "days": seen.days,
        "layers": seen.layers,
        "points": [
            {"id": p.id, "lon": p.lon, "lat": p.lat, "strips": [_address(strip) for strip in seen.of[p.id].strips], "series": seen.of[p.id].series}
            for p in order
        ],
    }


def _address(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode()


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _safe(value: Any) -> str:
    """JSON that can't end the element it stands in, whatever names and words hold."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
