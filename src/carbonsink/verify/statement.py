"""The verification statement, one Markdown page a language: what was verified, by what, what differs, and what it comes to.

It has the parts that ISO 14064-3:2019 asks of an opinion; what only a person can say (independence, date, signature) is left to be filled in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from carbonsink.base.evidence import read_json
from carbonsink.base.topics import LIBRARY
from carbonsink.declared.language import Language, read_languages
from carbonsink.verify.figures import Figure
from carbonsink.verify.verdict import Verdict, told

ALWAYS = ("area", "stock", "posting")  # figures that stand there even where they agree
EXACT = 12  # significant digits of a figure
SHOWN = 200  # rows of a table; all stand in the JSON
WORDS = 20  # words that differ
CODES = ("en", "zh")


def statement_languages() -> tuple[Language, ...]:
    """The languages of the statement, with its words."""
    return read_languages(CODES, LIBRARY / "statement")


def statement(verdict: Verdict, run: Path, w: Language) -> str:
    """The page in one language; of a run that isn't authentic nothing is told but its name and what is wrong."""
    opinion = f"opinion.{verdict.outcome or 'none'}"
    parts = [
        [f"# {w('title')}", f"**{conclusion(verdict, w)}** {w(opinion)}", *(f"> {stamp}" for stamp in _stamps(verdict, w))],
        [f"## {w('subject.head')}", _bullets(_subject(verdict, run, w))],
        [f"## {w('criteria.head')}", _bullets(_criteria(verdict, w))],
        [
            f"## {w('checks.head')}",
            _table(w, "checks", [(c.number, w(f"check.{c.number}"), w("held" if c.passed else "failed"), c.detail(w.code)) for c in verdict.checks]),
        ],
        *_findings(verdict, w),
        [f"## {w('limits.head')}", w("limits.text")],
        [f"## {w('sign.head')}", _bullets(w(f"sign.{line}") for line in ("organisation", "name", "independence", "date", "signature"))],
    ]
    return "\n\n".join(text for part in parts for text in part) + "\n"


def conclusion(verdict: Verdict, w: Language) -> str:
    """The outcome in one line."""
    outcome = verdict.outcome
    return w(f"class.{outcome}", percent=w.significant(verdict.materiality_percent)) if outcome else w("class.none")


def figure_rows(figures: Iterable[Figure], w: Language) -> Iterator[tuple[str, ...]]:
    """What, year, scenario, name, unit, the run's value, the value again, the difference, percent."""
    for one in figures:
        values = [w("absent") if value is None else w.significant(value, EXACT) for value in (one.stated, one.again, one.difference)]
        what = (w(f"kind.{one.kind}"), str(one.year or ""), w.named("scenario", one.scenario), _name(one, w), one.unit)
        yield (*what, *values, f"{w.significant(one.percent)} %")


def _stamps(verdict: Verdict, w: Language) -> Iterator[str]:
    if verdict.simulated:
        yield w("stamp.simulated")
    if verdict.custom_tables:
        yield w("stamp.custom", count=len(verdict.custom_tables), tables=" ".join(told(verdict.custom_tables[:SHOWN], w.code)))
    if verdict.words:
        shown, more = verdict.words[:WORDS], len(verdict.words) - WORDS
        yield w("stamp.words", count=len(verdict.words), words=" ".join(told(shown, w.code)) + (f" {w('more', count=more)}" if more > 0 else ""))
    if verdict.unsigned:
        yield w("class.unsigned")
    if verdict.strayed:
        yield w("class.V4", percent=w.significant(verdict.unsourced_percent, 3))
    if verdict.environment:
        yield w("class.V5")


def _subject(verdict: Verdict, run: Path, w: Language) -> Iterator[str]:
    yield w("subject.run", run=verdict.run)
    if verdict.authentic:
        plan: dict[str, Any] = read_json(run / "plan.json")
        area, methodology = plan["area"], plan["methodology"]
        yield w("subject.area", area=area["name"][w.code], id=area["id"], hectares=w.number(plan["land"]["area_ha"], 2))
        yield w("subject.vintages", vintages=", ".join(map(str, plan["vintages"])))
        yield w("subject.methodology", methodology=f"{methodology['id']} {methodology['version']}")
    yield w("subject.digest", digest=verdict.manifest or w("absent"))
    yield w("subject.results", digest=verdict.results or w("absent"))
    for one in verdict.signers:
        yield w("subject.signer", role=w(f"role.{one['role']}"), holder=one["holder"], id=one["key"])
    if verdict.keys_sha256:
        yield w("subject.keys", digest=verdict.keys_sha256)
    elif not verdict.signers:
        yield w("subject.unasked")


def _criteria(verdict: Verdict, w: Language) -> Iterator[str]:
    yield w("criteria.standard")
    yield w("criteria.materiality", percent=w.significant(verdict.materiality_percent))
    yield w("criteria.level-a" if verdict.comparison else "criteria.level-none")
    if verdict.sampled:
        yield w("criteria.level-b-sampled", **{name: w.significant(float(value)) for name, value in verdict.sampled.items()})
    elif verdict.sources:
        yield w("criteria.level-b", assets=len(verdict.sources))
    if verdict.mirrored:
        yield w("criteria.mirrored", assets=verdict.mirrored)


def _findings(verdict: Verdict, w: Language) -> Iterator[list[str]]:
    if made := verdict.comparison:
        states = [
            (s.stage, w("equal" if s.inputs_stated == s.inputs_again else "differs"), s.stated, s.again, w("equal" if s.equal else "differs"))
            for s in made.stages
        ]
        yield [f"## {w('stages.head')}", w("stages.note"), _table(w, "stages", states)]
        shown = [one for one in made.figures if one.kind in ALWAYS or one.differs]
        yield [f"## {w('figures.head')}", w("figures.note"), _table(w, "figures", list(figure_rows(shown, w)))]
        if made.files:
            files = [(f.path, f.differing, w("unweighed") if f.largest_percent is None else f"{w.significant(f.largest_percent)} %") for f in made.files]
            yield [f"## {w('files.head')}", _table(w, "files", files)]
        if made.patches:
            pixels, hectares = sum(one.pixels for one in made.patches), sum(one.hectares for one in made.patches)
            yield [w("pixels", pixels=pixels, hectares=w.number(hectares, 4), file=f"{verdict.run}.differences.gpkg")]
    if verdict.strayed:
        rows = [(s["item"], s["band"], w(f"state.{s['state']}"), s["recorded"], s["found"] or w("absent")) for s in verdict.strayed]
        yield [f"## {w('sources.head')}", _table(w, "sources", rows)]
    if verdict.relocked:
        scenes = told(verdict.relocked, w.code)
        yield [f"## {w('lock.head')}", w("lock.note"), _bullets(scenes[:SHOWN]), *_more(len(scenes), w)]
    if verdict.environment:
        yield [f"## {w('environment.head')}", _bullets(told(verdict.environment, w.code))]


def _name(one: Figure, w: Language) -> str:
    """The figure's name, accounts and kinds of flow in words; one that has none stands as it is."""
    if one.kind == "posting":
        return w.named("account", one.name)
    stratum, _, kind = one.name.rpartition(" ")
    return f"{stratum} {w.named('flow', kind)}".strip() if one.kind == "stock" else one.name


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _table(w: Language, name: str, rows: Sequence[Sequence[object]]) -> str:
    heads = w(f"{name}.columns").split("|")
    lines = [heads, ["---"] * len(heads), *([_cell(cell) for cell in row] for row in rows[:SHOWN])]
    text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return "\n\n".join((text, *_more(len(rows), w)))


def _more(count: int, w: Language) -> list[str]:
    return [w("more", count=count - SHOWN)] if count > SHOWN else []


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")
