"""Climate zone, soil class and ecological zone of an area by the Guidelines' rules: facts go in, a word and why it holds come out.

    zone_of("climate", {"mat": 19.8, "map": 1700, "frost_days": 3, "elevation": 80})    -> Zone(word="tropical_moist", ...)

The rules are formula text in `library/zones.toml`, gone through in order. A rule falls as soon as one of its conditions fails; a
fact is asked for only where a rule can't be judged without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from pydantic import Field

from carbonsink.base.formula import evaluate, names_in
from carbonsink.base.problems import refuse
from carbonsink.base.topics import LIBRARY
from carbonsink.declared.schema import Declared, Graded, Sourced, Words, load_toml, validate

Kind = Literal["climate", "soil", "ecozone"]
Fact = float | str
KINDS: tuple[Kind, ...] = ("climate", "soil", "ecozone")


class ZoneSource(Sourced):
    """How an area's zone is found: facts for the rules, or a layer with its legend; with their source."""

    facts: dict[str, Fact] = {}
    file: str | None = None
    legend: str | dict[str, str] | None = None  # a legend of library/zones.toml by name, or words by the layer's values


class FactWords(Words):
    """What a fact means; its words, where it isn't a number."""

    words: list[str] = []


class Rule(Declared):
    """One way to a zone: it holds where all its conditions do."""

    word: str
    all: list[str]


class Zones(Graded):
    """The rules of one kind of zone, the facts they speak of, and the legends of published layers."""

    name: Words
    facts: dict[str, FactWords]
    rule: list[Rule] = Field(min_length=1)
    legend: dict[str, dict[str, str]] = {}

    @property
    def words(self) -> tuple[str, ...]:
        """Every zone there is, in the rules' order."""
        return tuple(dict.fromkeys(rule.word for rule in self.rule))

    @property
    def fact_words(self) -> dict[str, str]:
        """The words facts may have; in a condition each stands for itself."""
        return {word: word for fact in self.facts.values() for word in fact.words}


@dataclass(frozen=True)
class Zone:
    """The zone that was found: the rule's place and the conditions it met, or the layer and its shares of the land."""

    word: str
    rule: str
    why: str
    shares: Mapping[str, float] = field(default_factory=dict)  # by word; empty where rules found it


@dataclass(frozen=True)
class ZoneFinding:
    """What was found for a stratum and what is used: the same word, or the stratum's own with its reason."""

    key: str
    stratum: str
    found: str
    used: str
    rule: str
    why: str
    reason: str  # of the stratum that says otherwise
    shares: Mapping[str, float] = field(default_factory=dict)  # of a layer's words, by word


@cache
def read_zones() -> Mapping[Kind, Zones]:
    """library/zones.toml"""
    raw = load_toml(LIBRARY / "zones.toml")
    return {kind: validate(raw[kind], Zones, f"zones.toml [{kind}]") for kind in KINDS}


def zone_of(kind: Kind, facts: Mapping[str, Fact], where: str = "") -> Zone:
    """The zone that facts lead to by the Guidelines' rules (units stand in `library/zones.toml`).

    Refuses facts the rules don't know (E-ZON-003) or of the wrong kind (E-ZON-012), a fact that is missing where it decides
    (E-ZON-004), and facts that no rule takes (E-ZON-005).
    """
    zones = read_zones()[kind]
    rule = rule_of(kind, facts, where)
    return Zone(rule.word, f"{zones.source}: {zones.place}", _why(rule, facts))


def rule_of(kind: Kind, facts: Mapping[str, Fact], where: str = "") -> Rule:
    """The first rule that facts meet; refuses what `zone_of` refuses."""
    zones, place = read_zones()[kind], where or kind
    _check(kind, facts, place)
    known = zones.fact_words | dict(facts)
    for rule in zones.rule:
        missing = [name for condition in rule.all for name in names_in(condition) if name not in known]
        judged = [condition for condition in rule.all if all(name in known for name in names_in(condition))]
        if not all(evaluate(condition, known) for condition in judged):
            continue
        if missing:
            raise refuse("E-ZON-004", place, kind=kind, missing=", ".join(dict.fromkeys(missing)), word=rule.word, conditions=" and ".join(rule.all))
        return rule
    raise refuse("E-ZON-005", place, kind=kind, facts=_text(facts), words=", ".join(zones.words))


def _check(kind: Kind, facts: Mapping[str, Fact], where: str) -> None:
    known = read_zones()[kind].facts
    for name, value in facts.items():
        if name not in known:
            raise refuse("E-ZON-003", where, kind=kind, fact=name, known=", ".join(known))
        words = known[name].words
        if (value not in words) if words else isinstance(value, str):
            raise refuse("E-ZON-012", where, fact=name, found=value, wanted=" | ".join(words) or "1.5")


def _why(rule: Rule, facts: Mapping[str, Fact]) -> str:
    asked = dict.fromkeys(name for condition in rule.all for name in names_in(condition) if name in facts)
    return f"{' and '.join(rule.all) or 'no other rule'}: {_text({name: facts[name] for name in asked} or facts)}"


def _text(facts: Mapping[str, Fact]) -> str:
    return ", ".join(f"{name} = {value:g}" if not isinstance(value, str) else f"{name} = {value}" for name, value in facts.items())
