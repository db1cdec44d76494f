"""The self-test of GDAL: a planted VRT doesn't open here, and where it does nothing is read."""

from __future__ import annotations

import os
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

WATCHED = """
import importlib, os, sys

class Watch:
    def find_spec(self, name, path=None, target=None):
        if name in ("rasterio", "pyogrio", "pyproj"):
            from carbonsink.base.environment import GDAL_ENVIRONMENT
            assert {key: os.environ.get(key) for key in GDAL_ENVIRONMENT} == GDAL_ENVIRONMENT, name
            print(name)

sys.meta_path.insert(0, Watch())
import carbonsink
assert "rasterio" not in sys.modules
importlib.import_module(sys.argv[1])
"""


@pytest.mark.parametrize("name", ["scenes.chips", "base.cog", "base.tiff.gdal", "areas.sampling.chips", "base.geometry"])
def test_no_module_loads_gdal_before_its_environment_is_set(name: str) -> None:
    """The package sets it, and no module is imported before its package."""
    shell = {key: value for key, value in os.environ.items() if not key.startswith(("GDAL", "OGR", "CPL", "PROJ"))}
    found = subprocess.run([sys.executable, "-W", "ignore", "-c", WATCHED, f"carbonsink.{name}"], capture_output=True, text=True, check=True, env=shell)
    assert set(found.stdout.split()) & {"rasterio", "pyogrio", "pyproj"}


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
