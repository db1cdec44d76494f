"""The command `bundle`: a run as one zip that opens anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from carbonsink.cli.places import must_be_free, named
from carbonsink.cli.screen import AsJson, guarded, must_be_run, progress_bar, screen_words, show


def bundle(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="run folder")],
    to: Annotated[Path | None, typer.Option("--to", help="the zip (RUN.zip beside the run)")] = None,
    as_json: AsJson = False,
    debug: Annotated[bool, typer.Option("--debug", help="show the traceback of an internal error")] = False,
) -> None:
    """Pack a run with its chips, samples, factor tables and signatures as an RO-Crate that `carbonsink verify` opens."""

    def work() -> None:
        from carbonsink.base.evidence import file_sha256
        from carbonsink.bundle import write_bundle

        must_be_run(run)
        path = to or named(run).with_name(f"{named(run).name}.zip")
        must_be_free(path, "--to")
        with progress_bar() as progress:
            write_bundle(run.resolve(), path, progress)
        size, sha256 = path.stat().st_size, file_sha256(path)
        w = screen_words()
        lines = [w("bundle.made", path=path, size=w.number(size / 1e6, 1), sha256=sha256), w("verify-with", run=path)]
        show({"bundle": str(path), "bytes": size, "sha256": sha256}, lines, as_json)

    guarded(work, debug)
