"""The published maps of a run again: each file had anew from where it came, cut anew, and held against what the run took.

maps.csv  ->  the declared file, or the item of maps.lock.json fetched anew  ->  same | changed | gone | altered
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from carbonsink.base.evidence import file_sha256, read_json
from carbonsink.base.problems import Refusal
from carbonsink.base.rasters import pixel_digest, read_raster
from carbonsink.base.records import MapTile
from carbonsink.base.store import Store
from carbonsink.base.tables import read_if_there
from carbonsink.declared.plan import Plan
from carbonsink.run.imagery import Sources
from carbonsink.run.maps import LOCK, fetching, map_source

if TYPE_CHECKING:
    from carbonsink.scenes.source import SourceState

FileOf = Callable[[MapTile], Path | None]


def maps_again(plan: Plan, run: Path, sources: Sources, catalogue: Path | None, fresh: Path, chosen: frozenset[tuple[str, str]] | None) -> list[SourceState]:
    """The state of every map of a run, or of the `chosen` (source, year); Refusal where a server can't be asked.

    `catalogue` is where a folder that the area names lies here: that of the maps' catalogue, or the one their files lie below.
    """
    rows = [row for row in read_if_there(run / "scenes" / "maps.csv", MapTile) if chosen is None or (row.source, str(row.year)) in chosen]
    if not rows:
        return []
    with _files(plan, run, sources, catalogue, fresh) as file_of:
        return [_state(plan, row, file_of, fresh) for row in rows]


@contextmanager
def _files(plan: Plan, run: Path, sources: Sources, catalogue: Path | None, fresh: Path) -> Iterator[FileOf]:
    """How the file of a row is had."""
    from carbonsink.land.legend import legend_of

    maps = plan.area.cover_map
    assert maps is not None, "a run with maps names where they are"
    if not maps.served:
        yield lambda row: _declared(plan, row.source, catalogue)
        return
    legend = legend_of(plan)
    named = map_source(plan, maps, legend, sources, catalogue)
    assert legend.stac is not None, "a map is served by what its legend says"
    items = {item["assets"][legend.stac.asset]["href"]: item for found in read_json(run / "scenes" / LOCK)["items"].values() for item in found}
    with fetching(list(items.values()), legend, named, Store(fresh)) as fetch:
        yield lambda row: fetch(items[row.source])


def _declared(plan: Plan, text: str, catalogue: Path | None) -> Path | None:
    """A declared file, below the folder that was given or where it was declared."""
    places = [*([catalogue / text] if catalogue else []), plan.path(text)]
    return next((place for place in places if place.is_file()), None)


def _state(plan: Plan, row: MapTile, file_of: FileOf, fresh: Path) -> SourceState:
    from carbonsink.scenes.source import SourceState, state_by

    unlike = SourceState(row.source, str(row.year), row.source, "changed", row.sha256, "", row.chip_sha256)
    try:
        path = file_of(row)
    except Refusal as refusal:
        return replace(unlike, state=state_by(refusal))
    if path is None:
        return replace(unlike, state="gone")
    found = file_sha256(path)
    if found != row.sha256:
        return replace(unlike, found=found)
    cut = _cut(path, plan, fresh / "map.tif")
    return replace(unlike, state="same" if cut == row.chip_sha256 else "altered", found=found, cut=cut)


def _cut(path: Path, plan: Plan, chip: Path) -> str:
    """The pixel digest of the chip that stage 1 cuts from a map; nothing where it wouldn't cut one."""
    from carbonsink.land.mapchips import cut

    try:
        return "" if cut(path, plan, chip) else pixel_digest(read_raster(chip))
    except Refusal:
        return ""
