"""T3's zones: each stratum's climate, soil and ecological zone, what found it, and what a stratum says otherwise with its reason.

In: a plan whose zones are found. Out: sentences and a table; strata of which the same holds share a line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from carbonsink.declared.language import Language
from carbonsink.declared.plan import Plan
from carbonsink.declared.zones import KINDS, Fact, Kind, ZoneFinding, ZoneSource, read_zones, rule_of
from carbonsink.report.results import source_words
from carbonsink.report.tabular import Row, Table, beneath, headed

Line = tuple[object, ...]


def zones(plan: Plan, w: Language) -> dict[str, Any]:
    """The sentences and the table; None where no stratum has a zone."""
    lines: dict[tuple[Line, str], list[str]] = {}
    for name in plan.area.strata:
        for line, mark in _lines(plan, name, w):
            lines.setdefault((line, mark), []).append(name)
    if not lines:
        return {"zones": None}
    columns = headed(w, "zone-kind", "stratum", "zone", "zone-by", "zone-why", "source")
    ordered = sorted(lines.items(), key=lambda one: [w.of(read_zones()[kind].name) for kind in KINDS].index(str(one[0][0][0])))
    rows = [Row((line[0], _strata(plan, names, w), *line[1:]), mark) for (line, mark), names in ordered]
    return {"zones": {"notes": [w("zone.note"), *_rules(plan, w)], "table": Table(columns, rows, w("zone.caption"))}}


def _strata(plan: Plan, names: list[str], w: Language) -> str:
    return w("plots.all") if len(names) == len(plan.area.strata) > 1 else "; ".join(w.of(plan.area.strata[name].name) for name in names)


def _rules(plan: Plan, w: Language) -> Iterator[str]:
    """Where the rules stand by which zones were found."""
    for kind, source in plan.area.zones.items():
        known = read_zones()[kind]
        if source.facts:
            yield w("zone.rules", kind=w.of(known.name), source=source_words(known.source), place=known.place, status=w(f"status.{known.status}"))


def _lines(plan: Plan, stratum: str, w: Language) -> Iterator[tuple[Line, str]]:
    """A line of cells a kind of zone, without the stratum's name, and the class that makes it stand out."""
    declared = plan.area.strata[stratum]
    findings = {one.key: one for one in plan.zones if one.stratum == stratum}
    for kind in KINDS:
        if finding := findings.get(kind):
            yield _found(plan.area.zones[kind], kind, finding, w)
        elif word := declared.keys.get(kind):
            reason = declared.reasons.get(kind, "")
            told = (w.of(read_zones()[kind].name), _word(kind, word, w), w("zone.declared"), reason or w("zone.no-reason"), "–")
            yield told, "" if reason else "warn"


def _found(source: ZoneSource, kind: Kind, finding: ZoneFinding, w: Language) -> tuple[Line, str]:
    name, origin = w.of(read_zones()[kind].name), f"{source.source}, {source.place}"
    by, why, more = _by_layer(source.file, kind, finding.shares, w) if source.file else _by_rule(kind, source.facts, w)
    if finding.used == finding.found:
        return (name, _word(kind, finding.used, w), by, beneath(why, more) if more else why, origin), ""
    against = w("zone.found", word=_name(kind, finding.found, w), by=by, why="; ".join(part for part in (why, more) if part))
    return (name, _word(kind, finding.used, w), w("zone.overridden"), beneath(finding.reason, against), origin), "warn"


def _by_rule(kind: Kind, facts: Mapping[str, Fact], w: Language) -> tuple[str, str, str]:
    """That the rules found it; the conditions that were met, and the facts in words."""
    known = read_zones()[kind].facts
    told = (f"{name} = {value if isinstance(value, str) else w.significant(value)} ({w.of(known[name])})" for name, value in facts.items())
    return w("zone.by-rule"), ", ".join(rule_of(kind, facts).all) or w("zone.last"), ", ".join(told)


def _by_layer(file: str, kind: Kind, shares: Mapping[str, float], w: Language) -> tuple[str, str, str]:
    """That most of a layer shows it; the share of the land of each word there."""
    told = (f"{_name(kind, word, w)} {w.number(share * 100, 1)} %" for word, share in shares.items())
    return w("zone.by-layer", file=file.rpartition("/")[2]), ", ".join(told), ""


def _word(kind: Kind, word: str, w: Language) -> object:
    """A zone in words with its key beneath; one the report has no words for keeps its key."""
    name = _name(kind, word, w)
    return name if name == word else beneath(name, word)


def _name(kind: Kind, word: str, w: Language) -> str:
    return w.named(f"zone.{kind}", word)
