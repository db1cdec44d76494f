"""The README can't lie: its commands, targets and files are the real ones."""

from __future__ import annotations

import re
from pathlib import Path

from carbonsink.base.problems import Exit
from carbonsink.cli import app

REPOSITORY = Path(__file__).parent.parent
README = (REPOSITORY / "README.md").read_text()


def test_it_lists_every_command_and_no_other() -> None:
    listed = set(re.findall(r"^\| `carbonsink (\w+)", README, re.MULTILINE))
    assert listed == {command.callback.__name__ for command in app.registered_commands if command.callback}


def test_every_make_target_it_names_is_there_and_explained() -> None:
    targets = set(re.findall(r"^([a-z]+):.*## ", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)", README)) <= targets
    assert {"estimate", "test", "verify", "help"} <= targets


def test_every_file_it_links_is_there() -> None:
    for link in re.findall(r"\]\(([^)]+)\)", README):
        assert (REPOSITORY / link).exists(), link


def test_its_exit_codes_are_the_programs() -> None:
    stated = {int(code) for code in re.findall(r"(?<=[:;] )(\d+)(?= [a-z])", README.split("Exit codes")[1].split(".")[0])}
    assert stated == set(Exit) - {Exit.DOUBLE_COUNTING}


def test_every_pipeline_it_describes_is_there() -> None:
    described = set(re.findall(r"^\| `([a-z-]+)` \| ", README, re.MULTILINE))
    assert described == {path.stem for path in (REPOSITORY / "pipelines").glob("*.toml")}
