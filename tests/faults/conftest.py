"""What fault tests ask for: a scripted server that fails what isn't in its script, trials of stage 1, and the table of figures at the end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.faults import catalogue
from tests.faults.invariants import digests
from tests.faults.server import Script, serving
from tests.faults.trial import Hunt, Trial

HERE = Path(__file__).parent
NAME = re.compile(r"test_([fs]\d\d)_(\w+)")
NEIGHBOUR = 20  # the number of a scene that only the other run uses
Make = Callable[..., Trial]


@pytest.fixture
def script(request: pytest.FixtureRequest) -> Iterator[Script]:
    """A server that gives what is laid and does what the script says; anything else asked for fails the test, as does a script nobody ran into."""
    with serving() as script:
        yield script
    request.node.user_properties += [("requests", len(script.asked)), ("injected", script.fired)]
    assert not script.unscripted, f"asked for what isn't in the script: {script.unscripted}"
    assert script.fired or not script.armed, "nothing ran into the script's faults"


@pytest.fixture(scope="session")
def calm_runs(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, bool, int], dict[str, str]]:
    """What an undisturbed run leaves, by mode, pinning and number of scenes; each worked once."""
    known: dict[tuple[str, bool, int], dict[str, str]] = {}

    def calm(mode: str, pinned: bool, count: int) -> dict[str, str]:
        key = (mode, pinned, count)
        if key not in known:
            with serving() as server, pytest.MonkeyPatch.context() as patch:
                trial = Trial(server, tmp_path_factory.mktemp("calm"), patch, catalogue.plan(mode), catalogue.scenes(count), pinned)
                trial.lay()
                trial.go()
                assert not server.unscripted, server.unscripted
                known[key] = digests(trial.out)
        return known[key]

    return calm


@pytest.fixture(scope="session")
def neighbour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with another run's scenes, and the store they came through."""
    folder = tmp_path_factory.mktemp("neighbour")
    with serving() as server, pytest.MonkeyPatch.context() as patch:
        trial = Trial(server, folder, patch, catalogue.plan(), [catalogue.scene(NEIGHBOUR)])
        trial.lay()
        trial.fetch(trial.search(), folder / "neighbour")
    return folder


@pytest.fixture
def make(script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calm_runs: Callable[[str, bool, int], dict[str, str]], neighbour: Path) -> Make:
    """A trial with its catalogue laid and a neighbour's run beside it."""

    def made(mode: str = "whole", pinned: bool = True, count: int = 2, query: str = "") -> Trial:
        calm = calm_runs(mode, pinned, count)
        trial = Trial(script, tmp_path, monkeypatch, catalogue.plan(mode), catalogue.scenes(count), pinned, query, calm)
        trial.lay()
        trial.beside(neighbour)
        return trial

    return made


@pytest.fixture
def hunt(script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hunt:
    """A search for thirty scenes in three pages."""
    made = Hunt(script, tmp_path, monkeypatch, catalogue.plan(), [])
    made.lay()
    made.go()
    made.calm = digests(made.out)
    (made.out / "lock.json").unlink()
    return made


@pytest.fixture
def trial(make: Make) -> Trial:
    """Two scenes with checksums, fetched whole."""
    return make()


@pytest.fixture(params=["whole", "window"])
def loose(request: pytest.FixtureRequest, make: Make) -> Trial:
    """Two scenes without checksums, fetched whole or by the window."""
    return make(request.param, pinned=False)


@pytest.fixture
def window(make: Make) -> Trial:
    """Two scenes of which only the area's window is fetched."""
    return make("window", pinned=False)


@dataclass
class Row:
    """What one fault came to, over the cases it was tried in."""

    what: str
    tried: int = 0
    caught: int = 0
    injected: int = 0
    requests: int = 0
    seconds: float = 0.0


ROWS: dict[str, Row] = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Collect each fault's figures; a case counts as caught when its test and everything that was checked at its end passed."""
    report = yield
    found = NAME.match(item.name)
    if found and item.path.parent == HERE:
        row = ROWS.setdefault(item.nodeid.partition("[")[0], Row(found[1].upper() + " " + found[2].replace("_", " ")))
        row.seconds += report.duration
        if report.when == "call":
            row.tried += 1
            row.caught += report.passed
        elif report.failed:
            row.caught -= report.when == "teardown"
        if report.when == "teardown":
            figures = dict(item.user_properties)
            row.requests += int(figures.get("requests", 0))  # type: ignore[call-overload]
            row.injected += int(figures.get("injected", 0))  # type: ignore[call-overload]
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The table, where faults are all that was run."""
    reports = [report for some in terminalreporter.stats.values() for report in some if hasattr(report, "fspath")]
    if not ROWS or any(HERE.name not in Path(report.fspath).parts for report in reports):
        return
    line = terminalreporter.write_line
    terminalreporter.section("faults: id, what, outcome (cases caught/tried), injected, requests, seconds")
    rows = sorted(ROWS.values(), key=lambda row: row.what)
    for row in rows:
        outcome = "caught" if row.caught == row.tried else "MISSED"
        line(f"{row.what[:3]}  {row.what[4:]:<96.96} {outcome} {row.caught:>3}/{row.tried:<3} {row.injected:>4} {row.requests:>5} {row.seconds:>6.2f}")
    faults, well = ({row.what[:3] for row in some} for some in (rows, [row for row in rows if row.caught < row.tried]))
    total = Row("", *(sum(getattr(row, name) for row in rows) for name in ("tried", "caught", "injected", "requests", "seconds")))
    line(f"faults tried: {len(faults)}, caught: {len(faults - well)}; cases tried: {total.tried}, caught: {total.caught}")
    line(f"injected: {total.injected} failures in {total.requests} requests and file operations, {total.seconds:.1f} s")
