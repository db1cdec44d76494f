"""Who submits an area's project, as cover and design document name it.

    [submitter]
    name = { zh = "南靖县农业农村局", en = "Nanjing County Bureau of Agriculture" }
    address = { zh = "…", en = "…" }
    contact = "0596-…"                      optional

Words only: no reckoning reads them, and who is the holder of a unit only the ledger says.
"""

from __future__ import annotations

from collections.abc import Iterator

from carbonsink.base.problems import Problem
from carbonsink.declared.limits import SHORT_TEXT
from carbonsink.declared.schema import Declared, Words


class Submitter(Declared):
    """`[submitter]` of area.toml."""

    name: Words
    address: Words
    contact: str | None = None  # telephone, mail


def submitter_problems(submitter: Submitter) -> Iterator[Problem]:
    """Texts that say nothing, and those that don't stand on one line of a cover."""
    said = {f"{key}.{code}": text for key in ("name", "address") for code, text in getattr(submitter, key)}
    if submitter.contact is not None:
        said["contact"] = submitter.contact
    for key, text in said.items():
        where = f"area.toml [submitter.{key}]"
        if not text.strip():
            yield Problem("E-SUB-001", where, {"key": key})
        elif len(text.splitlines()) > 1 or len(text) > SHORT_TEXT:
            yield Problem("E-SUB-002", where, {"lines": len(text.splitlines()), "length": len(text), "limit": SHORT_TEXT})
