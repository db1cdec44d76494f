"""2. Do the declarations in the run give its plan, by the tables of this version?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from carbonsink.base.evidence import digest, file_sha256, read_json
from carbonsink.base.manifest import read_manifest
from carbonsink.declared.load import explain_plan, load
from carbonsink.declared.plan import Plan
from carbonsink.run import LIBRARY, Means, library_digest, library_files


def load_declared(run: Path) -> Plan:
    """The plan again, from the copies in the run folder; no catalogue and no file outside is asked."""
    names = read_json(run / "declared" / "files.json")
    copies = {text: run / "declared" / name for text, name in names.items()}
    return load(copies["area.toml"].parent, copies=copies)


def check_declared(run: Path, _: Means) -> Iterator[str]:
    """2. The declarations in the run give the run's plan again, and the library tables are this version's."""
    manifest = read_manifest(run)
    plan = explain_plan(load_declared(run))
    if plan != read_json(run / "plan.json"):
        yield "plan.json isn't the plan that declared/ gives"
    if digest(plan) != manifest["plan"]:
        yield f"the manifest states plan {manifest['plan']}, declared/ gives {digest(plan)}"
    for name, library in (("declared/library", run / "declared" / "library"), ("this version's library", LIBRARY)):
        if library_digest(library) != manifest["library"]:
            yield f"the manifest states library {manifest['library']}, {name} has {library_digest(library)}"
    yield from custom_tables(run)


def custom_tables(run: Path) -> Iterator[str]:
    """The library tables of a run that aren't this version's, by name, with both digests (S26: a friendlier table of the same name)."""
    theirs, ours = _tables(run / "declared" / "library"), _tables(LIBRARY)
    for name in sorted(theirs.keys() | ours.keys()):
        if theirs.get(name) != ours.get(name):
            yield f"{name}: the run's has sha256 {theirs.get(name, 'none')}, this version's {ours.get(name, 'none')}"


def _tables(library: Path) -> dict[str, str]:
    return {path.relative_to(library).as_posix(): file_sha256(path) for path in library_files(library)}
