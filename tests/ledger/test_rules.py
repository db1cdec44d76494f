"""The library's tables of the ledger: sourced, complete, and in step with the methodologies."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from carbonsink.base.library import library_digests
from carbonsink.base.problems import messages
from carbonsink.declared.methodology import methodology_names, read_methodology
from carbonsink.ledger import rules
from carbonsink.ledger.serials import Block
from tests.test_library import numbers_without_source

TESTS = Path(__file__).parent
DOCS = TESTS.parent.parent / "docs" / "ledger.md"


@pytest.mark.parametrize("path", sorted(rules.FOLDER.glob("*.toml")), ids=lambda path: path.name)
def test_every_number_has_a_source_and_a_place(path: Path) -> None:
    table: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    assert list(numbers_without_source(table, False, path.stem)) == []


@pytest.mark.parametrize("name", methodology_names())
def test_every_credited_flow_of_a_methodology_claims_a_pool(name: str) -> None:
    methodology = read_methodology(name)
    claimed = rules.pools().of(methodology)
    assert set(claimed) <= set(rules.pools().pools) and bool(claimed) == any(flow.kind != "emission" for flow in methodology.flow)


def test_nothing_goes_together_unless_it_is_listed() -> None:
    assert rules.pools().compatible == [] and not rules.pools().go_together("vm0042", "rice-water-management")


def test_better_surveys_get_less_tolerance() -> None:
    known = rules.overlap().boundary
    assert [one.sigma_m for one in known.values()] == sorted(one.sigma_m for one in known.values())
    assert len(rules.serial_format().division.provinces) == 34


def test_the_ledger_s_rules_are_no_part_of_what_a_run_is_reckoned_with(tmp_path: Path) -> None:
    (tmp_path / "ledger").mkdir()
    before = library_digests(tmp_path)
    (tmp_path / "ledger" / "overlap.toml").write_text("a = 1")
    assert library_digests(tmp_path) == before


def test_every_message_of_the_ledger_has_a_test() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in [*TESTS.glob("*.py"), TESTS.parent / "faults" / "test_ledger.py"])
    assert {code for code in messages() if code.startswith("E-LED") and code not in text} == set()


def test_the_page_names_every_command_and_its_example_is_a_serial_number() -> None:
    from carbonsink.cli.ledger import ledger

    text = DOCS.read_text(encoding="utf-8")
    names = {command.name or command.callback.__name__ for command in ledger.registered_commands if command.callback}
    assert {name for name in names if f"ledger {name}" not in text} == set()
    assert str(Block("350627", "RICEWATERMANAGEMENT", 1, 2020, 1, 1, 2300)) in text
