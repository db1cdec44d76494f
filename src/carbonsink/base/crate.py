"""ro-crate-metadata.json: what is in a bundle, for whoever opens it with other tools. Source: RO-Crate 1.1.

The bundle is a dataset, and the report within it another, whose files say by which published format they can be read.
A publication date isn't given: the same run is the same bytes whenever it is packed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import rfc8785

from carbonsink import __version__

METADATA = "ro-crate-metadata.json"
CONTEXT = "https://w3id.org/ro/crate/1.1/context"
SPECIFICATION = "https://w3id.org/ro/crate/1.1"
KINDS = {
    ".csv": "text/csv", ".geojson": "application/geo+json", ".gpkg": "application/geopackage+sqlite3", ".html": "text/html", ".json": "application/json",
    ".md": "text/markdown", ".pdf": "application/pdf", ".png": "image/png", ".tif": "image/tiff", ".toml": "application/toml",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip
REPORT = "report/"
FORMATS = {  # how a report's files can be read: by the end of their path
    "report/report.json": "urn:carbonsink:schema:report", "manifest.json": "urn:carbonsink:schema:manifest",
    "report/stac-item.json": "https://schemas.stacspec.org/v1.1.0/item-spec/json-schema/item.json",
    "report/layers.gpkg": "http://www.opengis.net/doc/IS/geopackage/1.4",
}  # fmt: skip
RIGHTS = "The project's declarations and results belong to the project; imagery keeps its provider's licence, which report.json names (imagery.licence)."
CLOUD_OPTIMIZED = "http://www.opengis.net/doc/IS/COG/1.0"


def crate(run: str, plan: Mapping[str, Any], files: Mapping[str, tuple[int, str]]) -> bytes:
    """The metadata of a bundle: `files` gives each path its size in bytes and its SHA-256."""
    area, methodology = plan["area"], plan["methodology"]
    period = "/".join(str(area["period"][end]) for end in ("start", "end"))
    report = _report(run, plan, files)
    root: dict[str, Any] = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"{area['name']['en']} · {area['name']['zh']}",
        "description": f"Evidence of the carbon sink run {run} by methodology {methodology['id']} {methodology['version']}",
        "identifier": run,
        "temporalCoverage": period,
        "hasPart": [{"@id": path} for path in sorted({*files, report["@id"]})],
        "creator": {"@id": "#carbonsink"},
        "license": {"@id": "#licence"},
    }
    about = {"@id": METADATA, "@type": "CreativeWork", "conformsTo": {"@id": SPECIFICATION}, "about": {"@id": "./"}}
    tool = {"@id": "#carbonsink", "@type": "SoftwareApplication", "name": "carbonsink", "softwareVersion": __version__}
    licence = {"@id": "#licence", "@type": "CreativeWork", "name": "Rights", "description": RIGHTS}
    graph: list[Any] = [about, root, report, tool, licence, *(_file(path, *files[path]) for path in sorted(files))]
    return rfc8785.dumps({"@context": CONTEXT, "@graph": graph}) + b"\n"


def _report(run: str, plan: Mapping[str, Any], files: Iterable[str]) -> dict[str, Any]:
    """The report as a dataset of its own: its files, who answers for it, what it reports."""
    place = f"{run}/{REPORT}"
    return {
        "@id": place,
        "@type": "Dataset",
        "name": f"Monitoring report of {plan['area']['name']['en']} · {plan['area']['name']['zh']}监测报告",
        "description": f"By methodology {plan['methodology']['id']} {plan['methodology']['version']}; the same results for readers and for programs",
        "author": {"@id": "#carbonsink"},
        "license": {"@id": "#licence"},
        "hasPart": [{"@id": path} for path in sorted(files) if path.startswith(place)],
    }


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


def _file(path: str, size: int, sha256: str) -> dict[str, Any]:
    kind = KINDS.get(PurePosixPath(path).suffix, "application/octet-stream")
    told = {"@id": path, "@type": "File", "contentSize": str(size), "encodingFormat": kind, "sha256": sha256}
    read_by = _format(path.partition("/")[2])
    return told | ({"conformsTo": {"@id": read_by}} if read_by else {})


def _format(path: str) -> str:
    """The published format of a file of a run; empty where it has none."""
    cloud_optimized = path.startswith(f"{REPORT}maps/") and path.endswith(".tif")
    return CLOUD_OPTIMIZED if cloud_optimized else FORMATS.get(path, "")
