"""The map library out of its installed package (XStatic-Leaflet), with its licence; the page carries both."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from importlib.resources import files

PACKAGE = "xstatic.pkg.leaflet"


@dataclass(frozen=True)
class Leaflet:
    """The library's script and style sheet as a page may hold them: no address outside it."""

    version: str
    script: str
    style: str


def leaflet(package: str = PACKAGE) -> Leaflet | None:
    """The installed library; None where its package is missing, and the page then keeps its drawn map."""
    try:
        folder = files(package) / "data"
    except ModuleNotFoundError:
        return None
    script = (folder / "leaflet.js").read_text(encoding="utf-8")
    images = {one.name: base64.b64encode(one.read_bytes()).decode("ascii") for one in (folder / "images").iterdir()}
    style = (folder / "leaflet.css").read_text(encoding="utf-8")
    style = re.sub(r"url\(images/([^)]+)\)", lambda found: f"url(data:image/png;base64,{images[found[1]]})", style)
    version = re.search(r"Leaflet (\d+(?:\.\d+)*)", script)
    return Leaflet(version[1] if version else "", re.sub(r"//# sourceMappingURL=.*", "", script).strip(), style)
