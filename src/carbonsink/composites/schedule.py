"""Where tasks run: in this thread, in threads, or on a dask cluster; the results come back in the order of the work."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from carbonsink.base.problems import Exit, refuse

Compute = Callable[[Callable[[Any], Any], Sequence[Any]], Sequence[Any]]


LOCAL = ("synchronous", "threads")
CONNECT_SECONDS = 10


@contextmanager
def computing(scheduler: str, workers: int | None) -> Iterator[Compute]:
    """A function (task, works) -> results on the scheduler: "synchronous", "threads", or the tcp:// address of a cluster."""
    check_scheduler(scheduler)
    if scheduler in LOCAL:
        yield lambda task, works: _local(task, works, scheduler, workers)
        return
    with _client(scheduler) as client:
        yield lambda task, works: client.gather(client.compute(_delayed(task, works)))


def check_scheduler(scheduler: str) -> None:
    """Refuse a word that names no scheduler."""
    if scheduler not in LOCAL and not scheduler.startswith(("tcp://", "tls://")):
        raise refuse("E-COM-002", "scheduler", Exit.USAGE, found=scheduler)


def _client(address: str) -> Any:
    from distributed import Client

    try:
        return Client(address, set_as_default=False, timeout=CONNECT_SECONDS)  # type: ignore[no-untyped-call]
    except OSError:
        raise refuse("E-COM-003", "scheduler", Exit.RESOURCES, address=address, seconds=CONNECT_SECONDS) from None


def _local(task: Callable[[Any], Any], works: Sequence[Any], scheduler: str, workers: int | None) -> Sequence[Any]:
    from dask.base import compute

    results: Sequence[Any] = compute(*_delayed(task, works), scheduler=scheduler, num_workers=workers)  # type: ignore[no-untyped-call]
    return results


def _delayed(task: Callable[[Any], Any], works: Sequence[Any]) -> list[Any]:
    from dask.delayed import delayed

    run = delayed(task, pure=False)
    return [run(delayed(work, traverse=False)) for work in works]
