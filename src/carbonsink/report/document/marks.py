"""The red marks of a document: a short word a stamp for the margin of every page, the whole sentence for the first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from carbonsink.declared.language import Language
from carbonsink.report.document.text import nodes
from carbonsink.report.stamps import Stamp


def marks(stamped: Sequence[Stamp], w: Language) -> list[str]:
    """The marks of the grave stamps, each once."""
    return list(dict.fromkeys(stamp.mark(w) for stamp in stamped if stamp.grave))


def told(stamped: Sequence[Stamp], w: Language) -> list[dict[str, Any]]:
    """Every stamp with its code, its sentence and the rows it speaks of."""
    return [
        {"code": stamp.code, "mark": stamp.mark(w), "grave": stamp.grave, "text": nodes(stamp.said(w)), "rows": [nodes(row) for row in stamp.rows]}
        for stamp in stamped
    ]
