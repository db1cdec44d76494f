"""The interview: from a boundary and answers to all that a new area declares.

The order is that of a person who tells about the land: what it is, when, which practice, which numbers, and where they stand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from carbonsink.base.formula import names_in
from carbonsink.base.problems import Problem, Refusal, user_language
from carbonsink.base.units import symbols
from carbonsink.begin.boundary import Boundary, area_column, id_column
from carbonsink.begin.questions import Question, Sheet
from carbonsink.begin.recipe import Asked, Recipe, entries, recipes
from carbonsink.begin.zones import Found, zone_found
from carbonsink.declared.methodology import read_methodology
from carbonsink.declared.schema import Words

SCENARIOS = {"baseline": Words(zh="项目前（基准线）", en="before the project (baseline)"), "project": Words(zh="项目中", en="under the project")}
NO_COLUMN = "none"


@dataclass
class Draft:
    """What a new area declares."""

    use: str = ""
    language: str = ""
    name: dict[str, str] = field(default_factory=dict)
    years: tuple[int, int] = (0, 0)
    country: str = ""
    imagery: str = ""
    parcel_id: str = ""
    parcel_area_mu: str | None = None
    keys: dict[str, str] = field(default_factory=dict)
    practices: dict[str, dict[str, str]] = field(default_factory=lambda: {name: {} for name in SCENARIOS})
    values: list[dict[str, Any]] = field(default_factory=list)
    zones: list[Found] = field(default_factory=list)
    zone_source: dict[str, str] = field(default_factory=dict)
    plots: dict[int, Path] = field(default_factory=dict)

    @property
    def recipe(self) -> Recipe:
        """The recipe of the kind of project."""
        return recipes()[self.use]


def interview(boundary: Boundary, sheet: Sheet) -> Draft:
    """Everything asked and answered; a Refusal lists every answer that is missing, wrong or asked by nobody."""
    draft = Draft()
    _general(draft, boundary, sheet)
    if draft.use:
        _land(draft, boundary, sheet)
        for part in draft.recipe.parts(draft.keys):  # lazily: what a key's answer asks comes after it
            _asked(part, draft, sheet)
        _sources(draft, boundary, sheet)
    problems = [*sheet.problems, *(sheet.unused() if draft.use else [])]
    if problems:
        raise Refusal(problems)
    return draft


def _general(draft: Draft, boundary: Boundary, sheet: Sheet) -> None:
    draft.language = sheet.answer(_question("language"), found=None if sheet.given.get("language") else user_language()) or ""
    offered = Question("use", entries("questions.toml")["use"].text, {use: recipe.title for use, recipe in recipes().items()})
    draft.use = sheet.answer(offered) or ""
    draft.name = {language: sheet.answer(_question(f"name_{language}")) or "" for language in ("zh", "en")}
    first, last = (sheet.answer(_question(name, year=True)) for name in ("first_year", "last_year"))
    draft.years = int(first or 0), int(last or 0)
    draft.country = sheet.answer(_question("country"), found=boundary.country) or ""
    draft.imagery = sheet.answer(_question("imagery")) or ""


def _land(draft: Draft, boundary: Boundary, sheet: Sheet) -> None:
    """The columns: told, else guessed from names and numbers."""
    columns = {name: Words(zh=name, en=name) for name in boundary.columns}
    told = _found(sheet, "parcel_id", lambda: id_column(boundary))
    draft.parcel_id = sheet.answer(Question("parcel_id", entries("questions.toml")["parcel_id"].text, columns), told) or ""
    guessed = _found(sheet, "parcel_area_mu", lambda: (draft.parcel_id and area_column(boundary, draft.parcel_id)) or NO_COLUMN)
    asked = entries("questions.toml")["parcel_area_mu"]
    column = sheet.answer(Question("parcel_area_mu", asked.text, asked.words | columns), guessed)
    draft.parcel_area_mu = None if column == NO_COLUMN else column


def _found(sheet: Sheet, name: str, look: Callable[[], str]) -> str | None:
    """What the file tells, looked for only where nobody has said it; what is wrong with the file is kept."""
    if name in sheet.given:
        return None
    try:
        return look()
    except Refusal as refusal:
        sheet.problems += refusal.problems
        return NO_COLUMN


def _asked(part: Asked, draft: Draft, sheet: Sheet) -> None:
    for key in part.keys:
        if word := sheet.answer(_key(draft.recipe, key)):
            draft.keys[key] = word
    for key in part.practices:
        for scenario in SCENARIOS:
            if word := sheet.answer(_key(draft.recipe, key, scenario)):
                draft.practices[scenario][key] = word
    for symbol in part.values:
        _value(symbol, None, draft, sheet)
    for symbol in part.compared:
        for scenario in SCENARIOS:
            _value(symbol, scenario, draft, sheet)
    draft.zones += [zone for kind in part.zones if (zone := zone_found(kind, sheet))]
    if part.plots:
        _plots(draft, sheet)


def _value(symbol: str, scenario: str | None, draft: Draft, sheet: Sheet) -> None:
    known = symbols()[symbol]
    text = _within(Words(zh=known.meaning["zh"], en=known.meaning["en"]), scenario)
    name = f"{scenario}_{symbol}" if scenario else symbol
    number = sheet.number(Question(name, text, unit=known.unit, clauses=_clauses(draft.recipe, name)))
    if number is not None:
        draft.values.append({"symbol": symbol, "value": number, "unit": known.unit} | ({"scenario": scenario} if scenario else {}))


def plots_name(year: int) -> str:
    """The name that a year's table of plots gets in the area's folder."""
    return f"plots_{year}.csv"


def _plots(draft: Draft, sheet: Sheet) -> None:
    """Tables of plots of the first and the last year; the vintage of the first itself has no gain."""
    for name, year in zip(("plots_first", "plots_last"), draft.years, strict=True):
        text = sheet.answer(_question(name))
        if text and not Path(text).is_file():
            sheet.problems.append(Problem("E-CFG-020", f"--answer {name}", {"found": text}))
        elif text:
            draft.plots[year] = Path(text)
    gain, told = symbols()["tree_carbon_gain"], {"source": plots_name(draft.years[0]), "place": "an inventory tells no gain of its own year"}
    draft.values.append({"symbol": gain.name, "value": 0.0, "unit": gain.unit, "year": draft.years[0]} | told)


def _sources(draft: Draft, boundary: Boundary, sheet: Sheet) -> None:
    """Where the numbers stand, which every declared number must say; then what the boundary tells and nobody needs to be asked."""
    told = {name: sheet.answer(_question(name)) or "" for name in ("source", "place")}
    draft.values = [told | value for value in draft.values]
    facts = any(kind not in sheet.given for kind in draft.recipe.zones)
    draft.zone_source = {name: sheet.answer(_question(f"zone_{name}")) or "" for name in told} if facts else {}
    draft.keys |= draft.recipe.fixed
    symbol = draft.recipe.least_parcel
    if symbol and not sheet.problems:
        least = min(parcel.area_m2 for parcel in boundary.parcels(draft.parcel_id).parcels)
        draft.values.append({"symbol": symbol, "value": least, "unit": symbols()[symbol].unit, "source": boundary.path.name, "place": "GRS80"})


def _question(name: str, year: bool = False) -> Question:
    entry = entries("questions.toml")[name]
    return Question(name, entry.text, entry.words, year=year)


def _key(recipe: Recipe, key: str, scenario: str | None = None) -> Question:
    entry, name = entries("keys.toml")[key], f"{scenario}_{key}" if scenario else key
    return Question(name, _within(entry.text, scenario), entry.words, clauses=_clauses(recipe, name))


def _clauses(recipe: Recipe, fact: str) -> tuple[Words, ...]:
    """The clauses of applicability that a fact decides."""
    return tuple(clause.name for clause in read_methodology(recipe.methodology).applicability if fact in names_in(clause.requires))


def _within(text: Words, scenario: str | None) -> Words:
    when = SCENARIOS.get(scenario or "")
    return Words(zh=f"{when.zh}：{text.zh}", en=f"{text.en}, {when.en}") if when else text
