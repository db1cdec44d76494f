"""Tasks on a dask cluster: reached, with workers, of the same make as this program and on the same disk, or refused in words.

    with cluster("tls://10.0.0.5:8786") as compute:
        compute(fill, orders, lambda number, receipt: ...)

No more tasks are handed out than keep the workers busy; a task that is lost or done twice changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from carbonsink.base.problems import Exit, Refusal, refuse
from carbonsink.composites.make import Make, our_make, unlike

CONNECT_SECONDS = 10
WORKER_SECONDS = 60  # a cluster that grows on demand has no worker yet
AHEAD = 8  # tasks handed out at once, a worker of a cluster


@contextmanager
def cluster(address: str) -> Iterator[Callable[[Any, Sequence[Any], Any], None]]:
    """A function (task, works, done) on the cluster at an address; a Refusal where it isn't there, or goes away meanwhile."""
    from distributed.comm.core import CommClosedError

    with _client(address) as client:
        _await_worker(client, address)

        def compute(task: Callable[[Any], Any], works: Sequence[Any], done: Callable[[int, Any], None]) -> None:
            try:
                _compute(client, address, task, works, done)
            except (CommClosedError, CancelledError):
                raise refuse("E-COM-030", "scheduler", Exit.RESOURCES, address=address) from None

        yield compute


def _client(address: str) -> Any:
    from distributed import Client

    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # it tells a lost connection as a traceback; we, in a line
    try:
        with ThreadPoolExecutor(1) as apart:  # a notebook's thread has a loop that runs
            apart.submit(asyncio.run, _greeted(address)).result()
        return Client(address, set_as_default=False, timeout=CONNECT_SECONDS)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError):
        raise refuse("E-COM-003", "scheduler", Exit.RESOURCES, address=address, seconds=CONNECT_SECONDS) from None


async def _greeted(address: str) -> None:
    """Shake hands once: a client waits without end for a server that takes its connection and speaks another language."""
    from distributed.comm.core import connect
    from distributed.security import Security

    own: dict[str, Any] = Security().get_connection_args("client")  # type: ignore[no-untyped-call]
    greeting: Any = connect(address, timeout=CONNECT_SECONDS, **own)  # type: ignore[no-untyped-call]
    comm = await asyncio.wait_for(greeting, CONNECT_SECONDS)
    await comm.close()


def _await_worker(client: Any, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=WORKER_SECONDS)
    except TimeoutError:
        raise refuse("E-COM-031", "scheduler", Exit.RESOURCES, address=address, seconds=WORKER_SECONDS) from None


def _compute(client: Any, address: str, task: Callable[[Any], Any], works: Sequence[Any], done: Callable[[int, Any], None]) -> None:
    ahead, waiting = AHEAD * max(1, sum(client.nthreads().values())), iter(range(len(works)))
    handed: dict[Any, int] = {}

    def hand_out() -> None:
        for number in islice(waiting, ahead - len(handed)):
            handed[client.submit(_done_alike, task, works[number], our_make(), pure=False)] = number

    hand_out()
    while handed:
        for future in _finished(client, address, list(handed)):
            number = handed.pop(future)
            done(number, _result(future, works[number]))
            future.release()
        hand_out()


def _finished(client: Any, address: str, futures: list[Any]) -> Iterable[Any]:
    """Those that have ended, one at least; where none does for long the workers may be lost, and new ones are waited for as at the start."""
    from distributed import wait

    while True:
        try:
            with client.as_current():
                ended: Iterable[Any] = wait(futures, timeout=WORKER_SECONDS, return_when="FIRST_COMPLETED").done  # type: ignore[no-untyped-call]
                return ended
        except TimeoutError:
            _await_worker(client, address)


def _done_alike(task: Callable[[Any], Any], work: Any, make: Make) -> Any:
    """On a worker: do a task for a program of the same make; another's blocks would pass for its own, and stay in the store as such."""
    if differing := unlike(make, our_make()):
        raise refuse("E-COM-032", "scheduler", Exit.RESOURCES, differing=differing)
    return task(work)


def _result(future: Any, work: Any) -> Any:
    """A future's result; refused where its workers died of it, lack the program, or don't see a file that is here."""
    from distributed import KilledWorker

    try:
        return future.result()
    except KilledWorker:
        raise refuse("E-COM-019", str(work), Exit.RESOURCES, **work.needs) from None
    except ImportError as error:
        raise refuse("E-COM-032", "scheduler", Exit.RESOURCES, differing=str(error)) from None
    except FileNotFoundError as error:
        raise elsewhere(Path(str(error.filename))) if Path(str(error.filename)).exists() else error from None


def elsewhere(path: Path) -> Refusal:
    """The refusal of a cluster that works on another disk than this program."""
    return refuse("E-COM-033", str(path), Exit.RESOURCES)
