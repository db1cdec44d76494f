"""A lock through a mirror: for a verifier who was handed the folder that `mirror` made, and can't ask the source.

lock, items of the folder  ->  the lock with the mirror's items in place of its own; what the mirror took of an asset at its source
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from carbonsink.scenes.address import OURS, stored_item

Json = dict[str, Any]


def through(lock: Json, items: Iterable[Json], root_url: str) -> Json:
    """The lock as the catalogue at `root_url`, whose items these are, can answer for it.

    Where that is a mirror of the lock's source its items stand in place of the lock's own, and those that it lacks, or has elsewhere, are left
    out. Where it is the very catalogue that the lock was made of, the lock is as it was.
    """
    held = {item["id"]: stored_item(item, root_url) for item in items}
    inside = [held[raw["id"]] for raw in lock["items"] if raw["id"] in held and _is_copy(held[raw["id"]], raw)]
    return lock if not inside and lock.get("catalogue", OURS) == OURS else lock | {"items": inside}


def taken(asset: Mapping[str, Any]) -> str:
    """The digest of what a mirror's maker took of an asset at its source, as scenes.csv states it; nothing where the mirror doesn't say."""
    return str(_origin(asset).get("carbonsink:sha256", ""))


def _is_copy(item: Json, raw: Json) -> bool:
    """Whether an asset of the item says that it was taken from the lock's, and all of them lie in the mirror: nobody else is to be asked."""
    assets, own = raw["assets"], item["assets"]
    taken = any(key in assets and _origin(asset).get("href") == assets[key]["href"] for key, asset in own.items())
    return taken and all(asset["href"].startswith(OURS) for asset in own.values())


def _origin(asset: Mapping[str, Any]) -> Mapping[str, Any]:
    alternate = asset.get("alternate")
    origin = alternate.get("origin") if isinstance(alternate, Mapping) else None
    return origin if isinstance(origin, Mapping) else {}
