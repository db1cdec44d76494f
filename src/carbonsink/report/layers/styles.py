"""How layers look: one table of colours, written in QGIS's language (QML) and the OGC's (SLD 1.1, OGC 05-078r4).

QGIS opens a layer with the style that stands beside it in the GeoPackage; other programs take the SLD.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

from carbonsink.declared.language import Language
from carbonsink.declared.plan import Plan
from carbonsink.report.drawings.sketch import BLUE, GOLD, INK, LEAF, MUTED, RED
from carbonsink.report.layers.shapes import POINTS, Shapes, said, words
from carbonsink.report.parts.parcels import OUTCOMES
from carbonsink.report.tabular import plain

OUTCOME_COLOURS = dict(zip(OUTCOMES, (LEAF, GOLD, MUTED, RED), strict=True))
MARK_SIZE = 3  # mm
FACE = 0.6  # of a filled shape: what lies beneath is seen
SLD = {
    "xmlns": "http://www.opengis.net/sld", "xmlns:se": "http://www.opengis.net/se", "xmlns:ogc": "http://www.opengis.net/ogc", "version": "1.1.0",
}  # fmt: skip


@dataclass(frozen=True)
class Category:
    """A value of the column that decides, its words and its colour."""

    value: str
    words: str
    colour: str  # #rrggbb


@dataclass(frozen=True)
class Look:
    """By which column a layer is coloured, and how; without a column all of it looks like its only category."""

    column: str
    categories: tuple[Category, ...]
    hollow: bool = False  # only the outline is drawn


def look(plan: Plan, layer: Shapes, languages: Sequence[Language]) -> Look:
    """How a layer looks: by outcome, class or stratum where it has one."""
    classes = {c.id: Category(c.id, said(languages, c.name), c.colour) for c in plan.pipeline.land.classes}
    match layer.name:
        case "parcels":
            return Look("outcome", tuple(Category(name, words(languages, f"outcome.{name}"), colour) for name, colour in OUTCOME_COLOURS.items()))
        case "strata":
            strata = {key: s for key, s in plan.area.strata.items() if s.cover in classes}
            return Look("stratum", tuple(Category(key, said(languages, s.name), classes[s.cover].colour) for key, s in strata.items()))
        case "samples":
            return Look("label", tuple(classes.values()))
    colour = {"alerts": RED, "plots": BLUE, "boundary": INK}[layer.name]
    return Look("", (Category("", words(languages, f"layers.{layer.name}"), colour),), hollow=layer.name == "boundary")


def qml(layer: Shapes, look: Look, aliases: Mapping[str, str]) -> str:
    """The style for QGIS, with the words of the columns."""
    root = Element("qgis", {"version": "3.28.0", "styleCategories": "Symbology|Fields|AttributeTable"})
    kind = {"type": "categorizedSymbol", "attr": look.column} if look.column else {"type": "singleSymbol"}
    renderer = SubElement(root, "renderer-v2", {**kind, "enableorderby": "0", "symbollevels": "0", "forceraster": "0"})
    if look.column:
        categories = SubElement(renderer, "categories")
        for n, c in enumerate(look.categories):
            SubElement(categories, "category", {"symbol": str(n), "value": c.value, "label": str(plain(c.words)), "render": "true", "type": "string"})
    symbols = SubElement(renderer, "symbols")
    for n, c in enumerate(look.categories):
        _symbol(symbols, str(n), c, layer.kind, look.hollow)
    named = SubElement(root, "aliases")
    for n, (column, alias) in enumerate(aliases.items()):
        SubElement(named, "alias", {"field": column, "index": str(n + 1), "name": alias})
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + tostring(root, encoding="unicode")


def _symbol(symbols: Element, name: str, category: Category, kind: str, hollow: bool) -> None:
    point = kind == POINTS
    symbol = SubElement(symbols, "symbol", {"name": name, "type": "marker" if point else "fill", "alpha": "1", "clip_to_extent": "1", "force_rhr": "0"})
    drawn = SubElement(symbol, "layer", {"class": "SimpleMarker" if point else "SimpleFill", "enabled": "1", "locked": "0", "pass": "0"})
    options = SubElement(drawn, "Option", {"type": "Map"})
    face = _rgba(category.colour, 1 if point else FACE)
    facts = {"color": face, "outline_color": _rgba(category.colour if hollow else INK, 1), "outline_width": "0.6" if hollow else "0.2"}
    facts |= {"name": "circle", "size": str(MARK_SIZE), "size_unit": "MM"} if point else {"style": "no" if hollow else "solid", "outline_style": "solid"}
    for key, value in facts.items():
        SubElement(options, "Option", {"name": key, "type": "QString", "value": value})


def sld(layer: Shapes, look: Look) -> str:
    """The same for every program that reads the OGC's styles."""
    root = Element("StyledLayerDescriptor", SLD)
    named = SubElement(root, "NamedLayer")
    SubElement(named, "se:Name").text = layer.name
    style = SubElement(SubElement(named, "UserStyle"), "se:FeatureTypeStyle")
    for category in look.categories:
        rule = SubElement(style, "se:Rule")
        SubElement(rule, "se:Name").text = str(plain(category.words))
        if look.column:
            test = SubElement(SubElement(rule, "ogc:Filter"), "ogc:PropertyIsEqualTo")
            SubElement(test, "ogc:PropertyName").text = look.column
            SubElement(test, "ogc:Literal").text = category.value
        _painted(rule, category, layer.kind, look.hollow)
    return tostring(root, encoding="unicode")


def _painted(rule: Element, category: Category, kind: str, hollow: bool) -> None:
    if kind == POINTS:
        graphic = SubElement(SubElement(rule, "se:PointSymbolizer"), "se:Graphic")
        mark = SubElement(graphic, "se:Mark")
        SubElement(mark, "se:WellKnownName").text = "circle"
        _painting(mark, "se:Fill", {"fill": category.colour})
        _painting(mark, "se:Stroke", {"stroke": INK})
        SubElement(graphic, "se:Size").text = str(MARK_SIZE * 3)  # pixels, at about three a millimetre
        return
    polygon = SubElement(rule, "se:PolygonSymbolizer")
    if not hollow:
        _painting(polygon, "se:Fill", {"fill": category.colour, "fill-opacity": str(FACE)})
    _painting(polygon, "se:Stroke", {"stroke": category.colour if hollow else INK})


def _painting(parent: Element, name: str, values: Mapping[str, str]) -> None:
    painting = SubElement(parent, name)
    for key, value in values.items():
        SubElement(painting, "se:SvgParameter", {"name": key}).text = value


def _rgba(colour: str, opacity: float) -> str:
    return ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5)) + f",{round(opacity * 255)}"
