"""numba's `njit`, whose cache on disk is written by one process at a time and read by none meanwhile.

numba keeps what it compiled of a function in numbered files with an index, and locks neither. Two processes that compile it for
different types at once may then keep the one's code under the other's name: whoever loads that reads int16 as uint16, and says nothing.
Nor does a data file say what it was compiled of, and its index is written first: a process that dies between the two would leave an
older source's code under the new index.
"""
# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import Any

from numba import njit
from numba.core.caching import IndexDataCacheFile

__all__ = ["COMPILED", "njit"]

COMPILED: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy"}  # division by zero is IEEE's, not Python's
LOCK = "carbonsink.lock"
SAVE, LOAD = IndexDataCacheFile.save, IndexDataCacheFile.load


@contextmanager
def locked(folder: str, how: int) -> Iterator[None]:
    """Hold a folder's lock, shared or exclusive; where it can't be written or knows no locks, nothing is locked."""
    with ExitStack() as stack:
        with suppress(OSError):
            stream = stack.enter_context((Path(folder) / LOCK).open("w"))
            fcntl.flock(stream, how)
        yield


def save(kept: Any, key: Any, data: Any) -> None:
    """In place of numba's own: keep what was compiled, while nobody else reads or writes."""
    with locked(kept._cache_path, fcntl.LOCK_EX):
        clear_away(kept)
        SAVE(kept, key, data)


def clear_away(kept: Any) -> None:
    """Remove a function's data files that its index in force doesn't name; where that fails, OSError, and nothing is to be kept."""
    named = set(kept._load_index().values())
    for path in Path(kept._cache_path).glob(f"{escape(kept._index_name.removesuffix('.nbi'))}.*.nbc"):
        if path.name not in named:
            path.unlink(missing_ok=True)


def load(kept: Any, key: Any) -> Any:
    """In place of numba's own: what was kept, while nobody writes."""
    with locked(kept._cache_path, fcntl.LOCK_SH):
        return LOAD(kept, key)


IndexDataCacheFile.save, IndexDataCacheFile.load = save, load  # type: ignore[method-assign]
