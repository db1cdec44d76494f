"""What every test may ask for: the shared test data, the programs that look at what people see, and no skip in CI."""

from __future__ import annotations

import os
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer.main
import typer.testing
from hypothesis import settings

from carbonsink.base.problems import user_language

# A slow machine isn't a defect, and CI says the same of the same commit twice.
settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")

REPOSITORY = Path(__file__).parent.parent


@cache
def _command(app: typer.Typer, language: str) -> Any:
    """The command line of an app, built once for all calls in a language: building takes longer than most of what is called."""
    return typer.main.get_command(app)


typer.testing._get_command = lambda app: _command(app, user_language())  # type: ignore[attr-defined]

# The files that take longest, by CPU time, longest first: a core that gets one of them last works on while the other idles
# (`--dist loadfile --no-loadscope-reorder` hands files out in this order).
LONGEST = (
    "test_whole_way.py", "faults/test_runs.py", "test_determinism.py", "composites/test_program.py", "test_longshan_truth.py", "test_benchmarks.py",
    "begin/test_demo.py", "test_run.py", "report/test_page_live.py", "ledger/test_end_to_end.py", "verify/test_library.py", "test_radar_run.py",
    "faults/test_disk.py", "test_tutorial.py", "faults/test_command.py", "report/test_document.py", "portfolio/test_command.py", "test_many.py",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, the others as they were collected."""
    places = {REPOSITORY / "tests" / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(LONGEST)))


def skip(reason: str) -> None:
    """Skip on a stranger's machine; in CI, where CARBONSINK_NO_SKIPS is set, a skip is a failure."""
    if os.environ.get("CARBONSINK_NO_SKIPS"):
        pytest.fail(f"skipped where no skip is allowed: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared test data: real catalogues, factor dossiers and published cases."""
    folder = Path(os.environ.get("CARBONSINK_SHARED", REPOSITORY.parent / "shared"))
    if not (folder / "imagery").is_dir():
        skip("the shared test data isn't here; set CARBONSINK_SHARED to its folder")
    os.environ["CARBONSINK_SHARED"] = str(folder)
    return folder


def _program(name: str, package: str) -> str:
    path = shutil.which(name)
    if path is None:
        skip(f"{name} isn't installed (Debian package {package})")
    return str(path)


@pytest.fixture(scope="session")
def libreoffice() -> str:
    """LibreOffice, to recalculate workbooks."""
    return _program("soffice", "libreoffice-calc")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Chromium, to look at pages."""
    return _program("chromium", "chromium")


@pytest.fixture(scope="session")
def pdftotext() -> str:
    """Poppler's text reader, to read printed pages."""
    return _program("pdftotext", "poppler-utils")
