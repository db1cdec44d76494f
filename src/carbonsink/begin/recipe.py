"""Recipes: what a new area of some kind of land is asked, as `library/begin/recipes/<use>.toml` says it.

recipes()["rice"]    pipeline, methodology, stratum, and the keys, practices, values and zones to ask for
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from carbonsink.base.topics import LIBRARY
from carbonsink.declared.schema import Declared, Words, load_toml, read_toml, validate
from carbonsink.declared.zones import Kind

BEGIN = LIBRARY / "begin"


class Asked(Declared):
    """What is asked: keys of the look-ups, practices before and since the project, values (compared: of either scenario), zones, plots."""

    keys: list[str] = []
    practices: list[str] = []
    values: list[str] = []
    compared: list[str] = []
    zones: list[Kind] = []
    plots: bool = False


class Recipe(Asked):
    """One kind of project; `case` is what is asked besides where a key was answered so."""

    order: int
    pipeline: str
    methodology: str
    stratum: str
    cover: str
    title: Words
    name: Words
    fixed: dict[str, str] = {}  # keys that the kind of project decides
    least_parcel: str | None = None  # the symbol that takes the smallest parcel's area
    legend: str | None = None  # of the published cover map that the pipeline reads
    case: dict[str, dict[str, Asked]] = {}

    def parts(self, keys: Mapping[str, str]) -> Iterator[Asked]:
        """What is asked whatever is answered, then what the answers so far ask for."""
        yield self
        yield from (cases[keys[key]] for key, cases in self.case.items() if keys.get(key) in cases)


class Key(Declared):
    """A key in plain language, with its words; none: free text."""

    text: Words
    words: dict[str, Words] = {}


class Columns(Declared):
    """Names by which files call the columns that matter, most likely first."""

    parcel_id: list[str]
    parcel_area_mu: list[str]


class Keys(Declared):
    """library/begin/keys.toml or questions.toml"""

    entries: dict[str, Key]


@cache
def recipes() -> dict[str, Recipe]:
    """The recipes by use, in the order they are offered."""
    found = {path.stem: read_toml(path, Recipe) for path in (BEGIN / "recipes").glob("*.toml")}
    return dict(sorted(found.items(), key=lambda one: one[1].order))


@cache
def columns() -> Columns:
    """library/begin/columns.toml"""
    return read_toml(BEGIN / "columns.toml", Columns)


@cache
def entries(file: str) -> dict[str, Key]:
    """The entries of `keys.toml` or `questions.toml`."""
    return validate({"entries": load_toml(BEGIN / file)}, Keys, file).entries
