"""The digest and the checkpoint on the page and in report.json: what the codes hold is what stands beside them."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

from carbonsink.base.evidence import read_json
from carbonsink.declared.checkpoint import TYPE, Checkpoint
from carbonsink.declared.plan import Plan
from carbonsink.report.drawings.qr import qr_svg
from carbonsink.report.render import render

MADE = Checkpoint("a" * 64, 7, "b" * 64, "2026-11-21T08:00:00Z", "c" * 64, "d" * 128)


def drawn(page: str) -> list[str]:
    """The paths of the codes on a page."""
    return re.findall(r'<svg [^>]*class="qr"[^>]*>(.*?)</svg>', page)


def inner(text: str) -> str:
    return drawn(qr_svg(text))[0]


def test_a_report_without_a_checkpoint_says_so_and_shows_the_digest(rice: tuple[Plan, Path]) -> None:
    _, run = rice
    page = (run / "report" / "report.html").read_text()
    assert drawn(page) == [inner(read_json(run / "report" / "report.json")["digests"]["results"])] * 2
    assert read_json(run / "report" / "report.json")["ledger_checkpoint"] is None
    assert "holds no checkpoint of a ledger" in page and "没有台账检查点" in page


def test_a_checkpoint_is_printed_in_words_and_as_a_code(rice: tuple[Plan, Path], tmp_path: Path) -> None:
    plan, whole = rice
    run = Path(shutil.copytree(whole, tmp_path / "run"))
    render(replace(plan, checkpoint=MADE), run)
    page = (run / "report" / "report.html").read_text()
    assert inner(f"{TYPE} {'a' * 64} 7 {'b' * 64} {MADE.signer}") in drawn(page)
    for word in ("a" * 64, "b" * 64, MADE.signer, "Checkpoint of the ledger", "台账检查点"):
        assert word in page
    said = read_json(run / "report" / "report.json")["ledger_checkpoint"]
    assert (said["ledger"], said["sequence"], said["head"], said["signer"]) == ("a" * 64, 7, "b" * 64, MADE.signer)
