"""Factor tables: rows of CSV with source, place and range; the most specific row that fits a stratum's keys wins.

    tables = read_factors("ipcc-2019", ("ar-tools",))
    tables.find("sf_water", {"water_regime": "multiple_drainage", ...})    the row, as a variable
    tables.fitting("sf_water", {...})                                     every row that fits, the chosen one first
    tables.select("sf_water", {})                                         every row of the symbol, with its keys

An empty key fits anything; `a|b` fits either. A tie is an error that names both rows. An edition may take over tables of
another (`edition.toml`); folders of tables that a methodology names are searched before the edition.
"""

from __future__ import annotations

import csv
import io
import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from pathlib import Path

from carbonsink.base.bounds import beyond, bounds_of
from carbonsink.base.pairs import read_pairs
from carbonsink.base.problems import Problem, Refusal, Wrong, refuse
from carbonsink.base.records import Variable
from carbonsink.base.topics import LIBRARY, read_topics
from carbonsink.base.units import same, symbols
from carbonsink.declared.schema import read_text

LEADING = ("symbol", "value", "unit", "low", "high", "distribution")
CLOSING = ("source", "place", "status", "note")
DISTRIBUTIONS = ("normal", "lognormal", "triangular", "pert", "uniform", "empirical", "exact")
STATUSES = ("confirmed", "transcribed", "recalled")
CONSTANTS = "constants"  # the folder every edition shares: conversions and warming potentials
EDITION = "edition.toml"  # what makes a folder an edition; it lists the tables taken over from another one
SPREADS = 2.0  # standard deviations in the half-width of a 95 % interval, the Guidelines' convention (2006, Volume 1, Chapter 3)


@dataclass(frozen=True)
class Factor:
    """One row of a table: the variable it gives, the keys it asks for, its note."""

    variable: Variable
    keys: Mapping[str, tuple[str, ...]]
    note: str

    def fits(self, keys: Mapping[str, str]) -> bool:
        """Whether a stratum's keys have what the row asks for."""
        return all(keys.get(key) in allowed for key, allowed in self.keys.items())

    def words(self) -> str:
        """The row's keys as text."""
        return ", ".join(f"{key}={'|'.join(allowed)}" for key, allowed in self.keys.items()) or "any"

    @property
    def folder(self) -> str:
        """The folder its table stands in: an edition, a tool, a country."""
        return self.variable.id.partition("/")[0]


@dataclass(frozen=True)
class Factors:
    """The tables of one edition, with those it took over and the constants; `preferred` are folders searched before them."""

    edition: str
    rows: tuple[Factor, ...]
    preferred: tuple[str, ...] = ()

    def find(self, symbol: str, keys: Mapping[str, str], where: str = "") -> Variable:
        """The most specific row of a symbol for a stratum's keys; a Refusal where there is none, or a tie."""
        symbol, keys = _rows_of(symbol, keys)
        best = self.fitting(symbol, keys)
        if not best:
            raise refuse("E-FAC-001", where or symbol, symbol=symbol, keys=_text(keys), edition=self.edition, nearest=self._nearest(symbol, keys))
        if len(best) > 1 and self._rank(best[0]) == self._rank(best[1]):
            raise refuse("E-FAC-002", where or symbol, symbol=symbol, one=best[0].variable.id, other=best[1].variable.id, keys=_text(keys))
        return best[0].variable

    def fitting(self, symbol: str, keys: Mapping[str, str]) -> list[Factor]:
        """Every row of a symbol that fits, the one that wins first: preferred folders, then more keys, then the tables' order."""
        symbol, keys = _rows_of(symbol, keys)
        return sorted((row for row in self._by_symbol.get(symbol, ()) if row.fits(keys)), key=self._rank)

    def select(self, symbol: str, keys: Mapping[str, str] | None = None) -> list[Factor]:
        """Every row of a symbol that doesn't speak against the keys given, in the order of the tables."""
        symbol, given = _rows_of(symbol, keys or {})
        return [row for row in self._by_symbol.get(symbol, ()) if all(given[k] in a for k, a in row.keys.items() if k in given)]

    def symbols(self) -> dict[str, int]:
        """How many rows each symbol has, in the order of the alphabet."""
        return {symbol: len(rows) for symbol, rows in sorted(self._by_symbol.items())}

    def constant(self, symbol: str) -> bool:
        """Whether a symbol is a conversion, which no project may declare for itself."""
        return any(row.folder == CONSTANTS for row in self.select(symbol))

    @cached_property
    def key_words(self) -> frozenset[str]:
        """Every word that some table knows as the value of a key."""
        return frozenset(word for row in self.rows for allowed in row.keys.values() for word in allowed)

    def words_by_key(self) -> dict[str, set[str]]:
        """The words each key may have, by key."""
        found: dict[str, set[str]] = {}
        for row in self.rows:
            for key, allowed in row.keys.items():
                found.setdefault(key, set()).update(allowed)
        return found

    @cached_property
    def _by_symbol(self) -> Mapping[str, list[Factor]]:
        found: dict[str, list[Factor]] = {}
        for row in self.rows:
            found.setdefault(row.variable.symbol, []).append(row)
        return found

    def _rank(self, row: Factor) -> tuple[int, int]:
        layer = self.preferred.index(row.folder) if row.folder in self.preferred else len(self.preferred)
        return layer, -len(row.keys)

    def _nearest(self, symbol: str, keys: Mapping[str, str]) -> str:
        rows = self.select(symbol)
        if not rows:
            return "-"
        near = max(rows, key=lambda row: sum(keys.get(k) in a for k, a in row.keys.items()) - len(row.keys))
        return f"{near.variable.id} ({near.words()})"


@cache
def read_factors(edition: str, tables: tuple[str, ...] = ()) -> Factors:
    """The tables of an edition, checked row by row, with the folders of `tables` before it; a Refusal lists every row that is wrong."""
    return read_folder(library_folder(), edition, tables)


def read_folder(folder: Path, edition: str, tables: Sequence[str] = ()) -> Factors:
    """The tables below a folder of editions."""
    if unknown := [name for name in tables if not (folder / name).is_dir()]:
        raise refuse("E-FAC-011", f"tables {', '.join(unknown)}", known=", ".join(table_folders(folder)))
    own = [path for name in (*tables, edition) for path in sorted((folder / name).glob("*.csv"))]
    inherited = [folder / name for name in inherits(folder / edition)]
    known = set(read_topics(folder.parent / "sources"))
    found = [row for path in (*own, *inherited, *sorted((folder / CONSTANTS).glob("*.csv"))) for row in _read_table(path, known)]
    problems = [row for row in found if isinstance(row, Problem)]
    if problems:
        raise Refusal(problems)
    return Factors(edition, tuple(row for row in found if isinstance(row, Factor)), tuple(tables))


def inherits(edition: Path) -> dict[str, str]:
    """The tables an edition takes over from another, `<edition>/<table>.csv`, each with the reason; none without an `edition.toml`."""
    path = edition / EDITION
    reasons: dict[str, str] = tomllib.loads(path.read_text(encoding="utf-8")).get("inherits", {}) if path.is_file() else {}
    return reasons


def library_folder() -> Path:
    """Where the library keeps its editions."""
    return LIBRARY / "factors"


def editions(folder: Path | None = None) -> list[str]:
    """The editions of the library."""
    return sorted(path.parent.name for path in (folder or library_folder()).glob(f"*/{EDITION}"))


def table_folders(folder: Path | None = None) -> list[str]:
    """The folders of tables that a methodology may search before its edition: tools, countries, single documents."""
    here = folder or library_folder()
    return sorted(path.name for path in here.iterdir() if path.is_dir() and path.name not in (CONSTANTS, *editions(here)))


def _read_table(path: Path, known: set[str]) -> Iterator[Factor | Problem]:
    try:
        reader = csv.DictReader(io.StringIO(read_text(path, f"{path.parent.name}/{path.name}"), newline=""))
    except Refusal as refusal:
        yield from refusal.problems
        return
    names = tuple(reader.fieldnames or ())
    if names[: len(LEADING)] != LEADING or names[-len(CLOSING) :] != CLOSING:
        yield Problem("E-FAC-003", path.name, {"why": f"columns are {', '.join(names)}"})
        return
    for raw in reader:
        where = f"{path.parent.name}/{path.name}:{reader.line_num}"
        try:
            yield _row(where, raw, names[len(LEADING) : -len(CLOSING)], known)
        except (ValueError, ZeroDivisionError) as error:
            yield Problem("E-FAC-003", where, {"why": error})


def _row(where: str, raw: dict[str, str], key_names: tuple[str, ...], known: set[str]) -> Factor:
    if None in raw or None in raw.values():
        raise Wrong("P-VAL-cells")
    low, high = (float(raw[bound]) if raw[bound] else None for bound in ("low", "high"))
    value = float(Fraction(raw["value"]))
    variable = Variable(where, raw["symbol"], value, raw["unit"], low, high, raw["distribution"], raw["source"], raw["place"], raw["status"])
    if fault := next(faults(variable), None):
        raise fault
    if raw["source"] not in known:
        raise Wrong("P-VAL-source", found=raw["source"])
    return Factor(variable, {name: tuple(raw[name].split("|")) for name in key_names if raw[name]}, raw["note"])


def faults(variable: Variable) -> Iterator[Wrong]:
    """What is wrong with a variable: symbol, unit, bounds, distribution, source."""
    symbol = symbols().get(variable.symbol)
    if symbol is None:
        yield Wrong("P-VAL-symbol", found=variable.symbol)
    elif not _same(variable.unit, symbol.unit):
        yield Wrong("P-VAL-unit", found=variable.unit, expected=symbol.unit)
    bounds = [bound is not None for bound in (variable.low, variable.high)]
    if variable.distribution == "exact" and (variable.least, variable.most) != (None, None):
        yield Wrong("P-VAL-exact")
    if variable.distribution not in DISTRIBUTIONS or bounds != [variable.distribution != "exact"] * 2:
        yield Wrong("P-VAL-distribution", found=variable.distribution, low=repr(variable.low), high=repr(variable.high))
    if not math.isfinite(variable.value):
        yield Wrong("P-VAL-finite", found=variable.value)
    yield from _beyond(variable)
    if variable.low is not None and variable.high is not None:
        yield from _bound_faults(variable, variable.low, variable.high)
    if bool(variable.quantiles) != (variable.distribution == "empirical"):
        yield Wrong("P-VAL-quantiles", found=variable.distribution)
    if not variable.source.strip() or not variable.place.strip():
        yield Wrong("P-VAL-unsourced")
    if variable.status not in (*STATUSES, "declared"):
        yield Wrong("P-VAL-status", found=variable.status, known=", ".join(STATUSES))


def _bound_faults(variable: Variable, low: float, high: float) -> Iterator[Wrong]:
    if not low <= variable.value <= high or not low < high:
        yield Wrong("P-VAL-between", found=repr(variable.value), low=repr(low), high=repr(high))
    # A normal whose third spread reaches zero would draw what can't be; such a range is lopsided by nature, or cut by a declared bound.
    if variable.distribution == "normal" and variable.value - 3 * (high - low) / 2 / SPREADS <= 0 and not _below_zero(variable):
        yield Wrong("P-VAL-normal")
    if variable.distribution == "lognormal" and not 0 < variable.value < high:
        yield Wrong("P-VAL-lognormal")
    least, most = (-math.inf if variable.least is None else variable.least, math.inf if variable.most is None else variable.most)
    if not least <= variable.value <= most or not max(low, least) < min(high, most):
        ends = {"low": low, "high": high, "least": variable.least, "most": variable.most}
        yield Wrong("P-VAL-ends", found=repr(variable.value), **{name: repr(end) for name, end in ends.items()})


def _beyond(variable: Variable) -> Iterator[Wrong]:
    """Numbers that the symbol can't have: the value, the ends of its range, the bounds it is cut at, its quantiles."""
    ends = (("low", variable.low), ("high", variable.high), ("least", variable.least), ("most", variable.most))
    points = (("quantile", point) for _, point in read_pairs(variable.quantiles))
    for name, number in beyond(variable.symbol, (("value", variable.value), *ends, *points)):
        yield Wrong("P-VAL-beyond", what=name, found=number, symbol=variable.symbol, bounds=bounds_of(variable.symbol).words)


def _below_zero(variable: Variable) -> bool:
    """Whether a normal may reach zero: it is a change, or its lower bound is declared."""
    return variable.least is not None or bounds_of(variable.symbol).signed


def _rows_of(symbol: str, keys: Mapping[str, str]) -> tuple[str, Mapping[str, str]]:
    """The symbol whose rows are read, and the keys: a symbol that is another one's under a fixed key brings that key along."""
    known = symbols().get(symbol)
    return (known.of, {**keys, **known.keys}) if known and known.of else (symbol, keys)


_same = cache(same)  # thousands of rows share few units, and reading a unit's text takes longer than the rest of its row


def _text(keys: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in sorted(keys.items())) or "-"
