"""The library walked from end to end: every number has a source and a place, every name leads somewhere."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from carbonsink.base.bounds import BOUNDS, beyond, bounds_of
from carbonsink.base.formula import names_in
from carbonsink.base.topics import LIBRARY, read_topics
from carbonsink.base.units import same, symbols
from carbonsink.carbon.book import equations
from carbonsink.carbon.equation import symbol_of
from carbonsink.carbon.resolve import HELD
from carbonsink.declared.allometry import read_plot_settings, read_species, read_tree_equations
from carbonsink.declared.factors import Factors, editions, read_factors, table_folders
from carbonsink.declared.methodology import methodology_names, read_methodology, tables_of, words_of
from carbonsink.declared.parameters import model_names, read_parameters
from carbonsink.declared.plausibility import read_limits
from carbonsink.declared.zones import read_zones

EDITIONS = [pytest.param(read_factors(edition), id=edition) for edition in editions()]
ROWS = [row.variable for edition in editions() for folder in ((), *((name,) for name in table_folders())) for row in read_factors(edition, folder).rows]
METHODOLOGIES = [pytest.param(read_methodology(name), id=name) for name in methodology_names()]
DECLARATIONS = [
    *sorted(LIBRARY.glob("methodologies/*.toml")),
    *sorted(LIBRARY.glob("sensors/*.toml")),
    LIBRARY / "indices.toml",
    LIBRARY / "features.toml",
    LIBRARY / "change.toml",
    LIBRARY / "simulation.toml",
    LIBRARY / "zones.toml",
    LIBRARY / "measured" / "settings.toml",
]
SOURCES: dict[str, dict[str, str]] = read_topics(LIBRARY / "sources")


@pytest.mark.parametrize("tables", EDITIONS)
def test_reference_levels_are_exact(tables: Factors) -> None:
    for symbol, keys in (("f_management", {"tillage": "full"}), ("f_input", {"input": "medium"})):
        found = tables.find(symbol, keys)
        assert (found.value, found.distribution) == (1.0, "exact")


def test_every_source_says_what_it_is_and_is_used() -> None:
    rows = {known.source for known in ROWS} | {zones.source for zones in read_zones().values()}
    rules = {d.source for name in methodology_names() for d in (*read_methodology(name).deduction, *read_methodology(name).applicability)}
    for name, entry in SOURCES.items():
        assert set(entry) == {"citation", "edition", "read_in"} and all(entry.values()), name
    plots = {read_plot_settings().level.source} | {row.source for row in (*read_species().values(), *read_tree_equations().values())}
    models = {row.source for name in model_names() for row in read_parameters(name).rows.values()}
    credits = {limit.source for limit in read_limits()} | {m.crediting.source for m in map(read_methodology, methodology_names()) if m.crediting}
    assert rows | rules | plots | models | credits <= set(SOURCES)
    cited = {one.cites.partition(" ")[0] for one in equations().values()}
    assert set(SOURCES) - rows - rules - plots - models - credits - cited <= {"ipcc-2006-v4", "ipcc-2019-v4"}, "a source nobody cites"


def test_every_symbol_is_asked_for_or_given_somewhere() -> None:
    rows = {known.symbol for known in ROWS}
    asked = {symbol_of(argument) for one in equations().values() for argument in one.arguments} | {one.returns.name for one in equations().values()}
    clauses = {word for name in methodology_names() for clause in read_methodology(name).applicability for word in names_in(clause.requires)}
    rates = {rule.declared for name in methodology_names() for rule in read_methodology(name).deduction if rule.declared}
    rates |= {rule.kept for name in methodology_names() for rule in read_methodology(name).deduction if rule.kept}
    assert set(symbols()) - {HELD} == (rows | asked | clauses | rates) & set(symbols())


@pytest.mark.parametrize("methodology", METHODOLOGIES)
def test_a_methodology_s_names_lead_to_equations_symbols_and_sources(methodology: Any) -> None:
    tables = tables_of(methodology)
    for flow in methodology.flow:
        made, conversion = equations()[flow.equation], symbols()[flow.to_co2e]
        assert same(f"{made.returns.unit} {conversion.unit}", "t_CO2e yr^-1"), flow.id
        assert tables.find(flow.to_co2e, {"gwp": methodology.gwp}).value >= 1
    for rule in methodology.deduction:
        scheduled = bool(rule.bands) or None not in (rule.free_percent, rule.share)
        assert (scheduled and rule.interval is not None) if rule.rule == "uncertainty" else rule.rate is not None, rule.rule
    assert {rule.source for rule in methodology.deduction} | {clause.source for clause in methodology.applicability} <= set(SOURCES)


@pytest.mark.parametrize("methodology", METHODOLOGIES)
def test_a_clause_asks_only_for_facts_an_area_can_state(methodology: Any) -> None:
    facts = {key for row in tables_of(methodology).rows for key in row.keys} | set(methodology.asks) | set(symbols())
    stated = {f"{scenario}_{fact}" for scenario in ("baseline", "project") for fact in facts} | facts | {"first_year", "last_year"}
    conditions = [text for one in (*methodology.applicability, *methodology.flow) for text in (getattr(one, "requires", None), one.when) if text]
    for text in conditions:
        assert set(names_in(text)) <= stated | words_of(methodology), text


def numbers_without_source(table: Any, sourced: bool, where: str) -> Iterator[str]:
    """Every float below a table that neither it nor any table around it gives a source and a place for."""
    match table:
        case dict():
            sourced = sourced or {"source", "place"} <= table.keys()
            for key, value in table.items():
                yield from numbers_without_source(value, sourced, f"{where}.{key}")
        case list():
            for place, value in enumerate(table):
                yield from numbers_without_source(value, sourced, f"{where}[{place}]")
        case float() if not sourced:
            yield where


@pytest.mark.parametrize("path", DECLARATIONS, ids=lambda path: path.name)
def test_every_number_of_a_declaration_has_a_source_and_a_place(path: Path) -> None:
    bare = numbers_without_source(tomllib.loads(path.read_text(encoding="utf-8")), False, path.stem)
    assert list(bare) == []


def test_every_bound_is_of_a_symbol_once_with_its_source_and_of_no_change() -> None:
    kinds = tomllib.loads((LIBRARY / BOUNDS).read_text(encoding="utf-8"))
    named = [symbol for kind in kinds.values() for symbol in kind["symbols"]]
    assert len(named) == len(set(named)) and set(named) <= {name for name, symbol in symbols().items() if not symbol.signed and not symbol.of}
    assert all(kind["source"] in SOURCES and kind["place"] for kind in kinds.values())


def test_what_has_the_name_of_a_share_is_bounded_by_one() -> None:
    shares = {name for name in symbols() if name.endswith(("_share", "_cover", "_lignin")) or "fraction" in name or name.startswith("frac_")}
    assert {name for name in shares if bounds_of(name).most != 1} == {"bark_fraction"}, "bark to wood under bark: no part of it"


@pytest.mark.parametrize("symbol", ["nitrogen_rate", "ef_rice", "ef1_organic", "burnt_share", "vintage", "unknown"])
def test_no_number_is_below_zero_unless_it_is_marked(symbol: str) -> None:
    assert list(beyond(symbol, [("value", -1e-9), ("low", 0.0), ("high", None)])) == [("value", -1e-9)]


@pytest.mark.parametrize("symbol", ["tree_carbon_gain", "soc_gain_modelled", "dead_wood_change", "root_shoot_constant"])
def test_changes_and_constants_of_curves_may_be_below_zero(symbol: str) -> None:
    assert list(beyond(symbol, [("value", -1e9), ("high", 1e9)])) == []
