"""Declared paths: inside the area's folder, or below a folder the environment names."""

from __future__ import annotations

from pathlib import Path

import pytest

from carbonsink.base.problems import Refusal
from carbonsink.declared.paths import Places, expand


def test_a_variable_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIRROR", "/data/mirror")
    assert expand("${MIRROR}/s2", "area.toml") == "/data/mirror/s2"


def test_a_default_stands_where_the_variable_is_not_set_and_gives_way_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MIRROR", raising=False)
    assert expand("${MIRROR:-../mirror}/s2", "area.toml") == "../mirror/s2"
    monkeypatch.setenv("MIRROR", "/data/mirror")
    assert expand("${MIRROR:-../mirror}/s2", "area.toml") == "/data/mirror/s2"


def test_an_unset_variable_without_a_default_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MIRROR", raising=False)
    with pytest.raises(Refusal, match=r"E-CFG-019 area\.toml: .*MIRROR"):
        expand("${MIRROR}/s2", "area.toml")


@pytest.mark.parametrize("text", ["../parcels.geojson", "/etc/passwd", "sub/../../x", "${MIRROR:-m}/../../x", "x\0y"])
def test_a_path_that_leads_out_of_the_folder_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(Refusal, match="E-CFG-021"):
        Places(tmp_path).of(text, "area.toml [land.file]")


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "area").mkdir()
    (tmp_path / "secret").write_text("x")
    (tmp_path / "area" / "parcels.geojson").symlink_to(tmp_path / "secret")
    with pytest.raises(Refusal, match="E-CFG-021"):
        Places(tmp_path / "area").of("parcels.geojson", "area.toml [land.file]")
