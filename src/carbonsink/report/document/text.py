"""Words and inline markup as nodes for the typesetter: a list of {"t": text} with "as" sub, sup, sym, small, code or mono, or {"br": true}.

Signs that the face lacks become something it has: ₂ a lowered 2, ⁻ a raised minus; any other is spelled as its code point, never an empty box.
Long words of digests and ids may break at zero-width spaces.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterator, Sequence
from html.parser import HTMLParser
from typing import Any

from markupsafe import Markup

from carbonsink.base.typeface import advance, covered, font_file
from carbonsink.report.tabular import plain

Node = dict[str, Any]
LOWERED, RAISED = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True)), dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789−", strict=True))
SPELLED = {"⅓": "1/3", "⁄": "/", "⟨": "[", "⟩": "]", "\u2007": " ", "\u202f": " "}
STYLES = {"sub": "sub", "sup": "sup", "small": "small", "code": "code", "var": "sym", "tt": "mono"}
BREAK = "\u200b"
BREAKS = (BREAK, "\n")
LONG = 18  # characters of a word that may not be broken elsewhere
SCALES = {"sub": 0.6, "sup": 0.6, "small": 0.88, "mono": 1.0}  # of the size of what stands around
ALONE = re.compile(rf"[\s{BREAK}⺀-鿿＀-￯]")  # signs that lines may be broken at
PARTS = re.compile(rf"{ALONE.pattern}|[^\s{BREAK}⺀-鿿＀-￯]+")
SCRIPTS = re.compile("([₀-₉]+|[⁰¹²³⁴-⁹⁻]+)")
WORD = re.compile(rf"[!-~]{{{LONG},}}")


def nodes(value: object) -> list[Node]:
    """A cell or sentence as nodes; only `Markup` of our own is read as markup, everything else is words."""
    if isinstance(value, Markup):
        reader = _Reader()
        reader.feed(str(value))
        reader.close()
        return [node for node in reader.nodes if node != {"t": ""}]
    return list(_scripts(str(plain("" if value is None else value)), None))


def shown(text: str) -> str:
    """A text in signs that the face has, for places that know no raised or lowered ones: titles, alternatives of pictures."""
    flat = "".join(LOWERED.get(c) or RAISED.get(c) or c for c in str(plain(text)))
    return _known(flat)


def extent(found: Sequence[Node]) -> tuple[float, float]:
    """How wide nodes are set [em]: their longest line, and the widest part of it that can't be broken."""
    lines, words = [0.0], [0.0]
    for node in found:
        scale = SCALES.get(str(node.get("as")), 1.0)
        for part in PARTS.findall("\n" if "br" in node else str(node["t"])):
            wide = _em(part) * scale
            if part == "\n":
                lines.append(0.0)
            lines[-1] += wide
            if ALONE.fullmatch(part):
                words += [wide, 0.0]
            else:
                words[-1] += wide
    return max(lines), max(words)


class _Reader(HTMLParser):
    """Reads the few elements our own markup has."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.nodes: list[Node] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.nodes.append({"br": True})
        else:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            self._open.remove(tag)

    def handle_data(self, data: str) -> None:
        style = next((STYLES[tag] for tag in reversed(self._open) if tag in STYLES), None)
        self.nodes += _scripts(data, style)


def _scripts(text: str, style: str | None) -> Iterator[Node]:
    """A text cut where signs are lowered or raised."""
    for part in SCRIPTS.split(text):
        if part and part[0] in LOWERED:
            yield {"t": "".join(LOWERED[c] for c in part), "as": "sub"}
        elif part and part[0] in RAISED:
            yield {"t": "".join(RAISED[c] for c in part), "as": "sup"}
        elif part:
            yield _node(WORD.sub(_breakable, _known(part)), style)


def _node(text: str, style: str | None) -> Node:
    return {"t": text} if style is None else {"t": text, "as": style}


def _breakable(found: re.Match[str]) -> str:
    """A long word with a place to break after every sign, and within what has none, as digests."""
    word = re.sub(r"(?<=[_/.:#=-])(?=[^_/.:#=-])", BREAK, found[0])
    return BREAK.join("\u200b".join(re.findall(".{1,8}", part)) if len(part) > LONG else part for part in word.split(BREAK))


def _known(text: str) -> str:
    font = font_file()
    has = covered(font) if font else None
    return "".join(_sign(c, has) for c in text)


def _sign(c: str, has: Container[int] | None) -> str:
    if c in SPELLED:
        return SPELLED[c]
    return c if has is None or c <= " " or ord(c) in has or c == BREAK else f"[U+{ord(c):04X}]"


def _em(text: str) -> float:
    font = font_file()
    return sum(0.0 if c in BREAKS else _guess(c) if font is None else advance(font, c) for c in text)


def _guess(c: str) -> float:
    """The width of a sign of a face that isn't known, rather too wide."""
    return 1.0 if unicodedata.east_asian_width(c) in "WF" else 0.7 if c.isupper() else 0.56
