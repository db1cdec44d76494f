"""Where tasks run: in this thread, in threads, or on a dask cluster. Results are handed on one by one, in whatever order they are done.

    with computing("threads", None) as compute:
        compute(fill, orders, lambda number, receipt: ...)

dask's protocol runs what it is sent: a cluster is spoken to on this machine or through TLS, unless it is said otherwise.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import urlsplit

from carbonsink.base.problems import Exit, refuse

LOCAL = ("synchronous", "threads")
PLAIN = "CARBONSINK_PLAIN_CLUSTER"  # set to 1, a cluster on another machine may be spoken to without TLS

T = TypeVar("T")
R = TypeVar("R")
Done = Callable[[int, R], None]  # is told the number of a work and its result, in the thread that asked
Compute = Callable[[Callable[[T], R], Sequence[T], Done[R]], None]


@contextmanager
def computing(scheduler: str, workers: int | None) -> Iterator[Compute[Any, Any]]:
    """A function (task, works, done) on the scheduler: "synchronous", "threads", or a cluster's address. Results stay in memory
    until the last: tasks give receipts, not pixels.
    """
    check_scheduler(scheduler)
    if scheduler in LOCAL:
        yield lambda task, works, done: _local(task, works, done, scheduler, workers or _cores())
        return
    from carbonsink.composites.cluster import cluster

    with cluster(scheduler) as compute:
        yield compute


def check_scheduler(scheduler: str) -> None:
    """Refuse a word that names no scheduler, and a cluster on another machine that is spoken to in the clear."""
    if scheduler in LOCAL:
        return
    if not scheduler.startswith(("tcp://", "tls://")):
        raise refuse("E-COM-002", "scheduler", Exit.USAGE, found=scheduler)
    if scheduler.startswith("tcp://") and not _here(urlsplit(scheduler).hostname) and os.environ.get(PLAIN) != "1":
        raise refuse("E-COM-018", "scheduler", Exit.USAGE, address=scheduler, variable=PLAIN)


def _here(host: str | None) -> bool:
    """Whether an address is this machine's own; a name that isn't localhost may be anyone's."""
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _local(task: Callable[[T], R], works: Sequence[T], done: Done[R], scheduler: str, workers: int) -> None:
    """A graph of tasks that hang on nothing, as `dask.delayed` would make it at half a millisecond a task."""
    from dask.callbacks import Callback
    from dask.local import get_sync
    from dask.threaded import get

    graph = {("block", number): (task, work) for number, work in enumerate(works)}
    with Callback(posttask=lambda key, result, *_: done(key[1], result)):  # type: ignore[no-untyped-call]
        run = get if scheduler == "threads" else get_sync
        run(graph, list(graph), num_workers=workers)
