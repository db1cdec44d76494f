"""A methodology as data: its flows, their equations, and the ordered deductions of crediting. Names are the wiring."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import Field

from carbonsink.base.evidence import file_sha256
from carbonsink.base.formula import FormulaError, evaluate, names_in
from carbonsink.base.problems import Problem, Refusal, refuse
from carbonsink.base.topics import LIBRARY
from carbonsink.declared.area import AreaFile, Stratum
from carbonsink.declared.crediting import Answer
from carbonsink.declared.factors import Factors, read_factors
from carbonsink.declared.schema import Declared, Sourced, Words, read_toml

FALL_GRAIN = 1e-9  # percent: below, a fall is the dust of its own decimal


class Flow(Declared):
    """One flow of one pool or gas, worked by one equation in both scenarios."""

    id: str
    pool: str
    gas: Literal["CO2", "CH4", "N2O"]
    kind: Literal["removal", "avoided", "emission"]
    # removal: project stock change less the baseline's; avoided: baseline emission less the project's;
    # emission: project emission less the baseline's, never credited where it falls (counted only as a rise)
    equation: str  # module.function of the equation book
    to_co2e: str  # symbol of the conversion: co2_per_c, gwp_ch4, gwp_n2o
    name: Words
    when: str | None = None  # formula text over a stratum's facts: the flow is worked where it holds; everywhere where it isn't said
    scope: Literal["stratum", "area"] = "stratum"  # area: worked once, of numbers that were measured for all strata together
    scenario: Literal["both", "project", "baseline"] = "both"
    # project: of numbers that are over the baseline already, such as a change less the control's; baseline: of what only it has


class Band(Declared):
    """A step of a schedule of deductions: what is taken where the half-width exceeds a bound, until the next band's."""

    over: float = Field(ge=0)  # half-width [%]
    share_of_u: float | None = Field(default=None, ge=0, le=1)  # share of the half-width that is taken
    rate: float | None = Field(default=None, ge=0, le=1)  # or a fixed share of the base


class Interval(NamedTuple):
    """Which interval of uncertainty.csv a deduction reads its half-width from."""

    quantity: str  # gross | net
    approach: int
    level_percent: float


class Deduction(Sourced):
    """One step of crediting, in the document's order."""

    rule: Literal["leakage", "uncertainty", "buffer"]
    of: Literal["net", "removals", "avoided", "gross"]  # gross: removals and avoided emissions before emissions come off
    rate: float | None = Field(default=None, ge=0, le=1)
    declared: str | None = None  # symbol the area declares its own rate by, which stands where it is higher
    kept: str | None = None  # leakage: symbol of the share of production that is kept, which every stratum declares; what it falls by is the rate
    free_percent: float | None = Field(default=None, ge=0, le=100)  # uncertainty: half-width free of deduction; leakage: fall without leakage
    share: float | None = Field(default=None, ge=0, le=1)  # uncertainty: share of the excess that is deducted
    level_percent: float | None = Field(default=None, gt=0, lt=100)  # uncertainty: the interval's level
    one_sided_percent: float | None = Field(default=None, gt=50, lt=100)  # or: the probability whose quantile times the standard error is deducted
    bands: list[Band] = []  # uncertainty: a schedule, rising, in place of what is free and the share of the excess
    stop_percent: float | None = Field(default=None, gt=0)  # uncertainty: half-width above which nothing is credited
    status: Literal["confirmed", "transcribed", "recalled", "proposed"]

    @property
    def interval(self) -> Interval | None:
        """The interval an uncertainty deduction reads: Monte Carlo's at its level, or the standard error's, which is propagated without draws."""
        quantity = "gross" if self.of == "gross" else "net"
        if self.one_sided_percent is not None:
            return Interval(quantity, 1, round(2 * self.one_sided_percent - 100, 9))
        return Interval(quantity, 2, self.level_percent) if self.level_percent is not None else None


class Applicability(Sourced):
    """One clause: what must hold, as formula text over the area's facts, and its words."""

    clause: str
    requires: str
    name: Words
    when: str | None = None  # the strata it is asked of; all where it isn't said


class Clause(Sourced):
    """One clause that must be read in the printed document before anything is issued."""

    clause: str
    name: Words


class Question(Sourced):
    """One question of additionality or applicability that an area answers with evidence."""

    id: str = Field(pattern="^[a-z0-9][a-z0-9-]{1,39}$")
    kind: Literal["additionality", "applicability"]
    name: Words


class CreditingLimits(Sourced):
    """How long a crediting period may be [years]."""

    least_years: int = Field(ge=1)
    most_years: int = Field(ge=1)
    status: Literal["confirmed", "transcribed", "recalled", "proposed"]


class Methodology(Declared):
    """library/methodologies/<id>.toml"""

    id: str
    version: str
    document: str
    edition: Literal["ipcc-2006", "ipcc-2019"]
    gwp: Literal["ar4", "ar5", "ar6"]
    status: Literal["confirmed", "transcribed", "recalled", "proposed"]
    issuable: bool
    area_methods: list[str]  # how areas may be known for issuance
    # practice: both scenarios are worked; zero: the baseline is none by the document's rule; none: an inventory, which has no baseline
    baseline: Literal["practice", "zero", "none"] = "practice"
    tables: list[str] = []  # folders of factor tables that the document brings along, searched before the edition's
    asks: dict[str, list[str]] = {}  # keys that its conditions ask of a stratum beside those of the tables, and the words each may have
    words: list[str] = []  # values of keys that its conditions ask about and no table knows
    derive: dict[str, str] = {}  # symbol -> equation it is worked by, where it is neither declared nor measured
    name: Words
    note: Words
    flow: list[Flow] = Field(min_length=1)
    deduction: list[Deduction]
    applicability: list[Applicability] = []
    confirm: list[Clause] = []  # what was recalled, or read in part, and must be confirmed
    checklist: list[Question] = []  # what an area answers with evidence before anything is issued
    crediting: CreditingLimits | None = None

    @property
    def unconfirmed(self) -> bool:
        """Whether nothing of it may be issued before somebody has confirmed its clauses: its text was recalled, or is a proposal."""
        return self.status in ("recalled", "proposed")


def rated(methodology: Methodology, area: AreaFile) -> Methodology:
    """The methodology with the rates that an area declares for itself, none of them below the document's."""

    def own(rule: Deduction) -> Deduction:
        declared = [value.value for value in area.value if value.symbol == rule.declared]
        rate = max(rule.rate or 0.0, *declared, _fall(rule, area), 0.0)
        return rule.model_copy(update={"rate": rate}) if rule.declared or rule.kept else rule

    return methodology.model_copy(update={"deduction": [own(rule) for rule in methodology.deduction]})


def _fall(rule: Deduction, area: AreaFile) -> float:
    """The largest fall of production that a stratum declares in any year, all of it where it is more than goes free; none where nothing is declared."""
    falls = [1.0 - value.value for value in area.value if value.symbol == rule.kept]
    worst = max(falls, default=0.0)
    return min(1.0, round(worst, 9)) if worst * 100 > (rule.free_percent or 0.0) + FALL_GRAIN else 0.0


def leakage_problems(methodology: Methodology, area: AreaFile) -> list[Problem]:
    """Strata that don't say how much of their production is kept, where leakage hangs on it: it is asked for and never taken for none."""
    found = []
    for symbol in dict.fromkeys(rule.kept for rule in methodology.deduction if rule.kept):
        told = {value.stratum for value in area.value if value.symbol == symbol}
        if silent := [name for name in area.strata if not told & {None, name}]:
            found.append(Problem("E-MET-006", "area.toml [[value]]", {"symbol": symbol, "strata": ", ".join(silent), "methodology": methodology.id}))
    return found


def open_questions(asked: Sequence[Question], answers: Sequence[Answer]) -> list[Question]:
    """The questions of a checklist that nobody has answered with yes."""
    met = {one.question for one in answers if one.answer == "yes"}
    return [one for one in asked if one.id not in met]


def methodology_names() -> list[str]:
    """The methodologies of the library."""
    return sorted(path.name.removesuffix(".toml") for path in _folder().iterdir() if path.suffix == ".toml")


def read_methodology(name: str) -> Methodology:
    """A methodology of the library, by its id."""
    return read_toml(_folder() / f"{name}.toml", Methodology)


def methodology_sha256(name: str) -> str:
    """The SHA-256 of a methodology's file, which a confirmation is signed for."""
    return file_sha256(_folder() / f"{name}.toml")


def check_applicability(methodology: Methodology, area: AreaFile) -> list[Problem]:
    """Every clause that a stratum doesn't meet, or that can't be judged for want of a fact.

    Facts are the stratum's keys (`soil`), its practices (`baseline_tillage`, `project_tillage`), declared values by symbol,
    `first_year` and `last_year` of the vintages, and the transition time of the tables; any word of a table stands for itself.
    """
    tables, words = tables_of(methodology), words_of(methodology)
    found: list[Problem] = []
    for name, stratum in area.strata.items():
        facts, where = _facts(area, name, stratum, tables), f"area.toml [strata.{name}]"
        found += _strange_words(methodology, stratum, where)
        for clause in methodology.applicability:
            try:
                problem = _judge(clause, facts, words, where) if _holds(clause.when, facts, words, f"{where} {clause.clause}") else None
            except Refusal as refusal:
                problem = refusal.problems[0]
            found += [problem] if problem else []
    return found


def flows_of(methodology: Methodology, area: AreaFile, name: str) -> list[Flow]:
    """The flows that are worked in a stratum; a Refusal names a flow whose condition asks for a fact that the stratum doesn't state."""
    tables = tables_of(methodology)
    facts, words = _facts(area, name, area.strata[name], tables), words_of(methodology)
    return [f for f in methodology.flow if f.scope == "stratum" and _holds(f.when, facts, words, f"area.toml [strata.{name}] {f.id}")]


def area_flows(methodology: Methodology, area: AreaFile) -> list[Flow]:
    """The flows of the whole area whose condition holds; a Refusal as of `flows_of`, and where strata answer it differently.

    What was measured for all strata together can't be worked for some of them.
    """
    tables, words = tables_of(methodology), words_of(methodology)
    facts = {f"area.toml [strata.{name}]": _facts(area, name, stratum, tables) for name, stratum in area.strata.items()}
    found = []
    for flow in (flow for flow in methodology.flow if flow.scope == "area"):
        holds = {where: _holds(flow.when, known, words, f"{where} {flow.id}") for where, known in facts.items()}
        if len(set(holds.values())) > 1:
            raise refuse("E-MET-005", f"area.toml {flow.id}", requires=flow.when, met=_where(holds, True), unmet=_where(holds, False))
        found += [flow] if all(holds.values()) else []
    return found


def _where(holds: dict[str, bool], answer: bool) -> str:
    return ", ".join(where.removeprefix("area.toml ") for where, held in holds.items() if held is answer)


def tables_of(methodology: Methodology) -> Factors:
    """The factor tables a methodology reads: its own before its edition's."""
    return read_factors(methodology.edition, tuple(methodology.tables))


def words_of(methodology: Methodology) -> set[str]:
    """Every word that a condition may compare a fact with."""
    return {*tables_of(methodology).key_words, *methodology.words, *(word for words in methodology.asks.values() for word in words)}


def _strange_words(methodology: Methodology, stratum: Stratum, where: str) -> list[Problem]:
    """Words that a key the methodology asks for can't have: a condition would take them for "no"."""
    stated = [(key, word) for part in (stratum.keys, stratum.baseline, stratum.project) for key, word in part.items()]
    strange = [(key, word) for key, word in stated if word not in methodology.asks.get(key, [word])]
    return [Problem("E-MET-004", where, {"key": key, "found": word, "known": ", ".join(methodology.asks[key])}) for key, word in strange]


def _holds(condition: str | None, facts: dict[str, Any], words: set[str], where: str) -> bool:
    if condition is None:
        return True
    try:
        return bool(evaluate(condition, {word: word for word in words} | facts))
    except FormulaError:
        missing = [name for name in names_in(condition) if name not in facts and name not in words]
        raise refuse("E-MET-003", where, requires=condition, missing=", ".join(missing)) from None


def _judge(clause: Applicability, facts: dict[str, Any], words: set[str], where: str) -> Problem | None:
    told: dict[str, object] = {"clause": clause.clause, "name": clause.name, "requires": clause.requires}
    try:
        holds = evaluate(clause.requires, {word: word for word in words} | facts)
    except FormulaError:
        missing = [name for name in names_in(clause.requires) if name not in facts and name not in words]
        return Problem("E-MET-002", where, told | {"missing": ", ".join(missing)})
    found = ", ".join(f"{name}={facts[name]}" for name in names_in(clause.requires) if name in facts)
    return None if holds else Problem("E-MET-001", where, told | {"found": found})


def _facts(area: AreaFile, name: str, stratum: Stratum, tables: Factors) -> dict[str, Any]:
    years = {"first_year": area.period.start.year, "last_year": area.period.end.year}
    practice = {f"{scenario}_{key}": word for scenario in ("baseline", "project") for key, word in getattr(stratum, scenario).items()}
    # A key may stand among the practices of both scenarios or among what both share: either way a clause finds it.
    shared = {f"{scenario}_{key}": word for scenario in ("baseline", "project") for key, word in stratum.keys.items()}
    values = {("" if v.scenario == "both" else f"{v.scenario}_") + v.symbol: v.value for v in area.value if v.stratum in (None, name)}
    defaults = {row.variable.symbol: row.variable.value for row in tables.select("transition_time")}
    return defaults | shared | stratum.keys | practice | years | values


def _folder() -> Path:
    return LIBRARY / "methodologies"
