"""Stage 3: what the land is, how it changes, what is done on it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ClassifierTrial:
    """land/tuning.csv: a candidate's settings, and how it did on parcels it never saw."""

    candidate: int
    classifier: str
    trees: int
    depth: int
    minimum_leaf: int
    split_features: str
    criterion: str
    learning_rate: float
    balanced_accuracy: float
    chosen: bool


SPLITS = ("sample", "parcel", "pixel")  # of reference samples, the most telling first


@dataclass(frozen=True)
class Confusion:
    """land/confusion.csv: reference samples by map class and reference class."""

    year: int
    split: str  # pixel | parcel
    cluster: str  # the parcel a sample lies in; empty for the pixel split
    map_class: str
    reference_class: str
    count: int


@dataclass(frozen=True)
class ConsistencyChange:
    """land/consistency.csv: pixels that a rule of consistency gave another class."""

    year: int
    rule: str  # majority | hidden-markov | minimum-unit | allowed
    before: str  # class
    after: str
    pixels: int


@dataclass(frozen=True)
class PracticeEvidence:
    """land/practice.csv: what imagery says of a practice on a parcel, beside what the farm record says. It replaces nothing."""

    year: int
    parcel: str
    stratum: str
    practice: str  # water_regime | crops | winter_cover | residue | burning | planting | survival
    season: int  # of the year, from 1; 0 where it is of the whole year
    start: str  # first and last day that was looked at; empty where there is no such season
    end: str
    found: str  # empty: nothing can be said
    declared: str  # empty: the record says nothing of it
    verdict: str  # supports | contradicts | unclear | undeclared
    probability: float | None  # of what was found
    declared_probability: float | None  # of what is declared
    flooded_days: int | None
    drained_days: int | None  # after the first flooding, also those before harvest
    drainages: int | None  # the one for harvest not counted
    value: float | None  # of the index that decided
    observations: int
    dates: str  # first and last day of each drainage, "2020-06-27/2020-07-05 ..."; the day of a burning or planting
    radar: int = 0  # of the observations, those by radar


@dataclass(frozen=True)
class LandChange:
    """land/changes.csv: neighbouring pixels whose series broke at about the same time."""

    id: str  # "2021-08-17-001": the day, and a number in the order of rows and columns
    kind: str  # of library/change.toml: gain, fire, inundation, built-up, felling, loss
    date: str  # the median of its pixels
    earliest: str  # first day of the period last seen before, at the median pixel
    latest: str  # last day of the period first seen after
    first_date: str  # of its pixels
    last_date: str
    pixels: int
    area_ha: float  # geodesic
    longitude: float  # of a point within [degrees]
    latitude: float
    parcel: str  # that holds most of it; empty where none does
    parcel_ha: float  # of the change in that parcel
    layer: str  # that is measured
    magnitude: float  # its move, in the layer's unit
    dnbr: float | None  # NBR before less after; none where the composites hold no NBR
    severity: str  # of dNBR; empty where there is none
    recovered_share: float  # of its pixels that have come back
    recovery_days: int | None  # median of those that have
    class_before: str  # most of it on the map of the year before, else of the year; empty where not mapped
    class_after: str  # on the latest map


@dataclass(frozen=True)
class Alert:
    """land/alerts.csv: a change inside a red line."""

    id: str
    protection: str  # the red line's id
    change: str  # the change's id
    kind: str
    date: str
    earliest: str
    latest: str
    area_ha: float  # of the change within the red line, geodesic
    parcel: str
    longitude: float
    latitude: float
    period_before: str  # of the composite shown
    period_after: str
    chip_before: str  # path below land/
    chip_after: str
    colours: str  # layers shown as red, green, blue
