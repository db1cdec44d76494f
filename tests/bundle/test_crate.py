"""ro-crate-metadata.json of a whole report: every file described, how it can be read, and nothing that hangs in the air."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from carbonsink.base.crate import METADATA, crate, faults_of_crate
from carbonsink.base.evidence import file_sha256

PLAN = {
    "area": {"name": {"zh": "龙山", "en": "Longshan"}, "period": {"start": "2020-01-01", "end": "2022-12-31"}},
    "methodology": {"id": "rice-water-management", "version": "1.1.0"},
}
PATHS = (
    "manifest.json",
    "credit/statement.csv",
    "land/cover_2020.tif",
    "report/report.json",
    "report/maps/cover_2020.tif",
    "report/layers.gpkg",
    "report/a.pdf",
)


@pytest.fixture
def graph(tmp_path: Path) -> dict[str, Any]:
    found = {one["@id"]: one for one in json.loads(made(tmp_path))["@graph"]}
    assert len(found) == len(json.loads(made(tmp_path))["@graph"])
    return found


def files(folder: Path) -> dict[str, tuple[int, str]]:
    for path in PATHS:
        (folder / "a-run" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "a-run" / path).write_text(path)
    return {f"a-run/{path}": (len(path), file_sha256(folder / "a-run" / path)) for path in PATHS}


def made(folder: Path) -> bytes:
    return crate("a-run", PLAN, files(folder))


def references(value: Any) -> Iterator[str]:
    """Every entity that an entity points at."""
    match value:
        case {"@id": str(one), **rest} if not rest:
            yield one
        case dict():
            yield from (one for part in value.values() for one in references(part))
        case list():
            yield from (one for part in value for one in references(part))


def test_everything_that_is_pointed_at_is_described(graph: dict[str, Any]) -> None:
    for entity in graph.values():
        for one in references({key: value for key, value in entity.items() if key != "conformsTo"}):
            assert one in graph, (entity["@id"], one)
    assert graph[METADATA]["about"] == {"@id": "./"} and graph["./"]["license"] == {"@id": "#licence"}


def test_the_report_is_a_dataset_of_its_own_with_its_author_and_its_files(graph: dict[str, Any]) -> None:
    report = graph["a-run/report/"]
    assert report["@type"] == "Dataset" and {"@id": "a-run/report/"} in graph["./"]["hasPart"]
    assert [part["@id"] for part in report["hasPart"]] == sorted(f"a-run/{path}" for path in PATHS if path.startswith("report/"))
    assert graph[report["author"]["@id"]]["@type"] == "SoftwareApplication" and "龙山" in report["name"]


def test_files_say_how_they_can_be_read(graph: dict[str, Any]) -> None:
    formats = {name.removeprefix("a-run/"): one["conformsTo"]["@id"] for name, one in graph.items() if name.startswith("a-run/") and "conformsTo" in one}
    assert formats == {
        "manifest.json": "urn:carbonsink:schema:manifest", "report/report.json": "urn:carbonsink:schema:report",
        "report/maps/cover_2020.tif": "http://www.opengis.net/doc/IS/COG/1.0", "report/layers.gpkg": "http://www.opengis.net/doc/IS/geopackage/1.4",
    }  # fmt: skip
    assert graph["a-run/report/a.pdf"]["encodingFormat"] == "application/pdf"


def test_it_comes_back_as_it_was_and_says_the_same_twice(tmp_path: Path) -> None:
    data, proved = made(tmp_path), {name: sha for name, (_, sha) in files(tmp_path).items()}
    assert list(faults_of_crate(data, proved)) == [] and data == made(tmp_path)
    assert len(list(faults_of_crate(data, proved | {"a-run/report/a.pdf": "0" * 64}))) == 1
