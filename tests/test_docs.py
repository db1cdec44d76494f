"""The documentation site: built strictly, offline, with every page in its place and nothing fetched from elsewhere."""

from __future__ import annotations

import html
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from benchmarks.notebook import notebook

from carbonsink.base.topics import LIBRARY
from carbonsink.cli import app
from carbonsink.declared.factors import editions
from tests.conftest import REPOSITORY

DOCS = REPOSITORY / "docs"
FETCHED = re.compile(r"""<(?:script|img|iframe|source|link)\b[^>]*?(?:src|href)=["']?(?:https?:)?//[^>]*>""")
IMPORTED = re.compile(r"""(?:url\(["']?|@import\s+["'])(?:https?:)?//""")
BLOCK = re.compile(r"^ *```(?:sh)?\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
METHODOLOGIES = {path.stem for path in (LIBRARY / "methodologies").glob("*.toml")}
NO_CHANGE = "No number changes"
PAGES = [*sorted(DOCS.rglob("*.md")), *sorted(REPOSITORY.glob("README*.md"))]


def commands_in(block: str) -> list[str]:
    """A block's calls of the program: joined lines, without comments."""
    lines = [part.split(" #")[0] for line in block.replace("\\\n", " ").splitlines() for part in line.split("; ")]
    return [line.strip().removeprefix(".venv/bin/") for line in lines if re.match(r"\s*(?:\.venv/bin/)?carbonsink ", line)]


def entries(changelog: str) -> list[str]:
    """The entries of a changelog, each on one line."""
    joined = re.sub(r"\n +", " ", changelog.partition("\n## ")[2])
    return [line for line in joined.splitlines() if line.startswith("- ")]


def says_what_changes(entry: str) -> bool:
    """Whether an entry names methodologies of the library (or all), and vintages, after `Affected:`."""
    affected = entry.partition("Affected: ")[2]
    named = set(re.findall(r"`([a-z0-9-]+)`", affected))
    return (named <= METHODOLOGIES and bool(named) or "all methodologies" in affected) and "vintages" in affected


def complaint(line: str, whole: bool) -> str:
    """What the program would say of a call, or nothing; `whole`: nothing that it needs may be left out."""
    command: Any = typer.main.get_command(app)
    words = [word for word in shlex.split(line.replace("[", "").replace("]", ""))[1:] if word != "|"]
    while words and hasattr(command, "commands") and not words[0].startswith("-"):
        if words[0] not in command.commands:
            return f"no command {words[0]}"
        command = command.commands[words.pop(0)]
    return _parsed(command, [one for word in words for one in word.split("|--")[:1]], whole)


def _parsed(command: Any, words: list[str], whole: bool) -> str:
    context = command.make_context(command.name, [], resilient_parsing=True)
    context.resilient_parsing = False
    try:
        given, _, _ = command.make_parser(context).parse_args(words)
    except Exception as error:  # typer's own copy of click has no public names for its errors
        return "" if not whole and "Missing" in str(error) else str(error)
    missing = [one.name for one in command.get_params(context) if one.required and given.get(one.name) in (None, ())]
    return f"{command.name} asks for {missing}" if whole and missing else ""


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


def test_equations_are_mathematics_and_no_longer_their_source(site: Path) -> None:
    text = (site / "equations.html").read_text()
    source = (DOCS / "equations.md").read_text()
    cells = re.findall(r"^\| `\w+` \| \$.*\$ \|", source, re.MULTILINE)
    assert text.count("<math ") == source.count("$$") // 2 + len(cells) > 200
    assert not re.search(r"\$\$|\\(?:frac|times|mathrm|left)\b|\\\(", text)


def test_every_command_in_a_block_is_one_the_program_takes() -> None:
    called = [(page, line) for page in PAGES for block in BLOCK.findall(page.read_text()) for line in commands_in(block)]
    assert len(called) > 60
    assert {f"{page.name}: {line}": said for page, line in called if (said := complaint(line, whole=True))} == {}


def test_every_command_within_a_sentence_has_only_options_that_are_there() -> None:
    called = [(page, line) for page in PAGES for line in re.findall(r"`(carbonsink [^`\n]+)`", BLOCK.sub("", page.read_text()))]
    assert len(called) > 60
    assert {f"{page.name}: {line}": said for page, line in called if (said := complaint(line, whole=False))} == {}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("carbonsink estmate AREA", "no command"),
        ("carbonsink ledger issue FILE", "no command"),
        ("carbonsink check AREA --divisions 3", "No such option"),
        ("carbonsink mirror AREA", "asks for"),
        ("carbonsink mirror", "asks for"),
        ("carbonsink mirror AREA --to", "requires an argument"),
    ],
)
def test_a_stale_command_would_be_seen(line: str, said: str) -> None:
    assert said in complaint(line, whole=True)


def test_the_notebook_can_be_read_without_one(site: Path) -> None:
    text = html.unescape(re.sub(r"<[^>]+>", "", (site / "notebook.html").read_text()))
    code = [cell["source"] for cell in notebook()["cells"] if cell["cell_type"] == "code"]
    assert len(code) > 5 and [lines for lines in code if lines[-1] not in text] == []
    assert (site / "notebooks" / "longshan.ipynb").is_file()


def test_there_is_a_how_to_for_every_user() -> None:
    assert {page.stem for page in (DOCS / "howto").iterdir()} == {"farmland", "forestry", "verifier", "registry", "methodologist"}


def test_every_entry_of_the_changelog_names_its_methodologies_and_vintages_or_says_that_no_number_changes() -> None:
    silent = [entry for entry in entries((REPOSITORY / "CHANGELOG.md").read_text()) if not (says_what_changes(entry) or NO_CHANGE in entry)]
    assert silent == []


@pytest.mark.parametrize(
    ("entry", "well"),
    [
        ("- A new page. No number changes.", True),
        ("- Yields. Affected: `vm0042`, all vintages.", True),
        ("- Yields. Affected: `vm0042`, vintages from 2021.", True),
        ("- Yields. Affected: `vm0042`.", False),
        ("- Yields. Affected: `vm0043`, all vintages.", False),
        ("- A new page.", False),
    ],
)
def test_an_entry_that_says_nothing_of_numbers_would_be_seen(entry: str, well: bool) -> None:
    assert (says_what_changes(entry) or NO_CHANGE in entry) is well
