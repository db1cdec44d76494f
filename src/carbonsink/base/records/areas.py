"""Stage 4: hectares, and how well they are known."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ClassArea:
    """areas/classes.csv: one class's area, mapped and adjusted, with its accuracy."""

    year: int
    split: str  # sample | pixel | parcel | none
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
    low_ha: float | None = None  # of the 95 % interval of the adjusted area
    high_ha: float | None = None
    cautious_error_ha: float | None = None  # standard error that doesn't trust a share of none among independent samples


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
    whole_px: int = 0  # pixels that lie wholly inside
    edge_share: float = 0.0  # of the parcel that lies in pixels its border cuts
    pixels: str = "weighted"  # which pixels were read: weighted by what is inside of them, or whole
    reason: str = ""  # why it isn't counted: too-small | not-monitored | condition


@dataclass(frozen=True)
class SampleLabel:
    """areas/samples.csv: a point of a declared sample, what each interpreter saw there, and its label in the end; "?" where nobody could tell."""

    year: int
    id: str
    lon: float  # EPSG:4326
    lat: float
    map_class: str
    inclusion: float  # probability with which it was drawn
    first: str
    second: str | None  # none with one interpreter
    arbitrated: str | None  # where the two differ
    label: str
    certain: bool  # whether no interpreter was in doubt


@dataclass(frozen=True)
class Agreement:
    """areas/agreement.csv: how far the two interpreters of a sample agree."""

    year: int
    first: str
    second: str | None
    arbiter: str | None
    points: int
    agreed: int | None
    kappa: float | None
    kappa_standard_error: float | None
    arbitrated: int
    unclear: int  # left out in the end


@dataclass(frozen=True)
class EstimatorArea:
    """areas/estimators.csv: one class's area by one estimator, all of them from the same samples."""

    year: int
    split: str  # sample | pixel | parcel
    estimator: str  # stratified | regression | ratio-to-map | ratio-to-size
    land_class: str
    area_ha: float
    standard_error_ha: float
    low_ha: float  # of the 95 % interval
    high_ha: float
    degrees: int | None  # of Student's t; none: the normal quantile
    used: bool


@dataclass(frozen=True)
class Transition:
    """areas/transitions.csv: land that was one class and is another, by the maps and, where points say so, adjusted."""

    before: int  # year
    after: int
    from_class: str
    to_class: str
    mapped_ha: float
    adjusted_ha: float | None
    standard_error_ha: float | None
    low_ha: float | None  # of the 95 % interval
    high_ha: float | None
    samples: int


@dataclass(frozen=True)
class PlotEstimate:
    """areas/plots.csv: the mean biomass of an inventory by one estimator, the stock it makes, its uncertainty and discount."""

    year: int
    scenario: str
    stratum: str  # empty: all strata together
    estimator: str  # stratified | two-phase | regression
    plots: int  # measured in full
    area_ha: float
    mean_t_ha: float  # dry matter, above and below the ground
    standard_error_t_ha: float
    degrees: int
    uncertainty_percent: float  # half-width at the tool's level over the mean
    stock_t_co2: float
    stock_error_t_co2: float  # with the area's own error
    discount_share: float
    discounted_t_co2: float


@dataclass(frozen=True)
class PlotChange:
    """areas/plot_changes.csv: what a stock changed between two inventories."""

    before: int
    after: int
    scenario: str
    method: str  # remeasured | independent
    plots: int
    change_t_co2: float
    a_year_t_co2: float
    uncertainty_percent: float
    discount_share: float
    discounted_t_co2: float


@dataclass(frozen=True)
class Activity:
    """areas/activity.csv: hectares of a stratum in a year under a scenario."""

    year: int
    scenario: str  # baseline | project
    stratum: str
    area_ha: float
    standard_error_ha: float  # 0 for surveyed parcels
    method: str  # parcels | error_adjusted | adjusted_before_rules | pixel_count


@dataclass(frozen=True)
class Measured:
    """areas/measured.csv, carbon/modelled.csv: a number that was measured or modelled, which equations ask for by its symbol."""

    year: int
    scenario: str  # baseline | project | both
    stratum: str  # empty: the whole area
    symbol: str
    value: float
    unit: str
    low: float | None  # bounds of the 95 % interval
    high: float | None
    distribution: str
    place: str  # how it was measured: files, dates, plots
    shared: str = ""  # the changes between two inventories it is a part of, with their weights: one draw for every vintage of a change


@dataclass(frozen=True)
class SoilStock:
    """areas/soil_sites.csv: organic carbon of a site's soil in a campaign, on the one mass of soil its stratum is compared on."""

    stratum: str
    campaign: int  # calendar year
    kind: str  # project | control
    site: str  # empty: all sites of the kind together
    units: int  # samples; of several control sites together, sites
    found_mass_t_ha: float  # fine soil above the reported depth, as found
    mass_t_ha: float  # that every stock of the stratum is reckoned on
    stock_t_ha: float  # t C/ha
    standard_error_t_ha: float | None  # none with one unit


@dataclass(frozen=True)
class SoilChange:
    """areas/soil_changes.csv: what a stratum's stock changed between two campaigns, on either side, and the difference of the two."""

    stratum: str
    before: int  # campaign
    after: int
    kind: str  # project | control | net
    change_t_ha: float  # t C/ha
    standard_error_t_ha: float
    degrees: float  # of Student's t
    low_t_ha: float  # of the 95 % interval
    high_t_ha: float


@dataclass(frozen=True)
class CensusStock:
    """areas/census.csv: the planting units of a stratum on a census day, and the carbon of the living."""

    day: str
    stratum: str  # empty: all strata together
    counted: int
    sampled: int
    living: int  # of the sampled
    mortality: float | None  # share; none for all strata together, which are no one sample
    mean_kg: float | None  # above-ground dry matter of a living unit
    standard_error_kg: float | None
    carbon_t: float  # t C, above and below the ground
    half_width_t: float  # at the methodology's level
    deduction_share: float | None  # UNC, which is asked of all strata together


@dataclass(frozen=True)
class MatchedControl:
    """areas/matches.csv: a donor matched to a plot of the project."""

    plot: str
    control: str
    distance: float  # Mahalanobis
    weight: float  # 1 in all for each plot


@dataclass(frozen=True)
class Balance:
    """areas/balance.csv: how far the project's plots stand from the donor pool, and from their matched controls, in a year of history."""

    year: int  # whose stocking index is compared
    before: float | None  # standardised difference of means; none where nothing spreads and the means differ
    after: float
    most: float  # that is allowed after matching


@dataclass(frozen=True)
class BenchmarkYear:
    """areas/benchmarks.csv: growth of the stocking index since the start, of the project and of its controls, and what follows."""

    year: int
    sets: int  # whole ones, over all years from the start
    project_slope: float  # index a year
    project_error: float
    control_slope: float
    control_error: float
    z: float | None  # none where neither slope has an error
    benchmark: float
