"""A finished, verified run read as a submission: land, vintages, pools, whole tonnes; or every reason why it may not be issued.

    run folder, <run>.verification.json, the submitter's key  ->  Submission

Refused: a manifest that doesn't hold, simulated imagery, withheld tonnes, clauses nobody has confirmed, and runs that no passing
verification with the stages run again stands beside.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path
from typing import Any

from carbonsink.base.evidence import digest, file_sha256, read_json
from carbonsink.base.geometry import canonical_wkb
from carbonsink.base.manifest import read_manifest, stated_files
from carbonsink.base.problems import Exit, Problem, Refusal, refuse
from carbonsink.base.records import Posting
from carbonsink.base.standing import Standing
from carbonsink.base.tables import read_csv
from carbonsink.declared.checkpoint import Checkpoint
from carbonsink.declared.period import Period
from carbonsink.declared.place import Place
from carbonsink.declared.plan import Plan
from carbonsink.declared.withholding import withholding
from carbonsink.ledger.accounts import NONE, Account
from carbonsink.ledger.claims import Claim, Span
from carbonsink.ledger.rules import pools
from carbonsink.run.copies import load_copies as load_copies

PIXELS = ("scenes/", "composites/", "land/cover_", "report/")  # verified; not read here
STAGES_AGAIN = "run again"  # the verifier's check that is no matter of reading alone
OWN_WORDS = {"simulated": "E-LED-021", "unconfirmed": "E-LED-023"}


@dataclass(frozen=True)
class Vintage:
    """What a run states of a year [whole t CO2e]: what the project may get and what the buffer keeps."""

    year: int
    issued: int
    buffer: int
    removals: int | None = None  # of what is issued; the others are avoided emissions
    period: Period | None = None  # of monitoring, of which the vintage has the days that lie in its year; all of them where it isn't said

    @property
    def span(self) -> Span:
        """The vintage's days, from its first to the day after its last."""
        first, last = date(self.year, 1, 1), date(self.year, 12, 31)
        if self.period:
            first, last = max(first, self.period.start), min(last, self.period.end)
        return Span(first.isoformat(), (last + timedelta(days=1)).isoformat())


@dataclass(frozen=True)
class Submission:
    """A run as the ledger takes it."""

    run: str
    manifest: str  # digest
    results: str  # digest
    verification: str  # SHA-256 of the verification's file
    project: str
    name: Mapping[str, str]
    methodology: str  # id and version
    parcels: tuple[tuple[str, bytes], ...]
    pools: tuple[str, ...]
    vintages: tuple[Vintage, ...]  # those with something to issue
    account: Account  # where the run started and what it leaves
    division: str = ""  # GB/T 2260, where the area says it
    boundary: str = ""  # how the land was drawn, where the area says it
    checkpoint: Checkpoint | None = None  # of the ledger that the run is meant for

    def claim(self, boundary: str) -> Claim:
        """The submission as a claim on land, days and pools."""
        return Claim(self.project, self.methodology.partition(" ")[0], self.parcels, boundary, [one.span for one in self.vintages], self.pools)


def read_submission(run: Path) -> Submission:
    """Read a run folder; a Refusal with every reason why it may not be issued."""
    if not (run / "manifest.json").is_file():
        raise refuse("E-RUN-001", str(run), Exit.USAGE)
    manifest = _whole_manifest(run)
    plan = load_copies(run)
    problems = [*_verified(run, manifest["digest"]), *_withheld(plan, run, manifest)]
    if unknown := _unknown_flows(plan):
        problems.append(Problem("E-LED-028", plan.methodology.id, {"flows": ", ".join(unknown)}))
    if problems:
        raise Refusal(problems)
    vintages = tuple(replace(one, period=plan.area.period) for one in read_vintages(run / "credit" / "statement.csv"))
    account = account_of(plan, run / "credit" / "statement.csv")
    if not (vintages or account.drawn or account.after != account.before):
        raise refuse("E-LED-027", run.name)
    place = plan.area.place or Place()
    return Submission(
        run.name, manifest["digest"], manifest["results"], file_sha256(verification_of(run)), plan.area.id, plan.area.name.model_dump(),
        f"{plan.methodology.id} {plan.methodology.version}", parcels_of(plan), pools().of(plan.methodology), vintages, account,
        place.division or "", place.boundary_source or "", plan.checkpoint,
    )  # fmt: skip


def verification_of(run: Path) -> Path:
    """Where `carbonsink verify` writes what it found of a run."""
    return run.parent / f"{run.name}.verification.json"


def read_vintages(statement: Path) -> tuple[Vintage, ...]:
    """The whole tonnes that a statement issues and puts into the buffer, by year; years without an issuance are left out."""
    accounts: dict[int, dict[str, Posting]] = defaultdict(dict)
    for posting in read_csv(statement, Posting):
        accounts[posting.vintage][posting.account] = posting
    return tuple(_vintage(year, said) for year, said in sorted(accounts.items()) if said["issued"].co2e_t >= 1)


def account_of(plan: Plan, statement: Path) -> Account:
    """Where a run started, by the run it goes on from, and what its statement leaves."""
    postings, period = read_csv(statement, Posting), plan.area.period
    before = plan.earlier.left if plan.earlier else Standing()
    days = period.start.isoformat(), (period.end + timedelta(days=1)).isoformat()
    drawn = whole(-sum((one.co2e_t for one in postings if one.account == "reversal"), Decimal(0)))
    return Account(*days, plan.earlier.manifest if plan.earlier else NONE, before, before.left_by(postings), drawn)


def _vintage(year: int, said: Mapping[str, Posting]) -> Vintage:
    removals, kept = said["issued"].removals_t, said["buffer"].co2e_t if "buffer" in said else Decimal(0)
    return Vintage(year, whole(said["issued"].co2e_t), whole(kept), None if removals is None else whole(removals))


def whole(tonnes: Decimal) -> int:
    """Whole tonnes, rounded down."""
    return int(tonnes.to_integral_value(ROUND_FLOOR))


def parcels_of(plan: Plan) -> tuple[tuple[str, bytes], ...]:
    """The land as named canonical outlines, in the order of names: parcels, or the boundary where there are none."""
    found = sorted((parcel.id, canonical_wkb(parcel.geometry)) for parcel in plan.land.parcels)
    return tuple(found) or (("boundary", canonical_wkb(plan.land.boundary)),)


def _whole_manifest(run: Path) -> dict[str, Any]:
    manifest = read_manifest(run)
    stated = manifest.pop("digest", None)
    if stated != digest(manifest):
        raise refuse("E-LED-020", "manifest.json", Exit.INTEGRITY, stated=stated, found=digest(manifest))
    for path, sha in sorted(stated_files(manifest).items()):
        if not path.startswith(PIXELS) and (found := file_sha256(run / path) if (run / path).is_file() else "-") != sha:
            raise refuse("E-LED-020", path, Exit.INTEGRITY, stated=sha, found=found)
    return manifest | {"digest": stated}


def _verified(run: Path, manifest: str) -> Iterator[Problem]:
    """What is missing of a passing verification of this very run."""
    path = verification_of(run)
    if not path.is_file():
        yield Problem("E-LED-024", path.name, {"run": run})
        return
    verdict = read_json(path)
    if verdict.get("manifest") != manifest:
        yield Problem("E-LED-025", path.name, {"found": verdict.get("manifest") or "-", "expected": manifest, "run": run})
    made = {check["name"]: check["passed"] for check in verdict["checks"]}
    if not (verdict["passed"] and all(made.values()) and made.get(STAGES_AGAIN)):
        failed = [name for name, passed in made.items() if not passed] or [STAGES_AGAIN]
        yield Problem("E-LED-026", path.name, {"checks": ", ".join(failed), "run": run})


def _withheld(plan: Plan, run: Path, manifest: Mapping[str, Any]) -> Iterator[Problem]:
    """Every reason to withhold, by the plan, by the evidence and by what the statement withheld."""
    reasons = set(withholding(plan, run)) | ({"simulated"} if manifest["simulated"] else set())
    posted = [one for one in read_csv(run / "credit" / "statement.csv", Posting) if one.account == "withheld" and one.co2e_t]
    reasons |= {reason for one in posted for reason in one.note.split()}
    yield from (Problem(OWN_WORDS[reason], run.name, {"methodology": plan.methodology.id}) for reason in sorted(reasons & OWN_WORDS.keys()))
    if left := sorted(reasons - OWN_WORDS.keys()):
        yield Problem("E-LED-022", run.name, {"reasons": ", ".join(left), "tonnes": sum((one.co2e_t for one in posted), Decimal(0))})


def _unknown_flows(plan: Plan) -> list[str]:
    known = pools().claims
    return sorted({f"{flow.pool} {flow.gas}" for flow in plan.methodology.flow if flow.kind != "emission" and f"{flow.pool} {flow.gas}" not in known})
