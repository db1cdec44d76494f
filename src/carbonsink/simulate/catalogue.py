"""The static catalogue around the simulated items: catalog.json and a collection.json for each sensor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from carbonsink.base.evidence import write_json
from carbonsink.declared.plan import Plan
from carbonsink.simulate.constants import Constants

OPTICAL, RADAR = "Sentinel-2 L2A", "Sentinel-1 RTC"


def write_catalogue(plan: Plan, items: Mapping[str, Sequence[dict[str, Any]]], folder: Path, known: Constants) -> None:
    """Write the catalogue of the items of each collection, which lie in time."""
    root = {"rel": "root", "href": "./catalog.json", "type": "application/json"}
    children = [{"rel": "child", "href": f"./{name}/collection.json", "type": "application/json"} for name in items]
    write_json(folder / "catalog.json", {"type": "Catalog", "id": f"simulated-{plan.area.id}", **_head(plan, OPTICAL), "links": [root, *children]})
    for name, some in items.items():
        write_json(folder / name / "collection.json", _collection(name, some, _head(plan, RADAR if name == known.radar.sensor else OPTICAL)))


def _head(plan: Plan, kind: str) -> dict[str, str]:
    description = f"SIMULATED by carbonsink: no satellite has seen this. Look-alikes of {kind} for demonstrations and tests."
    return {"stac_version": "1.0.0", "title": f"SIMULATED {kind}, {plan.area.id}", "description": description}


def _collection(name: str, items: Sequence[dict[str, Any]], head: Mapping[str, str]) -> dict[str, Any]:
    moments = [item["properties"]["datetime"] for item in items]
    links = [{"rel": rel, "href": "../catalog.json", "type": "application/json"} for rel in ("root", "parent")]
    links += [{"rel": "item", "href": f"./{item['id']}/{item['id']}.json", "type": "application/geo+json"} for item in items]
    extents = {"spatial": {"bbox": [items[0]["bbox"]]}, "temporal": {"interval": [[moments[0], moments[-1]]]}}
    return {"type": "Collection", "id": name, "license": "CC0-1.0", "extent": extents, **head, "links": links}
