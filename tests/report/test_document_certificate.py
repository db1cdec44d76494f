"""The certificate of a block of units, as `carbonsink ledger certificate` prints it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pypdf import PdfReader
from typer.testing import CliRunner, Result

from carbonsink.cli import app
from carbonsink.ledger import moves
from carbonsink.ledger.exports import units
from carbonsink.report.drawings.qr import qr_svg
from tests.ledger.making import field, issue, new_ledger, said

BREAK = "\u200b"


@pytest.fixture
def serials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The blocks of a ledger with two projects: 40 retired, 60 held, the first one's buffer, the other project's."""
    monkeypatch.setenv("CARBONSINK_LANG", "en")
    with new_ledger(tmp_path) as ours:
        issue(ours, said("rice", methodology="rice-water-management 1"))
        issue(ours, said("tea", field(9000)))
        first = next(units(ours))["serial"]
        moves.retire(ours, first, "village", "a conference", "factory", 40)
        return [row["serial"] for row in units(ours)]


def certificate(folder: Path, *serials: str, to: str = "c.pdf", more: tuple[str, ...] = ()) -> Result:
    arguments = ["ledger", "certificate", *serials, "--ledger", folder / "county.ledger", "--to", folder / to, *more]
    return CliRunner().invoke(app, list(map(str, arguments)))


def words(path: Path) -> str:
    pages = PdfReader(path).pages
    assert len(pages) == 1, "a certificate is one page"
    return tight(pages[0].extract_text())


def tight(text: str) -> str:
    """Words without the spaces and breaks that setting them puts in."""
    return "".join(text.replace(BREAK, "").split())


def test_it_says_what_the_ledger_says(tmp_path: Path, serials: list[str]) -> None:
    done = certificate(tmp_path, serials[1], more=("--json",))
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    text = words(tmp_path / "c.pdf")
    assert told["quantity"] == 60 and "60tCO2e" in text
    for fact in ("rice", "village", "2020", "rice-water-management 1", "county register", told["head"], serials[1]):
        assert tight(fact) in text, fact


def test_each_state_has_a_page_and_only_what_is_retired_is_marked_so(tmp_path: Path, serials: list[str]) -> None:
    assert certificate(tmp_path, serials[1], serials[0]).exit_code == 0
    held, retired = (tight(page.extract_text()) for page in PdfReader(tmp_path / "c.pdf").pages)
    assert "60tCO2e" in held and serials[1] in held and "retired" not in held and "factory" not in held and "1/2" in held
    assert "40tCO2e" in retired and serials[0] in retired and retired.count("retired") >= 3 and tight("factory: a conference") in retired


def test_the_printed_code_is_found_again_in_the_ledger(tmp_path: Path, serials: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []

    def seen(text: str) -> str:
        drawn.append(text)
        return qr_svg(text)

    monkeypatch.setattr("carbonsink.report.document.certificate.qr_svg", seen)
    certificate(tmp_path, serials[1])
    done = CliRunner().invoke(app, ["ledger", "check", str(tmp_path / "county.ledger"), "--checkpoint", drawn[0]])
    assert done.exit_code == 0 and "The printed state is one of this ledger" in done.stdout


def test_the_same_entries_give_the_same_bytes(tmp_path: Path, serials: list[str]) -> None:
    certificate(tmp_path, serials[1])
    certificate(tmp_path, serials[1], to="again.pdf")
    assert (tmp_path / "c.pdf").read_bytes() == (tmp_path / "again.pdf").read_bytes()


def test_in_chinese(tmp_path: Path, serials: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARBONSINK_LANG", "zh")
    assert certificate(tmp_path, serials[1]).exit_code == 0
    assert "碳票" in words(tmp_path / "c.pdf")


def test_the_buffer_is_said_in_words(tmp_path: Path, serials: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARBONSINK_LANG", "zh")
    assert certificate(tmp_path, serials[2]).exit_code == 0
    text = words(tmp_path / "c.pdf")
    assert "buffer" not in text and "缓冲" in text


def test_blocks_of_two_projects_need_two_certificates(tmp_path: Path, serials: list[str]) -> None:
    tea = next(serial for serial in serials if "-0002-" in serial)
    done = certificate(tmp_path, serials[1], tea)
    assert done.exit_code == 2 and "E-TKT-001" in done.stderr and "rice, tea" in done.stderr


def test_a_block_that_was_parted_is_no_block(tmp_path: Path, serials: list[str]) -> None:
    with new_ledger(tmp_path, "other.ledger") as ours:
        issue(ours, said("rice", methodology="rice-water-management 1"))
        whole = next(units(ours))["serial"]
    done = certificate(tmp_path, whole)
    assert done.exit_code == 2 and "E-TKT-002" in done.stderr and not (tmp_path / "c.pdf").exists()
