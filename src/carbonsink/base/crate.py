"""ro-crate-metadata.json: what is in a bundle, for whoever opens it with other tools. Source: RO-Crate 1.1.

A publication date isn't given: the same run is the same bytes whenever it is packed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import rfc8785

from carbonsink import __version__

METADATA = "ro-crate-metadata.json"
CONTEXT = "https://w3id.org/ro/crate/1.1/context"
SPECIFICATION = "https://w3id.org/ro/crate/1.1"
KINDS = {
    ".csv": "text/csv", ".geojson": "application/geo+json", ".html": "text/html", ".json": "application/json", ".tif": "image/tiff",
    ".toml": "application/toml", ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip


def crate(run: str, plan: Mapping[str, Any], files: Mapping[str, tuple[int, str]]) -> bytes:
    """The metadata of a bundle: `files` gives each path its size in bytes and its SHA-256."""
    area, methodology = plan["area"], plan["methodology"]
    period = "/".join(str(area["period"][end]) for end in ("start", "end"))
    root: dict[str, Any] = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"{area['name']['en']} · {area['name']['zh']}",
        "description": f"Evidence of the carbon sink run {run} by methodology {methodology['id']} {methodology['version']}",
        "identifier": run,
        "temporalCoverage": period,
        "hasPart": [{"@id": path} for path in sorted(files)],
        "creator": {"@id": "#carbonsink"},
    }
    about = {"@id": METADATA, "@type": "CreativeWork", "conformsTo": {"@id": SPECIFICATION}, "about": {"@id": "./"}}
    tool = {"@id": "#carbonsink", "@type": "SoftwareApplication", "name": "carbonsink", "softwareVersion": __version__}
    graph: list[Any] = [about, root, tool, *(_file(path, *files[path]) for path in sorted(files))]
    return rfc8785.dumps({"@context": CONTEXT, "@graph": graph}) + b"\n"


def faults_of_crate(data: bytes, proved: Mapping[str, str]) -> Iterator[str]:
    """What the metadata says otherwise than the files that were found, by path and SHA-256."""
    try:
        stated = {one["@id"]: one["sha256"] for one in json.loads(data)["@graph"] if one["@type"] == "File"}
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        yield f"{METADATA}: {type(error).__name__} {error}"
        return
    for path in sorted(stated.keys() | (proved.keys() - {METADATA})):
        if stated.get(path) != proved.get(path):
            yield f"{path}: {METADATA} {stated.get(path)}, {proved.get(path)}"


def _file(path: str, size: int, sha256: str) -> dict[str, str]:
    kind = KINDS.get(PurePosixPath(path).suffix, "application/octet-stream")
    return {"@id": path, "@type": "File", "contentSize": str(size), "encodingFormat": kind, "sha256": sha256}
