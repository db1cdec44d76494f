"""Changes as rows of changes.csv: their day, area, parcel, kind, and what came back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely
from numpy.typing import NDArray

from carbonsink.base.geometry import geodesic_area_m2, hectares, multipolygon
from carbonsink.base.records import LandChange
from carbonsink.base.tables import quantise
from carbonsink.declared.change import Change, read_change
from carbonsink.declared.plan import Plan
from carbonsink.land.change import kernel
from carbonsink.land.change.kinds import kind_of, means, severity_of
from carbonsink.land.change.maps import Maps
from carbonsink.land.change.objects import Patch
from carbonsink.land.change.search import EPOCH, Axis

AREA_PLACES = 6  # of hectares and of degrees
SHARE_PLACES = 4


@dataclass(frozen=True)
class Describer:
    """What a change is told by: the plan's parcels, the time axis, the maps."""

    plan: Plan
    axis: Axis
    change: Change
    maps: Maps

    def described(self, patches: Sequence[Patch], days: Sequence[NDArray[np.int64]]) -> list[tuple[LandChange, Patch]]:
        """Every change as a row with its outline, by day; numbered within a day in the order given."""
        order = sorted(range(len(patches)), key=lambda n: _median(days[n]))
        count: Counter[int] = Counter()
        rows = []
        for n in order:
            day = _median(days[n])
            count[day] += 1
            rows.append((self.row(patches[n], days[n], f"{_iso(day)}-{count[day]:03d}"), patches[n]))
        return rows

    def row(self, patch: Patch, days: NDArray[np.int64], name: str) -> LandChange:
        """One change as a row; `days` are those of its pixels' breaks."""
        library, values = read_change(), means(patch.events, self.axis.layers)
        day, middle = _median(days), int(np.argsort(days, kind="stable")[(days.size - 1) // 2])
        before, after = self.maps.before(patch, date.fromisoformat(_iso(day)).year), self.maps.after(patch)
        facts = {"days_after": float(self.axis.days[-1] - day)}
        facts |= {"forest": before.categories.get("forest land", 0.0)} if before.majority else {}
        facts |= {"settlement": after.categories.get("settlements", 0.0)} if after.majority else {}
        dnbr = -values["nbr_change"] if "nbr_change" in values else None
        parcel, parcel_m2 = self._parcel(patch)
        point = patch.outline.representative_point()
        back = patch.events.back
        recovered = self.axis.days[back[back != kernel.NONE]] - days[back != kernel.NONE]
        return LandChange(
            id=name,
            kind=kind_of({**values, **facts}, library),
            date=_iso(day),
            earliest=self.axis.periods[int(patch.events.last[middle])].start,
            latest=self.axis.periods[int(patch.events.first[middle])].end,
            first_date=_iso(int(days.min())),
            last_date=_iso(int(days.max())),
            pixels=days.size,
            area_ha=quantise(hectares(patch.area_m2), AREA_PLACES),
            longitude=quantise(point.x, AREA_PLACES),
            latitude=quantise(point.y, AREA_PLACES),
            parcel=parcel,
            parcel_ha=quantise(hectares(parcel_m2), AREA_PLACES),
            layer=self.change.layer,
            magnitude=values["magnitude"],
            dnbr=dnbr,
            severity="" if dnbr is None else severity_of(dnbr, library),
            recovered_share=quantise(recovered.size / days.size, SHARE_PLACES),
            recovery_days=_median(recovered) if recovered.size else None,
            class_before=before.majority,
            class_after=after.majority,
        )

    def _parcel(self, patch: Patch) -> tuple[str, float]:
        """The parcel that holds most of a change, the first by id where two hold as much, and how much [m2]."""
        parcels = self.plan.land.parcels
        near = [parcels[n] for n in sorted(shapely.STRtree([p.geometry for p in parcels]).query(patch.outline).tolist())] if parcels else []
        held = [(geodesic_area_m2(multipolygon([patch.outline.intersection(p.geometry)])), p.id) for p in near]
        area, name = max(held, key=lambda pair: pair[0], default=(0.0, ""))
        return (name, area) if area > 0 else ("", 0.0)


def _median(days: NDArray[np.int64]) -> int:
    """The lower median."""
    return int(np.sort(days)[(days.size - 1) // 2])


def _iso(day: int) -> str:
    return date.fromordinal(day + EPOCH).isoformat()
