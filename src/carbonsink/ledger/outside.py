"""Claims of other registers: a list of lands that are credited elsewhere, against which every later submission is held for review.

    claim_outside(ledger, Path("grain-for-green.geojson"), "grain for green", "2020-01-01", "2030-01-01", ["AGB"])

The list is a GeoJSON file of polygons in longitude and latitude; its digest is kept, and its outlines, so that the look can be repeated.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import shape

from carbonsink.base.evidence import digest, sha256
from carbonsink.base.geometry import canonical_wkb
from carbonsink.base.problems import Exit, must_be_file, refuse
from carbonsink.declared.limits import FILE_BYTES
from carbonsink.ledger.entries import Entry
from carbonsink.ledger.land import lay_out
from carbonsink.ledger.rules import overlap, pools
from carbonsink.ledger.store import Ledger


def claim_outside(ledger: Ledger, file: Path, register: str, start: str, end: str, claimed: Sequence[str] = (), boundary: str = "unstated") -> Entry:
    """Append what another register holds: polygons of a GeoJSON file, from `start` until the day before `end`; every pool where none is named."""
    days = [_day(start, "--start"), _day(end, "--end")]
    if days[0] >= days[1]:
        raise refuse("E-LED-016", "--end", Exit.USAGE, start=start, end=end)
    known = pools().pools
    if strange := [pool for pool in claimed if pool not in known]:
        raise refuse("E-LED-015", "--pool", Exit.USAGE, found=", ".join(strange), known=", ".join(known))
    if boundary not in overlap().boundary:
        raise refuse("E-LED-013", "--boundary", Exit.USAGE, found=boundary, known=", ".join(overlap().boundary))
    data = _read(file)
    features = outlines(data, file.name)
    area = lay_out(shapely.from_wkb([wkb for _, wkb in features]), 0.0).area_m2
    named = [[name, wkb.hex()] for name, wkb in features]
    land = {"area_m2": f"{area:.2f}", "digest": digest(named), "features": named}
    facts = {"register": register, "start": days[0], "end": days[1], "pools": [pool for pool in known if pool in (claimed or known)], "boundary": boundary}
    with ledger.writing():
        return ledger.append("external_claim", {**facts, "file": file.name, "sha256": sha256(data), "land": land})


def outlines(data: bytes, where: str) -> list[tuple[str, bytes]]:
    """Names and canonical outlines of a GeoJSON file's polygons; a Refusal names the first feature that is none."""
    try:
        listed: list[dict[str, Any]] = json.loads(data)["features"]
        shapes = [shape(one["geometry"]) for one in listed]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, shapely.errors.ShapelyError) as error:
        raise refuse("E-LED-017", where, why=error) from None
    for number, one in enumerate(shapes, start=1):
        west, south, east, north = one.bounds if not one.is_empty else (0, 0, 0, 0)
        if (
            one.geom_type not in ("Polygon", "MultiPolygon")
            or one.is_empty
            or not one.is_valid
            or not (-180 <= west < east <= 180 and -90 <= south < north <= 90)
        ):
            raise refuse("E-LED-018", f"{where} #{number}", found=one.geom_type)
    if not shapes:
        raise refuse("E-LED-017", where, why="0 features")
    return [(str(number), canonical_wkb(one)) for number, one in enumerate(shapes, start=1)]


def _read(file: Path) -> bytes:
    must_be_file(file)
    if file.stat().st_size > FILE_BYTES:
        raise refuse("E-LED-017", file.name, why=f"> {FILE_BYTES} bytes")
    return file.read_bytes()


def _day(text: str, where: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise refuse("E-CON-013", where, Exit.USAGE, found=text) from None
