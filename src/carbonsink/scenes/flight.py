"""Asks for the same thing at the same time, by threads of one process: one works, the others get its answer.

once(key, work)    what `work` gives, worked once however many ask meanwhile
holding(key)       one at a time for a key
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, TypeVar

Result = TypeVar("Result")
_FLIGHTS: dict[Hashable, Future[Any]] = {}
_HELD: dict[Hashable, tuple[threading.Lock, int]] = {}  # a key's lock, and how many have or want it
_GUARD = threading.Lock()


def once(key: Hashable, work: Callable[[], Result]) -> Result:
    """The result of `work`, shared by everyone who asks for `key` while it lasts; its exception too."""
    with _GUARD:
        flight = _FLIGHTS.get(key)
        if mine := flight is None:
            flight = _FLIGHTS[key] = Future()
    if not mine:
        shared: Result = flight.result()
        return shared
    try:
        result = work()
    except BaseException as error:
        flight.set_exception(error)
        raise
    else:
        flight.set_result(result)
        return result
    finally:
        with _GUARD:
            del _FLIGHTS[key]


@contextmanager
def holding(key: Hashable) -> Iterator[None]:
    """Keep others who ask for `key` waiting."""
    with _GUARD:
        lock, wanted = _HELD.get(key, (threading.Lock(), 0))
        _HELD[key] = (lock, wanted + 1)
    try:
        with lock:
            yield
    finally:
        with _GUARD:
            lock, wanted = _HELD[key]
            if wanted > 1:
                _HELD[key] = (lock, wanted - 1)
            else:
                del _HELD[key]
