"""What may be signed: a whole run, and by a verifier only one that passed its verification."""

from __future__ import annotations

from pathlib import Path

from carbonsink.base.evidence import read_json
from carbonsink.base.manifest import read_manifest
from carbonsink.base.problems import Exit, Problem, Refusal, refuse
from carbonsink.declared.keys import Role
from carbonsink.verify.chips import Chips
from carbonsink.verify.whole import check_whole


def ready_to_sign(run: Path, role: Role) -> None:
    """Refuse a run whose files aren't those of its manifest; to a verifier also one without a passed verification of this manifest."""
    if wrong := next(check_whole(run, Chips(run)), None):
        raise Refusal([wrong, Problem("E-SIG-022", str(run))], Exit.INTEGRITY)
    if role == "verifier":
        _verified(run)


def _verified(run: Path) -> None:
    file, digest = run.parent / f"{run.name}.verification.json", read_manifest(run)["digest"]
    try:
        verdict = read_json(file)
        passed = verdict["passed"] and verdict["class"] in ("V0", "V1") and verdict["manifest"] == digest
    except (OSError, ValueError, KeyError, TypeError):
        passed = False
    if not passed:
        raise refuse("E-SIG-023", str(run), Exit.USAGE, file=file.name, found=digest)
