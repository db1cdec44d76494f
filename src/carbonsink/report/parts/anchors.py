"""What a printed report is held against later: the results' digest and the ledger's checkpoint, each as words and as a QR code's text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from carbonsink.declared.language import Language
from carbonsink.declared.plan import Plan
from carbonsink.report.drawings.qr import qr_svg
from carbonsink.report.results import Results


@dataclass(frozen=True)
class Anchor:
    """One code: what it is, the text it holds, the sentences beside it."""

    name: str
    text: str
    alt: str
    says: tuple[tuple[str, str], ...]  # label and value

    @property
    def svg(self) -> str:
        """The code, drawn."""
        return qr_svg(self.text, self.alt)


def anchors(plan: Plan, results: Results, w: Language) -> dict[str, Any]:
    """The codes of a report: the results' digest always, the checkpoint where the area has one."""
    return {"anchors": list(_anchors(plan, results, w)), "unanchored": None if plan.checkpoint else w("anchors.none")}


def _anchors(plan: Plan, results: Results, w: Language) -> Iterator[Anchor]:
    digest = results.digests.results
    yield Anchor(w("anchors.results"), digest, w("anchors.alt-results"), ((w("anchors.digest"), digest),))
    if (made := plan.checkpoint) is not None:
        labels = ("ledger", "sequence", "head", "time", "signer")
        says = tuple((w(f"anchors.{label}"), str(getattr(made, label))) for label in labels)
        yield Anchor(w("anchors.checkpoint"), made.text, w("anchors.alt-checkpoint"), says)
