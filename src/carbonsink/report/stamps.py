"""What must be said on page one: each stamp is a code, the facts its words need, and the rows it speaks of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from carbonsink.base.library import published
from carbonsink.declared.language import Language
from carbonsink.declared.plan import Plan
from carbonsink.declared.schema import Words
from carbonsink.report.parts.land import legend_of, uses_of
from carbonsink.report.results import Results

SHOWN = 40  # contradicted parcels of a year on page one; all stand in land/practice.csv


@dataclass(frozen=True)
class Stamp:
    """One stamp; `grave` ones are red and forbid issuance or hang on unconfirmed numbers."""

    code: str
    grave: bool
    facts: Mapping[str, object] = field(default_factory=dict)
    rows: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Where its words stand in the language file."""
        return f"stamp.{self.code.lower().replace('_', '-')}"

    def mark(self, w: Language) -> str:
        """The stamp in a word or two."""
        return mark_of(self.code, w)

    def said(self, w: Language) -> str:
        """The stamp in words; codes among its facts are put into words too."""
        return w(self.key, **{name: _told(w, name, fact) for name, fact in self.facts.items()})


def mark_of(code: str, w: Language) -> str:
    """A stamp in a word or two; one without a mark of its own is called by its code."""
    return w.named("mark", code)


def stamps(plan: Plan, results: Results) -> tuple[Stamp, ...]:
    """Every stamp the run earns, gravest first."""
    return tuple(
        sorted(
            [
                *_of_library(results),
                *_of_evidence(plan, results),
                *_of_methodology(plan),
                *_of_factors(results),
                *_of_classes(plan),
                *_of_result(results),
                *_of_practice(plan, results),
                *_of_change(results),
            ],
            key=lambda s: not s.grave,
        )
    )


def _of_library(results: Results) -> Iterator[Stamp]:
    """Tables whose numbers are those of no published version: a friendlier row of the same name, or an honest one of somebody's own."""
    if results.digests.library not in published():
        yield Stamp("CUSTOM_FACTORS", True, {"digest": results.digests.library, "versions": ", ".join(published().values())})


def _of_evidence(plan: Plan, results: Results) -> Iterator[Stamp]:
    if plan.simulated:
        yield Stamp("SIMULATED", True)
    methods = sorted({a.method for a in results.activity})
    if "pixel_count" in methods:
        yield Stamp("PIXEL_COUNTS", True)
    if refused := [m for m in methods if m not in plan.methodology.area_methods]:
        yield Stamp("AREA_METHOD", True, {"method": tuple(refused), "accepted": ", ".join(plan.methodology.area_methods)})


def _of_methodology(plan: Plan) -> Iterator[Stamp]:
    methodology = plan.methodology
    if not methodology.issuable:
        yield Stamp("NOT_ISSUABLE", True, {"methodology": methodology.id, "version": methodology.version})
    if methodology.status == "proposed":
        yield Stamp("PROPOSED_METHOD", True, {"methodology": methodology.id, "version": methodology.version})
    if methodology.unconfirmed and methodology.confirm:
        yield _of_clauses(plan)
    if methodology.status == "transcribed" or (methodology.status == "recalled" and plan.confirmation is None):
        yield Stamp("UNCONFIRMED_METHOD", methodology.status == "recalled", {"methodology": methodology.id, "status": (methodology.status,)})
    if rules := [d for d in methodology.deduction if d.status != "confirmed"]:
        yield Stamp("UNCONFIRMED_RULES", False, {"count": len(rules)}, tuple(f"{d.rule} ({d.status}): {d.source}, {d.place}" for d in rules))


def _of_clauses(plan: Plan) -> Stamp:
    """Which clauses nobody has confirmed, or who has."""
    methodology, made = plan.methodology, plan.confirmation
    rows = tuple(f"{one.clause}: {one.source}, {one.place}" for one in methodology.confirm)
    told = {"methodology": f"{methodology.id} {methodology.version}", "count": len(rows)}
    if made is None:
        return Stamp("UNCONFIRMED_CLAUSES", True, told | {"clauses": tuple(one.name for one in methodology.confirm)}, rows)
    signer = {"name": made.signer.name, "organisation": made.signer.organisation, "role": made.signer.role, "fingerprint": made.fingerprint}
    return Stamp("CONFIRMED_CLAUSES", False, told | signer | {"signed": made.signed_on, "document": made.document.edition}, rows)


def _of_factors(results: Results) -> Iterator[Stamp]:
    for status, code in (("recalled", "RECALLED_FACTORS"), ("transcribed", "TRANSCRIBED_FACTORS")):
        if rows := tuple(v.id for v in results.factors if v.status == status):
            yield Stamp(code, status == "recalled", {"count": len(rows)}, rows)


def _of_classes(plan: Plan) -> Iterator[Stamp]:
    """The map's legend and land classes that nobody has seen in print."""
    legend = legend_of(plan)
    rows = [f"{legend.name['en']}: {legend.source}, {legend.place}"] if legend is not None and legend.status == "recalled" else []
    rows += [f"GB/T 21010-2017 {use.code}: {use.place}" for use in uses_of(plan) if use.status == "recalled"]
    if rows:
        yield Stamp("RECALLED_CLASSES", True, {"count": len(rows)}, tuple(rows))


def _of_practice(plan: Plan, results: Results) -> Iterator[Stamp]:
    """Contradictions of the farm record; grave where the pipeline declares that they withhold."""
    declared, against = plan.pipeline.practice, [row for row in results.practice if row.verdict == "contradicts"]
    if declared and against:
        parcels = {year: dict.fromkeys(row.parcel for row in against if row.year == year) for year in sorted({row.year for row in against})}
        rows = tuple(f"{year}: {', '.join(list(mine)[:SHOWN])}" for year, mine in parcels.items())
        facts = {"count": len({row.parcel for row in against}), "seasons": len(against)}
        yield Stamp("PRACTICE_CONTRADICTED", declared.contradiction == "withhold", facts, rows)


def _of_change(results: Results) -> Iterator[Stamp]:
    """Changes inside red lines, for somebody to look at."""
    if results.alerts:
        yield Stamp("RED_LINE_ALERT", False, {"count": len(results.alerts), "lines": ", ".join(dict.fromkeys(a.protection for a in results.alerts))})


def _of_result(results: Results) -> Iterator[Stamp]:
    if years := [str(v.year) for v in results.vintages if v.of("shortfall")]:
        yield Stamp("SHORTFALL", True, {"years": ", ".join(years)})


def _told(w: Language, name: str, fact: object) -> object:
    """A fact in words: codes, declared texts and days are put into the language, the rest stays."""
    match fact:
        case tuple():
            return w("format.list").join(w.of(one) if isinstance(one, Words) else w(f"{name}.{one}") for one in fact)
        case date():
            return w.date(fact)
    return fact
