"""1. Is the folder the one its manifest speaks of?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from carbonsink.base.evidence import digest, file_sha256
from carbonsink.base.manifest import NAME, files_below, read_manifest, stated_files
from carbonsink.base.problems import Problem
from carbonsink.verify.chips import Chips


def check_whole(run: Path, _: Chips) -> Iterator[Problem]:
    """1. The manifest is whole, every file has the digest it states, and no file is unlisted."""
    manifest = read_manifest(run)
    stated = manifest.pop("digest", None)
    if stated != digest(manifest):
        yield Problem("E-VER-002", NAME, {"stated": stated, "found": digest(manifest)})
        return  # what it says of other files is worth nothing then
    files = stated_files(manifest)
    for link in manifest["stages"]:
        yield from (Problem("E-VER-003", path, {"stage": link["stage"]}) for path, sha in link["reads"].items() if files.get(path) != sha)
    there = files_below(run).keys() - {NAME}
    yield from (Problem("E-VER-004", path) for path in sorted(there - files.keys()))
    yield from (Problem("E-VER-005", path) for path in sorted(files.keys() - there))
    for path in sorted(there & files.keys()):
        found = file_sha256(run / path)
        if found != files[path]:
            yield Problem("E-VER-006", path, {"found": found, "stated": files[path]})
