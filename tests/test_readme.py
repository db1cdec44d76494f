"""The READMEs and the pages they lead to can't lie: commands, targets, files, codes and figures are the real ones."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from benchmarks.figures import AREAS, READMES, SPEED, benchmark, fill, speed
from benchmarks.screenshots import LIMIT

from carbonsink.base.problems import Exit
from carbonsink.base.topics import LIBRARY
from carbonsink.cli import app
from carbonsink.declared.area import AreaFile, ImagerySource, LandFile, Published, Reference, Stratum, Value
from carbonsink.declared.change import Protection
from carbonsink.declared.checkpoint import LedgerFile
from carbonsink.declared.covermap import CoverMap
from carbonsink.declared.measured.declarations import Census, SoilSamples, Stocking
from carbonsink.declared.models import Model
from carbonsink.declared.place import Place
from carbonsink.declared.plots import ChangeSample, Plots
from carbonsink.declared.sampling import Samples
from carbonsink.declared.schema import Declared
from carbonsink.declared.simulation import Simulation
from carbonsink.declared.zones import ZoneSource

REPOSITORY = Path(__file__).parent.parent
README, CHINESE = ((REPOSITORY / name).read_text() for name in READMES.values())
COMMANDS = (REPOSITORY / "docs" / "commands.md").read_text()
LINK = re.compile(r"\]\(([^)#]+)[^)]*\)")
MAKE = re.compile(r"(?:^|`)make ([a-z]+)", re.MULTILINE)


def test_every_command_is_listed_and_no_other() -> None:
    listed = re.findall(r"^\| `carbonsink (\w+)", COMMANDS, re.MULTILINE)
    single = [command.callback.__name__ for command in app.registered_commands if command.callback]
    assert sorted(listed) == sorted([*single, *(str(group.name) for group in app.registered_groups)])


def test_make_takes_folders_with_spaces(tmp_path: Path) -> None:
    area = tmp_path / "办公 室" / "xinglong"
    area.mkdir(parents=True)
    (area / "area.toml").touch()
    for target, given in (("check", f"AOI={area}"), ("verify", f"RUN={area}")):
        told = subprocess.run(
            ["make", "-n", "--no-print-directory", target, given], cwd=REPOSITORY, capture_output=True, text=True, check=True, encoding="utf-8"
        ).stdout
        assert told.rstrip().endswith(f'carbonsink {target} "{area}"')


@pytest.mark.parametrize("page", [*READMES.values(), *(path.relative_to(REPOSITORY).as_posix() for path in sorted((REPOSITORY / "docs").rglob("*.md")))])
def test_every_make_target_it_names_is_there_and_explained(page: str) -> None:
    targets = set(re.findall(r"^([a-z]+):.*## ", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    assert set(MAKE.findall((REPOSITORY / page).read_text())) <= targets


@pytest.mark.parametrize("page", READMES.values())
def test_it_starts_with_two_commands(page: str) -> None:
    assert MAKE.findall((REPOSITORY / page).read_text())[:2] == ["setup", "estimate"]
    (block,) = re.findall(r"^```sh\n(.*?)^```", (REPOSITORY / page).read_text(), re.MULTILINE | re.DOTALL)
    assert len(block.splitlines()) == 2


@pytest.mark.parametrize("page", READMES.values())
def test_every_file_it_links_is_there(page: str) -> None:
    links = [link for link in LINK.findall((REPOSITORY / page).read_text()) if not link.startswith("https:")]
    assert len(links) > 10
    assert [link for link in links if not (REPOSITORY / link).exists()] == []


@pytest.mark.parametrize("page", READMES.values())
def test_it_is_short(page: str) -> None:
    assert len((REPOSITORY / page).read_text().splitlines()) <= 120


@pytest.mark.parametrize(
    "model",
    [
        AreaFile,
        LandFile,
        ImagerySource,
        Stratum,
        Value,
        Reference,
        Published,
        Samples,
        Plots,
        ChangeSample,
        SoilSamples,
        Census,
        Stocking,
        CoverMap,
        Protection,
        Simulation,
        ZoneSource,
        Model,
        Place,
        LedgerFile,
    ],
)
def test_every_key_of_an_area_is_documented(model: type[Declared]) -> None:
    text = (REPOSITORY / "docs" / "area.md").read_text()
    assert [key for key in model.model_fields if not re.search(rf"^(?:\|[^|]*`\[*{key}\]*`|## .*`\[+{key}\b)", text, re.MULTILINE)] == []


def outline(text: str) -> dict[str, list[str]]:
    """What both languages of a page share: commands, links, pictures, lengths of tables, numbers of headings, figures, and the values that a run prints."""
    figures = re.findall(r"<!-- figures -->(.*?)<!-- /figures -->", text, re.DOTALL)[0].splitlines()[3:]
    (printed,) = re.findall(r"<!-- estimate -->(.*?)<!-- /estimate -->", text, re.DOTALL)
    return {
        "commands": [re.sub(r" +#.*", "", line) for line in text.splitlines() if line.startswith("make ")],
        "links": sorted(link for link in LINK.findall(text) if not link.startswith("README")),
        "headings": [line.split(" ")[0] for line in text.splitlines() if line.startswith("#")],
        "rows": [str(len(table.splitlines())) for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)],
        "figures": [line.split("|")[-2].strip() for line in figures],
        "estimate": re.findall(r"runs/\S+|\b[\da-f]{64}\b|\d[\d,.]*", printed),
    }


def test_the_chinese_page_is_the_same_page() -> None:
    assert outline(CHINESE) == outline(README)
    assert len(outline(README)["figures"]) > 10 and len(outline(README)["links"]) > 10


def test_pictures_of_every_area_are_small_and_shown() -> None:
    shown = (REPOSITORY / "docs" / "report.md").read_text()
    pictures = sorted((REPOSITORY / "docs" / "images").iterdir())
    assert [path.name for path in pictures] == sorted(f"{area}-{kind}.png" for area in AREAS["en"] for kind in ("page", "report"))
    assert [path.name for path in pictures if path.stat().st_size >= LIMIT or f"](images/{path.name})" not in shown] == []


def test_the_exit_codes_are_the_programs() -> None:
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", COMMANDS, re.MULTILINE)} == set(Exit)


def test_every_pipeline_it_describes_is_there() -> None:
    described = set(re.findall(r"^\| `([a-z-]+)` \| ", (REPOSITORY / "docs" / "pipelines.md").read_text(), re.MULTILINE))
    assert described == {path.stem for path in (REPOSITORY / "pipelines").glob("*.toml")}


@pytest.mark.parametrize("pipeline", sorted((REPOSITORY / "pipelines").glob("*.toml")), ids=lambda path: path.stem)
def test_a_pipelines_row_names_its_methodology_and_the_status_of_its_text(pipeline: Path) -> None:
    row = next(line for line in (REPOSITORY / "docs" / "pipelines.md").read_text().splitlines() if line.startswith(f"| `{pipeline.stem}` |"))
    methodology = tomllib.loads(pipeline.read_text())["carbon"]["methodology"]
    status = tomllib.loads((LIBRARY / "methodologies" / f"{methodology}.toml").read_text())["status"]
    assert f"`{methodology}`" in row
    assert [word for word in ("recalled", "proposed") if word in row] == [word for word in (status,) if word in ("recalled", "proposed")]


def test_speed_and_memory_are_the_last_benchmarks() -> None:
    page = SPEED.read_text()
    results = json.loads((REPOSITORY / "benchmarks" / "results.json").read_text())
    assert fill(page, benchmark(results)) == page


@pytest.mark.parametrize(("language", "name"), READMES.items())
def test_a_readmes_speed_is_the_last_benchmarks(language: str, name: str) -> None:
    page = (REPOSITORY / name).read_text(encoding="utf-8")
    results = json.loads((REPOSITORY / "benchmarks" / "results.json").read_text())
    assert fill(page, speed(results, language)) == page
    assert [row["name"] for row in results if row["met"] is False] == ["fetch"], "what isn't met is shown"
