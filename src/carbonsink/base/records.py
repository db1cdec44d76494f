"""The rows that pass from one stage's file to the next. Units stand in the names."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class SceneAsset:
    """scenes/scenes.csv: one asset of one locked item, as fetched and clipped to its chip."""

    item: str
    datetime: str  # UTC, ISO 8601, to the second
    platform: str
    tile: str
    band: str  # the sensor's common name: red, nir, ..., scl
    href: str  # unsigned; relative to the catalogue's root where that is ours
    size: int  # bytes taken of the asset
    sha256: str  # of the whole asset; in window mode over the list of (offset, length, SHA-256) of what was taken of it
    chip: str  # path below scenes/
    chip_sha256: str  # pixel digest of the chip
    scale: float  # reflectance = DN * scale + offset
    offset: float
    offset_rule: str  # which line of the item decided
    mode: str = "whole"  # whole | window: only the header and the tiles that the chip touches


@dataclass(frozen=True)
class PixelBudget:
    """scenes/pixel_budget.csv: pixels = valid + masked + outside + nodata, nothing unread (rule R5)."""

    item: str
    band: str
    pixels: int
    valid: int
    masked: int
    masked_by_class: str  # "3:120 8:44": mask class and pixels
    outside: int
    nodata: int
    read_failed: int


@dataclass(frozen=True)
class CompositePeriod:
    """composites/composites.csv: one period's composite."""

    period: str  # 2020-05, 2020, or a window's name with its year
    start: str
    end: str  # last day
    file: str
    acquisitions: int  # days with an acquisition, tiles of one day taken as one
    observed_share: float  # share of the area's pixels with enough clear observations
    median_count: int  # median number of clear observations a pixel


@dataclass(frozen=True)
class CompositeMean:
    """composites/means.csv: the area-weighted mean of a layer over a parcel, of pixels that were seen."""

    period: str
    parcel: str  # empty: the boundary, where the land has no parcels
    layer: str
    mean: float | None  # reflectance, index, observations or share; none where nothing was seen
    seen_px: float  # pixels' worth of the parcel that the mean is of
    covered_px: float  # of the parcel


@dataclass(frozen=True)
class FeatureYear:
    """composites/features.csv: the file of a year's features."""

    year: int
    file: str


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
class ClassArea:
    """areas/classes.csv: one class's area, mapped and adjusted, with its accuracy."""

    year: int
    split: str  # pixel | parcel | none
    used: bool
    land_class: str
    mapped_ha: float
    adjusted_ha: float
    standard_error_ha: float | None
    users_accuracy: float | None
    users_standard_error: float | None
    producers_accuracy: float | None
    producers_standard_error: float | None
    overall_accuracy: float | None
    overall_standard_error: float | None
    samples: int


@dataclass(frozen=True)
class ParcelShare:
    """areas/parcels.csv: a surveyed parcel's geodesic area, and what the map shows on it."""

    year: int
    parcel: str
    stratum: str
    area_ha: float
    area_mu: float
    declared_mu: float | None
    land_class: str  # the class the stratum asks for
    share: float  # of the parcel's monitored pixels that show it
    monitored_share: float
    counted: bool


@dataclass(frozen=True)
class Activity:
    """areas/activity.csv: hectares of a stratum in a year under a scenario."""

    year: int
    scenario: str  # baseline | project
    stratum: str
    area_ha: float
    standard_error_ha: float  # 0 for surveyed parcels
    method: str  # parcels | error_adjusted | pixel_count


@dataclass(frozen=True)
class Variable:
    """carbon/variables.csv: one number of the reckoning, whoever uses it: a table row, a declared value, an area."""

    id: str  # "ipcc-2019/rice.csv:12", "area:single-rice:2020", "declared:straw_rate:project"
    symbol: str
    value: float
    unit: str
    low: float | None  # bounds of the 95 % interval
    high: float | None
    distribution: str  # normal | lognormal | triangular | uniform | exact
    source: str
    place: str
    status: str  # confirmed | transcribed | recalled | declared | measured


@dataclass(frozen=True)
class WorksheetRow:
    """carbon/worksheet.csv: one equation, worked once, with everything it used."""

    id: str  # "2020/project/single-rice/rice_methane"
    year: int
    scenario: str
    stratum: str
    flow: str
    pool: str
    gas: str  # CO2 | CH4 | N2O
    kind: str  # removal | avoided | emission
    equation: str
    cites: str
    formula: str
    inputs: str  # "symbol=value@variable" joined by " ; "
    result: float
    unit: str
    to_co2e: float
    to_co2e_variable: str
    co2e_t: float  # in the direction of the gas flow: a removal counts as removal, an emission as emission


@dataclass(frozen=True)
class StockChange:
    """carbon/stock_change.csv: t CO2e of a flow, summed over strata."""

    year: int
    scenario: str
    flow: str
    pool: str
    gas: str
    kind: str
    co2e_t: float


@dataclass(frozen=True)
class Spread:
    """uncertainty/uncertainty.csv: the interval of one quantity of one year."""

    year: int
    quantity: str  # gross | net
    approach: int  # 1 error propagation, 2 Monte Carlo
    level_percent: float
    mean_t: float
    low_t: float
    high_t: float
    half_width_percent: float


@dataclass(frozen=True)
class VarianceShare:
    """uncertainty/shares.csv: how much of the variance of a year's net comes from one variable."""

    year: int
    variable: str
    symbol: str
    share: float


@dataclass(frozen=True)
class Posting:
    """credit/statement.csv: one posting of a vintage; a vintage's postings sum to zero."""

    vintage: int
    account: str
    co2e_t: Decimal
    note: str
