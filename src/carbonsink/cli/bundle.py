"""The command `bundle`: a run as one zip that opens anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from carbonsink.base.problems import Exit, refuse
from carbonsink.cli.screen import guarded, must_be_run


def bundle(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="run folder")],
    to: Annotated[Path | None, typer.Option("--to", help="the zip (RUN.zip beside the run)")] = None,
    debug: Annotated[bool, typer.Option("--debug", help="show the traceback of an internal error")] = False,
) -> None:
    """Pack a run with its chips, samples, factor tables and signatures as an RO-Crate that `carbonsink verify` opens."""

    def work() -> None:
        from carbonsink.base.evidence import file_sha256
        from carbonsink.bundle import write_bundle

        must_be_run(run)
        path = to or run.parent / f"{run.name}.zip"
        if path.exists():
            raise refuse("E-BUN-009", str(path), Exit.USAGE)
        write_bundle(run.resolve(), path)
        print(f"{path}  {path.stat().st_size / 1e6:,.1f} MB  sha256 {file_sha256(path)}\nverify with: carbonsink verify {path}")

    guarded(work, debug)
