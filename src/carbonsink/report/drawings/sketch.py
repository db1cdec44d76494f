"""A figure drawn once by matplotlib as SVG, its texts left open, so that every language labels the same drawing.

Texts are tokens while matplotlib draws: no name is parsed as mathematics, no font but matplotlib's own is measured,
and the bytes are the same on every machine with the same matplotlib.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from carbonsink.declared.language import Language
from carbonsink.report.tabular import plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Label = Callable[[Language], str]
INK, MUTED, LINE, GREEN, LEAF, GOLD, RED, BLUE = "#1f2b25", "#5d6b63", "#d9e0db", "#23634a", "#8fb996", "#c08a2b", "#b3261e", "#3a6ea5"
POINTS = 72  # matplotlib's points an inch; with it one unit of the drawing is one unit of the SVG


@dataclass(frozen=True)
class Sketch:
    """A finished drawing: SVG with tokens, and what to write in their place; `alt` says what is to be seen."""

    name: str
    svg: str
    labels: tuple[Label, ...]
    alt: Label

    def spoken(self, language: Language) -> Markup:
        """The drawing in one language, ids made its own so that a page may hold it in several."""
        own = f"{self.name}-{language.code}"
        text = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{own}-", self.svg)
        text = re.sub(r"@(\d+)@", lambda found: str(escape(plain(self.labels[int(found[1])](language)))), text)
        return Markup('<svg role="img" aria-label="{}" ').format(plain(self.alt(language))) + Markup(text[len("<svg ") :])


@dataclass
class Canvas:
    """The drawing under way."""

    figure: Figure
    width: float
    height: float
    labels: list[Label] = field(default_factory=list)

    def say(self, label: Label) -> str:
        """A token for a text, to be given to matplotlib in its place."""
        self.labels.append(label)
        return f"@{len(self.labels) - 1}@"

    def number(self, value: float, places: int) -> str:
        """A token for a number in the language's form."""
        return self.say(lambda language: language.number(value, places))

    def panel(self, left: float, top: float, width: float, height: float) -> Axes:
        """Axes at a place given in units of the drawing from its upper left corner."""
        box = (left / self.width, 1 - (top + height) / self.height, width / self.width, height / self.height)
        axes = self.figure.add_axes(box)
        axes.set_axisbelow(True)
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
        axes.spines["bottom"].set_color(MUTED)
        axes.tick_params(length=0, labelsize=11, labelcolor=MUTED, pad=5)
        return axes

    def finish(self, name: str, alt: Label) -> Sketch:
        """The SVG's root element, without prologue, dates and fixed size."""
        target = io.StringIO()
        self.figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None}, transparent=True)
        svg = target.getvalue()
        svg = svg[svg.index("<svg ") :].strip()
        svg = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
        svg = re.sub(r'^<svg [^>]*viewBox="([^"]*)"[^>]*>', r'<svg viewBox="\1" xmlns:xlink="http://www.w3.org/1999/xlink">', svg)
        return Sketch(name, re.sub(r"\n\s*", "\n", svg), tuple(self.labels), alt)


@contextmanager
def drawing(name: str, width: float, height: float) -> Iterator[Canvas]:
    """A canvas under matplotlib's own defaults, whatever the user's matplotlibrc says."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    own: dict[Any, Any] = {
        "svg.fonttype": "none",
        "svg.hashsalt": name,
        "font.family": ["DejaVu Sans"],
        "text.color": INK,
        "path.simplify": False,
        "axes.unicode_minus": True,
    }
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(own)
        figure = Figure(figsize=(width / POINTS, height / POINTS), dpi=POINTS)
        FigureCanvasSVG(figure)
        yield Canvas(figure, width, height)
