"""What a page's tables are made of, and how texts from outside are put on it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from carbonsink.declared.language import Language
from carbonsink.declared.text import UNWANTED

SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
SUBSTANCES = {"CO2e": "CO₂e", "CH4": "CH₄", "N2O": "N₂O", "CO2": "CO₂"}
LONGEST = 32  # signs of a code that stay together


@dataclass(frozen=True)
class Column:
    """A column's heading, its unit, and whether its cells are numbers, short words that shouldn't wrap, or codes that may."""

    name: str
    numeric: bool = False
    unit: str = ""
    tight: bool = False
    code: bool = False

    @property
    def look(self) -> str:
        """The class of its cells."""
        return "num" if self.numeric else "tight" if self.tight else "code" if self.code else "text"


class Asked(str):
    """A number as shown that can be explained: `asks` is what to ask `carbonsink explain` for."""

    asks: str

    def __new__(cls, shown: str, asks: str) -> Asked:
        """The text with its question."""
        made = super().__new__(cls, shown)
        made.asks = asks
        return made


@dataclass(frozen=True)
class Row:
    """A row's cells as shown; `mark` is the class that makes it stand out."""

    cells: Sequence[object]
    mark: str = ""


@dataclass(frozen=True)
class Table:
    """A table as shown, with the sums beneath it."""

    columns: Sequence[Column]
    rows: Sequence[Row]
    caption: str = ""
    foot: Sequence[object] | None = None


def table(columns: Iterable[Column], rows: Iterable[Sequence[object]], caption: str = "", foot: Sequence[object] | None = None) -> Table:
    """A table of plain rows."""
    return Table(tuple(columns), tuple(Row(tuple(cells)) for cells in rows), caption, foot)


def number(name: str, unit: str = "") -> Column:
    """A column of numbers."""
    return Column(name, True, unit)


def headed(w: Language, *spellings: str) -> tuple[Column, ...]:
    """Columns by key: `area:ha` numbers in a unit, `items:` numbers, `year!` short words, `row#` codes, `source` any text."""
    return tuple(_column(w, spelling) for spelling in spellings)


def _column(w: Language, spelling: str) -> Column:
    key, colon, unit = spelling.partition(":")
    if colon:
        return number(w(f"column.{key}"), w(f"unit.{unit}") if w.has(f"unit.{unit}") else unit)
    return Column(w(f"column.{key.rstrip('!#')}"), tight=key.endswith("!"), code=key.endswith("#"))


def maybe(w: Language, value: float | None, places: int, times: float = 1) -> str:
    """A number, or a dash where there is none."""
    return "–" if value is None else w.number(value * times, places)


def beneath(text: str, more: str) -> Markup:
    """A cell's text with a smaller line beneath it."""
    return Markup("{}<br><small>{}</small>").format(plain(text), plain(more))


def plain(value: object) -> object:
    """A text as it may stand on a page: normal form, and every invisible or direction-changing character made visible."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    text = unicodedata.normalize("NFC", value)
    if text.isprintable():  # so it has no control, format or separator but the space; most texts are
        return text
    return "".join(c if unicodedata.category(c) not in UNWANTED else " " if c in "\n\t" else f"⟨U+{ord(c):04X}⟩" for c in text)


def parted(code: object) -> Markup:
    """A code in a cell, with places to break after / and _ and, but for digests, nowhere else."""
    parts = re.findall(r"[^/_]*[/_]|[^/_]+", str(plain(code)))
    whole = (Markup('<span class="whole">{}</span>').format(part) if len(part) <= LONGEST else escape(part) for part in parts)
    return Markup("<wbr>").join(whole)


def gas_words(gas: str) -> str:
    """A gas as people write it: CH₄."""
    return SUBSTANCES.get(gas, gas)


def pool_words(pool: str, w: Language) -> str:
    """A pool as people name it; one without words keeps its own."""
    return w.named("pool", pool)


def clipped(text: str, cells: int) -> str:
    """A text cut to so many cells, a Chinese character being two."""
    widths = [2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text]
    fits = sum(1 for n in range(len(text)) if sum(widths[: n + 1]) <= cells)
    return text if fits == len(text) else text[:fits].rstrip() + "…"


def unit_words(unit: str) -> str:
    """A unit as people write it: kg_CH4 ha^-1 day^-1 becomes kg CH₄ ha⁻¹ day⁻¹, and 1 nothing."""
    return "" if unit == "1" else " ".join(_factor(part) for part in unit.split())


def _factor(part: str) -> str:
    base, _, power = part.partition("^")
    letter, _, substance = base.partition("_")
    head, _, tail = substance.partition("_")
    words = f"{letter} {SUBSTANCES.get(head, head)}".strip() + (f"-{tail}" if tail else "")
    return words + power.translate(SUPERSCRIPTS)
