"""An area: what its people declare in area.toml, and its land as checked geometry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field
from shapely.geometry.base import BaseGeometry

from carbonsink.base.problems import Problem
from carbonsink.declared.change import Protection
from carbonsink.declared.checkpoint import LedgerFile
from carbonsink.declared.correlation import Correlation
from carbonsink.declared.covermap import CoverMap
from carbonsink.declared.crediting import Answer, Crediting, Money
from carbonsink.declared.earlier import EarlierFile
from carbonsink.declared.measured.declarations import Census, SoilSamples, Stocking
from carbonsink.declared.models import Model
from carbonsink.declared.period import Period
from carbonsink.declared.place import Place
from carbonsink.declared.plots import ChangeSample, Plots
from carbonsink.declared.sampling import Samples
from carbonsink.declared.schema import Declared, Sourced, Words
from carbonsink.declared.simulation import Simulation
from carbonsink.declared.submitter import Submitter
from carbonsink.declared.zones import Kind, ZoneSource


class DeclaredArea(Declared):
    """The area people state, to be held against the geometry."""

    value: float = Field(gt=0)
    unit: Literal["mu", "ha"]


class LandFile(Declared):
    """The boundary or parcels file; layer, encoding and CRS only where the file doesn't say."""

    file: str
    layer: str | None = None
    encoding: str | None = None
    crs: str | None = None
    parcel_id: str | None = None  # the column of parcel ids; without it the file is a boundary
    parcel_area_mu: str | None = None  # the column of declared parcel areas
    stratum: str | None = None  # the column that names each parcel's stratum; without it the only stratum
    declared_area: DeclaredArea | None = None


class CatalogueSource(Declared):
    """`simulated`, an https STAC API, or a folder with a static catalogue; none means the sensor's default API."""

    catalogue: str | None = None
    dialect: str | None = None  # of the sensor; its first where it isn't said


class ImagerySource(CatalogueSource):
    """Where scenes come from, and where radar does, if elsewhere; `radar = false` does without it."""

    radar: CatalogueSource | Literal[False] | None = None

    @property
    def of_radar(self) -> ImagerySource | None:
        """Where radar scenes come from: as said, else from the same folder or simulation. None does without.

        An API serves the sensor it is named for, and those that serve radar want an account, so nobody is sent to one unasked.
        """
        shared = None if self.catalogue and "://" in self.catalogue else self.catalogue
        if self.radar is False or (self.radar is None and shared is None):
            return None
        said = self.radar or CatalogueSource()
        return ImagerySource(catalogue=said.catalogue or shared, dialect=said.dialect)


class Stratum(Declared):
    """Land treated alike: the cover class whose area it takes, and the keys of its factor look-ups."""

    cover: str
    name: Words
    keys: dict[str, str] = {}  # climate, soil, region, ... the same in both scenarios
    baseline: dict[str, str] = {}  # practice keys of each scenario
    project: dict[str, str] = {}
    reasons: dict[str, str] = {}  # why a key was chosen, by key


class Value(Sourced):
    """A number the project declares itself: a symbol of the vocabulary with its source."""

    symbol: str
    value: float
    unit: str
    low: float | None = None
    high: float | None = None
    distribution: Literal["normal", "lognormal", "triangular", "pert", "uniform", "empirical", "exact"] = "exact"
    least: float | None = None  # bounds beyond which nothing is drawn
    most: float | None = None
    quantiles: str | None = None  # the table of an empirical distribution
    points: tuple[tuple[float, float], ...] = ()  # read from it: probability, value
    scenario: Literal["baseline", "project", "both"] = "both"
    stratum: str | None = None  # every stratum where it isn't said
    year: int | None = None  # every vintage where it isn't said


class Reference(Sourced):
    """A reference raster for training and accuracy: values of the file to classes of the pipeline."""

    file: str
    clusters: str | None = None  # raster whose patches of one value are the parcels
    legend: dict[str, str]
    year: int


class Published(Sourced):
    """A published figure to hold the result against."""

    quantity: Literal["gross"]
    value: float
    unit: str


class AreaFile(Declared):
    """aoi/<area>/area.toml"""

    id: str = Field(pattern="^[a-z0-9][a-z0-9-]{2,39}$")
    name: Words
    country: str = Field(pattern="^[A-Z]{2}$")
    pipeline: str
    period: Period
    land: LandFile
    imagery: ImagerySource = ImagerySource()
    zones: dict[Kind, ZoneSource] = {}  # how the strata's climate, soil and ecological zone are found, where they don't say them
    strata: dict[str, Stratum] = Field(min_length=1)
    value: list[Value] = []
    value_files: list[str] = []  # CSV files with more values, one a row under the same names
    correlation: list[Correlation] = []
    reference: Reference | None = None
    published: Published | None = None
    samples: list[Samples] = []
    plots: list[Plots] = []
    changes: list[ChangeSample] = []
    model: list[Model] = []
    soil_samples: SoilSamples | None = None
    census: Census | None = None
    stocking: Stocking | None = None
    cover_map: CoverMap | None = None
    simulation: Simulation | None = None
    protection: list[Protection] = []
    confirmation: str | None = None  # the file of a signed confirmation of the methodology's clauses
    place: Place | None = None
    submitter: Submitter | None = None
    ledger: LedgerFile | None = None
    crediting: Crediting | None = None
    checklist: list[Answer] = []
    money: Money | None = None
    justification: str | None = None  # the file of a signed reason for a credit above the plausible
    earlier: EarlierFile | None = Field(default=None, exclude_if=lambda said: said is None)  # unsaid where there is none, so that first runs keep their names


@dataclass(frozen=True)
class Parcel:
    """One surveyed parcel: geometry in EPSG:4326 lon/lat order, geodesic area on GRS80 [m2]."""

    id: str
    stratum: str
    geometry: BaseGeometry
    area_m2: float
    declared_mu: float | None


@dataclass(frozen=True)
class Land:
    """The land of an area, checked: geometry in EPSG:4326 lon/lat order."""

    boundary: BaseGeometry
    parcels: tuple[Parcel, ...]  # empty where the file is a boundary
    source_crs: str
    encoding: str | None
    area_m2: float  # geodesic, GRS80
    digest: str  # of the geometry in canonical form (WKB at 1e-9 degree) and the parcel attributes
    notices: tuple[Problem, ...] = ()  # what was taken differently than it stood: encoding, heights, Web Mercator
