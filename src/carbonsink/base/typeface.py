"""The typeface of printed documents, from an installed package: Noto Sans SC (SIL Open Font License), one regular cut.

font_file()      its file, or None where the package isn't installed: documents are then set in typst's own faces and say so
font_words()     what a manifest says of it
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from carbonsink.base.evidence import file_sha256

if TYPE_CHECKING:
    from matplotlib.ft2font import FT2Font

FAMILY = "Noto Sans SC"
FACE, MISSING = "typeface of documents", "not installed"  # a manifest's key, and what stands there without it
UNIT = 1000  # pixels an em, to measure by
PACKAGE, FILE = "zhplot", "fonts/NotoSansSC-Regular.ttf"


@cache
def font_file() -> Path | None:
    """Where the face lies; the package is found, not imported."""
    spec = find_spec(PACKAGE)
    folders = spec.submodule_search_locations if spec else None
    found = [path for folder in folders or [] if (path := Path(folder) / FILE).is_file()]
    return found[0] if found else None


def font_words() -> str:
    """The face by its digest, so that two manifests tell whether documents were set in the same one."""
    path = font_file()
    return MISSING if path is None else f"{FAMILY} sha256:{file_sha256(path)[:16]}"


@cache
def covered(path: Path) -> frozenset[int]:
    """The characters that a face has signs for, as code points."""
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(str(path)).get_charmap())


@cache
def advance(path: Path, sign: str) -> float:
    """How wide a sign is set [em]."""
    return float(_measured(path).load_char(ord(sign)).linearHoriAdvance) / 65536 / UNIT


@cache
def _measured(path: Path) -> FT2Font:
    from matplotlib.ft2font import FT2Font

    font = FT2Font(str(path))
    font.set_size(UNIT, 72)
    return font
