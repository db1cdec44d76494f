"""Same inputs, same bytes: a small area worked by every kind of means under every kind of environment has one digest of results, one of the report.

Seven ways to differ. Nine runs are a covering array: whatever two of the seven are, each pair of their settings meets in at least one run
(held by a test of its own). So what takes two settings together to go wrong is seen; what takes three may not be.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest

from carbonsink.base.rasters import read_raster
from tests.determinism import digests

REPOSITORY = Path(__file__).parent.parent
SECONDS = 600  # until a run is given up: a busy machine is no defect
Environment = Mapping[str, str]

SCHEDULERS = ("threads", "synchronous", "cluster")
BLOCKS = (64, 100, 512)
WORKERS = (1, 8)
HASHES = ("0", "12345")
ZONES = ("UTC", "Asia/Kathmandu")
LOCALES: tuple[Environment, ...] = (
    {"LANG": "en_US.UTF-8", "LC_ALL": "C.UTF-8"},
    {"LANG": "zh_CN.GBK", "LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},  # files are ASCII unless somebody says otherwise
)
SIMD = ("as it is", "off")
WAYS = (SCHEDULERS, BLOCKS, WORKERS, HASHES, ZONES, LOCALES, SIMD)
RUNS = (  # the place of the setting in each of WAYS
    (0, 0, 0, 0, 0, 0, 1), (0, 1, 0, 0, 1, 1, 0), (0, 2, 1, 1, 0, 1, 1),
    (1, 0, 0, 1, 0, 0, 0), (1, 1, 1, 0, 1, 1, 1), (1, 2, 1, 1, 1, 0, 1),
    (2, 0, 1, 0, 1, 1, 1), (2, 1, 1, 1, 0, 0, 0), (2, 2, 0, 0, 0, 1, 0),
)  # fmt: skip


def without_simd() -> Environment:
    """NumPy, Numba's kernels and OpenBLAS as on a processor that has none of this one's vector instructions beyond the least it can do with."""
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__  # type: ignore[attr-defined]

    numpy_has = " ".join(name for name in __cpu_dispatch__ if __cpu_features__[name])
    return {"NPY_DISABLE_CPU_FEATURES": numpy_has, "NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": "", "OPENBLAS_CORETYPE": "Prescott"}


def worked(number: int, folder: Path, store: Path) -> dict[str, str]:
    """The digests of one of RUNS, worked in a process of its own."""
    scheduler, block, workers, hashes, zone, locale, simd = (way[place] for way, place in zip(WAYS, RUNS[number], strict=True))
    environment = os.environ | {"PYTHONHASHSEED": hashes, "TZ": zone} | locale | (without_simd() if simd == "off" else {})  # type: ignore[operator, dict-item]
    command = [sys.executable, "-m", "tests.determinism", str(folder), str(store), str(scheduler), str(block), str(workers)]
    done = subprocess.run(command, env=environment, cwd=REPOSITORY, capture_output=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    found: dict[str, str] = json.loads(done.stdout)
    return found


@pytest.mark.whole
def test_blocks_schedulers_workers_hash_seeds_time_zones_locales_and_simd_change_no_byte(tmp_path: Path) -> None:
    folders = [tmp_path / str(number) for number in range(len(RUNS))]
    first = worked(0, folders[0], tmp_path / "store")  # which simulates the imagery, for all
    with ThreadPoolExecutor(2) as two:
        found = [first, *two.map(worked, range(1, len(RUNS)), folders[1:], [tmp_path / "store"] * len(RUNS))]
    assert {one["results"] for one in found} == {found[0]["results"]}, found
    assert {one["report"] for one in found} == {found[0]["report"]}, found
    (run,) = (folders[0] / "runs").iterdir()
    assert digests(run) == found[0]
    pixels = read_raster(run / "land" / "cover_2020.tif").pixels
    assert min(pixels.shape[1:]) > BLOCKS[0] and pixels.shape[2] > BLOCKS[1] and np.unique(pixels).size > 1, "there are blocks to differ"


def test_every_pair_of_settings_meets_in_a_run() -> None:
    for a, b in combinations(range(len(WAYS)), 2):
        met = {(run[a], run[b]) for run in RUNS}
        assert met == set(product(range(len(WAYS[a])), range(len(WAYS[b]))))
