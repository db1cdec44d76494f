"""1. Is the folder the one its manifest speaks of?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from carbonsink.base.evidence import digest, file_sha256
from carbonsink.base.manifest import NAME, files_below, read_manifest, stated_files
from carbonsink.run import Means


def check_whole(run: Path, _: Means) -> Iterator[str]:
    """1. The manifest is whole, every file has the digest it states, and no file is unlisted."""
    manifest = read_manifest(run)
    stated = manifest.pop("digest", None)
    if stated != digest(manifest):
        yield f"manifest.json states digest {stated}, its content gives {digest(manifest)}"
        return  # what it says of other files is worth nothing then
    files = stated_files(manifest)
    for link in manifest["stages"]:
        yield from (f"{link['stage']} read another {path} than was written" for path, sha in link["reads"].items() if files.get(path) != sha)
    there = files_below(run).keys() - {NAME}
    yield from (f"{path} isn't listed in the manifest" for path in sorted(there - files.keys()))
    yield from (f"{path} is listed and missing" for path in sorted(files.keys() - there))
    for path in sorted(there & files.keys()):
        found = file_sha256(run / path)
        if found != files[path]:
            yield f"{path} has digest {found}, the manifest states {files[path]}"
