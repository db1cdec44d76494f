"""A whole file over HTTP into the store: its length, its ETag and its checksum hold, or it isn't taken in.

A body that broke off goes on by Range where the server gave a strong ETag, else from its first byte; an answer
of 200 instead of 206, another ETag, another start or another length of all starts anew. A part that ends early goes on where it ended.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from carbonsink.base.problems import Exit, refuse
from carbonsink.base.store import Store
from carbonsink.scenes.address import OURS, plain, resolved
from carbonsink.scenes.asset import Asset
from carbonsink.scenes.flight import once
from carbonsink.scenes.http import Asker, Transient

HASHES = {"1220": "sha256", "1340": "sha512", "1620": "sha3_256", "1114": "sha1", "d50110": "md5"}  # multihash: code and length, then the digest
RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})")  # first byte, last byte, length of all
LARGEST_FILE = 4_000_000_000  # bytes; a 10 m band of Sentinel-2 has up to 250 MB, a scene of Sentinel-1 in float32 some 2 GB


def expected(checksum: str | None, where: str) -> tuple[str, str] | None:
    """Hash name and hex digest of a `file:checksum` multihash; refused where it is none that we know."""
    if checksum is None:
        return None
    for prefix, name in HASHES.items():
        value = checksum.removeprefix(prefix)
        if value != checksum and len(value) == hashlib.new(name, usedforsecurity=False).digest_size * 2:
            return name, value
    raise refuse("E-SRC-021", where, Exit.INVALID, found=checksum, known=", ".join(HASHES.values()))


def lasting(asset: Asset) -> bool:
    """Whether what an address gave may be remembered: an item pins it, or the address means the same file to everyone."""
    return asset.checksum is not None or not asset.href.startswith(OURS)


def obtain(asset: Asset, identity: str, where: str, root_url: str | None, store: Store, asker: Asker) -> str:
    """The SHA-256 of an asset's bytes, which lie in the store when this returns; what is known is not fetched again."""
    wanted = expected(asset.checksum, where)
    return once((store.root, "whole", identity, asset.href), lambda: _obtain(asset, wanted, identity, where, root_url, store, asker))


def _obtain(asset: Asset, wanted: tuple[str, str] | None, identity: str, where: str, root_url: str | None, store: Store, asker: Asker) -> str:
    known = wanted[1] if wanted and wanted[0] == "sha256" else store.recall("asset", identity) if lasting(asset) else None
    if known and store.get(known):
        return known
    url = resolved(asset.href, where, root_url)
    part = store.part(asset.href)
    try:
        asker.ask(url, (body := Growing(part, where, asset.size)).headers, body.take, where)
        _check(part, body.sha256, wanted, where)
        sha256 = store.put(part, body.sha256)
    finally:
        part.unlink(missing_ok=True)
    if lasting(asset):
        store.remember(sha256, "asset", identity)
    return sha256


@dataclass
class Growing:
    """A file on its way: what has come, hashed at once, the strong ETag it came under, and the length [bytes] that its server said."""

    part: Path
    where: str
    size: int | None  # as the item states
    etag: str = field(default="", init=False)
    total: int | None = field(default=None, init=False)
    _hash: Any = field(default_factory=hashlib.sha256, init=False)

    @property
    def sha256(self) -> str:
        """Hex SHA-256 of what has come."""
        return str(self._hash.hexdigest())

    def headers(self) -> dict[str, str]:
        """Ask for the rest where there is a beginning that the server can vouch for, else for all."""
        have = self._have()
        return {"Range": f"bytes={have}-", "If-Range": self.etag} if have else {}

    def take(self, response: httpx.Response) -> None:
        """Write a good answer's body to the end of what came before; a short, wrong or foreign one is refused or tried again."""
        if response.status_code == 200:
            self._begin(response)
            due = self.total
        else:
            due = self._end(response)
        self._check_length(self._write(response), due)

    def _have(self) -> int:
        return self.part.stat().st_size if self.etag and self.part.exists() else 0

    def _begin(self, response: httpx.Response) -> None:
        """From the first byte, of whatever version is given."""
        self.part.unlink(missing_ok=True)
        self._hash = hashlib.sha256()
        etag, announced = response.headers.get("etag", ""), response.headers.get("content-length", "")
        self.etag = etag if etag.startswith('"') else ""
        self.total = int(announced) if announced.isdecimal() else None

    def _end(self, response: httpx.Response) -> int:
        """Where a partial answer ends [bytes of the file]; Transient, to start anew, where it isn't the rest that was asked for."""
        have, said, etag = self._have(), response.headers.get("content-range", ""), response.headers.get("etag", "")
        found = RANGE.fullmatch(said) if response.status_code == 206 else None
        start, last, total = map(int, found.groups()) if found else (-1, -1, -1)
        if not (0 < have == start <= last < total) or self.total not in (None, total) or etag not in ("", self.etag):
            asked, self.etag = self.etag, ""
            known = f"{self.total or 'unknown'} ({asked or 'no ETag'})"
            raise Transient(f"asked for bytes from {have} of {known}, got HTTP {response.status_code} {said} ({etag or 'no ETag'})")
        self.total = total
        return last + 1

    def _write(self, response: httpx.Response) -> int:
        """Write the body to the end of the file; how many bytes that has then."""
        with self.part.open("ab") as stream:
            for chunk in response.iter_raw():
                stream.write(chunk)
                self._hash.update(chunk)
                if stream.tell() > LARGEST_FILE:
                    raise refuse("E-SRC-048", self.where, Exit.SOURCE, url=plain(str(response.url)), limit=LARGEST_FILE)
            return stream.tell()

    def _check_length(self, got: int, due: int | None) -> None:
        """Transient for a file that isn't whole: to go on where it ended, or anew where more came than was said."""
        if due is not None and got > due:
            self.etag = ""
        if due is not None and not got == due == self.total:
            raise Transient(f"{got} bytes of {self.total}")
        if self.size is not None and got != self.size:
            raise refuse("E-SRC-022", self.where, Exit.INTEGRITY, expected=self.size, found=got)


def _check(part: Path, sha256: str, wanted: tuple[str, str] | None, where: str) -> None:
    if wanted is None:
        return
    found = sha256 if wanted[0] == "sha256" else _hashed(part, wanted[0])
    if found != wanted[1]:
        raise refuse("E-SRC-023", where, Exit.INTEGRITY, kind=wanted[0], expected=wanted[1], found=found)


def _hashed(part: Path, name: str) -> str:
    with part.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.new(name, usedforsecurity=False)).hexdigest()
