"""Chips into the store: what was cut before is taken again, the rest is fetched, whole or in parts, and cut.

Wanted(item, band, frame)  ->  known chip of the store, or: bytes  ->  cut  ->  chip  ->  object of the store, remembered

Two steps, so that waiting for servers and working on pixels go on side by side: `bring` asks, `chip` cuts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from carbonsink.base.evidence import digest
from carbonsink.base.problems import Refusal
from carbonsink.base.rasters import Raster, fill_raster, pixel_digest, read_raster
from carbonsink.base.store import Store
from carbonsink.declared.plan import Plan
from carbonsink.declared.sensor import Dialect
from carbonsink.scenes.address import resolved
from carbonsink.scenes.asset import Asset
from carbonsink.scenes.chips import Cut, Frame, Kind, cut, tile_of
from carbonsink.scenes.http import CONNECTIONS, Asker, Patience, asking
from carbonsink.scenes.item import Item
from carbonsink.scenes.packs import PARTS
from carbonsink.scenes.parts import Tiles
from carbonsink.scenes.whole import lasting, obtain
from carbonsink.scenes.window import WholeOnly, Windowed, takes_most

WHOLE_SHARE = 0.25  # of an asset's pixels: from here on the whole asset is fetched ...
WHOLE_BYTES = 8 << 20  # ... or where its item pins it and it is smaller than this
CHIP_FORM = "2"  # of what is remembered of a chip
Mode = Literal["whole", "window"]


@dataclass(frozen=True)
class Wanted:
    """A window of one asset of one item; `identity` is a digest of everything its item says of the asset."""

    item: Item
    band: str
    frame: Frame
    kind: Kind
    identity: str

    @property
    def asset(self) -> Asset:
        """The asset's record."""
        return self.item.assets[self.band]

    @property
    def where(self) -> str:
        """How problems name it."""
        return f"{self.item.id} {self.band}"


@dataclass(frozen=True)
class Source:
    """What was taken of an asset: how, how many bytes, and their digest."""

    mode: Mode
    size: int
    sha256: str


@dataclass(frozen=True)
class Brought:
    """A local file to cut a chip from, or a file's header and tiles; or a chip that was cut before (`known`, as the store remembers it)."""

    wanted: Wanted
    source: Source
    path: Path
    tiles: Tiles | None = None
    known: dict[str, Any] | None = None
    passing: tuple[Path, ...] = ()  # files that nobody needs when the chip is cut

    def clear(self) -> None:
        """Remove what has passed."""
        for path in self.passing:
            path.unlink(missing_ok=True)


@dataclass(frozen=True)
class Chip:
    """A chip, the name of its file in the store, and the digest of its pixels."""

    cut: Cut
    source: Source
    object: str
    pixels: str
    known: bool = False  # remembered already


def identity_of(raw: dict[str, Any], item: Item, band: str, dialect: Dialect) -> str:
    """What tells one asset from every other, and from itself before its item was published anew."""
    properties = raw["properties"]
    told = {key: properties.get(key) for key in ("updated", "created", "published", dialect.generated_property or "updated")}
    return digest({"item": item.id, "collection": item.collection, "asset": raw["assets"][dialect.assets[band]], "told": told})


def mode_of(wanted: Wanted, fetch: Literal["auto", "whole", "window"]) -> Mode:
    """How an asset is fetched: whole where most of it is needed or where its bytes can be held against a checksum cheaply."""
    asset = wanted.asset
    if wanted.kind.media != "geotiff":
        return "whole"
    if fetch != "auto":
        return fetch
    small = asset.checksum is not None and asset.size is not None and asset.size < WHOLE_BYTES
    return "whole" if small or takes_most(wanted.frame, asset, WHOLE_SHARE) else "window"


class Gatherer:
    """Brings assets and cuts chips, into and out of one store."""

    def __init__(self, plan: Plan, root_url: str | None, store: Store, asker: Asker, requests: Executor) -> None:
        self._fetch = plan.pipeline.imagery.fetch
        self._root, self.store, self._asker, self._requests = root_url, store, asker, requests
        self.fallbacks: list[tuple[str, str]] = []  # what took longer than it might: a notice's code and the reason, one an asset

    def bring(self, wanted: Wanted) -> Brought:
        """The asset's bytes, or the chip where it is known; Refusal where they can't be had."""
        known = self.store.recall(*self._name(wanted)) if lasting(wanted.asset) else None
        if known and (path := self.store.get(known["object"])):
            return Brought(wanted, Source(known["mode"], known["size"], known["sha256"]), path, None, known)
        if mode_of(wanted, self._fetch) == "window":
            try:
                return self.window(wanted)
            except WholeOnly as why:
                self.fallbacks.append(("W-SRC-001", str(why)))
        return self.whole(wanted)

    def whole(self, wanted: Wanted) -> Brought:
        """All bytes of the asset, as an object of the store."""
        sha256 = obtain(wanted.asset, wanted.identity, wanted.where, self._root, self.store, self._asker)
        path = self.store.path(sha256)
        return Brought(wanted, Source("whole", path.stat().st_size, sha256), path)

    def window(self, wanted: Wanted) -> Brought:
        """The header and the tiles of the window; WholeOnly where they can't be had in parts."""
        job = Windowed(wanted.asset, wanted.identity, wanted.where, wanted.frame, self._root, self.store, self._asker, self._requests)
        part = self.store.part(f"window {wanted.identity}")
        try:
            taken = job.take(part)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        return Brought(wanted, Source("window", taken.size, taken.sha256), taken.path, taken.tiles, passing=taken.passing)

    def chip(self, brought: Brought) -> Chip:
        """The chip, cut and put into the store unless it lay there; Refusal where the file isn't what its item says."""
        if brought.known:
            raster = read_raster(brought.path)
            cut_before = Cut(raster, tuple(tuple(frame) for frame in brought.known["missing"]))
            return Chip(cut_before, brought.source, brought.known["object"], brought.known["pixels"], known=True)
        fresh = self.fresh(brought)
        if fresh.by_gdal:
            self.fallbacks.append(("W-SRC-002", fresh.by_gdal))
        return Chip(fresh, brought.source, self._kept(fresh.raster, brought.wanted), pixel_digest(fresh.raster))

    def fresh(self, brought: Brought) -> Cut:
        """The chip, cut from the file that was brought; Refusal where that isn't what its item says. What has passed is gone then."""
        wanted = brought.wanted
        try:
            return cut(brought.path, wanted.item, wanted.band, wanted.frame, wanted.kind, brought.tiles)
        except Refusal:
            self.forget(wanted)
            raise
        finally:
            brought.clear()

    def remember(self, wanted: Wanted, chip: Chip) -> None:
        """Take this chip again next time, without asking anyone."""
        if lasting(wanted.asset) and not chip.known:
            facts = {"object": chip.object, "pixels": chip.pixels, "missing": [list(frame) for frame in chip.cut.missing]}
            source = {"mode": chip.source.mode, "size": chip.source.size, "sha256": chip.source.sha256}
            self.store.remember(facts | source, *self._name(wanted))

    def forget(self, wanted: Wanted) -> None:
        """Fetch this asset anew next time: what came wasn't good."""
        for name in (self._name(wanted), (PARTS, wanted.identity), ("asset", wanted.identity)):
            self.store.forget(*name)

    def _kept(self, raster: Raster, wanted: Wanted) -> str:
        part = self.store.part(f"chip {wanted.identity} {wanted.frame}")
        try:
            fill_raster(part, raster, tile_of(raster.grid, wanted.item.grid))
            return self.store.put(part)
        finally:
            part.unlink(missing_ok=True)

    def _name(self, wanted: Wanted) -> tuple[str, ...]:
        frame = " ".join(map(str, wanted.frame))
        return "chip", CHIP_FORM, wanted.identity, wanted.band, frame, self._fetch


@contextmanager
def gathering(plan: Plan, wanted: Iterable[Wanted], root_url: str | None, store: Store, patience: Patience) -> Iterator[Gatherer]:
    """A gatherer for these assets' servers and no others; one list of problems where an address may not be asked."""
    urls = {_address(one, root_url) for one in wanted}
    with asking(plan.dialect, urls - {""}, root_url, patience) as asker, ThreadPoolExecutor(CONNECTIONS, "requests") as requests:
        yield Gatherer(plan, root_url, store, asker, requests)


def _address(wanted: Wanted, root_url: str | None) -> str:
    try:
        return resolved(wanted.asset.href, wanted.where, root_url)
    except Refusal:
        return ""  # said when it is asked for; a chip known from before needs no address
