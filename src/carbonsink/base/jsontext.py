"""JSON that somebody else wrote: an object, in which no key stands twice (one reader would take the first, another the last)."""

from __future__ import annotations

import json
from typing import Any


def json_object(text: str | bytes) -> dict[str, Any]:
    """The object that a text holds; a ValueError (or RecursionError) says why it holds none."""
    raw = json.loads(text, object_pairs_hook=_unique)
    if not isinstance(raw, dict):
        raise ValueError(type(raw).__name__)
    return raw


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    twice = next((key for key in keys if keys.count(key) > 1), None) if len(set(keys)) < len(keys) else None
    if twice is not None:
        raise ValueError(f"key {twice!r} stands twice")
    return dict(pairs)
