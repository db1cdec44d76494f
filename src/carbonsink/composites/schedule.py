"""Where tasks run: in this thread, in threads, or on a dask cluster. Results come one by one, in whatever order they are done.

No more tasks are handed out than keep the workers busy, so that nothing piles up; a task that is lost or done twice changes
nothing. dask's protocol runs what it is sent: a cluster is spoken to on this machine or through TLS, unless it is said otherwise.
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
CONNECT_SECONDS = 10
AHEAD = 8  # tasks handed out at once, a worker
PLAIN = "CARBONSINK_PLAIN_CLUSTER"  # set to 1, a cluster on another machine may be spoken to without TLS

T = TypeVar("T")
R = TypeVar("R")
Compute = Callable[[Callable[[T], R], Sequence[T]], Iterator[tuple[int, R]]]


@contextmanager
def computing(scheduler: str, workers: int | None) -> Iterator[Compute[Any, Any]]:
    """A function (task, works) -> (number of the work, result) on the scheduler: "synchronous", "threads", or a cluster's address."""
    check_scheduler(scheduler)
    if scheduler in LOCAL:
        yield lambda task, works: _local(task, works, scheduler, workers or _cores())
        return
    with _client(scheduler) as client:
        yield lambda task, works: _remote(client, task, works)


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


def _local(task: Callable[[T], R], works: Sequence[T], scheduler: str, workers: int) -> Iterator[tuple[int, R]]:
    from dask.base import compute
    from dask.delayed import delayed

    run, some = delayed(task, pure=False), AHEAD * workers
    for first in range(0, len(works), some):
        batch = [run(delayed(work, traverse=False)) for work in works[first : first + some]]
        yield from enumerate(compute(*batch, scheduler=scheduler, num_workers=workers), start=first)  # type: ignore[no-untyped-call]


def _client(address: str) -> Any:
    from distributed import Client

    try:
        return Client(address, set_as_default=False, timeout=CONNECT_SECONDS)  # type: ignore[no-untyped-call]
    except OSError:
        raise refuse("E-COM-003", "scheduler", Exit.RESOURCES, address=address, seconds=CONNECT_SECONDS) from None


def _remote(client: Any, task: Callable[[T], R], works: Sequence[T]) -> Iterator[tuple[int, R]]:
    from distributed import as_completed

    def handed(number: int) -> Any:
        future = client.submit(task, works[number], pure=False)
        numbers[future.key] = number
        return future

    numbers: dict[str, int] = {}
    some = min(len(works), AHEAD * max(1, sum(client.nthreads().values())))
    waiting: Any = as_completed([handed(number) for number in range(some)], loop=client.loop)  # type: ignore[no-untyped-call]
    for future in waiting:
        number = numbers.pop(future.key)
        yield number, _result(future, works[number])
        future.release()
        if some < len(works):
            waiting.add(handed(some))
            some += 1


def _result(future: Any, work: Any) -> Any:
    """A future's result; refused where its workers died of it."""
    from distributed import KilledWorker

    try:
        return future.result()
    except KilledWorker:
        raise refuse("E-COM-019", str(work), Exit.RESOURCES, **work.needs) from None
