"""Land laid over land: how much two claims share, and whether that is an edge drawn twice or the same land claimed twice.

    mine = lay_out([outline, ...], sigma_m=2.0)         outlines in longitude and latitude [degrees], sigma of the boundary [m]
    compare(mine, theirs).verdict                       "pass" | "trim" | "reject"

Outlines are carried into the equal-area projection of `library/ledger/overlap.toml` and snapped to its precision, so that areas
of the overlay are true areas and the same on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from carbonsink.base.tables import total
from carbonsink.ledger.rules import overlap

Verdict = Literal["pass", "trim", "reject"]
Shapes = NDArray[np.object_]
POLYGONS = 2  # their dimension


@dataclass(frozen=True)
class Tract:
    """Parcels of one claim in the overlay's projection; `area_m2` is that of the whole claim, of which these may be a part."""

    shapes: Shapes
    names: tuple[str, ...]
    area_m2: float
    sigma_m: float


@dataclass(frozen=True)
class Shared:
    """What two claims share [m2]: all of it, what is thicker than the tolerance, and which limits it passes."""

    area_m2: float
    thick_m2: float | None  # not looked at where the mere area is too much
    broken: tuple[str, ...]  # limits, by their names in overlap.toml
    shape: BaseGeometry = field(compare=False, repr=False)

    @property
    def verdict(self) -> Verdict:
        """Whether the two may stand side by side."""
        if self.broken:
            return "reject"
        return "trim" if self.area_m2 > 0 else "pass"


NOTHING = Shared(0.0, 0.0, (), shapely.Polygon())


def lay_out(outlines: Sequence[BaseGeometry] | Shapes, sigma_m: float, names: Sequence[str] = (), area_m2: float | None = None) -> Tract:
    """Outlines in longitude and latitude [degrees], projected and snapped; ones that snapping leaves nothing of fall away later by their area."""
    flat = _projected(outlines)
    broken = ~shapely.is_valid(flat)  # by the snapping: a neck narrower than a step
    shapes = np.where(broken, shapely.buffer(flat, 0), flat) if broken.any() else flat
    whole = total(shapely.area(shapes)) if area_m2 is None else area_m2
    return Tract(shapes, tuple(names) or tuple(str(n + 1) for n in range(len(outlines))), whole, sigma_m)


def compare(mine: Tract, theirs: Tract) -> Shared:
    """What two claims share; pairs of parcels are told by an index, so that thousands beside thousands stay quick."""
    rows = shapely.STRtree(theirs.shapes).query(mine.shapes, predicate="intersects")
    return _shared(mine, theirs, rows) if rows.size else NOTHING


def compare_within(mine: Tract) -> Shared:
    """What the parcels of one claim share among themselves."""
    rows = shapely.STRtree(mine.shapes).query(mine.shapes, predicate="intersects")
    rows = rows[:, rows[0] < rows[1]]
    return _shared(mine, mine, rows) if rows.size else NOTHING


def boxes_of(parts: Sequence[tuple[Any, bytes]]) -> list[tuple[Any, float, float, float, float]]:
    """Id, west, east, south and north [m] of outlines given as id and WKB, for the index of candidates."""
    if not parts:
        return []
    shapes = _projected(shapely.from_wkb([wkb for _, wkb in parts]))
    return [(part, west, east, south, north) for (part, _), (west, south, east, north) in zip(parts, shapely.bounds(shapes).tolist(), strict=True)]


def united_m2(shapes: Sequence[BaseGeometry]) -> float:
    """The area [m2] that shapes cover together."""
    return float(shapely.union_all(list(shapes)).area) if shapes else 0.0


def _shared(mine: Tract, theirs: Tract, rows: NDArray[np.intp]) -> Shared:
    pieces = shapely.intersection(mine.shapes[rows[0]], theirs.shapes[rows[1]])
    narrow = shapely.area(pieces) <= overlap().overlay.precision_m * shapely.length(pieces)  # than two steps: left by snapping
    areas = np.where(narrow, 0.0, shapely.area(pieces))
    if not areas.any():
        return NOTHING
    area, project = total(areas), min(mine.area_m2, theirs.area_m2)
    share = max(_largest_share(mine.shapes, rows[0], areas), _largest_share(theirs.shapes, rows[1], areas))
    if broken := _broken(area, share, project):
        return Shared(area, None, broken, NOTHING.shape)
    parts = shapely.get_parts(pieces[areas > 0])
    whole = shapely.union_all(parts[shapely.get_dimensions(parts) == POLYGONS])
    thick = _opened(whole, overlap().tolerance_m(mine.sigma_m, theirs.sigma_m) / 2)
    pairs = rows[:, areas > 0]
    parcel = float(np.minimum(shapely.area(mine.shapes[pairs[0]]), shapely.area(theirs.shapes[pairs[1]])).min())
    return Shared(area, thick, ("thick_m2",) if thick >= min(overlap().limits.thick_m2, overlap().limits.thick_share * parcel) else (), whole)


def _opened(shape: BaseGeometry, half_width: float) -> float:
    """The area [m2] of what is wider than twice `half_width`."""
    if half_width == 0:
        return float(shape.area)
    core = shapely.buffer(shape, -half_width, join_style="mitre")
    grown = shapely.buffer(core, half_width, join_style="mitre")
    return float(shapely.intersection(grown, shape).area)


def _largest_share(shapes: Shapes, rows: NDArray[np.intp], areas: NDArray[np.float64]) -> float:
    """The largest share of any one parcel that lies in the overlap."""
    summed = np.bincount(rows, weights=areas, minlength=len(shapes))
    whole = shapely.area(shapes)
    return float(np.max(summed[whole > 0] / whole[whole > 0], initial=0.0))


def _broken(area: float, share: float, project: float) -> tuple[str, ...]:
    """The limits that the mere area passes: of the smaller project, of a pair, of any one parcel."""
    limits = overlap().limits
    tests = {"project_share": area >= limits.project_share * project, "pair_m2": area >= limits.pair_m2, "parcel_share": share >= limits.parcel_share}
    return tuple(name for name, passed in tests.items() if passed)


def _projected(outlines: Sequence[BaseGeometry] | Shapes) -> Shapes:
    carry = _transformer()
    edges = shapely.segmentize(np.array(outlines, dtype=object), overlap().overlay.segment_degrees)
    flat: Shapes = shapely.transform(edges, lambda xy: _snapped(np.column_stack(carry.transform(xy[:, 0], xy[:, 1]))))
    return flat


def _snapped(points: NDArray[np.float64]) -> NDArray[np.float64]:
    steps: NDArray[np.float64] = np.round(points / overlap().overlay.precision_m) * overlap().overlay.precision_m
    return steps


@cache
def _transformer() -> Transformer:
    return Transformer.from_crs("EPSG:4490", overlap().overlay.crs, always_xy=True)
