"""Another installation of the program, with tables or words of its own, that estimates in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import carbonsink
from tests.bad.area import good_area

PACKAGE = Path(carbonsink.__file__).parent


def installed(folder: Path) -> Path:
    """The package below a folder, its modules by links and its library as a copy; the library."""
    package = folder / "carbonsink"
    package.mkdir(parents=True)
    for part in PACKAGE.iterdir():
        if part.name != "library":
            (package / part.name).symlink_to(part)
    return Path(shutil.copytree(PACKAGE / "library", package / "library"))


def estimated(installation: Path, folder: Path, store: Path) -> Path:
    """The run of two simulated fields over one year, as that installation makes it."""
    folder.mkdir()
    area = good_area(folder)
    area.declare("end = 2021-12-31", "end = 2020-12-31")
    command = [sys.executable, "-m", "carbonsink", "estimate", str(folder), "--out", str(folder / "runs")]
    environment = os.environ | {"PYTHONPATH": str(installation), "CARBONSINK_STORE": str(store), "CARBONSINK_LANG": "en"}
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    (run,) = (folder / "runs").iterdir()
    return run
