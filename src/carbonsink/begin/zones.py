"""Climate, soil and ecological zone of a new area: the word itself, or facts, of which only those are asked that decide the rules."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from carbonsink.base.problems import Refusal
from carbonsink.begin.questions import Question, Sheet
from carbonsink.declared.language import read_languages
from carbonsink.declared.schema import Words
from carbonsink.declared.zones import Fact, Kind, Zone, read_zones, zone_of

MISSING = "E-ZON-004"  # a fact that decides


@dataclass(frozen=True)
class Found:
    """A kind of zone as answered: the word alone, or the facts with the zone the rules find."""

    kind: Kind
    word: str
    facts: dict[str, Fact] = field(default_factory=dict)
    why: str = ""


def zone_found(kind: Kind, sheet: Sheet) -> Found | None:
    """The zone of a kind; None where a fact is missing or no rule takes the facts, which the sheet keeps as a problem."""
    zones = read_zones()[kind]
    if kind in sheet.given:
        word = sheet.answer(Question(kind, zones.name, _in_words(kind)))
        return Found(kind, word) if word else None
    facts: dict[str, Fact] = {}
    while True:
        try:
            zone: Zone = zone_of(kind, facts)
        except Refusal as refusal:
            (problem,) = refusal.problems
            if problem.code != MISSING:
                sheet.problems.append(problem)
                return None
            name = str(problem.facts["missing"]).split(", ")[0]
            fact = _ask(kind, name, sheet)
            if fact is None:
                return None
            facts[name] = fact
        else:
            return Found(kind, zone.word, facts, zone.why)


def _ask(kind: Kind, name: str, sheet: Sheet) -> Fact | None:
    zones = read_zones()[kind]
    known = zones.facts[name]
    text = Words(zh=f"{zones.name.zh}：{known.zh}", en=f"{zones.name.en}: {known.en}")
    if known.words:
        return sheet.answer(Question(name, text, {word: Words(zh=word, en=word) for word in known.words}))
    return sheet.number(Question(name, text, unit=_unit(known.en)))


def _unit(text: str) -> str:
    """The unit in brackets of a fact's English words, 1 of a count."""
    found = re.search(r"\[(.+)\]", text)
    return found[1] if found else "1"


def _in_words(kind: Kind) -> dict[str, Words]:
    zh, en = read_languages(["zh", "en"])
    keys = {word: f"zone.{kind}.{word.replace('_', '-')}" for word in read_zones()[kind].words}
    return {word: Words(zh=zh(key), en=en(key)) if en.has(key) else Words(zh=word, en=word) for word, key in keys.items()}
