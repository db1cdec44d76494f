"""Data and a template made into a PDF: PDF/A-2a and PDF/UA-1 with an embedded subset of the face, the same bytes each time.

The data goes in as JSON and comes out as words: nothing of it is ever read as source. Nothing but the face's folder is searched for
fonts, and nothing but the template and the data can be read. Without the face the document is set in typst's own faces, is no PDF/A,
and says on its first page what is missing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from carbonsink.base.typeface import FAMILY, font_file

if TYPE_CHECKING:
    import typst

TEMPLATES = Path(str(files("carbonsink"))) / "report" / "document" / "templates"


def typeset(template: str, data: Mapping[str, Any], day: date) -> bytes:
    """The PDF of a template (`report`, `design`, `certificate`) over data; `day` stands as its date, so no clock is asked."""
    import typst

    font = font_file()
    facts = {**data, "date": [day.year, day.month, day.day], "face": FAMILY if font else ""}
    source = "\n".join((TEMPLATES / f"{name}.typ").read_text(encoding="utf-8") for name in ("base", template))
    with TemporaryDirectory(prefix="carbonsink-typeset-") as folder:
        root = Path(folder)
        main = root / "main.typ"
        main.write_text(source, encoding="utf-8")
        return typst.compile(
            main, root=root, font_paths=_fonts(font), sys_inputs={"data": json.dumps(facts, ensure_ascii=False)},
            format="pdf", pdf_standards=["a-2a", "ua-1"] if font else [], package_path=root, package_cache_path=root,
        )  # fmt: skip


@cache
def _fonts(font: Path | None) -> typst.Fonts:
    import typst

    return typst.Fonts(include_system_fonts=False, font_paths=[str(font.parent)] if font else [])
