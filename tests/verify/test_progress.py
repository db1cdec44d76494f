"""Work of more than a moment shows a bar on a terminal, with the step, how many there are, and the time; and leaves none behind."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from carbonsink.bundle import write_bundle
from carbonsink.run import Means
from carbonsink.verify import verify
from tests.terminal import terminal


@pytest.fixture(scope="module")
def bundle(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_bundle(made, tmp_path_factory.mktemp("bundle") / f"{made.name}.zip")


def shown(*arguments: str | Path) -> str:
    with terminal(*arguments, language="en") as screen:
        code, text = screen.end()
    assert code == 0, text
    return text


def bars(text: str) -> set[str]:
    """The steps that had a bar with a count and a time."""
    return {step.strip() for step in re.findall(r"(?:\r|\x1b\[2K)([a-z0-9 ]{12,}?)[ ━╸╺]+\d+/\d+ [^\r]*\d:\d\d:\d\d", text)}


def test_verify_shows_its_checks_and_every_stage_that_is_run_again(made: Path, tmp_path: Path) -> None:
    seen = bars(shown("verify", made))
    assert any(step == "checks" or step.startswith("9 ") for step in seen), seen  # which ones are drawn hangs on the moment


def test_verify_tells_every_check_and_every_stage(made: Path, tmp_path: Path) -> None:
    said: list[tuple[str, int, int]] = []
    assert verify(made, Means(tmp_path), lambda *step: said.append(step)).passed
    assert [step for step in said if step[0] == "checks"] == [("checks", number, 8) for number in range(8)]
    assert {"9 composites", "9 land", "9 areas", "9 carbon", "9 uncertainty", "9 credit", "9 report"} <= {stage for stage, _, _ in said}


def test_a_bundle_is_told_file_by_file_when_it_is_packed_and_opened(made: Path, bundle: Path, tmp_path: Path) -> None:
    said: list[tuple[str, int, int]] = []
    write_bundle(made, tmp_path / "again.zip", lambda *step: said.append(step))
    files = sum(path.is_file() for path in made.rglob("*"))
    assert [step for step in said if step[0] == "pack"] == [("pack", number, files) for number in range(files)]
    assert bars(shown("bundle", made, "--to", tmp_path / "told.zip")) & {"files", "pack"}
    assert (tmp_path / "told.zip").read_bytes() == bundle.read_bytes()
    assert "verified" in shown("verify", bundle, "--not-again")


def test_portfolio_shows_a_bar(made: Path, tmp_path: Path) -> None:
    assert bars(shown("portfolio", made, "--out", tmp_path / "account"))
