"""3. The published maps of a run: every row is a file that the area declares or the lock names, and its chip has the pixels it states."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from carbonsink.base.evidence import read_json
from carbonsink.base.problems import Problem
from carbonsink.base.rasters import pixel_digest, read_raster
from carbonsink.base.records import MapTile
from carbonsink.base.tables import read_if_there
from carbonsink.declared.covermap import YEAR, CoverMap
from carbonsink.declared.plan import Plan
from carbonsink.run.maps import LOCK


def maps_differing(run: Path, plan: Plan) -> Iterator[Problem]:
    """Where maps.csv says otherwise than declarations, lock and chips; nothing for a run without published maps."""
    maps, scenes = plan.area.cover_map, run / "scenes"
    for row in read_if_there(scenes / "maps.csv", MapTile):
        if maps is None or not _is_named(row, maps, scenes):
            yield Problem("E-VER-014", f"{row.source} {row.year}", {"table": "maps.csv", "stated": 1, "expected": 0})
        elif (found := pixel_digest(read_raster(scenes / row.chip))) != row.chip_sha256:
            yield Problem("E-VER-013", row.chip, {"found": found, "stated": row.chip_sha256})


def _is_named(row: MapTile, maps: CoverMap, scenes: Path) -> bool:
    if maps.served:
        items = read_json(scenes / LOCK)["items"].get(str(row.year), [])
        return any(asset.get("href") == row.source for item in items for asset in item["assets"].values())
    pattern = f"{maps.folder}/{maps.name}".replace(YEAR, str(row.year))
    return any((one.file, one.year) == (row.source, row.year) for one in maps.files) or (maps.folder is not None and fnmatch(row.source, pattern))
