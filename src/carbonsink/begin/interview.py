"""The interview: from a boundary and answers to all that a new area declares.

The order is that of a person who tells about the land: what it is, when, which practice, which numbers, and where they stand.
"""

from __future__ import annotations

from collections.abc import Callable

from carbonsink.base.problems import Refusal, user_language
from carbonsink.base.units import symbols
from carbonsink.begin.boundary import Boundary, area_column, id_column, strata_of, stratum_columns
from carbonsink.begin.clauses import Clauses, Fact
from carbonsink.begin.draft import Draft, Treated
from carbonsink.begin.questions import Question, Sheet
from carbonsink.begin.recipe import entries, recipes
from carbonsink.begin.strata import Told, ask_stratum
from carbonsink.declared.methodology import read_methodology
from carbonsink.declared.schema import Words

NO_COLUMN = "none"


def interview(boundary: Boundary, sheet: Sheet) -> Draft:
    """Everything asked and answered; a Refusal lists every answer that is missing, wrong, against a clause, or asked by nobody."""
    draft = Draft()
    _general(draft, boundary, sheet)
    if draft.use:
        _land(draft, boundary, sheet)
        for stratum in draft.strata:
            told = Told(draft, sheet, stratum, Clauses(read_methodology(draft.recipe.methodology), _facts(draft, boundary, sheet)))
            for part in draft.recipe.parts(draft.strata[stratum].keys):  # lazily: what a key's answer asks comes after it
                ask_stratum(part, told)
        _sources(draft, boundary, sheet)
    problems = [*sheet.problems, *(sheet.unused() if draft.use else [])]
    if problems:
        raise Refusal(problems)
    return draft


def _facts(draft: Draft, boundary: Boundary, sheet: Sheet) -> dict[str, Fact]:
    """What is known of every stratum before its first question."""
    recipe = draft.recipe
    known: dict[str, Fact] = dict(recipe.fixed)
    known |= {name: year for name, year in zip(("first_year", "last_year"), draft.years, strict=True) if year}
    if recipe.least_parcel and not sheet.problems:
        known[recipe.least_parcel] = _least_m2(boundary, draft)
    return known


def _least_m2(boundary: Boundary, draft: Draft) -> float:
    return min(parcel.area_m2 for parcel in boundary.parcels(draft.parcel_id).parcels)


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
    _strata(draft, boundary, sheet)


def _strata(draft: Draft, boundary: Boundary, sheet: Sheet) -> None:
    """The strata: those a column names, else the recipe's only one."""
    asked, offered = entries("questions.toml")["stratum_column"], stratum_columns(boundary, draft.parcel_id, draft.parcel_area_mu)
    choices = asked.words | {name: Words(zh=name, en=name) for name in offered}
    column = sheet.answer(Question("stratum_column", asked.text, choices, otherwise=NO_COLUMN), None if offered else NO_COLUMN)
    draft.stratum_column = None if column in (None, NO_COLUMN) else column
    words = strata_of(boundary, draft.stratum_column) if draft.stratum_column else (draft.recipe.stratum,)
    draft.strata = {word: Treated() for word in words}


def _found(sheet: Sheet, name: str, look: Callable[[], str]) -> str | None:
    """What the file tells, looked for only where nobody has said it; what is wrong with the file is kept."""
    if name in sheet.given:
        return None
    try:
        return look()
    except Refusal as refusal:
        sheet.problems += refusal.problems
        return NO_COLUMN


def _sources(draft: Draft, boundary: Boundary, sheet: Sheet) -> None:
    """Where the numbers stand, which every declared number must say; then what the boundary tells and nobody needs to be asked."""
    told = {name: sheet.answer(_question(name)) or "" for name in ("source", "place")}
    draft.values = [told | value for value in draft.values]
    facts = any(kind not in sheet.given for kind in draft.recipe.zones)
    draft.zone_source = {name: sheet.answer(_question(f"zone_{name}")) or "" for name in told} if facts else {}
    symbol = draft.recipe.least_parcel
    if symbol and not sheet.problems:
        draft.values.append(
            {"symbol": symbol, "value": _least_m2(boundary, draft), "unit": symbols()[symbol].unit, "source": boundary.path.name, "place": "GRS80"}
        )


def _question(name: str, year: bool = False) -> Question:
    entry = entries("questions.toml")[name]
    return Question(name, entry.text, entry.words, year=year)
