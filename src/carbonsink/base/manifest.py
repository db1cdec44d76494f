"""The manifest: what each stage read and wrote, by digest, with the versions that did it.

    {"schema", "tool", "plan", "library", "words", "lock", "simulated", "stages": [{"stage", "reads", "writes"}], "declared", "results",
     "environment", "digest"}

`writes` gives each file its SHA-256 and its content digest: pixels for rasters, bytes for the rest, so that
two runs can be compared where packing differs. `library` is a digest over the numbers of the library's tables,
`words` one over what pages say. `results` is one digest over the content of every stage before the report,
equal on every re-run of the same inputs. `digest` is the manifest's own, over all other keys.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from carbonsink import __version__
from carbonsink.base.evidence import digest, file_sha256, write_json
from carbonsink.base.jsontext import json_object
from carbonsink.base.problems import Exit, refuse
from carbonsink.base.rasters import pixel_digest, read_raster
from carbonsink.base.records import SceneAsset
from carbonsink.base.typeface import FACE, font_words

SCHEMA = "carbonsink-run/2"
FIRST = "carbonsink-run/1"  # has one digest of the library, words among its tables; still read
NAME = "manifest.json"
PACKAGES = (
    "dask", "imagecodecs", "matplotlib", "numba", "numpy", "pandas", "pint", "pydantic", "pyogrio", "pyproj", "pystac-client",
    "rasterio", "scikit-learn", "scipy", "shapely", "typst", "xlsxwriter",
)  # fmt: skip


def content_digest(path: Path) -> str:
    """What a file says: its pixels if it is a raster, its bytes if not."""
    return pixel_digest(read_raster(path)) if path.suffix == ".tif" else file_sha256(path)


def files_below(run: Path, folder: str = "") -> dict[str, Path]:
    """Every file below a folder of the run, or in all of it, by its path within the run."""
    return {path.relative_to(run).as_posix(): path for path in sorted((run / folder).rglob("*")) if path.is_file()}


def chip_digests(tables: Mapping[str, Iterable[SceneAsset]]) -> dict[str, str]:
    """The content digests of chips, by path, as stage 1 noted them in its tables (by folder) when it wrote them: thousands needn't be read again."""
    return {f"{folder}/{row.chip}": row.chip_sha256 for folder, rows in tables.items() for row in rows}


def describe(run: Path, folder: str, known: Mapping[str, str] = {}) -> dict[str, dict[str, str]]:
    """Every file below a folder of the run: path, SHA-256, content digest (as it is known, or as the file is read)."""
    files = files_below(run, folder).items()
    return {name: {"sha256": file_sha256(path), "content": known.get(name) or content_digest(path)} for name, path in files}


def results_digest(links: Iterable[dict[str, Any]]) -> str:
    """One digest over the content of every stage before the report."""
    return digest({path: file["content"] for link in links if link["stage"] != "report" for path, file in link["writes"].items()})


def environment() -> dict[str, str]:
    """Python, platform, GDALs and packages that a number may hang on."""
    import pyogrio
    import rasterio

    packages = {name: version(name) for name in PACKAGES}
    gdal = {"gdal (rasterio)": rasterio.__gdal_version__, "gdal (pyogrio)": pyogrio.__gdal_version_string__}
    return {"python": platform.python_version(), "machine": f"{platform.system()} {platform.machine()}", **gdal, **packages, FACE: font_words()}


def printed_alike(manifest: dict[str, Any]) -> bool:
    """Whether documents printed here have the bytes of those that a manifest states: the same typesetter, face and drawing library."""
    theirs, ours = manifest.get("environment"), environment()
    return isinstance(theirs, dict) and all(theirs.get(name) == ours[name] for name in ("typst", "matplotlib", FACE))


def write_manifest(run: Path, facts: dict[str, Any]) -> dict[str, Any]:
    """Complete the facts with schema, versions, results and the manifest's own digest, and write it: the run is whole."""
    manifest = {"schema": SCHEMA, "tool": __version__, "environment": environment(), "results": results_digest(facts["stages"]), **facts}
    manifest["digest"] = digest(manifest)
    write_json(run / NAME, manifest)
    return manifest


def stated_files(manifest: dict[str, Any]) -> dict[str, str]:
    """The SHA-256 that a manifest states of every file of its run, by path."""
    written = {path: file["sha256"] for link in manifest["stages"] for path, file in link["writes"].items()}
    return dict(manifest["declared"]) | written


def read_manifest(run: Path) -> dict[str, Any]:
    """The manifest as it stands; a Refusal where it is no object of the keys and kinds that everything else is found by."""
    try:
        manifest = json_object((run / NAME).read_bytes())
    except (ValueError, RecursionError) as error:
        raise refuse("E-RUN-011", NAME, Exit.INTEGRITY, why=error) from None
    if odd := next(_odd_keys(manifest), None):
        raise refuse("E-RUN-011", NAME, Exit.INTEGRITY, why=odd)
    return manifest


def _odd_keys(manifest: dict[str, Any]) -> Iterator[str]:
    """The keys that have another kind of value than a manifest gives them."""
    yield from (key for key in ("digest", "results") if not isinstance(manifest.get(key), str))
    if not _texts(manifest.get("declared")):
        yield "declared"
    stages = manifest.get("stages")
    if not isinstance(stages, list) or not all(map(_is_link, stages)):
        yield "stages"


def _is_link(link: Any) -> bool:
    """Whether it says of a stage what it read and wrote."""
    if not isinstance(link, dict) or not isinstance(link.get("stage"), str) or not isinstance(link.get("writes"), dict):
        return False
    return _texts(link.get("reads")) and all(_texts(file) and {"sha256", "content"} <= file.keys() for file in link["writes"].values())


def _texts(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())
