"""The source again: a verifier asks where the scenes came from, and hears same, changed, gone or altered for each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from carbonsink.base.problems import Exit, Refusal
from carbonsink.base.rasters import pixel_digest, read_raster, write_raster
from carbonsink.base.records import SceneAsset
from carbonsink.base.tables import read_csv, write_csv
from carbonsink.catalogue.holdings import read_folder, served
from carbonsink.catalogue.serve import Catalogue
from carbonsink.scenes.fetch import fetch
from carbonsink.scenes.http import Patience
from carbonsink.scenes.mirror import Part, mirror
from carbonsink.scenes.mirrored import through
from carbonsink.scenes.source import SourceState, compare
from tests.scenes.large import EPSG, NIR, RED, TILED, body, scene, square
from tests.scenes.plans import lonlat, plan_of
from tests.scenes.server import Answer, Script, serving
from tests.scenes.synthetic import lay_asset, lock_of

PATIENCE = Patience(attempts=2, first_wait=0.01)


@pytest.fixture
def script() -> Iterator[Script]:
    with serving() as script:
        yield script


class Run:
    """A run's first stage, and its verifier."""

    def __init__(self, script: Script, folder: Path, mode: Any, **profile: Any) -> None:
        self.script, self.folder, self.raw = script, folder, scene(script, **profile)
        self.plan = plan_of(lonlat(square(200, 200, 60), EPSG), 2018, fetch=mode)
        self.lock = lock_of({**self.raw, "assets": {key: dict(asset) for key, asset in self.raw["assets"].items()}})
        fetch(self.plan, self.lock, script.url, folder / "store", folder / "scenes", lambda *_: None, PATIENCE)

    def compare(self, name: str = "fresh") -> dict[str, SourceState]:
        steps: list[tuple[int, int]] = []
        found = compare(
            self.plan, self.folder / "scenes", self.lock, self.script.url, self.folder / name, lambda done, total: steps.append((done, total)), PATIENCE
        )
        assert steps == [(n, 3) for n in (1, 2, 3)]
        return {state.band: state for state in found}

    def mirrored(self, store: str = "store") -> Path:
        """A mirror of the run's source, made by its submitter from what was fetched, or by somebody else from what there is now."""
        mirror([Part(self.plan, self.lock, self.script.url)], self.folder / store, self.folder / "mirror", lambda *_: None, PATIENCE)
        return self.folder / "mirror"

    def compare_by(self, folder: Path) -> dict[str, SourceState]:
        """What a verifier hears who has that folder, and no way to the source."""
        self.script.answers.clear()
        with Catalogue(folder) as catalogue:
            lock = through(self.lock, [served(entry, f"{catalogue.url}/") for entry in read_folder(folder).entries], catalogue.url)
            found = compare(self.plan, self.folder / "scenes", lock, catalogue.url, self.folder / "fresh", lambda *_: None, PATIENCE)
        return {state.band: state for state in found}

    def forge(self, band: str, more: int) -> None:
        """Add to the pixels of a chip, and put their digest into scenes.csv."""
        rows = {row.band: row for row in read_csv(self.folder / "scenes" / "scenes.csv", SceneAsset)}
        path = self.folder / "scenes" / rows[band].chip
        chip = read_raster(path)
        forged = replace(chip, pixels=(chip.pixels + more).astype(chip.pixels.dtype))
        path.unlink()  # the store has the same file
        write_raster(path, forged)
        rows[band] = replace(rows[band], chip_sha256=pixel_digest(forged))
        write_csv(self.folder / "scenes" / "scenes.csv", list(rows.values()), SceneAsset)


@pytest.mark.parametrize("mode", ["whole", "window"])
def test_each_asset_is_the_same_changed_or_gone(script: Script, tmp_path: Path, mode: Any) -> None:
    run = Run(script, tmp_path, mode)
    assert {state.state for state in run.compare().values()} == {"same"}
    changed = RED.copy()
    changed[220:230, 220:230] += 1
    lay_asset(script, run.raw, "red", body("red", changed, **TILED))
    del script.answers[f"/files/{run.raw['id']}/nir.tif"]
    states = run.compare("again")
    assert {band: state.state for band, state in states.items()} == {"red": "changed", "nir": "gone", "scl": "same"}
    assert states["red"].recorded != states["red"].found != ""
    assert states["nir"].found == ""
    assert states["scl"].recorded == states["scl"].found


def test_in_parts_only_the_parts_that_were_taken_are_compared(script: Script, tmp_path: Path) -> None:
    run = Run(script, tmp_path, "window", compress=None)
    elsewhere = RED.copy()
    elsewhere[500, 500] += 1
    lay_asset(script, run.raw, "red", body("red", elsewhere, **TILED | {"compress": None}))
    assert run.compare()["red"].state == "same"


def test_a_file_cut_short_is_changed_and_a_busy_server_says_nothing(script: Script, tmp_path: Path) -> None:
    run = Run(script, tmp_path, "window")
    path = f"/files/{run.raw['id']}/red.tif"
    script.lay(path, Answer(script.answers[path][0].body[:20000], ranges=True))
    assert run.compare()["red"].state == "changed"
    for other in script.answers:
        script.lay(other, Answer(status=503))
    with pytest.raises(Refusal) as caught:
        compare(run.plan, tmp_path / "scenes", run.lock, script.url, tmp_path / "busy", lambda *_: None, PATIENCE)
    assert [problem.code for problem in caught.value.problems] == ["E-SRC-020"] * 3
    assert caught.value.exit_code == Exit.SOURCE


def test_the_run_and_its_store_are_left_alone(script: Script, tmp_path: Path) -> None:
    run = Run(script, tmp_path, "whole")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    script.lay(f"/files/{run.raw['id']}/red.tif", Answer(np.zeros(100, np.uint8).tobytes()))
    assert run.compare()["red"].state == "changed"
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize("mode", ["whole", "window"])
def test_a_chip_that_is_not_cut_from_its_source_is_altered(script: Script, tmp_path: Path, mode: Any) -> None:
    run = Run(script, tmp_path, mode)
    honest = {band: state.cut for band, state in run.compare().items()}
    run.forge("nir", 2000)
    states = run.compare("again")
    assert {band: state.state for band, state in states.items()} == {"red": "same", "nir": "altered", "scl": "same"}
    assert states["nir"].recorded == states["nir"].found, "of the source nothing changed"
    assert (states["nir"].cut, states["nir"].chip != honest["nir"]) == (honest["nir"], True)


def test_a_chip_of_a_source_that_changed_is_not_judged(script: Script, tmp_path: Path) -> None:
    run = Run(script, tmp_path, "whole")
    run.forge("nir", 2000)
    lay_asset(script, run.raw, "nir", body("nir", NIR + 1, **TILED))
    assert (run.compare()["nir"].state, run.compare("again")["nir"].cut) == ("changed", "")


@pytest.mark.parametrize("mode", ["whole", "window"])
def test_a_mirror_answers_where_the_source_cannot_be_asked(script: Script, tmp_path: Path, mode: Any) -> None:
    run = Run(script, tmp_path, mode)
    run.forge("nir", 2000)
    states = run.compare_by(run.mirrored())
    assert {band: (state.state, state.by) for band, state in states.items()} == {
        "red": ("same", "mirror"), "nir": ("altered", "mirror"), "scl": ("same", "mirror"),
    }  # fmt: skip
    assert all(state.found == state.recorded for state in states.values())


def test_a_mirror_made_when_the_source_had_changed_says_changed(script: Script, tmp_path: Path) -> None:
    run = Run(script, tmp_path, "whole")
    lay_asset(script, run.raw, "nir", body("nir", NIR + 1, **TILED))
    for stated in ("file:size", "file:checksum"):
        run.lock["items"][0]["assets"]["nir"].pop(stated, None)
    states = run.compare_by(run.mirrored("another's"))
    assert {band: state.state for band, state in states.items()} == {"red": "same", "nir": "changed", "scl": "same"}
    assert states["nir"].found not in ("", states["nir"].recorded)


def test_a_mirror_whose_file_is_not_what_it_states_is_no_witness(script: Script, tmp_path: Path) -> None:
    run = Run(script, tmp_path, "whole")
    folder = run.mirrored()
    red, scl = (next(folder.rglob(f"{key}.tif")) for key in ("red", "scl"))
    red.write_bytes(red.read_bytes()[:-1] + b"x")
    scl.write_bytes(scl.read_bytes()[:-1])
    assert {band: state.state for band, state in run.compare_by(folder).items()} == {"red": "changed", "nir": "same", "scl": "changed"}


def test_what_a_mirror_lacks_is_gone_and_the_network_is_not_asked(script: Script, tmp_path: Path) -> None:
    run = Run(script, tmp_path, "whole")
    folder = run.mirrored()
    other = {**run.lock["items"][0], "id": "S2B_31UDS_20180609_0_L2A"}
    assert through({**run.lock, "catalogue": "https://provider.example/v1", "items": [other]}, [], "http://127.0.0.1:1")["items"] == []
    item = next(folder.rglob(f"{run.raw['id']}.json"))
    told = json.loads(item.read_text())
    del told["assets"]["red"]["alternate"]  # it doesn't say what it was cut from
    item.write_text(json.dumps(told))
    assert {band: state.state for band, state in run.compare_by(folder).items()} == {"red": "changed", "nir": "same", "scl": "same"}


def test_a_mirror_that_sends_elsewhere_is_not_followed(script: Script, tmp_path: Path) -> None:
    run = Run(script, tmp_path, "whole")
    item = next(run.mirrored().rglob(f"{run.raw['id']}.json"))
    told = json.loads(item.read_text())
    told["assets"]["red"]["href"] = "https://elsewhere.example/red.tif"
    item.write_text(json.dumps(told))
    run.lock["catalogue"] = "https://provider.example/v1"
    assert {(state.state, state.by) for state in run.compare_by(tmp_path / "mirror").values()} == {("gone", "mirror")}


def test_the_catalogue_itself_is_no_mirror(script: Script, tmp_path: Path) -> None:
    run = Run(script, tmp_path, "whole")
    lock = {**run.lock, "catalogue": "catalogue:/"}
    assert through(lock, [dict(item) for item in lock["items"]], script.url) is lock


BECOMES: dict[str, bytes] = {
    "a page": b"<html>" + bytes(40000),
    "packed otherwise": body("red", **TILED | {"compress": "lzma"}),
    "two bands": body("red", np.stack([RED, RED]), **TILED | {"interleave": "pixel"}),
    "its first 100 bytes": body("red", **TILED)[:100],
    "nothing": b"",
}


@pytest.mark.parametrize("mode", ["whole", "window"])
@pytest.mark.parametrize("what", BECOMES)
def test_an_asset_that_became_something_else_is_changed_and_the_others_are_told(script: Script, tmp_path: Path, mode: Any, what: str) -> None:
    run = Run(script, tmp_path, mode)
    script.lay(f"/files/{run.raw['id']}/red.tif", Answer(BECOMES[what], ranges=True))
    assert {band: state.state for band, state in run.compare().items()} == {"red": "changed", "nir": "same", "scl": "same"}


def test_a_server_that_gives_no_parts_any_more_says_nothing_of_the_file(script: Script, tmp_path: Path) -> None:
    run = Run(script, tmp_path, "window")
    path = f"/files/{run.raw['id']}/red.tif"
    script.lay(path, Answer(script.answers[path][0].body, ranges=False))
    with pytest.raises(Refusal, match="E-SRC-020 .*the server knows no ranges"):
        compare(run.plan, tmp_path / "scenes", run.lock, script.url, tmp_path / "fresh", lambda *_: None, PATIENCE)
