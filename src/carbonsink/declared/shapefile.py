"""Shapefiles, loose or zipped: parts gathered by name under caps, text decoded by a fixed order, geometry read by GDAL.

Order of encodings: declared, .cpg, language byte of the .dbf, strict UTF-8, strict GB18030; Latin-1 is never guessed, since it
accepts anything. GDAL sees only copies of the parts under plain names, in a folder of their own.
"""

from __future__ import annotations

import codecs
import io
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from carbonsink.base.problems import Problem, refuse
from carbonsink.declared.features import LandSource
from carbonsink.declared.limits import ARCHIVE_BYTES, ARCHIVE_ENTRIES, ARCHIVE_RATIO, FILE_BYTES
from carbonsink.declared.ogr import read_layer

NEEDED = (".shp", ".shx", ".dbf")
PARTS = (*NEEDED, ".prj", ".cpg")
ARCHIVES = {".zip", ".kmz", ".rar", ".7z", ".gz", ".tar", ".tgz"}
SHP_MAGIC = b"\x00\x00\x27\x0a"
CODEPAGES = {"936": "gb18030", "gbk": "gb18030", "gb2312": "gb18030", "950": "big5", "65001": "utf-8"}
LANGUAGE_BYTES = {0x4D: "gb18030", 0x4F: "big5"}  # the others are left at their default by most writers and say nothing
LINK = 0o120000  # file type of a symbolic link in a zip entry's Unix mode


def read_shapefile(path: Path, encoding: str | None, where: str) -> LandSource:
    """A loose Shapefile, by its .shp."""
    siblings = {p.suffix.lower(): p for p in sorted(path.parent.iterdir()) if p.stem == path.stem and p.suffix.lower() in PARTS}
    large = next((p for p in siblings.values() if p.stat().st_size > FILE_BYTES), None)
    if large:
        raise refuse("E-AOI-033", large.name, size=large.stat().st_size, limit=FILE_BYTES)
    return _read({suffix: p.read_bytes() for suffix, p in siblings.items()}, encoding, where)


def read_zipped(data: bytes, encoding: str | None, where: str) -> LandSource:
    """The only Shapefile in a zip archive; entries are read into memory by name, nothing is extracted."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = _members(archive, where)
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, IndexError, RuntimeError) as error:
        raise refuse("E-AOI-037", where, format="zip", found=error) from None
    return _read(parts, encoding, where)


def text_encoding(dbf: bytes, cpg: bytes | None, declared: str | None, where: str) -> tuple[str, Problem | None]:
    """The encoding of a .dbf's text, and the notice to give where it was found by trial."""
    cells = list(_text_cells(dbf))
    stated = declared or _stated(cpg)
    if stated:
        return _strict(cells, stated, where, "area.toml" if declared else ".cpg"), None
    if all(cell.isascii() for cell in cells):
        return "utf-8", None
    by_byte = LANGUAGE_BYTES.get(dbf[29])
    for encoding in (*([by_byte] if by_byte else []), "utf-8", "gb18030"):
        if _decodes(cells, encoding):
            sample = next(cell for cell in cells if not cell.isascii()).decode(encoding)
            return encoding, Problem("W-AOI-022", where, {"encoding": encoding, "found": sample})
    raise refuse("E-AOI-022", where, found=_first_bad(cells, "gb18030"))


@dataclass(frozen=True)
class _Table:
    records: int
    header: int  # bytes
    width: int  # bytes of a record, deletion mark included
    fields: tuple[tuple[int, int], ...]  # of the text fields: offset in the record and width


def _members(archive: zipfile.ZipFile, where: str) -> dict[str, bytes]:
    entries = [info for info in archive.infolist() if not info.is_dir()]
    _check_entries(entries, where)
    named = [(PurePosixPath(info.filename), info) for info in entries]
    shapes = [name for name, _ in named if name.suffix.lower() == ".shp"]
    if len(shapes) != 1:
        raise refuse("E-AOI-025", where, count=len(shapes), found=", ".join(str(name) for name, _ in named) or "-")
    stem = shapes[0].with_suffix("")
    return {name.suffix.lower(): _content(archive, info, where) for name, info in named if name.with_suffix("") == stem and name.suffix.lower() in PARTS}


def _check_entries(entries: list[zipfile.ZipInfo], where: str) -> None:
    if len(entries) > ARCHIVE_ENTRIES:
        raise refuse("E-SEC-009", where, found=len(entries), limit=ARCHIVE_ENTRIES, unit="files")
    size, packed = sum(info.file_size for info in entries), sum(info.compress_size for info in entries)
    if size > ARCHIVE_BYTES:
        raise refuse("E-SEC-009", where, found=size, limit=ARCHIVE_BYTES, unit="B")
    if size > ARCHIVE_RATIO * max(packed, 1):
        raise refuse("E-SEC-009", where, found=f"{size / max(packed, 1):.0f}", limit=ARCHIVE_RATIO, unit="B/B")
    seen: set[str] = set()
    for info in entries:
        name = info.filename
        path = PurePosixPath(name)
        unsafe = path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or not name.isprintable()
        if unsafe or info.external_attr >> 16 & 0o170000 == LINK or path.suffix.lower() in ARCHIVES or name.lower() in seen:
            raise refuse("E-SEC-008", where, found=name)
        if info.flag_bits & 1:
            raise refuse("E-AOI-041", where)
        if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise refuse("E-AOI-037", where, format="zip", found=f"{name}: method {info.compress_type}")
        seen.add(name.lower())


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, where: str) -> bytes:
    """An entry's bytes, never more than the directory states."""
    with archive.open(info) as stream:
        data = stream.read(info.file_size + 1)
    if len(data) != info.file_size:
        raise refuse("E-AOI-037", where, format="zip", found=f"{info.filename}: {len(data)} B, {info.file_size} B")
    return data


def _read(parts: dict[str, bytes], encoding: str | None, where: str) -> LandSource:
    for part in NEEDED:
        if not parts.get(part):
            raise refuse("E-AOI-023", where, part=part)
    if not parts[".shp"].startswith(SHP_MAGIC):
        raise refuse("E-SEC-010", where, expected="Shapefile", found=repr(parts[".shp"][:16]))
    table, shapes = _table(parts[".dbf"], where), (len(parts[".shx"]) - 100) // 8  # index: 100 bytes of head, 8 a shape
    if table.records != shapes:
        raise refuse("E-AOI-024", where, shapes=shapes, records=table.records)
    chosen, notice = text_encoding(parts[".dbf"], parts.get(".cpg"), encoding, where)
    with tempfile.TemporaryDirectory() as folder:
        for part in NEEDED:
            Path(folder, f"land{part}").write_bytes(parts[part])
        source = read_layer(Path(folder, "land.shp"), where, encoding=chosen, prj=parts.get(".prj", b"").decode("utf-8", "replace"))
    notices = (*source.notices, *([notice] if notice else []))
    return LandSource(source.features, source.count, source.crs, chosen, None, source.problems, notices, source.crs_problem)


def _table(dbf: bytes, where: str) -> _Table:
    """The layout of a dBASE III table: 32 bytes of head, 32 bytes a field, a return."""
    if len(dbf) < 33:
        raise refuse("E-AOI-023", where, part=".dbf")
    records, header, width = struct.unpack_from("<IHH", dbf, 4)
    if len(dbf) < header + records * width:
        raise refuse("E-AOI-024", where, shapes="-", records=f"{max(len(dbf) - header, 0) // max(width, 1)} / {records}")
    fields, offset = [], 1
    for start in range(32, header - 1, 32):
        if dbf[start] == 0x0D or start + 32 > len(dbf):
            break
        length = dbf[start + 16]
        if dbf[start + 11 : start + 12] == b"C":
            fields.append((offset, length))
        offset += length
    return _Table(records, header, width, tuple(fields))


def _text_cells(dbf: bytes) -> Iterator[bytes]:
    table = _table(dbf, ".dbf")
    for start in range(32, table.header - 1, 32):
        if dbf[start] == 0x0D:
            break
        yield dbf[start : start + 11].partition(b"\0")[0]
    for row in range(table.records):
        record = table.header + row * table.width
        for offset, length in table.fields:
            yield dbf[record + offset : record + offset + length].rstrip(b" \0")


def _stated(cpg: bytes | None) -> str | None:
    """What a .cpg states; Latin-1 is the default that writers leave there, and says nothing."""
    text = (cpg or b"").decode("ascii", "replace").strip()
    return None if not text or text.lower().replace("-", "").replace("_", "") in {"iso88591", "88591", "latin1", "oem"} else text


def _strict(cells: list[bytes], stated: str, where: str, source: str) -> str:
    plain = stated.lower().replace("-", "").removeprefix("cp").removeprefix("ansi").strip()
    encoding = CODEPAGES.get(plain, stated)
    try:
        encoding = codecs.lookup(encoding).name
    except LookupError:
        raise refuse("E-AOI-040", where, encoding=stated, source=source, found="-") from None
    if not _decodes(cells, encoding):
        raise refuse("E-AOI-040", where, encoding=stated, source=source, found=_first_bad(cells, encoding))
    return encoding


def _decodes(cells: list[bytes], encoding: str) -> bool:
    try:
        for cell in cells:
            cell.decode(encoding, "strict")
    except UnicodeDecodeError:
        return False
    return True


def _first_bad(cells: list[bytes], encoding: str) -> str:
    return next(cell for cell in cells if not _decodes([cell], encoding))[:12].hex(" ")
