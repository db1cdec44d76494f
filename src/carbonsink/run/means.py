"""How a run is worked: none of it may change a result."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Progress = Callable[[str, int, int], None]  # what is being done, steps done, steps in all


@dataclass(frozen=True)
class Means:
    """The store of fetched assets, pixels a side of a block, the dask scheduler, threads (all cores where it isn't said), reuse.

    `reuse`: whether blocks that were finished before are taken from the store.
    """

    store: Path
    block: int = 512
    scheduler: str = "threads"
    workers: int | None = None
    reuse: bool = True


def default_store() -> Path:
    """Where assets are kept by content: CARBONSINK_STORE, else the user's cache folder."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("CARBONSINK_STORE") or Path(cache) / "carbonsink")
