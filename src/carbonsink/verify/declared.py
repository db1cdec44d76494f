"""2. Do the declarations in the run give its plan, by the numbers of this version's tables?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from carbonsink.base.evidence import digest, read_json
from carbonsink.base.library import first_digest, library_digests, numbers_of
from carbonsink.base.manifest import FIRST, read_manifest
from carbonsink.base.topics import LIBRARY
from carbonsink.declared.load import explain_plan, load
from carbonsink.declared.plan import Plan
from carbonsink.run import Means


def load_declared(run: Path) -> Plan:
    """The plan again, from the copies in the run folder; no catalogue and no file outside is asked."""
    names = read_json(run / "declared" / "files.json")
    copies = {text: run / "declared" / name for text, name in names.items()}
    return load(copies["area.toml"].parent, copies=copies)


def check_declared(run: Path, _: Means) -> Iterator[str]:
    """2. The declarations in the run give the run's plan again, and the numbers of the library tables are this version's."""
    manifest = read_manifest(run)
    plan = explain_plan(load_declared(run))
    if plan != read_json(run / "plan.json"):
        yield "plan.json isn't the plan that declared/ gives"
    if digest(plan) != manifest["plan"]:
        yield f"the manifest states plan {manifest['plan']}, declared/ gives {digest(plan)}"
    for name, found in _found_digests(manifest, run / "declared" / "library").items():
        if manifest[name] != found:
            yield f"the manifest states {name} {manifest[name]}, declared/library has {found}"
    yield from custom_tables(run)


def custom_tables(run: Path) -> Iterator[str]:
    """The library tables whose numbers aren't this version's, by name, with both digests (S26: a friendlier table of the same name)."""
    theirs, ours = numbers_of(run / "declared" / "library"), numbers_of(LIBRARY)
    for name in sorted(theirs.keys() | ours.keys()):
        if theirs.get(name) != ours.get(name):
            yield f"{name}: the run's numbers have sha256 {theirs.get(name, 'none')}, this version's {ours.get(name, 'none')}"


def _found_digests(manifest: Mapping[str, Any], library: Path) -> dict[str, str]:
    """What the manifest should state of the library, by its own schema."""
    return {"library": first_digest(library)} if manifest.get("schema") == FIRST else library_digests(library)
