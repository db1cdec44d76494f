"""Every row of every factor table: unit, range, source, status, no ties, and the values that the documents print."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations, product
from typing import Any

import pytest

from carbonsink.base.bounds import beyond
from carbonsink.base.topics import LIBRARY, read_topics
from carbonsink.base.units import symbols
from carbonsink.declared.factors import SPREADS, STATUSES, Factor, Factors, editions, inherits, library_folder, read_factors, table_folders

COMBINED = [(edition, folder) for edition in editions() for folder in ((), *((name,) for name in table_folders()))]
EDITIONS = [pytest.param(read_factors(edition, folder), id="+".join((edition, *folder))) for edition, folder in COMBINED]
ROWS = {row.variable.id: row for edition, folder in COMBINED for row in read_factors(edition, folder).rows}

# Keys of cropland, of grassland and of forest don't stand in one stratum at once. Where they do, rows tie and the run is refused.
CROPLAND, GRASSLAND = {"land_use", "tillage", "input"}, {"grazing"}


def impossible(keys: Mapping[str, str]) -> bool:
    """Whether a stratum would be two lands at once."""
    names, category = keys.keys(), keys.get("category")
    grazed = "grazing" in names and (bool(names & {"land_use", "tillage"}) or ("input" in names and keys["grazing"] != "improved"))
    return grazed or (category == "forest_land" and bool(names & (CROPLAND | GRASSLAND))) or (category == "grassland" and bool(names & {"land_use", "tillage"}))


def test_every_row_has_symbol_source_place_status_and_bounds() -> None:
    sources = read_topics(LIBRARY / "sources")
    for name, row in ROWS.items():
        known = row.variable
        assert known.symbol in symbols() and known.source in sources and known.place.strip(), name
        assert known.status in STATUSES and (known.status != "confirmed" or known.source == "definition"), name
        assert (known.low is None) == (known.distribution == "exact"), name
        assert not list(beyond(known.symbol, [("value", known.value), ("low", known.low), ("high", known.high)])), name
        if known.low is not None and known.high is not None:
            assert known.low <= known.value <= known.high, name


def test_a_row_without_a_range_says_why() -> None:
    for name, row in ROWS.items():
        known = row.variable
        plain = row.folder == "constants" or known.value == 0 or known.symbol == "transition_time"
        assert known.distribution != "exact" or plain or row.note, name


def test_no_normal_reaches_zero() -> None:
    for known in (row.variable for row in ROWS.values() if row.variable.distribution == "normal"):
        assert known.low is not None and known.high is not None
        assert known.value - 3 * (known.high - known.low) / 2 / SPREADS > 0, known.id


@pytest.mark.parametrize(("words", "share"), [("nominal +-90 %", 1.9), ("nominal +-75 %", 1.75)])
def test_nominal_errors_are_what_the_note_says(words: str, share: float) -> None:
    rows = [row for row in ROWS.values() if words in row.note]
    assert rows
    for row in rows:
        assert row.variable.high == pytest.approx(share * row.variable.value), row.variable.id


def test_gap_filled_and_shifted_cells_are_marked() -> None:
    filled = [row for row in ROWS.values() if row.note.startswith("gap-filled:")]
    assert len(filled) > 200 and {row.variable.status for row in filled} == {"recalled"}
    shifted = [row.variable for row in ROWS.values() if row.note.startswith("shifted:")]
    assert {known.value for known in shifted} == {3.6, 4.4} and {known.symbol for known in shifted} == {"growth"}


def test_a_ratio_above_one_is_for_steppe_or_asks_to_be_confirmed() -> None:
    for row in ROWS.values():
        if row.variable.symbol == "root_shoot" and row.variable.value > 1:
            assert row.keys.get("vegetation") == ("steppe",) or "confirm before use" in row.note, row.variable.id


def ties(tables: Factors) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Two rows with the same right for some possible stratum, and the stratum's keys."""
    for symbol in tables.symbols():
        by_keys: dict[tuple[Any, ...], list[Factor]] = defaultdict(list)
        for row in tables.select(symbol):
            layer = row.folder if row.folder in tables.preferred else ""
            by_keys[layer, len(row.keys), tuple(sorted(row.keys))].append(row)
        for (_, _, names), rows in by_keys.items():
            yield from alike(names, rows)
        for (one, these), (other, those) in combinations(by_keys.items(), 2):
            if one[:2] == other[:2]:
                yield from (found for a, b in product(these, those) for found in undecided(tables, a, b))


def alike(names: tuple[str, ...], rows: list[Factor]) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Rows that ask for the same keys and hold for the same words."""
    seen: dict[tuple[str, ...], str] = {}
    for row in rows:
        for words in product(*(row.keys[name] for name in names)):
            if words in seen:
                yield seen[words], row.variable.id, dict(zip(names, words, strict=True))
            seen[words] = row.variable.id


def undecided(tables: Factors, one: Factor, other: Factor) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Strata that fit two rows of different keys, with no more specific row to decide between them."""
    both = {name: [w for w in one.keys.get(name, other.keys.get(name, ())) if w in other.keys.get(name, (w,))] for name in {**one.keys, **other.keys}}
    for words in product(*both.values()):
        keys = dict(zip(both, words, strict=True))
        best = tables.fitting(one.variable.symbol, keys)
        if len(best[0].keys) == len(one.keys) and best[0].folder == best[1].folder and not impossible(keys):
            yield one.variable.id, other.variable.id, keys


@pytest.mark.parametrize("tables", EDITIONS)
def test_no_keys_lead_to_a_tie(tables: Factors) -> None:
    assert next(ties(tables), None) is None


def test_land_that_is_two_things_at_once_is_refused_and_not_guessed() -> None:
    keys = {"category": "forest_land", "climate": "tropical_moist", "land_use": "long_term_cultivated"}
    with pytest.raises(Exception, match="E-FAC-002"):
        read_factors("ipcc-2019").find("f_land_use", keys)


def test_what_an_edition_takes_over_is_there_and_has_a_reason() -> None:
    taken = inherits(library_folder() / "ipcc-2019")
    assert len(taken) >= 10 and inherits(library_folder() / "ipcc-2006") == {}
    for table, reason in taken.items():
        assert (library_folder() / table).is_file() and len(reason) > 20, table


W, T = "warm_temperate_moist", "tropical_moist"
ASIA = {"continent": "asia", "ecozone": "subtropical_humid"}
DRY = {"continent": "asia", "ecozone": "tropical_dry", "leaf": "mixed", "species": "other", "origin": "natural", "agb_class": "lt75"}
PRINTED: list[tuple[str, str, str, dict[str, str], float]] = [
    ("2006", "", "soc_ref", {"climate": W, "soil": "lac"}, 63.0),
    ("2019", "", "soc_ref", {"climate": W, "soil": "lac"}, 55.0),
    ("2019", "", "soc_ref", {"climate": "polar_moist", "soil": "sandy"}, 27.0),
    ("2006", "", "f_land_use", {"climate": T, "land_use": "long_term_cultivated"}, 0.48),
    ("2019", "", "f_land_use", {"climate": T, "land_use": "long_term_cultivated"}, 0.83),
    ("2019", "", "f_land_use", {"climate": W, "land_use": "perennial_tree_crop"}, 0.72),
    ("2019", "", "f_management", {"climate": W, "land_use": "paddy_rice", "tillage": "reduced"}, 1.0),
    ("2019", "", "f_input", {"climate": W, "land_use": "paddy_rice", "input": "low"}, 1.0),
    ("2006", "", "f_management", {"climate": T, "grazing": "moderately_degraded"}, 0.97),
    ("2019", "", "f_management", {"climate": T, "grazing": "high_intensity_grazing"}, 0.90),
    ("2019", "", "f_management", {"climate": W, "grazing": "improved"}, 1.14),
    ("2019", "", "f_input", {"climate": W, "grazing": "improved", "input": "high"}, 1.11),
    ("2019", "", "f_land_use", {"climate": W, "category": "forest_land"}, 1.0),
    ("2019", "", "carbon_fraction", {}, 0.47),
    ("2019", "", "carbon_fraction_litter", {}, 0.37),
    ("2006", "", "root_shoot", {"ecozone": "temperate_oceanic", "leaf": "needleleaf", "agb_class": "50_150"}, 0.29),
    ("2006", "", "root_shoot", {"ecozone": "tropical_rainforest"}, 0.37),
    ("2019", "", "root_shoot", {**ASIA, "leaf": "needleleaf", "species": "other", "origin": "planted", "agb_class": "gt125"}, 0.246),
    (
        "2019",
        "",
        "root_shoot",
        DRY,
        0.386,
    ),
    ("2019", "", "bcef_stock", {"ecozone": "temperate_mountain", "forest_type": "pines", "growing_stock": "41_100"}, 0.75),
    ("2019", "", "bcef_removal", {"ecozone": "temperate_mountain", "forest_type": "pines", "growing_stock": "21_40"}, 1.11),
    ("2006", "", "bcef_increment", {"ecozone": "subtropical_humid", "forest_type": "conifers", "growing_stock": "gt80"}, 0.54),
    ("2019", "", "growth", {**ASIA, "origin": "natural", "age": "le20y"}, 2.5),
    ("2019", "", "growth", {"continent": "asia", "ecozone": "temperate_mountain", "origin": "natural", "age": "gt20y"}, 4.4),
    ("2019", "", "growth", {"continent": "asia", "ecozone": "subtropical_dry", "origin": "planted", "forest_type": "cunninghamia", "age": "le20y"}, 7.0),
    ("2019", "", "agb_stock", {**ASIA, "origin": "planted", "forest_type": "broadleaf", "age": "gt20y"}, 180.0),
    ("2006", "", "agb_stock", {"continent": "asia_continental", "ecozone": "subtropical_humid", "origin": "natural"}, 180.0),
    ("2006", "", "growth", {"continent": "asia_continental", "ecozone": "subtropical_humid", "origin": "natural", "age": "gt20y"}, 2.0),
    ("2006", "", "perennial_growth", {"climate": W}, 2.1),
    ("2006", "", "perennial_stock", {"climate": "tropical_wet"}, 50.0),
    ("2019", "", "annual_crop_stock", {}, 4.7),
    ("2006", "", "annual_crop_stock", {}, 5.0),
    ("2019", "", "grass_biomass", {"climate": W}, 13.5),
    ("2019", "", "litter_stock", {"climate": W, "leaf": "needleleaf"}, 22.0),
    ("2019", "", "litter_stock", {"climate": W, "leaf": "needleleaf", "ecozone": "subtropical_humid"}, 4.1),
    ("2019", "", "ef_fire_ch4", {"fuel": "temperate_forest"}, 4.7),
    ("2019", "", "ef_fire_n2o", {"fuel": "rice_residue"}, 0.07),
    ("2019", "", "combustion_factor", {"fuel": "temperate_forest", "fire": "felled_and_burned"}, 0.51),
    ("2019", "", "ef1", {"moisture": "wet", "nitrogen": "synthetic"}, 0.016),
    ("2019", "", "frac_gasm", {}, 0.21),
    ("2019", "", "ef_lime", {"lime": "dolomite"}, 0.13),
    ("2019", "", "ef_urea", {}, 0.20),
    ("2019", "", "soil_c_per_n", {"land_change": "converted"}, 15.0),
    ("2019", "", "residue_intercept", {"crop": "rice"}, 2.46),
    ("2019", "", "manure_nitrogen", {"manure": "swine"}, 0.041),
    ("2019", "", "ef_rice", {"region": "east_asia"}, 1.32),
    ("2019", "ar-tools", "dead_wood_ratio", {"climate": W}, 0.08),
    ("2019", "ar-tools", "litter_ratio", {"climate": T, "elevation": "lt2000", "rainfall": "lt1000"}, 0.04),
    ("2006", "ar-tools", "combustion_factor", {"climate": T, "stand_age": "6_10y", "fuel": "secondary_tropical_forest"}, 0.67),
    ("2006", "ar-tools", "soil_gain_limit", {}, 0.8),
    ("2019", "china", "wood_density", {"species": "杉木"}, 0.307),
    ("2019", "china", "root_shoot", {"species": "马尾松"}, 0.187),
    ("2019", "china", "ef1", {"province_zone": "zone_v", "moisture": "wet", "nitrogen": "synthetic"}, 0.0178),
    ("2019", "china", "ef_rice_season", {"region": "east_china", "season": "single"}, 215.5),
    ("2019", "mangrove", "root_shoot", {"ecozone": "mangrove_subtropical"}, 0.96),
    ("2019", "mangrove", "carbon_fraction", {"ecozone": "mangrove_tropical_wet"}, 0.451),
    ("2019", "mangrove", "soil_accretion", {"ecozone": "mangrove_subtropical"}, 1.62),
    ("2019", "vm0042", "ef_fuel", {"engine_fuel": "diesel"}, 2.886),
    ("2019", "", "gwp_ch4", {"gwp": "ar5"}, 28.0),
]


@pytest.mark.parametrize(("edition", "folder", "symbol", "keys", "value"), PRINTED)
def test_values_are_what_the_documents_print(edition: str, folder: str, symbol: str, keys: dict[str, str], value: float) -> None:
    assert read_factors(f"ipcc-{edition}", (folder,) if folder else ()).find(symbol, keys).value == value


@pytest.mark.parametrize("crop", ["tea", "rubber", "oil_palm"])
def test_rows_that_must_not_be_used_are_not_there(crop: str) -> None:
    assert not [name for name, row in ROWS.items() if crop in row.keys.get("crop", ())]
