"""The report alone, once more: from the files of the stages before it, when the disk was full, a page was lost, or its words have changed.

    run folder, finished or stopped in its report  ->  report/, manifest.json

What the run came to doesn't change: a finished run's results digest is the same, or nothing is written over.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from carbonsink.base.evidence import file_sha256
from carbonsink.base.manifest import NAME, files_below, read_manifest, stated_files
from carbonsink.base.problems import Exit, refuse
from carbonsink.run.copies import load_copies
from carbonsink.run.holding import holding
from carbonsink.run.line import finish
from carbonsink.run.means import Means, Progress
from carbonsink.run.stages import STAGES


def report_again(run: Path, means: Means, progress: Progress) -> bool:
    """Render a run's report and write its manifest anew; whether the manifest is another than before (a signature over it is void then).

    A Refusal where the stages before haven't ended, or where a finished run's files aren't those of its manifest.
    """
    with holding(run):
        before = _whole(run)
        plan = load_copies(run)
        shutil.rmtree(run / "report", ignore_errors=True)
        for number, name in enumerate(("report",) if before else ("credit", "report")):
            progress(name, number, 2)
            STAGES[name](plan, run, means, progress)
        return bool(finish(plan, run)["digest"] != before)


def _whole(run: Path) -> str:
    """The manifest's digest of a finished run, whose stages' files are as it says; nothing where a run was stopped in or after stage 7."""
    if not (run / NAME).is_file():
        if not (run / "credit").is_dir() or not (run / "declared" / "files.json").is_file():
            raise refuse("E-RUN-007", str(run), Exit.USAGE)
        return ""
    manifest = read_manifest(run)
    for path, sha in stated_files(manifest).items():
        if not path.startswith("report/") and (not (run / path).is_file() or file_sha256(run / path) != sha):
            raise refuse("E-RUN-008", str(run / path), Exit.INTEGRITY)
    strange = {path for stage in ("scenes", *STAGES) if stage != "report" for path in files_below(run, stage)} - stated_files(manifest).keys()
    if strange:
        raise refuse("E-RUN-008", str(run / min(strange)), Exit.INTEGRITY)
    return str(manifest["digest"])
