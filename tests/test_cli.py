"""The command line as a person meets it: words to stdout, problems to stderr, an exit code that says which."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from carbonsink import __version__
from carbonsink.base.typeface import MISSING
from carbonsink.cli.screen import guarded, screen_words
from carbonsink.cli.words import in_words
from tests.command import carbonsink
from tests.conftest import REPOSITORY

LONGSHAN = REPOSITORY / "aoi" / "longshan"


def test_it_says_its_version_and_its_commands() -> None:
    assert carbonsink("--version").stdout.strip() == __version__
    shown = carbonsink("--help").stdout
    assert all(command in shown for command in ("estimate", "verify", "explain", "check", "lock", "serve"))


def test_check_says_hectares_mu_and_vintages_of_a_good_area() -> None:
    done = carbonsink("check", LONGSHAN)
    assert done.exit_code == 0
    assert "429.00 ha = 6,435.0 mu, vintages 2020, 2021, 2022" in done.stdout
    plan = json.loads(carbonsink("check", LONGSHAN, "--json").stdout)
    assert plan["area"]["id"] == "longshan"


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Longshan with two mistakes: a key nobody knows, and a declared area fifteen times too small."""
    shutil.copytree(REPOSITORY / "pipelines", tmp_path / "pipelines")
    area = Path(shutil.copytree(LONGSHAN, tmp_path / "aoi" / "longshan"))
    text = (area / "area.toml").read_text().replace('unit = "mu" }', 'unit = "ha" }').replace('country = "CN"', 'country = "CN"\ncolour = "red"')
    (area / "area.toml").write_text(text)
    return area


@pytest.mark.parametrize("command", ["check", "estimate", "lock"])
def test_every_command_lists_all_problems_and_leaves_nothing(broken: Path, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(broken.parent)
    done = carbonsink(command, broken)
    assert done.exit_code == 3
    assert done.stdout == ""
    assert {line.split()[0] for line in done.stderr.strip().splitlines()} == {"E-CFG-001", "E-AOI-021"}
    assert not (broken.parent / "runs").exists() and not (broken / "scenes.lock.json").exists()


def test_a_missing_factor_is_refused_before_anything_is_fetched(broken: Path, tmp_path: Path) -> None:
    text = (LONGSHAN / "area.toml").read_text().replace('region = "east_asia"', 'region = "atlantis"')
    (broken / "area.toml").write_text(text)
    done = carbonsink("estimate", broken, "--out", tmp_path / "runs", "--store", tmp_path / "store")
    assert done.exit_code == 3
    assert "E-FAC-001" in done.stderr and "region=atlantis" in done.stderr and "rice.csv:10 (region=world)" in done.stderr
    assert not (tmp_path / "runs").exists() and not (tmp_path / "store").exists()


def test_problems_come_in_the_users_language(broken: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARBONSINK_LANG", "zh")
    assert "亩" in carbonsink("check", broken).stderr


def test_our_own_fault_is_one_line_and_a_traceback_only_on_demand(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> None:
        raise RuntimeError("a wheel came off")

    with pytest.raises(Exception) as caught:  # noqa: PT011  typer.Exit has no public name of its own
        guarded(work, debug=False)
    assert getattr(caught.value, "exit_code", None) == 8
    assert capsys.readouterr().err.startswith("E-INT-001 RuntimeError: a wheel came off")
    with pytest.raises(RuntimeError):
        guarded(work, debug=True)


def test_an_interrupt_leaves_with_130_and_says_how_to_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> None:
        raise KeyboardInterrupt

    with pytest.raises(Exception) as caught:  # noqa: PT011
        guarded(work, debug=False)
    assert getattr(caught.value, "exit_code", None) == 130
    assert "run the same command again" in capsys.readouterr().err


def test_simulated_results_say_so_in_words() -> None:
    vintages = [
        {"vintage": 2020, "gross_t_co2e": 2300.0, "issued_t_co2e": 0.0, "withheld_t_co2e": 1384.0, "shortfall_t_co2e": 0.0, "withheld_because": ["simulated"]}
    ]
    told = {"run": "runs/x", "vintages": vintages, "areas_ha": {}, "simulated": True, "stamps": [], "digest": "d", "typeface": "a face"}
    words = in_words(told, screen_words("en"))
    assert "SIMULATED" in words and "2,300.0" in words and "runs/x/report/report.html" in words and "zhplot" not in words
    assert "withheld     1,384 t" in words and "withheld because the imagery is simulated" in words and "CUSTOM" not in words
    assert "zhplot isn't installed" in in_words(told | {"typeface": MISSING}, screen_words("en"))
    assert "CUSTOM FACTORS" in in_words(told | {"stamps": ["CUSTOM_FACTORS"]}, screen_words("en"))
    assert "暂扣原因：影像为模拟" in in_words(told, screen_words("zh"))


def test_serve_answers_searches_until_it_is_interrupted(shared: Path) -> None:
    command = [sys.executable, "-m", "carbonsink", "serve", str(shared / "imagery" / "zagreb-2023"), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"}) as server:
        assert server.stdout is not None
        url = server.stdout.readline().split()[-1]
        found = json.loads(answer(f"{url}/search?collections=sentinel-2-l2a&limit=100"))
        assert len(found["features"]) == found["numberMatched"] == 10
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=20) in (0, 130)


def answer(url: str) -> str:
    """What a server of ours answers, once it is up."""
    for attempt in range(50):
        try:
            with urllib.request.urlopen(url, timeout=10) as response:
                return str(response.read().decode())
        except OSError:
            time.sleep(0.1 * (attempt > 0))
    raise AssertionError(f"{url} never answered")


def test_serving_a_folder_that_is_no_catalogue_is_refused(tmp_path: Path) -> None:
    done = carbonsink("serve", tmp_path, "--port", "0")
    assert done.exit_code == 4
    assert "E-CAT-0" in done.stderr


@pytest.mark.parametrize(
    ("option", "value", "code", "exit_code"),
    [
        ("--scheduler", "foo", "E-COM-002", 2),
        ("--block", "65", "E-COM-001", 2),
        ("--out", "/proc/nowhere", "E-RES-001", 6),
        ("--out", str(LONGSHAN / "area.toml"), "E-RES-001", 6),
    ],
)
def test_means_that_cannot_work_are_refused_before_anything_is_fetched(option: str, value: str, code: str, exit_code: int, tmp_path: Path) -> None:
    done = carbonsink("estimate", LONGSHAN, option, value, "--store", tmp_path / "store", *(() if option == "--out" else ("--out", tmp_path / "runs")))
    assert done.exit_code == exit_code
    assert done.stderr.splitlines()[-1].startswith(code) and "Traceback" not in done.stderr
    assert not (tmp_path / "store").exists() and not (tmp_path / "runs").exists()


def test_a_cluster_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from carbonsink.base.problems import Exit, Refusal
    from carbonsink.composites import cluster, schedule

    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
    with pytest.raises(Refusal, match=r"E-COM-003 .*tcp://127\.0\.0\.1:1 within 1 s") as caught, schedule.computing("tcp://127.0.0.1:1", None):
        pass
    assert caught.value.exit_code == Exit.RESOURCES
