"""The page's scripts: the map library and our own, inline; data as JSON that is never run; a policy that lets nothing else run.

Our scripts are files in `scripts/`, joined in the order of SCRIPTS. What they do is never needed to read the report.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from carbonsink.report.mapping.leaflet import Leaflet
from carbonsink.report.tabular import plain

FOLDER = Path(__file__).parent / "scripts"
SCRIPTS = ("tools", "language", "chart", "parcel", "map", "controls", "trace", "start")
ESCAPED = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


@dataclass(frozen=True)
class Program:
    """What a page runs, and the data it runs on."""

    scripts: tuple[Markup, ...]
    blocks: tuple[Markup, ...]
    style: Markup
    policy: str


def program(library: Leaflet | None, blocks: dict[str, Any]) -> Program:
    """The scripts of a page with the data blocks by id, and the policy that names each script by its hash."""
    own = (FOLDER.parent / "templates" / "map.css").read_text(encoding="utf-8")
    sources = [*([library.script] if library else []), joined()]
    hashes = " ".join(f"'sha256-{_hash(source)}'" for source in sources)
    policy = f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    scripts = tuple(Markup("<script>{}</script>").format(Markup(source)) for source in sources)
    return Program(scripts, tuple(block(name, value) for name, value in blocks.items()), Markup((library.style if library else "") + own), policy)


def joined() -> str:
    """Our scripts as one function, so that their names are nobody else's."""
    parts = [(FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS]
    return '(() => {\n"use strict";\n' + "".join(parts) + "})();\n"


def block(name: str, value: Any) -> Markup:
    """Data as a block of JSON: no character of it can end the block, and none deceives."""
    text = json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character, escape in ESCAPED.items():
        text = text.replace(character, escape)
    return Markup('<script type="application/json" id="{}">{}</script>').format(name, Markup(text))


def _plain(value: Any) -> Any:
    """Every text of a value as it may stand on a page."""
    match value:
        case str():
            return value if value.isascii() and value.isprintable() else plain(value)
        case dict():
            return {_plain(key): _plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_plain(inner) for inner in value]
    return value


def _hash(source: str) -> str:
    return base64.b64encode(hashlib.sha256(source.encode()).digest()).decode("ascii")
