"""Practice evidence: what a pipeline asks for, and the library's thresholds.

    [practice]
    evidence = ["water_regime", "crops"]
    contradiction = "show"      # or "withhold": a contradicted water regime bars the issue of its vintage
    radar = "sentinel-1-rtc"    # a second sensor, whose series of VH joins that of [composites]

Each kind of evidence reads some layers of the series of acquisitions, which [composites] series must name, or radar brings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Literal, Protocol

from pydantic import Field

from carbonsink.base.problems import Problem
from carbonsink.base.records import PracticeEvidence
from carbonsink.base.topics import LIBRARY
from carbonsink.declared.area import LandFile
from carbonsink.declared.schema import Declared, Sourced, read_toml

Kind = Literal["water_regime", "crops", "winter_cover", "residue", "burning", "planting"]
LAYERS: dict[str, tuple[tuple[str, ...], ...]] = {  # by kind: any one of these sets of layers is enough
    "water_regime": (("ndvi", "lswi"), ("ndvi", "vh")),
    "crops": (("ndvi",),),
    "winter_cover": (("ndvi",),),
    "residue": (("ndvi", "ndti"),),
    "burning": (("ndvi", "nbr"),),
    "planting": (("ndvi",),),
}
RADAR_LAYERS = ("vh",)  # of a radar beside optical imagery


class Practice(Declared):
    """Which evidence is gathered, what a contradiction of the farm record does, and the radar whose series is read too."""

    evidence: list[Kind] = Field(min_length=1)
    contradiction: Literal["show", "withhold"] = "show"
    radar: str | None = None


class Observation(Sourced):
    """How much of a parcel must be seen."""

    least_share: float
    least_pixels: float


class Crops(Sourced):
    """What a crop is: turns and edges of NDVI, and the gap in which one could hide."""

    turn_percent: int
    start_percent: int
    end_percent: int
    least_amplitude: float
    longest_gap_days: int


class Anchor(Declared):
    """A kind of ground in NDVI and LSWI."""

    ndvi: float
    lswi: float


class Optical(Sourced):
    """Wet and dry ground in NDVI and LSWI, the canopy's own, scatter."""

    wet: Anchor
    dry: Anchor
    canopy_reach: float
    canopy_noise: float
    ripening_reach: float
    spread: float
    noise_days: int
    least_noise: float


class Radar(Sourced):
    """Wet and dry ground and closed canopy in VH [power], scatter, and how near NDVI must be known."""

    wet: float
    dry: float
    canopy: float
    canopy_reach: float
    noise: float
    spread: float
    longest_gap_days: int


class WaterSeason(Sourced):
    """Stretches of a paddy's season [days], mean lengths of its spells, the most drainages told apart."""

    before_days: int
    establish_days: int
    ripening_days: int
    dry_before: float
    flooded: float
    flooded_again: float
    flooded_phases: int
    drained: float
    drained_phases: int
    ripening: float
    most_drainages: int
    least_observations: int
    longest_gap_days: int


class Regimes(Sourced):
    """The regimes by their least and most drainages; upland is never flooded."""

    upland: list[int]
    continuously_flooded: list[int]
    single_drainage: list[int]
    multiple_drainage: list[int]

    @property
    def by_name(self) -> dict[str, tuple[int, int] | None]:
        """Least and most drainages by regime, None for what is never flooded."""
        counts = self.model_dump(exclude={"source", "place"})
        return {name: (found[0], found[1]) if found else None for name, found in counts.items()}


class Water(Declared):
    """Everything about water."""

    optical: Optical
    radar: Radar
    season: WaterSeason
    regimes: Regimes
    wider: dict[str, list[str]]


class Verdict(Sourced):
    """Probabilities that decide."""

    found_at: float
    found_by_radar_at: float
    supports_at: float
    contradicts_at: float


class Winter(Sourced):
    """NDVI of winters under plants and bare."""

    months_north: list[int]
    months_south: list[int]
    covered: float
    bare: float
    least_observations: int


class Residue(Sourced):
    """NDTI under straw and of bare soil."""

    days: list[int]
    green: float
    retained: float
    bare: float
    least_observations: int


class Burning(Sourced):
    """How far NBR falls under a field's own bare level."""

    days: list[int]
    green: float
    percentile: int
    drop: float
    char: float
    least_observations: int


class Planting(Sourced):
    """Yearly levels of NDVI of new forest."""

    bare: float
    rise: float
    loss: float
    percentile: int
    least_observations: int


class Record(Declared):
    """What a key of the farm record means for one practice: what would be found, by the key's value."""

    key: str
    practice: str
    found: dict[str, list[str]]


class Practices(Declared):
    """library/practice.toml"""

    observation: Observation
    crops: Crops
    water: Water
    verdict: Verdict
    winter: Winter
    residue: Residue
    burning: Burning
    planting: Planting
    record: list[Record]


@cache
def read_practices() -> Practices:
    """The library's thresholds."""
    return read_toml(LIBRARY / "practice.toml", Practices)


class HasSeries(Protocol):
    """What of [composites] matters here."""

    @property
    def series(self) -> list[str]:
        """Layers with means of every acquisition."""


def unfit(practice: Practice | None, composites: HasSeries | None, land: LandFile | None, where: str) -> Iterator[Problem]:
    """Evidence asked for twice, without its layers in the series, or on land without parcels; `where` is the pipeline's file name."""
    if practice is None:
        return
    series = list(composites.series) if composites else [layer for sets in LAYERS.values() for layers in sets for layer in layers]
    series += [layer for layer in RADAR_LAYERS if practice.radar and layer not in series]
    place = f"{where} [practice.evidence]"
    yield from (Problem("E-PRA-003", place, {"found": kind, "count": n}) for kind, n in Counter(practice.evidence).items() if n > 1)
    for kind in dict.fromkeys(practice.evidence):
        if not any(set(layers) <= set(series) for layers in LAYERS[kind]):
            wanted = " | ".join(", ".join(layers) for layers in LAYERS[kind])
            yield Problem("E-PRA-001", place, {"kind": kind, "wanted": wanted, "found": ", ".join(series) or "-"})
    if land and not land.parcel_id:
        yield Problem("E-PRA-002", "area.toml [land.parcel_id]", {"pipeline": where})


def barred_by_practice(practice: Practice | None, rows: Iterable[PracticeEvidence]) -> tuple[str, ...]:
    """Why nothing may be issued, as codes practice:<kind>: only where the pipeline declares that a contradiction withholds."""
    if practice is None or practice.contradiction == "show":
        return ()
    return tuple(f"practice:{kind}" for kind in sorted({row.practice for row in rows if row.verdict == "contradicts"}))
