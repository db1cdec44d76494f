"""The questions about a stratum: keys, practices, numbers, zones and plots, as the recipe asks; clauses are judged with every answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from carbonsink.base.problems import Problem
from carbonsink.base.units import symbols
from carbonsink.begin.clauses import Clauses
from carbonsink.begin.draft import SCENARIOS, Draft, plots_name
from carbonsink.begin.questions import Question, Sheet
from carbonsink.begin.recipe import Asked, entries
from carbonsink.begin.zones import Found, zone_found
from carbonsink.declared.schema import Words


@dataclass
class Told:
    """Who asks of which stratum: every question goes through it, and every answer is judged by the clauses at once."""

    draft: Draft
    sheet: Sheet
    stratum: str
    clauses: Clauses

    def key(self, key: str, scenario: str | None = None) -> str | None:
        """The word of a key, of a scenario where it is a practice."""
        entry, names = entries("keys.toml")[key], (f"{scenario}_{key}",) if scenario else (key, *(f"{name}_{key}" for name in SCENARIOS))
        word = self.sheet.answer(self._of(names[0], _within(entry.text, scenario), names, choices=entry.words))
        self.clauses.learn(dict.fromkeys(names, word) if word else {})
        return word

    def number(self, symbol: str, scenario: str | None = None) -> float | None:
        """The number of a symbol, of a scenario where both are compared."""
        known, name = symbols()[symbol], f"{scenario}_{symbol}" if scenario else symbol
        text = _within(Words(zh=known.meaning["zh"], en=known.meaning["en"]), scenario)
        number = self.sheet.number(self._of(name, text, (name,), unit=known.unit))
        self.clauses.learn({name: number} if number is not None else {})
        return number

    def zone(self, zone: Found) -> None:
        """A zone that the rules found: no answer of its own, so what is wrong with it is told as it is."""
        if problem := self.clauses.problem({zone.kind: zone.word}, f"--answer {zone.kind}"):
            self.sheet.refuse(problem)

    def _of(self, name: str, text: Words, facts: tuple[str, ...], choices: Mapping[str, Words] | None = None, unit: str = "") -> Question:
        """A question of this stratum, which has its own name where there are several."""
        several = self.draft.stratum_column is not None
        own, common = (f"{self.stratum}.{name}", name) if several else (name, "")
        heading = Words(zh=f"{self.stratum}：{text.zh}", en=f"{self.stratum}: {text.en}") if several else text
        others = [dict.fromkeys(facts, word) for word in choices] if choices else None

        def judge(answer: str) -> Problem | None:
            return self.clauses.problem(dict.fromkeys(facts, float(answer) if unit else answer), f"--answer {own}", others)

        return Question(own, heading, choices or {}, unit, clauses=self.clauses.of(facts), judge=judge, common=common)


def ask_stratum(part: Asked, told: Told) -> None:
    """Everything that a part of a recipe asks of a stratum, into the draft."""
    draft, treated = told.draft, told.draft.strata[told.stratum]
    for key in part.keys:
        if word := told.key(key):
            treated.keys[key] = word
    for key in part.practices:
        for scenario in SCENARIOS:
            if word := told.key(key, scenario):
                treated.practices[scenario][key] = word
    for symbol in part.values:
        _value(symbol, None, told)
    for symbol in part.compared:
        for scenario in SCENARIOS:
            _value(symbol, scenario, told)
    for kind in part.zones:
        if zone := next((one for one in draft.zones if one.kind == kind), None) or zone_found(kind, told.sheet):
            draft.zones += [zone] if zone not in draft.zones else []
            told.zone(zone)
    if part.plots and not draft.plots:
        _plots(draft, told.sheet)


def _value(symbol: str, scenario: str | None, told: Told) -> None:
    number = told.number(symbol, scenario)
    if number is not None:
        of = {"scenario": scenario} if scenario else {}
        of |= {"stratum": told.stratum} if told.draft.stratum_column else {}
        told.draft.values.append({"symbol": symbol, "value": number, "unit": symbols()[symbol].unit} | of)


def _plots(draft: Draft, sheet: Sheet) -> None:
    """Tables of plots of the first and the last year; the vintage of the first itself has no gain."""
    for name, year in zip(("plots_first", "plots_last"), draft.years, strict=True):
        text = sheet.answer(Question(name, entries("questions.toml")[name].text))
        if text and not Path(text).is_file():
            sheet.problems.append(Problem("E-CFG-020", f"--answer {name}", {"found": text}))
        elif text:
            draft.plots[year] = Path(text)
    gain, told = symbols()["tree_carbon_gain"], {"source": plots_name(draft.years[0]), "place": "an inventory tells no gain of its own year"}
    draft.values.append({"symbol": gain.name, "value": 0.0, "unit": gain.unit, "year": draft.years[0]} | told)


def _within(text: Words, scenario: str | None) -> Words:
    when = SCENARIOS.get(scenario or "")
    return Words(zh=f"{when.zh}：{text.zh}", en=f"{text.en}, {when.en}") if when else text
