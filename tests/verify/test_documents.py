"""Printed documents run again: byte by byte where typesetter and face are the same, not at all where they aren't."""

from __future__ import annotations

from pathlib import Path

import pytest

from carbonsink.base.manifest import printed_alike, read_manifest
from carbonsink.base.typeface import FACE
from carbonsink.verify import stages
from carbonsink.verify.comparison import compare

PDF = "report/report.en.pdf"


def test_an_altered_document_is_told_by_the_same_typesetter(made: Path, again: Path) -> None:
    (again / PDF).write_bytes(b"%PDF another")
    assert [file.path for file in compare(made, again).files] == [PDF]


def test_documents_of_another_face_or_typesetter_arent_compared(made: Path, again: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (again / PDF).write_bytes(b"%PDF another")
    monkeypatch.setattr(stages, "printed_alike", lambda _: False)
    assert compare(made, again).files == ()
    (again / PDF).unlink()
    assert [file.path for file in compare(made, again).files] == [PDF], "a document that is missing is told anywhere"


@pytest.mark.parametrize("name", ["typst", "matplotlib", FACE])
def test_alike_means_typesetter_drawings_and_face(made: Path, name: str) -> None:
    manifest = read_manifest(made)
    assert printed_alike(manifest)
    assert not printed_alike({**manifest, "environment": {**manifest["environment"], name: "another"}})
    assert not printed_alike({})
