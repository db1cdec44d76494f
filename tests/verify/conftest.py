"""One small run, made once, and copies of it to be changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from carbonsink.run import Means, estimate
from tests.bad.area import good_area


def quiet(*_: object) -> None:
    """Progress nobody watches."""


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of two simulated fields over one year; nothing may be changed in it."""
    folder = tmp_path_factory.mktemp("verify")
    area = good_area(folder)
    area.declare("end = 2021-12-31", "end = 2020-12-31")
    return estimate(area.folder, folder / "runs", Means(folder / "store"), quiet)


@pytest.fixture
def run(made: Path, tmp_path: Path) -> Path:
    """A copy of it elsewhere."""
    return Path(shutil.copytree(made, tmp_path / "runs" / made.name))


@pytest.fixture
def again(made: Path, tmp_path: Path) -> Path:
    """Another, as if its stages had been run again."""
    return Path(shutil.copytree(made, tmp_path / "again"))
