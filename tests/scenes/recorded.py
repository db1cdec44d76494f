"""Answers that providers really gave, as the shared test data hold them: items by sensor and dialect."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from carbonsink.declared.sensor import Dialect, read_sensor, sensor_names

Raw = dict[str, Any]


@cache
def recorded(shared: Path) -> tuple[Raw, ...]:
    """Every item of the recorded answers."""
    folder = shared / "stac_fixtures"
    files = [path for kind in ("json", "geojson") for path in sorted(folder.rglob(f"*.{kind}"))]
    values = [json.loads(path.read_text()) for path in files]
    values += [value for path in sorted(folder.rglob("*.yaml")) for value in _answers(path)]
    return tuple(item for value in values for item in _items(value))


def recorded_items(shared: Path, dialect: Dialect) -> list[Raw]:
    """The recorded items of a dialect: of its collection, with a link to its catalogue."""
    return [item for item in recorded(shared) if item.get("collection") == dialect.collection and _of(item, dialect.catalogue)]


def dialects() -> list[tuple[str, str]]:
    """Every sensor of the library with each of its dialects."""
    return [(name, dialect) for name in sensor_names() for dialect in read_sensor(name).dialects]


def _of(item: Raw, catalogue: str) -> bool:
    return any(str(link["href"]).startswith(catalogue) for link in item["links"])


def _items(value: Any) -> Iterator[Raw]:
    found = value.get("features", [value]) if isinstance(value, dict) else []
    yield from (item for item in found if item.get("type") == "Feature" and item.get("geometry") and "assets" in item)


def _answers(path: Path) -> Iterator[Any]:
    """The JSON bodies of a recorded conversation."""
    for exchange in yaml.safe_load(path.read_text())["interactions"]:
        body = exchange["response"]["body"]["string"]
        data = body if isinstance(body, bytes) else body.encode()
        yield json.loads(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
