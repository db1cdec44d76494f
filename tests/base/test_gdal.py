"""The self-test of GDAL: a planted VRT doesn't open here, and where it does nothing is read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from carbonsink.base import gdal
from carbonsink.base.problems import Exit, Refusal

SHELL = """
import os, tempfile, warnings
from pathlib import Path
warnings.simplefilter("ignore")
import carbonsink.base.rasters
for name in ("GDAL_SKIP", "OGR_SKIP"):
    os.environ.pop(name)
from carbonsink.base.gdal import opened_by_gdal
print(*opened_by_gdal(Path(tempfile.mkdtemp())), sep=", ")
"""


def test_neither_kind_of_vrt_opens_here(tmp_path: Path) -> None:
    assert list(gdal.opened_by_gdal(tmp_path)) == []
    gdal.check_gdal()


def test_the_self_test_sees_a_gdal_that_opens_everything() -> None:
    found = subprocess.run([sys.executable, "-c", SHELL], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "raster VRT, OGR VRT"


def test_the_shell_has_no_say_in_what_gdal_may_do() -> None:
    shell = {"GDAL_SKIP": "", "OGR_SKIP": "", "GDAL_VRT_ENABLE_PYTHON": "YES", "PATH": "/usr/bin:/bin"}
    asked = "from carbonsink.base.gdal import check_gdal; check_gdal(); import os; print(os.environ['GDAL_VRT_ENABLE_PYTHON'])"
    found = subprocess.run([sys.executable, "-W", "ignore", "-c", asked], capture_output=True, text=True, check=True, env=shell)
    assert found.stdout.strip() == "NO"


def test_an_open_door_is_refused_before_anything_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gdal, "opened_by_gdal", lambda folder: iter(["OGR VRT"]))
    gdal.check_gdal.cache_clear()
    with pytest.raises(Refusal, match="E-SEC-000 GDAL: .*OGR VRT") as caught:
        gdal.check_gdal()
    assert caught.value.exit_code == Exit.RESOURCES
    gdal.check_gdal.cache_clear()
