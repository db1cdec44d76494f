"""From a reported number down to what it stands on: postings, flows, worksheet rows, table rows, areas, samples, scenes.

explain(run, "2020")                    a vintage, whole
explain(run, "2020/issued")             one posting; what is settled, down to the worksheet, its measurements and their files
explain(run, "2020/project/.../...")    one worksheet row
explain(run, "ipcc-2019/rice.csv:12")   one number and everything that uses it
explain(run, "LS-001")                  a parcel, a point of a drawn sample, or any item of the lock by its id
explain(run, "paddy")                   a class of the map: its areas, by every estimator and between vintages
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from carbonsink.base import reckon
from carbonsink.base.evidence import read_json
from carbonsink.base.measurements import Measurements, read_measurements
from carbonsink.base.problems import Exit, refuse
from carbonsink.base.records import (
    Activity,
    BenchmarkYear,
    CensusStock,
    ClassArea,
    CompositePeriod,
    Confusion,
    EstimatorArea,
    ParcelShare,
    PlotChange,
    Posting,
    SampleLabel,
    SceneAsset,
    SoilChange,
    Spread,
    StockChange,
    Transition,
    Variable,
    VarianceShare,
    WorksheetRow,
)  # fmt: skip
from carbonsink.base.tables import read_csv, read_if_there

KINDS = {"removals": "removal", "baseline": "removal", "avoided": "avoided", "emissions": "emission"}  # of flows, by account
WORKED = (*KINDS, "uncertainty")  # accounts that stand on the worksheet and its intervals, not on other accounts


@dataclass(frozen=True)
class Node:
    """One line of the explanation, with what it stands on beneath it."""

    text: str
    under: tuple[Node, ...] = field(default=())

    def value(self) -> dict[str, Any]:
        """The same as JSON."""
        return {"text": self.text, "under": [node.value() for node in self.under]}

    def lines(self, depth: int = 0) -> Iterator[str]:
        """The same as indented lines."""
        yield "  " * depth + self.text
        for node in self.under:
            yield from node.lines(depth + 1)


@dataclass(frozen=True)
class Evidence:
    """The tables of a run that an explanation walks through."""

    postings: tuple[Posting, ...]
    changes: tuple[StockChange, ...]
    rows: tuple[WorksheetRow, ...]
    variables: dict[str, Variable]
    spreads: tuple[Spread, ...]
    shares: tuple[VarianceShare, ...]
    activity: tuple[Activity, ...]
    classes: tuple[ClassArea, ...]
    parcels: tuple[ParcelShare, ...]
    estimators: tuple[EstimatorArea, ...]
    transitions: tuple[Transition, ...]
    labels: tuple[SampleLabel, ...]
    samples: tuple[Confusion, ...]
    periods: tuple[CompositePeriod, ...]
    scenes: tuple[SceneAsset, ...]
    radar: tuple[SceneAsset, ...]
    measured: Measurements
    plot_changes: tuple[PlotChange, ...]
    declared: dict[str, str]  # each declared file's copy in the run and its SHA-256, by the name it was declared under


def explain(run: Path, what: str) -> Node:
    """The explanation of a vintage, posting, worksheet row, variable, parcel or item; a Refusal lists what can be asked."""
    evidence = read_evidence(run)
    vintage, _, account = what.partition("/")
    vintages = {str(p.vintage) for p in evidence.postings}
    if what in vintages:
        return Node(f"vintage {what}", tuple(_posting(evidence, p) for p in evidence.postings if str(p.vintage) == what))
    for posting in evidence.postings:
        if (str(posting.vintage), posting.account) == (vintage, account):
            return _behind(evidence, posting)
    for row in evidence.rows:
        if row.id == what:
            return _row(evidence, row)
    if what in evidence.variables:
        users = tuple(_row(evidence, row) for row in evidence.rows if what in reckon.variables_of(row))
        return Node(_number(evidence.variables[what]), users)
    parcels = tuple(Node(_parcel(p)) for p in evidence.parcels if p.parcel == what)
    scenes = tuple(Node(_scene(s)) for s in (*evidence.scenes, *evidence.radar) if s.item == what)
    points = tuple(Node(_point(s)) for s in evidence.labels if s.id == what)
    if found := parcels + points + tuple(_class(evidence, what)) + scenes:
        return Node(what, found)
    raise refuse("E-EXP-001", what, Exit.USAGE, vintages=", ".join(sorted(vintages)), example=evidence.rows[0].id if evidence.rows else "-")


def read_evidence(run: Path) -> Evidence:
    """Read the tables of a run."""
    if not (run / "manifest.json").is_file():
        raise refuse("E-EXP-002", str(run), Exit.USAGE)
    return Evidence(
        postings=read_csv(run / "credit/statement.csv", Posting),
        changes=read_csv(run / "carbon/stock_change.csv", StockChange),
        rows=read_csv(run / "carbon/worksheet.csv", WorksheetRow),
        variables={v.id: v for v in read_csv(run / "carbon/variables.csv", Variable)},
        spreads=read_csv(run / "uncertainty/uncertainty.csv", Spread),
        shares=read_csv(run / "uncertainty/shares.csv", VarianceShare),
        activity=read_csv(run / "areas/activity.csv", Activity),
        classes=read_csv(run / "areas/classes.csv", ClassArea),
        parcels=read_csv(run / "areas/parcels.csv", ParcelShare),
        estimators=read_if_there(run / "areas/estimators.csv", EstimatorArea),
        transitions=read_if_there(run / "areas/transitions.csv", Transition),
        labels=read_if_there(run / "areas/samples.csv", SampleLabel),
        samples=read_csv(run / "land/confusion.csv", Confusion),
        periods=read_csv(run / "composites/composites.csv", CompositePeriod),
        scenes=read_csv(run / "scenes/scenes.csv", SceneAsset),
        radar=read_if_there(run / "scenes/radar/scenes.csv", SceneAsset),
        measured=read_measurements(run),
        plot_changes=read_if_there(run / "areas/plot_changes.csv", PlotChange),
        declared=_declared(run),
    )


def _declared(run: Path) -> dict[str, str]:
    """Where the run keeps what was declared, and what it states of it; nothing of a folder that keeps nothing."""
    if not (run / "declared" / "files.json").is_file():
        return {}
    stated = read_json(run / "manifest.json").get("declared", {})
    copies = {text: f"declared/{name}" for text, name in read_json(run / "declared" / "files.json").items()}
    return {text: f"{path} sha256 {stated.get(path, '-')}" for text, path in copies.items()}


def _behind(evidence: Evidence, posting: Posting) -> Node:
    """A posting asked for by itself: what is settled stands on the other postings, each with what it stands on."""
    shallow = _posting(evidence, posting)
    if posting.account in WORKED:
        return shallow
    others = (p for p in evidence.postings if p.vintage == posting.vintage and p.account != posting.account)
    return Node(shallow.text, tuple(_posting(evidence, p) if p.account in WORKED else Node(_posted(p)) for p in others))


def _posting(evidence: Evidence, posting: Posting) -> Node:
    year = posting.vintage
    if posting.account == "uncertainty":
        under = tuple(Node(_spread(s)) for s in evidence.spreads if s.year == year)
        under += tuple(Node(_share(evidence, s)) for s in evidence.shares if s.year == year)
    elif posting.account in KINDS:
        under = tuple(_change(evidence, c) for c in evidence.changes if c.year == year and c.kind == KINDS[posting.account])
    else:
        under = tuple(Node(_posted(p)) for p in evidence.postings if p.vintage == year and p.account != posting.account)
    return Node(f"{year} {posting.account}: {posting.co2e_t} t CO2e  {posting.note}".rstrip(), under)


def _posted(posting: Posting) -> str:
    return f"{posting.account} {posting.co2e_t} t CO2e"


def _change(evidence: Evidence, change: StockChange) -> Node:
    rows = (r for r in evidence.rows if (r.year, r.scenario, r.flow) == (change.year, change.scenario, change.flow))
    return Node(f"{change.scenario} {change.flow} ({change.gas}, {change.kind}): {change.co2e_t} t CO2e", tuple(_row(evidence, r) for r in rows))


def _row(evidence: Evidence, row: WorksheetRow) -> Node:
    numbers = tuple(_input(evidence, row, one.argument, one.variable) for one in reckon.read_inputs(row.inputs))
    return Node(f"{row.id}: {row.result} {row.unit} = {row.formula}  [{row.cites}]", numbers)


def _input(evidence: Evidence, row: WorksheetRow, symbol: str, name: str) -> Node:
    variable = evidence.variables[name]
    under: Iterable[Node] = ()
    if name.startswith("area:"):
        under = _area(evidence, row)
    elif name.startswith("measured:"):
        under = (*_files(evidence, variable), *_measured(evidence.measured, row, variable.symbol), *_inventories(evidence, row, variable.symbol))
    return Node(f"{symbol}: {_number(variable)}", tuple(under))


def _files(evidence: Evidence, variable: Variable) -> Iterator[Node]:
    """The run's copies of the files a measured number's place names."""
    yield from (Node(copy) for text, copy in evidence.declared.items() if text in variable.place)


def _measured(found: Measurements, row: WorksheetRow, symbol: str) -> Iterator[Node]:
    """What a symbol was measured by, in the vintage and stratum of a row."""
    match symbol:
        case "soc_gain_measured":
            yield from (Node(_soil(c), tuple(_sites(found, c))) for c in found.soil_changes if c.stratum == row.stratum and c.before <= row.year <= c.after)
        case "tree_carbon_gain" | "tree_carbon_deduction":
            yield from (Node(_census(c)) for c in found.census)
        case "performance_benchmark":
            yield from (Node(_benchmark(b)) for b in found.benchmarks if b.year == row.year)
            yield from (Node(f"index of {b.year}: standardised difference {b.before} from all donors, {b.after} matched") for b in found.balance)
            yield from (Node(f"{m.plot}: control {m.control}, distance {m.distance}, weight {m.weight}") for m in found.matches)


def _inventories(evidence: Evidence, row: WorksheetRow, symbol: str) -> Iterator[Node]:
    """The inventories of plots a gain of trees is made of."""
    for c in evidence.plot_changes:
        if symbol == "tree_carbon_gain" and c.scenario == row.scenario and c.before < row.year <= c.after:
            yield Node(f"{c.before} to {c.after}, {c.plots} plots, {c.method}: {c.change_t_co2} t CO2 +- {c.uncertainty_percent} %, areas/plots.csv")


def _soil(c: SoilChange) -> str:
    return f"{c.before} to {c.after}, {c.kind}: {c.change_t_ha} t C/ha{_width(c.standard_error_t_ha, c.low_t_ha, c.high_t_ha)}"


def _sites(found: Measurements, change: SoilChange) -> Iterator[Node]:
    """The sites of a side in both campaigns."""
    for s in found.soil_sites:
        if (s.stratum, s.kind) == (change.stratum, change.kind) and s.site and s.campaign in (change.before, change.after):
            yield Node(f"{s.campaign} {s.site}: {s.stock_t_ha} t C/ha of {s.units} samples on {s.mass_t_ha} t/ha of soil ({s.found_mass_t_ha} found)")


def _census(c: CensusStock) -> str:
    counts = f"{c.day} {c.stratum or 'all strata'}: {c.living} of {c.sampled} sampled units live, {c.counted} counted"
    taken = "" if c.deduction_share is None else f", UNC {c.deduction_share:.2%}"
    return f"{counts}; {c.carbon_t} t C +- {c.half_width_t}{taken}"


def _benchmark(b: BenchmarkYear) -> str:
    slopes = f"project {b.project_slope} +- {b.project_error}, controls {b.control_slope} +- {b.control_error} a year"
    return f"{b.year}: {slopes}; Z {b.z}, benchmark {b.benchmark}"


def _share(evidence: Evidence, s: VarianceShare) -> str:
    source = evidence.variables[s.variable]
    ranked = "" if s.rank_correlation is None else f"; rank correlation {s.rank_correlation:.2f}"
    return f"{s.share:.1%} of the variance: {s.symbol}, {source.source}, {source.place} ({s.variable}){ranked}"


def _number(variable: Variable) -> str:
    spread = "" if variable.low is None else f" ({variable.low} to {variable.high})"
    return f"{variable.value}{spread} {variable.unit} [{variable.id}; {variable.source}, {variable.place}; {variable.status}]"


def _area(evidence: Evidence, row: WorksheetRow) -> Iterator[Node]:
    for activity in evidence.activity:
        if (activity.year, activity.scenario, activity.stratum) == (row.year, row.scenario, row.stratum):
            yield Node(f"{activity.area_ha} ha, standard error {activity.standard_error_ha} ha, by {activity.method}")
    parcels = [p for p in evidence.parcels if (p.year, p.stratum) == (row.year, row.stratum)]
    if parcels:
        yield Node(f"{sum(p.counted for p in parcels)} of {len(parcels)} parcels counted", tuple(Node(_parcel(p)) for p in parcels))
    for split in sorted({s.split for s in evidence.samples if s.year == row.year}):
        samples = [s for s in evidence.samples if (s.year, s.split) == (row.year, split)]
        right = sum(s.count for s in samples if s.map_class == s.reference_class)
        yield Node(f"{sum(s.count for s in samples)} reference samples by {split}, {right} agree with the map")
    yield from (Node(f"{p.period}: {p.acquisitions} acquisitions, {p.observed_share:.1%} of the area observed") for p in evidence.periods)
    yield Node(f"{len({s.item for s in evidence.scenes})} locked items in scenes/lock.json, {len(evidence.scenes)} chips in scenes/scenes.csv")


def _parcel(p: ParcelShare) -> str:
    state = "counted" if p.counted else f"not counted: {p.reason}"
    return f"{p.year} {p.parcel}: {p.area_ha} ha ({p.area_mu} mu), {p.share:.1%} shows {p.land_class}, {state}"


def _class(evidence: Evidence, name: str) -> Iterator[Node]:
    """A class's areas as adjusted, by every estimator, and what became of it or came to it."""
    for c in evidence.classes:
        if c.land_class == name:
            used = ", used" if c.used else ""
            yield Node(f"{c.year} by {c.split}{used}: {c.mapped_ha} ha mapped, {c.adjusted_ha} ha{_width(c.standard_error_ha, c.low_ha, c.high_ha)}")
    for e in evidence.estimators:
        if e.land_class == name:
            yield Node(f"{e.year} {e.estimator} of {e.split}: {e.area_ha} ha{_width(e.standard_error_ha, e.low_ha, e.high_ha)}")
    for t in evidence.transitions:
        if name in (t.from_class, t.to_class):
            adjusted = "" if t.adjusted_ha is None else f", {t.adjusted_ha} ha{_width(t.standard_error_ha, t.low_ha, t.high_ha)} by {t.samples} points"
            yield Node(f"{t.before} {t.from_class} to {t.after} {t.to_class}: {t.mapped_ha} ha mapped{adjusted}")


def _width(error: float | None, low: float | None, high: float | None) -> str:
    return "" if error is None else f" +- {error} ({low} to {high} at 95 %)"


def _point(s: SampleLabel) -> str:
    seen = f"{s.first} and {s.second}" if s.second is not None else s.first
    settled = f", arbitrated as {s.arbitrated}" if s.arbitrated is not None else ""
    return f"{s.year} {s.id} at {s.lon} {s.lat}: map {s.map_class}, seen as {seen}{settled}; label {s.label}"


def _scene(s: SceneAsset) -> str:
    return f"{s.datetime} {s.band}: {s.href} sha256 {s.sha256}; chip {s.chip}; offset {s.offset} by {s.offset_rule}"


def _spread(s: Spread) -> str:
    return f"{s.quantity}, approach {s.approach}: {s.low_t} to {s.high_t} t CO2e at {s.level_percent:g} % (+-{s.half_width_percent} %)"
