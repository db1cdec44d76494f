"""A finished run while it is made anew: put aside, and back where the new one doesn't get whole.

with making(run):           held; E-RUN-010 where the run is signed
    ...                     the folder is empty, whatever stood there is in .<run>.before

A process that is killed leaves it aside; the next that makes the run puts it back first.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from carbonsink.base.attestation import envelope_path
from carbonsink.base.manifest import NAME
from carbonsink.base.problems import Exit, refuse
from carbonsink.run.holding import holding


@contextmanager
def making(run: Path) -> Iterator[None]:
    """Hold a run folder while its run is made; what somebody signed isn't made anew."""
    with holding(run):
        _settle(run)
        if _whole(run) and (envelope := envelope_path(run)).is_file():
            raise refuse("E-RUN-010", str(run), Exit.USAGE, envelope=envelope.name)
        if _whole(run):
            run.rename(_aside(run))
        try:
            yield
        finally:
            _settle(run)


def restore(run: Path) -> None:
    """Put back a finished run that a process which was killed left aside."""
    if _aside(run).is_dir():
        with holding(run):
            _settle(run)


def _settle(run: Path) -> None:
    """One run where there may be two: the new one if it is whole, else the one before."""
    before = _aside(run)
    if not before.is_dir():
        return
    if _whole(run):
        (before / NAME).unlink(missing_ok=True)  # first: what is killed here leaves no run that says it is whole
        shutil.rmtree(before)
    else:
        shutil.rmtree(run, ignore_errors=True)
        before.rename(run)


def _whole(run: Path) -> bool:
    return (run / NAME).is_file()


def _aside(run: Path) -> Path:
    return run.with_name(f".{run.name}.before")
