"""Submissions, land and ledgers for tests: squares near Longshan town, drawn in metres of a Gauss-Krüger zone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pyproj import CRS, Transformer
from shapely.geometry.base import BaseGeometry

from carbonsink.base.geometry import canonical_wkb
from carbonsink.base.problems import Refusal
from carbonsink.base.signing import make_key, public_text
from carbonsink.base.standing import Standing
from carbonsink.ledger.accounts import NONE, Account
from carbonsink.ledger.store import Ledger, init, opened
from carbonsink.ledger.submission import Submission, Vintage
from carbonsink.ledger.submit import Answer, Terms, submit

OPERATOR, FARMERS = make_key(), make_key()
ZONE = "EPSG:4547"  # CGCS2000, three degrees about 114 E
EAST, NORTH = 500_000.0, 2_722_000.0
TERMS = Terms("350627", "village")
RICE = ("CH4-soil",)
CLOCK = "2026-11-21T08:00:00Z"


def lonlat(geometry: BaseGeometry, crs: str = ZONE) -> BaseGeometry:
    """A geometry of a zone in longitude and latitude."""
    carry = Transformer.from_crs(crs, "EPSG:4490", always_xy=True)
    return shapely.transform(
        shapely.segmentize(geometry, 100 if CRS(crs).is_projected else 0.001), lambda xy: np.column_stack(carry.transform(xy[:, 0], xy[:, 1]))
    )


@cache
def _to_lonlat(crs: str) -> tuple[Transformer, float]:
    """The way to longitude and latitude, and the length of a segment that stays straight on it."""
    return Transformer.from_crs(crs, "EPSG:4490", always_xy=True), 100 if CRS(crs).is_projected else 0.001


def field(east: float = 0, north: float = 0, width: float = 1000, height: float = 1000) -> BaseGeometry:
    """A rectangle [m] in longitude and latitude, so far east and north of a corner."""
    return lonlat(shapely.box(EAST + east, NORTH + north, EAST + east + width, NORTH + north + height))


def vintages(*years: int, issued: int = 100, buffer: int = 10) -> tuple[Vintage, ...]:
    return tuple(Vintage(year, issued, buffer) for year in years)


def said(project: str, *outlines: BaseGeometry, years: Sequence[int] = (2020,), pools: Sequence[str] = RICE, run: str = "1", **more: Any) -> Submission:
    """A submission of a project on some land; `after` is the one before it, `lost` what it loses beyond what it issues [t]."""
    parcels = tuple((f"P{n}", canonical_wkb(one)) for n, one in enumerate(outlines or (field(),), start=1))
    manifest = hashlib.sha256(f"{project} {run}".encode()).hexdigest()
    method = more.pop("methodology", "rice-water-management 1")
    after, lost = more.pop("after", None), more.pop("lost", 0)
    listed = more.pop("vintages", None)
    listed = vintages(*years, **more) if listed is None else listed
    account = standing(listed or vintages(*years), after, lost, issued=bool(listed))
    name = {"zh": project, "en": project}
    return Submission(f"{project}-{run}", manifest, manifest[::-1], "v" * 64, project, name, method, parcels, tuple(pools), listed, account)


def standing(listed: Sequence[Vintage], after: Submission | None, lost: int, issued: bool = True) -> Account:
    """What a run of these vintages says of its project's standing: the buffer answers for what is lost, the rest is owed."""
    before = after.account.after if after else Standing()
    kept = before.kept + (sum(one.buffer for one in listed) if issued else 0)
    drawn = min(int(kept), lost)
    left = Standing(before.owed + lost - drawn, kept - drawn)
    return Account(listed[0].span.start, listed[-1].span.end, after.manifest if after else NONE, before, left, drawn)


def issue(ledger: Ledger, one: Submission, **terms: Any) -> Answer:
    """Submit with usual terms."""
    return submit(ledger, one, Terms(**({"division": TERMS.division, "holder": TERMS.holder} | terms)), FARMERS)


def refused(work: Any, *codes: str) -> Refusal:
    """The refusal that a piece of work ends with, of these codes."""
    try:
        work()
    except Refusal as refusal:
        assert [problem.code for problem in refusal.problems] == list(codes), str(refusal)
        return refusal
    raise AssertionError("nothing was refused")


def ticking(start: int = 0) -> Any:
    """A clock that goes a second an entry."""
    seconds = iter(range(start, start + 10_000_000))
    return lambda: f"2026-11-{21 + (n := next(seconds)) // 86400:02d}T{n // 3600 % 24:02d}:{n // 60 % 60:02d}:{n % 60:02d}Z"


@contextmanager
def new_ledger(folder: Path, name: str = "county.ledger") -> Iterator[Ledger]:
    """A ledger of its own."""
    path = folder / name
    init(path, "county register", public_text(OPERATOR), lambda: CLOCK)
    with opened(path, clock=ticking()) as ledger:
        yield ledger
