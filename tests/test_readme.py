"""The README can't lie: its commands, targets and files are the real ones."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from benchmarks.figures import READMES, benchmark, fill

from carbonsink.base.problems import Exit
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
    sections = {"land", "imagery", "strata", "value", "reference", "published", "samples", "plots", "changes", "cover_map", "protection", "simulation"}
    sections |= {"soil_samples", "census", "stocking", "zones", "model", "correlation", "place", "ledger"}
    for key in model.model_fields.keys() - (sections if model is AreaFile else set()):
        assert re.search(rf"^\|[^|]*`{key}`", text, re.MULTILINE), key
    assert all(re.search(rf"^## `\[+{section}", text, re.MULTILINE) for section in sections)


CHINESE = (REPOSITORY / READMES["zh"]).read_text()


def commands(text: str) -> list[str]:
    """The commands of a page's blocks, without comments and the words people fill in."""
    lines = [line for block in re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL) for line in block.splitlines()]
    return [re.sub(r"<[^>]*>", "<>", line.split("#")[0]).strip() for line in lines]


def test_the_chinese_page_names_the_same_commands_figures_and_pictures() -> None:
    assert commands(CHINESE)[: len(commands(README))] == commands(README)
    block = re.compile(r"<!-- figures -->.*?<!-- /figures -->", re.DOTALL)
    assert block.findall(CHINESE) == block.findall(README) != []
    assert re.findall(r"!\[[^]]*\]\(([^)]+)\)", CHINESE) == re.findall(r"!\[[^]]*\]\(([^)]+)\)", README) != []
    for link in re.findall(r"\]\(([^)]+)\)", CHINESE):
        assert (REPOSITORY / link).exists(), link


def test_pictures_are_small() -> None:
    assert all(path.stat().st_size < 300_000 for path in (REPOSITORY / "docs" / "images").iterdir())


def test_its_exit_codes_are_the_programs() -> None:
    stated = {int(code) for code in re.findall(r"(?<=[:;] )(\d+)(?= [a-z])", README.split("Exit codes")[1].split(".")[0])}
    assert stated == set(Exit) - {Exit.DOUBLE_COUNTING}


def test_every_pipeline_it_describes_is_there() -> None:
    described = set(re.findall(r"^\| `([a-z-]+)` \| ", README, re.MULTILINE))
    assert described == {path.stem for path in (REPOSITORY / "pipelines").glob("*.toml")}


@pytest.mark.parametrize("language", READMES)
def test_its_speed_and_memory_are_the_last_benchmarks(language: str) -> None:
    readme = (REPOSITORY / READMES[language]).read_text()
    results = json.loads((REPOSITORY / "benchmarks" / "results.json").read_text())
    assert fill(readme, benchmark(results, language)) == readme
