"""2. Do the declarations in the run give its plan, by the numbers of this version's tables?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from carbonsink.base.evidence import digest, read_json
from carbonsink.base.library import first_digest, library_digests, numbers_of
from carbonsink.base.manifest import FIRST, NAME, read_manifest
from carbonsink.base.problems import Problem
from carbonsink.base.topics import LIBRARY
from carbonsink.declared.load import explain_plan, load
from carbonsink.declared.plan import Plan
from carbonsink.verify.chips import Chips


def load_declared(run: Path) -> Plan:
    """The plan again, from the copies in the run folder; no catalogue and no file outside is asked."""
    names = read_json(run / "declared" / "files.json")
    copies = {text: run / "declared" / name for text, name in names.items()}
    return load(copies["area.toml"].parent, copies=copies)


def check_declared(run: Path, _: Chips) -> Iterator[Problem]:
    """2. The declarations in the run give the run's plan again, and the numbers of the library tables are this version's."""
    manifest = read_manifest(run)
    plan = explain_plan(load_declared(run))
    if plan != read_json(run / "plan.json"):
        yield Problem("E-VER-008", "plan.json")
    for name, found in {"plan": digest(plan), **_found_digests(manifest, run / "declared" / "library")}.items():
        if manifest[name] != found:
            yield Problem("E-VER-009", NAME, {"what": name, "stated": manifest[name], "found": found})
    yield from custom_tables(run)


def custom_tables(run: Path) -> Iterator[Problem]:
    """The library tables whose numbers aren't this version's, by name, with both digests (S26: a friendlier table of the same name)."""
    theirs, ours = numbers_of(run / "declared" / "library"), numbers_of(LIBRARY)
    for name in sorted(theirs.keys() | ours.keys()):
        if theirs.get(name) != ours.get(name):
            yield Problem("E-VER-010", name, {"theirs": theirs.get(name, "-"), "ours": ours.get(name, "-")})


def _found_digests(manifest: Mapping[str, Any], library: Path) -> dict[str, str]:
    """What the manifest should state of the library, by its own schema."""
    return {"library": first_digest(library)} if manifest.get("schema") == FIRST else library_digests(library)
