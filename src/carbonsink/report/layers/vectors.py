"""layers.gpkg: the layers with their words and styles, in EPSG:4326, the same bytes for the same run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from carbonsink.base.geopackage import Layer, write_layers
from carbonsink.declared.language import Language
from carbonsink.declared.plan import Plan
from carbonsink.report.layers.shapes import Shapes, layers, words
from carbonsink.report.layers.styles import look, qml, sld
from carbonsink.report.results import Results

CRS = "EPSG:4326"  # longitude and latitude, as the declared land is kept


def write_vectors(plan: Plan, results: Results, path: Path, languages: Sequence[Language]) -> None:
    """Write every layer that has something to show."""
    write_layers(path, [_dressed(plan, layer, languages) for layer in layers(plan, results, languages)], CRS)


def _dressed(plan: Plan, layer: Shapes, languages: Sequence[Language]) -> Layer:
    aliases = {name: words(languages, f"layers.{name.replace('_', '-')}") for name in layer.rows[0]}
    style = look(plan, layer, languages)
    texts = {"qml": qml(layer, style, aliases), "sld": sld(layer, style)}
    return Layer(layer.name, layer.kind, layer.wkb, layer.columns, words(languages, f"layers.{layer.name}"), aliases, **texts)
