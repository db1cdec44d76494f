"""Faults as a person at the command line meets them: `carbonsink estimate` in a process of its own, exit codes and lines."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from carbonsink.base.evidence import read_json, write_json
from carbonsink.base.problems import Exit
from tests.conftest import REPOSITORY
from tests.faults import catalogue
from tests.faults.actions import Action, body, delay, page, status, unlinked
from tests.faults.catalogue import INNER, Made, packed, pixels
from tests.faults.invariants import LINE, leftovers
from tests.faults.server import Script, serving
from tests.scenes.plans import lonlat
from tests.scenes.synthetic import EPSG

RED = r"/files/S2A_31UDS_20180601_0_L2A/red\.tif"
BANDS = ("blue", "green", "red", "nir")
Ended = tuple[int, list[str], float]


def woods(day: int) -> Made:
    """A dark and dense summer wood."""
    raw = catalogue.raw_item(30)
    raw |= {"id": f"S2A_31UDS_2018060{day}_0_L2A", "properties": raw["properties"] | {"datetime": f"2018-06-0{day}T10:50:29Z"}}
    for band in BANDS:
        raw["assets"][band] = dict(raw["assets"]["red"])
    rng = np.random.default_rng(day)
    values: dict[str, Any] = {band: rng.integers(150, 300, (catalogue.SIDE, catalogue.SIDE), dtype="uint16") for band in BANDS[:3]}
    values["nir"] = rng.integers(3000, 3600, (catalogue.SIDE, catalogue.SIDE), dtype="uint16")
    return Made(raw, {key: packed(value) for key, value in (values | {"scl": pixels(day)["scl"]}).items()})


@dataclass
class Office:
    """An area on disk whose catalogue is the scripted server."""

    script: Script
    folder: Path

    def command(self) -> list[str]:
        where = (str(self.folder / "aoi" / "woods"), "--out", str(self.folder / "runs"), "--store", str(self.folder / "store"))
        return [sys.executable, "-m", "carbonsink", "estimate", *where]

    def estimate(self, seconds: float = 60.0, **environment: str) -> Ended:
        """Run the command: exit code, lines of stderr that aren't progress, seconds."""
        began = time.monotonic()
        told = os.environ | {"CARBONSINK_LANG": "en"}
        done = subprocess.run(self.command(), capture_output=True, text=True, cwd=self.folder, timeout=seconds, env=told | environment, check=False)
        assert "Traceback" not in done.stderr + done.stdout
        lines = [line for line in done.stderr.splitlines() if re.match(r"[EW]-", line) or " " in line.strip()]
        return done.returncode, lines, time.monotonic() - began

    def failed(self) -> None:
        """Nothing says it ended well, nothing half lies about."""
        assert not list((self.folder / "runs").rglob("manifest.json")) and not list((self.folder / "runs").rglob("scenes.csv"))
        assert not leftovers(self.folder / "runs", self.folder / "store")

    def result(self) -> str:
        (manifest,) = (self.folder / "runs").rglob("manifest.json")
        return str(read_json(manifest)["results"])


@pytest.fixture(scope="session")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office whose run nothing disturbed, its catalogue still served."""
    with serving() as script:
        office = founded(script, tmp_path_factory.mktemp("calm"))
        left, lines, _ = office.estimate()
        assert left == 0, lines
        yield office


@pytest.fixture
def office(script: Script, tmp_path: Path) -> Iterator[Office]:
    yield founded(script, tmp_path)


def founded(script: Script, folder: Path) -> Office:
    """Lay out an area over the wood."""
    made = [woods(day) for day in (1, 6)]
    catalogue.lay(script, made)
    shutil.copytree(REPOSITORY / "pipelines", folder / "pipelines")
    area = folder / "aoi" / "woods"
    shutil.copytree(REPOSITORY / "tests" / "aoi" / "zagreb", area, ignore=shutil.ignore_patterns("scenes.lock.json"))
    text = (area / "area.toml").read_text()
    text = re.sub(r'catalogue = ".*?"', f'catalogue = "{script.url}"', text)
    (area / "area.toml").write_text(text.replace('id = "zagreb"', 'id = "woods"').replace("2023-", "2018-"))
    square = {"type": "Feature", "properties": {}, "geometry": lonlat(INNER, EPSG).__geo_interface__}
    write_json(area / "boundary.geojson", {"type": "FeatureCollection", "features": [square]})
    return Office(script, folder)


FAULTS: dict[str, tuple[str, Action, int, str]] = {
    "F10 a lost link": ("/search", page(lambda found: unlinked(found) | {"numberMatched": 30}), 4, "E-STAC-004"),
    "F20 a file that is gone": (RED, status(404), 4, "E-SRC-0"),
    "F32 a flipped bit": (RED, body(lambda data: data[:9000] + bytes([data[9000] ^ 1]) + data[9001:]), 5, "E-SRC-023"),
}


@pytest.mark.parametrize("name", list(FAULTS))
def test_f20_a_command_that_cannot_go_on_says_so_in_one_line_and_goes_on_when_asked_again(office: Office, calm: Office, name: str) -> None:
    path, act, code, message = FAULTS[name]
    office.script.fault(path, act)
    left, lines, _ = office.estimate()
    assert left == code and len(lines) == 1 and LINE.match(lines[0]) and lines[0].startswith(message), (left, lines)
    office.failed()
    if code == 5:
        office.script.heal()
        assert office.estimate()[0] == 0
        assert office.result() == calm.result()


def test_f46_a_command_on_a_full_disk_leaves_with_6(office: Office) -> None:
    """/dev/full can't hold a folder; a limit on the size of files can be had by everyone."""
    area = office.folder / "aoi" / "woods"
    command = f"ulimit -f 8; exec {sys.executable} -m carbonsink estimate {area} --out {office.folder / 'runs'} --store {office.folder / 'store'}"
    told = os.environ | {"CARBONSINK_LANG": "zh"}
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=office.folder, timeout=60, env=told, check=False)
    office.script.fired += 1
    lines = [line for line in done.stderr.splitlines() if line.startswith("E-")]
    assert done.returncode == 6 and lines and all("；" in line for line in lines), (done.returncode, done.stderr)
    assert "Traceback" not in done.stderr
    assert not list((office.folder / "runs").rglob("manifest.json"))


def test_f37_a_command_whose_network_is_gone_goes_on_from_its_store(calm: Office, script: Script) -> None:
    before, asked = calm.result(), calm.script.count()
    shutil.rmtree(calm.folder / "runs")
    calm.script.fault(".*", status(503))
    left, lines, _ = calm.estimate()
    assert left == 0, lines
    assert calm.script.count() == asked
    assert calm.result() == before
    script.fired += 1  # nothing may run into it


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_f62_a_command_that_is_told_to_stop_clears_up_and_goes_on_when_asked_again(office: Office, calm: Office, told: signal.Signals) -> None:
    office.script.fault("/search", delay(60.0))
    with subprocess.Popen(office.command(), stderr=subprocess.PIPE, text=True, cwd=office.folder, env=os.environ | {"CARBONSINK_LANG": "en"}) as running:
        while not office.script.fired:
            time.sleep(0.05)
        running.send_signal(told)
        office.script.heal()
        said = running.communicate(timeout=60)[1]
    assert running.returncode == Exit.INTERRUPTED and said.splitlines()[-1].startswith("interrupted"), said
    office.failed()
    assert not list((office.folder / "runs").glob(".*")), "the folder is nobody's any more"
    assert office.estimate()[0] == 0
    assert office.result() == calm.result()
