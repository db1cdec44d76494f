"""The tutorial's five commands, as they stand in it, from a zipped GBK Shapefile in EPSG:4527 to a report in Chinese."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.begin.boundaries import zipped
from tests.conftest import REPOSITORY

COMMANDS = re.findall(r"^```sh\n(.*?)^```", (REPOSITORY / "docs" / "tutorial.md").read_text(), re.MULTILINE | re.DOTALL)


def test_there_are_five() -> None:
    assert [command.split()[1] for command in COMMANDS] == ["new", "check", "lock", "estimate", "verify"]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing but the zip, after the commands."""
    folder = tmp_path_factory.mktemp("office")
    zipped(folder / "xinglong.zip")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    settings = os.environ | {"PATH": path, "CARBONSINK_STORE": str(folder / "store"), "LANG": "zh_CN.UTF-8", "CARBONSINK_LANG": "zh"}
    for command in COMMANDS:
        said = subprocess.run(["bash", "-c", command], cwd=folder, env=settings, capture_output=True, text=True, encoding="utf-8")
        assert said.returncode == 0, f"{command}\n{said.stdout}{said.stderr}"
    return folder


def test_they_make_a_report_in_chinese(done: Path, pdftotext: str) -> None:
    (report,) = done.glob("runs/xinglong-*/report/report.zh.pdf")
    text = subprocess.run([pdftotext, str(report), "-"], capture_output=True, text=True, check=True, encoding="utf-8").stdout
    assert "兴隆村稻田" in text and "模拟" in text
    assert (report.parent / "report.html").is_file() and (report.parent / "workbook.xlsx").is_file()


def test_what_they_leave_is_commented_and_the_users(done: Path) -> None:
    text = (done / "aoi" / "xinglong" / "area.toml").read_text(encoding="utf-8")
    assert "# 同样管理的土地" in text and 'parcel_area_mu = "实测面积"' in text
