"""report.<language>.pdf: cover, contents, summary, the tables T1 to T12, the run's digest and a place for signatures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from carbonsink import __version__
from carbonsink.declared.language import Language
from carbonsink.declared.plan import Plan
from carbonsink.report.document.beside import View
from carbonsink.report.document.blocks import facts, table
from carbonsink.report.document.marks import marks, told
from carbonsink.report.document.sections import Matter, sections
from carbonsink.report.document.text import nodes, shown
from carbonsink.report.document.typeset import typeset
from carbonsink.report.stamps import Stamp

SIGNERS = ("submitter", "verifier")
FIELDS = ("organisation", "name", "signature", "day")


def report(matter: Matter, stamped: Sequence[Stamp]) -> bytes:
    """The report in one language as PDF."""
    return typeset("report", report_facts(matter, stamped), matter.plan.area.period.end)


def report_facts(matter: Matter, stamped: Sequence[Stamp]) -> dict[str, Any]:
    """Everything the template is given."""
    plan, view, w = matter.plan, matter.view, matter.w
    made = sections(matter)
    return {
        **furniture(plan, stamped, w, w("title.document")),
        "stamps": told(stamped, w),
        "tiles": [{key: nodes(value) for key, value in tile.items() if key != "class"} | {"look": tile["class"]} for tile in view["tiles"]],
        "summary": [table(view["vintages"], "credit/statement.csv", w("summary.caption")), facts(view["identity"])],
        "sections": [{"number": number, "title": nodes(w(f"section.{key}")), "blocks": made[number]} for number, key in view["sections"]],
        "anchors": sealed(view), "anchored": nodes(w("anchors.note")), "unanchored": nodes(view["unanchored"]),
        "signers": [{"title": nodes(w(f"document.{name}")), "fields": [nodes(w(f"document.{field}")) for field in FIELDS]} for name in SIGNERS],
        "tool": nodes(w("files.end", tool=__version__)),
    }  # fmt: skip


def furniture(plan: Plan, stamped: Sequence[Stamp], w: Language, kind: str) -> dict[str, Any]:
    """What every document of an area has: its title, its language, the words of its template, what stands in the margins."""
    m, period = plan.methodology, plan.area.period
    words = ("contents", "stamps", "summary", "source", "table", "checkpoint", "signatures", "to-fill")
    return {
        "lang": w.code, "kind": nodes(kind), "name": nodes(w.of(plan.area.name)), "title": shown(f"{w.of(plan.area.name)} · {kind}"),
        "cover": [
            [nodes(w("identity.area")), nodes(f"{plan.area.id} · {plan.area.country}")],
            [nodes(w("document.period")), nodes(w("imagery.from-to", start=w.date(period.start), end=w.date(period.end)))],
            [nodes(w("identity.methodology")), nodes(f"{w.of(m.name)} · {m.id} {m.version}")],
            [nodes(w("identity.document")), nodes(m.document)],
        ],
        "submitter": [[nodes(name), nodes(value)] for name, value in submitter(plan, w)],
        "marks": marks(stamped, w), "foot": nodes(f"{plan.area.id} · {m.id} {m.version}"),
        "words": {word: w(f"document.{word}") for word in words} | {"anchors": w("anchors.heading")}, "missing": nodes(w("document.missing-face")),
    }  # fmt: skip


def submitter(plan: Plan, w: Language) -> list[tuple[str, str]]:
    """Who submits, as declared; a line to be filled by hand where nobody is."""
    said = plan.area.submitter
    if said is None:
        return [(w("document.submitter"), "")]
    rows = [(w("document.submitter"), w.of(said.name)), (w("submitting.address"), w.of(said.address))]
    return [*rows, (w("submitting.contact"), said.contact)] if said.contact else rows


def sealed(view: View) -> list[dict[str, Any]]:
    """What the document is held against later: each anchor as a code to scan and in words."""
    return [
        {"name": nodes(one.name), "qr": one.svg, "alt": shown(one.alt), "says": [[nodes(label), nodes(value)] for label, value in one.says]}
        for one in view["anchors"]
    ]
