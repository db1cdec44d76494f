"""9. The stages run again from the chips, in a folder of their own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from carbonsink.base.library import LANGUAGES
from carbonsink.base.topics import LIBRARY
from carbonsink.run import Means, work_stages
from carbonsink.run.means import Progress
from carbonsink.verify.declared import load_declared
from carbonsink.verify.words import fit_for_pages


@contextmanager
def worked_again(run: Path, means: Means, progress: Progress = lambda *_: None) -> Iterator[Path]:
    """The folder in which every stage was run again; nothing finished before is taken from the store.

    Pages are printed with the run's own words, so that a page differs only where somebody changed it.
    """
    with tempfile.TemporaryDirectory(prefix="carbonsink-verify-") as folder:
        again = Path(folder) / "run"
        again.mkdir()
        (again / "scenes").symlink_to((run / "scenes").resolve())
        shutil.copy(run / "plan.json", again / "plan.json")
        _copy_library(run, again)
        work_stages(load_declared(run), again, replace(means, reuse=False), progress)
        yield again


def _copy_library(run: Path, again: Path) -> None:
    own = again / "declared" / "library"
    shutil.copytree(run / "declared" / "library", own)
    if not fit_for_pages(run):
        shutil.rmtree(own / LANGUAGES)
        shutil.copytree(LIBRARY / LANGUAGES, own / LANGUAGES)
