"""A part of the library that is one file a topic: all its tables together, each name once."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

LIBRARY = Path(str(files("carbonsink"))) / "library"


def read_topics(folder: Path) -> dict[str, Any]:
    """The tables of every `*.toml` of a folder, in the order of topics; a ValueError names a table that stands in two."""
    found: dict[str, Any] = {}
    for path in sorted(folder.glob("*.toml")):
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        if twice := found.keys() & tables.keys():
            raise ValueError(f"{path.name}: {', '.join(sorted(twice))} stands in another file of {folder.name} too")
        found |= tables
    return found
