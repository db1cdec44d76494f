"""The command `report`: a run's report made anew from the stages before it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from carbonsink.cli.screen import AsJson, guarded, progress_bar, show

Debug = Annotated[bool, typer.Option("--debug", help="show the traceback of an internal error")]


def report(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="run folder, finished or stopped in its report")], as_json: AsJson = False, debug: Debug = False
) -> None:  # fmt: skip
    """Make a run's report anew from the stages before it; results stay as they are."""

    def work() -> None:
        from carbonsink.base.attestation import envelope_path
        from carbonsink.base.manifest import read_manifest
        from carbonsink.base.problems import user_language
        from carbonsink.declared.language import read_languages
        from carbonsink.run import Means, default_store
        from carbonsink.run.again import report_again

        with progress_bar() as progress:
            changed = report_again(run, Means(default_store()), progress)
        page, results = run / "report" / "report.html", read_manifest(run)["results"]
        w = read_languages([user_language()])[0]
        unsigned = [w("report-again.unsigned", path=envelope_path(run))] if changed and envelope_path(run).is_file() else []
        show({"report": str(page), "results": results, "changed": changed}, [w("report-again.done", path=page, results=results), *unsigned], as_json)

    guarded(work, debug)
