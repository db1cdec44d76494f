"""The documentation site: built strictly, offline, with every page in its place and nothing fetched from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from carbonsink.declared.factors import editions
from tests.conftest import REPOSITORY

DOCS = REPOSITORY / "docs"
FETCHED = re.compile(r"""<(?:script|img|iframe|source|link)\b[^>]*?(?:src|href)=["']?(?:https?:)?//[^>]*>""")
IMPORTED = re.compile(r"""(?:url\(["']?|@import\s+["'])(?:https?:)?//""")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    built = subprocess.run(command, cwd=REPOSITORY, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    return folder


def test_every_page_is_there_and_in_the_navigation(site: Path) -> None:
    home = (site / "index.html").read_text()
    pages = [page.relative_to(DOCS).with_suffix(".html").as_posix() for page in DOCS.rglob("*.md")]
    assert not [page for page in pages if not (site / page).is_file()]
    assert not [page for page in pages if f'href="{page}"' not in home and not page.startswith("decisions/")]


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    assert {page.name: found for page in site.rglob("*.html") if (found := FETCHED.findall(page.read_text()))} == {}
    assert [sheet.name for sheet in site.rglob("*.css") if IMPORTED.search(sheet.read_text())] == []


def test_the_factor_reference_has_every_edition_and_its_status(site: Path) -> None:
    text = (site / "factor-tables.html").read_text()
    assert all(f">{edition}<" in text for edition in editions())
    assert "transcribed" in text and "recalled" in text and "soc_ref" in text


def test_the_how_tos_name_only_commands_that_are_there() -> None:
    import typer

    from carbonsink.cli import app

    known = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    said = {word for page in DOCS.rglob("*.md") for word in re.findall(r"(?:^|`)carbonsink ([a-z]+)", page.read_text(), re.MULTILINE)}
    assert said - known == set()


def test_there_is_a_how_to_for_every_user() -> None:
    assert {page.stem for page in (DOCS / "howto").iterdir()} == {"farmland", "forestry", "verifier", "registry", "methodologist"}
