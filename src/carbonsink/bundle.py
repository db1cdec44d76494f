"""The evidence bundle: one zip that holds a run and opens anywhere.

write_bundle(run, to)         <run>.zip: the run folder, its envelope where it is signed, ro-crate-metadata.json; the same bytes each time
with opened(path) as run:     the run folder in a place of its own, after every file was held against the manifest

What comes in a bundle is not trusted: names, kinds and sizes of all entries are looked at first, then each file's bytes are held against
the SHA-256 that the manifest states, and only then is anything of them read. What the manifest doesn't list is refused (S24).
Entries are stored, not packed: chips are packed already, no two packers agree on their bytes, and nothing unpacks to more than the zip.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any, TypeVar

from carbonsink.base.attestation import envelope_path
from carbonsink.base.crate import METADATA, crate, faults_of_crate
from carbonsink.base.evidence import digest, file_sha256, write_whole
from carbonsink.base.manifest import NAME, SCHEMA, files_below, read_manifest, stated_files
from carbonsink.base.problems import Exit, Problem, Refusal, refuse
from carbonsink.run.means import Progress

Step = TypeVar("Step")
ROOT_TIME = (1980, 1, 1, 0, 0, 0)  # the first a zip can say: a file without the hour it was written in
REGULAR = 0o100644
UNIX = 3
FILE_KIND = 0o170000  # mask of a Unix mode's file type
MOST_ENTRIES = 200_000  # limits of care: a province's chips are about a tenth of them
MOST_BYTES_READ_FIRST = 100_000_000  # the manifest and the crate's metadata: what has to be read before anything is proved
PIECE = 1 << 20
LONGEST_NAME = 240
LISTED = 10  # problems of one kind that are told; the rest is counted
UNREADABLE = (
    zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, RuntimeError, FileExistsError, NotADirectoryError, IsADirectoryError,
)  # fmt: skip


def write_bundle(run: Path, to: Path, progress: Progress = lambda *_: None) -> Path:
    """Write a run's bundle; refused where a file of the run is missing, has other bytes than the manifest states, or isn't listed."""
    files = stated_files(read_manifest(run))
    held = {f"{run.name}/{path}": run / path for path in [*files, NAME]}
    problems = [*_unlisted(run, files), *_altered(run, files, progress)]
    if problems:
        raise Refusal(problems, Exit.INTEGRITY)
    if (envelope := envelope_path(run)).is_file():
        held[envelope.name] = envelope
    described = crate(run.name, _plan(run), {name: (path.stat().st_size, file_sha256(path)) for name, path in held.items()})
    write_whole(to, lambda part: _write(part, held, described, progress))
    return to


def _write(part: Path, held: Mapping[str, Path], described: bytes, progress: Progress) -> None:
    with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        archive.writestr(_entry(METADATA), described)
        for name in _told(sorted(held), "pack", progress):
            with held[name].open("rb") as source, archive.open(_entry(name, held[name].stat().st_size), "w") as target:
                while piece := source.read(PIECE):
                    target.write(piece)


def _entry(name: str, size: int = 0) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, ROOT_TIME)
    info.create_system, info.external_attr, info.file_size = UNIX, REGULAR << 16, size
    return info


def _unlisted(run: Path, files: Mapping[str, str]) -> Iterator[Problem]:
    there = files_below(run).keys() - {NAME}
    yield from _each("E-BUN-003", run.name, sorted(there - files.keys()))
    yield from _each("E-BUN-004", run.name, sorted(files.keys() - there))


def _altered(run: Path, files: Mapping[str, str], progress: Progress) -> Iterator[Problem]:
    for path in _told(list(files), "files", progress):
        if (run / path).is_file() and (found := file_sha256(run / path)) != files[path]:
            yield Problem("E-BUN-005", path, {"stated": files[path], "found": found})


def _told(steps: Sequence[Step], stage: str, progress: Progress) -> Iterator[Step]:
    """The steps, each told to whoever watches."""
    for done, step in enumerate(steps):
        progress(stage, done, len(steps))
        yield step


def _each(code: str, where: str, names: list[str]) -> Iterator[Problem]:
    if names:
        more = f" (+ {len(names) - LISTED})" if len(names) > LISTED else ""
        yield Problem(code, where, {"files": ", ".join(names[:LISTED]) + more})


def _plan(run: Path) -> dict[str, Any]:
    return dict(json.loads((run / "plan.json").read_text(encoding="utf-8")))


@contextmanager
def opened(path: Path, progress: Progress = lambda *_: None) -> Iterator[Path]:
    """The run of a bundle, unpacked into a temporary folder; a Refusal with everything that is wrong with the bundle."""
    with tempfile.TemporaryDirectory(prefix="carbonsink-bundle-") as folder:
        try:
            with zipfile.ZipFile(path) as archive:
                name = _unpack(archive, Path(folder), path, progress)
        except UNREADABLE as error:
            raise refuse("E-BUN-001", path.name, Exit.INTEGRITY, why=error) from None
        yield Path(folder) / name


def _unpack(archive: zipfile.ZipFile, folder: Path, path: Path, progress: Progress) -> str:
    """Prove and unpack every entry; the run's name."""
    entries, where = archive.infolist(), path.name
    if problems := [*_odd_entries(entries, path.stat().st_size, where)]:
        raise Refusal(problems, Exit.INTEGRITY)
    run, manifest = _manifest(archive, entries, where)
    files = {f"{run}/{path}": stated for path, stated in stated_files(manifest).items()}
    names = {entry.filename for entry in entries}
    beside = {METADATA, f"{run}/{NAME}", f"{run}.dsse.json"}
    problems = [*_each("E-BUN-003", where, sorted(names - files.keys() - beside)), *_each("E-BUN-004", where, sorted((files.keys() | {METADATA}) - names))]
    if problems:
        raise Refusal(problems, Exit.INTEGRITY)
    proved = {entry.filename: _take(archive, entry, folder) for entry in _told(entries, "unpack", progress)}
    problems = [Problem("E-BUN-005", name, {"stated": stated, "found": proved[name]}) for name, stated in files.items() if proved[name] != stated]
    problems += [Problem("E-BUN-006", where, {"why": why}) for why in faults_of_crate((folder / METADATA).read_bytes(), proved)]
    if problems:
        raise Refusal(problems[:LISTED], Exit.INTEGRITY)
    return run


def _odd_entries(entries: list[zipfile.ZipInfo], size: int, where: str) -> Iterator[Problem]:
    """What an honest bundle's list of entries never holds."""
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or unpacked > size:
        yield Problem("E-BUN-007", where, {"found": f"{len(entries)} / {unpacked} B", "limit": f"{MOST_ENTRIES} / {size} B"})
    yield from _each("E-BUN-002", where, [f"{entry.filename} ({why})" for entry in entries if (why := _oddness(entry))])
    counted = Counter(entry.filename.lower() for entry in entries)  # a disk may take A and a for one
    yield from _each("E-BUN-008", where, sorted({entry.filename for entry in entries if counted[entry.filename.lower()] > 1}))


def _oddness(entry: zipfile.ZipInfo) -> str:
    """Why an entry can't be one of ours; empty for one that can."""
    name, mode = entry.filename, entry.external_attr >> 16
    parts = name.split("/")
    if (
        name != entry.orig_filename
        or "\\" in name
        or ":" in name
        or any(part in {"", ".", ".."} for part in parts)
        or not name.isprintable()
        or len(name) > LONGEST_NAME
    ):
        return "path"
    if mode & FILE_KIND not in {0, REGULAR & FILE_KIND}:
        return "link or device"
    if entry.flag_bits & 1 or entry.compress_type != zipfile.ZIP_STORED:
        return "packing"
    return "size" if PurePosixPath(name).name in {NAME, METADATA} and entry.file_size > MOST_BYTES_READ_FIRST else ""


def _manifest(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], where: str) -> tuple[str, dict[str, Any]]:
    """The run's name and its manifest, its own digest proved: the list of everything else."""
    found = [name for entry in entries if (name := entry.filename).count("/") == 1 and name.endswith(f"/{NAME}")]
    if len(found) != 1:
        raise refuse("E-BUN-001", where, Exit.INTEGRITY, why=f"{len(found)} x <run>/{NAME}")
    try:
        manifest = json.loads(archive.read(found[0]))
        stated, rest = manifest["digest"], {key: value for key, value in manifest.items() if key != "digest"}
        if manifest["schema"] != SCHEMA or stated != digest(rest) or not all(isinstance(one, str) for one in stated_files(manifest).values()):
            raise ValueError(f"{NAME}: schema, digest")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise refuse("E-BUN-001", where, Exit.INTEGRITY, why=error) from None
    return found[0].split("/")[0], manifest


def _take(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path) -> str:
    """Unpack one entry; its SHA-256."""
    target = folder / entry.filename
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(entry) as source, target.open("xb") as written:
        return _copied(source, written)


def _copied(source: IO[bytes], target: IO[bytes]) -> str:
    made = hashlib.sha256()
    while piece := source.read(PIECE):
        made.update(piece)
        target.write(piece)
    return made.hexdigest()
