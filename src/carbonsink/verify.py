"""Verify a run, offline, from its folder alone. Nothing is written into it.

 1. The manifest is whole, every file has the digest it states, and no file is unlisted.
 2. The declarations in the run give the run's plan again, and the library tables are this version's.
 3. Every chip has the pixels its row states, and every asset the checksum of its locked item.
 4. The pixel budget balances and nothing was left unread.
 5. Every number in the worksheet is that of the table row, the declaration or the area it names.
 6. Every worksheet row, reckoned again from its formula text, gives its result; rows sum to the stock changes.
 7. The areas of the classes sum to the boundary, and parcels to their strata.
 8. Every vintage's postings sum to zero, rounding is under a tonne, and nothing is issued on a net loss or where the plan bars it.
 9. The stages, run again from the chips, give the same content.

The checks below are these sentences, in this order. When one of the first three fails the evidence isn't
authentic and the rest isn't tried.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from carbonsink.base import reckon
from carbonsink.base.evidence import digest, file_sha256, read_json, write_json
from carbonsink.base.geometry import hectares
from carbonsink.base.manifest import NAME, content_digest, describe, environment, read_manifest, stated_files
from carbonsink.base.problems import Exit, Refusal
from carbonsink.base.rasters import pixel_digest, read_raster
from carbonsink.base.records import Activity, ClassArea, ParcelShare, PixelBudget, Posting, SceneAsset, StockChange, Variable, WorksheetRow
from carbonsink.base.tables import read_csv, total
from carbonsink.carbon.resolve import measured_variable
from carbonsink.carbon.work import area_variables, read_measured
from carbonsink.declared.load import explain_plan, load
from carbonsink.declared.methodology import tables_of
from carbonsink.declared.plan import SIMULATED, Plan
from carbonsink.declared.withholding import withholding
from carbonsink.run import LIBRARY, STAGES, Means, Progress, library_digest, lock_digests, sources_again, work_stages

AUTHENTIC = 3  # the checks that decide whether the folder is evidence at all


@dataclass(frozen=True)
class Check:
    """One numbered sentence, held or not, with both sides where they differ."""

    number: int
    name: str
    passed: bool
    detail: str


@dataclass(frozen=True)
class Verdict:
    """Every check made, what differs in the environment, and the class of the outcome."""

    run: str
    checks: tuple[Check, ...]
    environment: tuple[str, ...]
    sources: tuple[Mapping[str, Any], ...] = ()  # with --source: every asset, same, changed or gone

    @property
    def passed(self) -> bool:
        """Whether every sentence holds."""
        return all(check.passed for check in self.checks)

    @property
    def strayed(self) -> tuple[Mapping[str, Any], ...]:
        """Assets that their source no longer gives as they were: the run stands, its source doesn't."""
        return tuple(state for state in self.sources if state["state"] != "same")

    @property
    def exit_code(self) -> Exit:
        """0 well, 4 only the source has changed, 5 evidence not authentic, 9 the numbers differ."""
        failed = next((check.number for check in self.checks if not check.passed), None)
        if failed is None:
            return Exit.WELL if not self.strayed else Exit.SOURCE
        return Exit.INTEGRITY if failed <= AUTHENTIC else Exit.DIFFERS


def verify(run: Path, means: Means, progress: Progress, again: bool = True, source: bool = False, catalogue: Path | None = None) -> Verdict:
    """Make the checks; `again` false leaves out running the stages again (check 9), and the verdict doesn't list it.

    With `source`, every asset is fetched again from where the lock says (or from the folder `catalogue`), and the verdict
    says of each what it found.
    """
    checks: list[Check] = []
    sentences = SENTENCES if again else SENTENCES[:-1]
    for number, (name, sentence) in enumerate(sentences, start=1):
        progress(f"{number} {name}", number - 1, len(sentences))
        checks.append(_check(number, name, sentence, run, means))
        if number <= AUTHENTIC and not checks[-1].passed:
            break
    authentic = all(check.passed for check in checks)
    states = sources_again(load_declared(run), run, means, progress, catalogue) if source and authentic else []
    return Verdict(run.name, tuple(checks), tuple(_environment_differences(run)), tuple(asdict(state) for state in states))


def write_verdict(verdict: Verdict, run: Path) -> Path:
    """Write `<run>.verification.json` beside the run folder."""
    path = run.parent / f"{run.name}.verification.json"
    write_json(path, asdict(verdict) | {"passed": verdict.passed, "manifest": _digest_of(run)})
    return path


def check_whole(run: Path, _: Means) -> Iterator[str]:
    """1. The manifest is whole, every file has the digest it states, and no file is unlisted."""
    manifest = read_manifest(run)
    stated = manifest.pop("digest", None)
    if stated != digest(manifest):
        yield f"manifest.json states digest {stated}, its content gives {digest(manifest)}"
        return  # what it says of other files is worth nothing then
    files = stated_files(manifest)
    for link in manifest["stages"]:
        yield from (f"{link['stage']} read another {path} than was written" for path, sha in link["reads"].items() if files.get(path) != sha)
    there = {p.relative_to(run).as_posix() for p in run.rglob("*") if p.is_file()} - {NAME}
    yield from (f"{path} isn't listed in the manifest" for path in sorted(there - files.keys()))
    yield from (f"{path} is listed and missing" for path in sorted(files.keys() - there))
    for path in sorted(there & files.keys()):
        found = file_sha256(run / path)
        if found != files[path]:
            yield f"{path} has digest {found}, the manifest states {files[path]}"


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


def check_scenes(run: Path, _: Means) -> Iterator[str]:
    """3. Every chip has the pixels its row states, and every asset the checksum of its locked item; those of the radar too."""
    manifest, fetched = read_manifest(run), load_declared(run).fetched
    locks = {folder: read_json(run / folder / "lock.json") for folder in fetched}
    for (name, found), folder in zip(lock_digests(locks).items(), locks, strict=True):
        if found != manifest.get(name):
            yield f"{folder}/lock.json isn't the lock the manifest states"
    for folder, plan in fetched.items():
        yield from _scenes_of(plan, run / folder, locks[folder])


def _scenes_of(plan: Plan, scenes: Path, lock: Mapping[str, Any]) -> Iterator[str]:
    items = {item["id"]: item for item in lock["items"]}
    for name in () if plan.simulated else sorted(name for name, item in items.items() if item["properties"].get(SIMULATED)):
        yield f"{name} is marked as simulated, the plan says its imagery is real"
    assets = plan.dialect.assets
    for row in read_csv(scenes / "scenes.csv", SceneAsset):
        found = pixel_digest(read_raster(scenes / row.chip))
        if found != row.chip_sha256:
            yield f"{row.chip} has pixels {found}, scenes.csv states {row.chip_sha256}"
        if row.item not in items:
            yield f"{row.chip} is of {row.item}, which isn't in the lock"
            continue
        checksum = items[row.item]["assets"][assets[row.band]].get("file:checksum")
        if row.mode == "whole" and checksum and checksum.startswith("1220") and checksum[4:] != row.sha256:
            yield f"{row.item} {row.band} has sha256 {row.sha256}, its locked item states {checksum[4:]}"


def check_pixel_budget(run: Path, _: Means) -> Iterator[str]:
    """4. The pixel budget balances and nothing was left unread."""
    for row in (row for folder in load_declared(run).fetched for row in read_csv(run / folder / "pixel_budget.csv", PixelBudget)):
        accounted = row.valid + row.masked + row.outside + row.nodata
        if row.pixels != accounted or row.read_failed:
            yield f"{row.item} {row.band}: {row.pixels} pixels, {accounted} accounted for, {row.read_failed} unread"


def check_variables(run: Path, _: Means) -> Iterator[str]:
    """5. Every number in the worksheet is that of the table row, the declaration or the area it names."""
    plan = load_declared(run)
    known = {row.variable.id: row.variable.value for row in tables_of(plan.methodology).rows}
    known |= {v.id: v.value for v in area_variables(read_csv(run / "areas" / "activity.csv", Activity)).values()}
    known |= {v.id: v.value for v in map(measured_variable, read_measured(run))}
    known |= {f"vintage:{year}": float(year) for year in plan.vintages}
    variables = {v.id: v for v in read_csv(run / "carbon" / "variables.csv", Variable)}
    declared = {(v.symbol, v.value) for v in plan.area.value}
    for variable in variables.values():
        source = known.get(variable.id)
        if source is None and variable.id.startswith("declared:"):
            source = variable.value if (variable.symbol, variable.value) in declared else None
        if source != variable.value:
            yield f"variables.csv gives {variable.id} = {variable.value!r}, its source {source!r}"
    for row in read_csv(run / "carbon" / "worksheet.csv", WorksheetRow):
        for one in (*reckon.read_inputs(row.inputs), reckon.Input("to_co2e", row.to_co2e, row.to_co2e_variable)):
            stated = variables[one.variable].value if one.variable in variables else None
            if stated != one.value:
                yield f"worksheet.csv {row.id}: {one.argument} = {one.value!r}, variables.csv gives {one.variable} = {stated!r}"


def check_worksheet(run: Path, _: Means) -> Iterator[str]:
    """6. Every worksheet row, reckoned again from its formula text, gives its result; rows sum to the stock changes."""
    rows = read_csv(run / "carbon" / "worksheet.csv", WorksheetRow)
    values = {v.id: v.value for v in read_csv(run / "carbon" / "variables.csv", Variable)}
    for row in rows:
        result = reckon.result(row, values)
        co2e = result * values[row.to_co2e_variable]
        if not (_near(result, row.result) and _near(co2e, row.co2e_t)):
            yield f"worksheet.csv {row.id}: states {row.result!r} {row.unit} = {row.co2e_t!r} t CO2e, its formula gives {result!r} = {co2e!r}"
    sums: dict[tuple[int, str, str], list[float]] = defaultdict(list)
    for row in rows:
        sums[row.year, row.scenario, row.flow].append(row.co2e_t)
    for change in read_csv(run / "carbon" / "stock_change.csv", StockChange):
        summed = total(sums[change.year, change.scenario, change.flow])
        if not _near(summed, change.co2e_t):
            yield f"stock_change.csv {change.year} {change.scenario} {change.flow}: {change.co2e_t!r}, the worksheet sums to {summed!r}"


def check_areas(run: Path, _: Means) -> Iterator[str]:
    """7. The areas of the classes sum to the boundary, and parcels to their strata."""
    plan = load_declared(run)
    boundary = hectares(plan.land.area_m2)
    sums: dict[tuple[int, str, str], list[float]] = defaultdict(list)
    for row in read_csv(run / "areas" / "classes.csv", ClassArea):
        sums[row.year, row.split, "mapped"].append(row.mapped_ha)
        sums[row.year, row.split, "adjusted"].append(row.adjusted_ha)
    for (year, split, column), parts in sums.items():
        if abs(total(parts) - boundary) > 0.01:
            yield f"classes.csv {year} {split}: {column} areas sum to {total(parts)} ha, the boundary has {boundary} ha"
    counted: dict[tuple[int, str], list[float]] = defaultdict(list)
    for parcel in read_csv(run / "areas" / "parcels.csv", ParcelShare):
        counted[parcel.year, parcel.stratum].append(parcel.area_ha if parcel.counted else 0.0)
    for activity in read_csv(run / "areas" / "activity.csv", Activity):
        parts = counted[activity.year, activity.stratum]
        if activity.method == "parcels" and abs(total(parts) - activity.area_ha) > 0.01:
            yield f"activity.csv {activity.year} {activity.stratum}: {activity.area_ha} ha, its parcels sum to {total(parts)} ha"


def check_statement(run: Path, _: Means) -> Iterator[str]:
    """8. Every vintage's postings sum to zero, rounding is under a tonne, nothing is issued on a loss or where the plan bars it."""
    barred = withholding(load_declared(run), run)
    vintages: dict[int, dict[str, Decimal]] = defaultdict(dict)
    for posting in read_csv(run / "credit" / "statement.csv", Posting):
        vintages[posting.vintage][posting.account] = posting.co2e_t
    for vintage, accounts in vintages.items():
        if balance := sum(accounts.values()):
            yield f"statement.csv {vintage}: postings sum to {balance}, not to zero"
        issued = accounts.get("issued", Decimal(0))
        if not 0 <= accounts.get("rounding", Decimal(0)) < 1:
            yield f"statement.csv {vintage}: rounding is {accounts['rounding']}, not under a tonne"
        if issued != int(issued) or issued < 0 or (issued and accounts.get("shortfall")):
            yield f"statement.csv {vintage}: issued {issued} beside a shortfall of {accounts.get('shortfall')}"
        if issued and barred:
            yield f"statement.csv {vintage}: {issued} t issued, which the plan bars: {' '.join(barred)}"


def check_again(run: Path, means: Means) -> Iterator[str]:
    """9. The stages, run again from the chips, give the same content."""
    stated = {path: file["content"] for link in read_manifest(run)["stages"] for path, file in link["writes"].items()}
    with tempfile.TemporaryDirectory(prefix="carbonsink-verify-") as folder:
        again = Path(folder) / "run"
        again.mkdir()
        (again / "scenes").symlink_to((run / "scenes").resolve())
        shutil.copy(run / "plan.json", again / "plan.json")
        work_stages(load_declared(run), again, replace(means, reuse=False), lambda *_: None)
        for stage in STAGES:
            found = {path: file["content"] for path, file in describe(again, stage).items()}
            ours = {path: content for path, content in stated.items() if path.startswith(f"{stage}/")}
            differing = sorted(path for path in found.keys() | ours.keys() if found.get(path) != ours.get(path))
            yield from (f"{path}: the manifest states {ours.get(path)}, run again {found.get(path)}" for path in differing)
            if differing:
                return  # later stages read this one


def load_declared(run: Path) -> Plan:
    """The plan again, from the copies in the run folder; no catalogue and no file outside is asked."""
    names = read_json(run / "declared" / "files.json")
    copies = {text: run / "declared" / name for text, name in names.items()}
    return load(copies["area.toml"].parent, copies=copies)


Sentence = Callable[[Path, Means], Iterator[str]]
SENTENCES: tuple[tuple[str, Sentence], ...] = (
    ("whole", check_whole),
    ("declared", check_declared),
    ("scenes", check_scenes),
    ("pixel budget", check_pixel_budget),
    ("variables", check_variables),
    ("worksheet", check_worksheet),
    ("areas", check_areas),
    ("statement", check_statement),
    ("run again", check_again),
)


def _check(number: int, name: str, sentence: Sentence, run: Path, means: Means) -> Check:
    """A sentence made into a check; evidence that can't even be read is a difference, not a crash."""
    try:
        differences = list(sentence(run, means))
    except Refusal as refusal:
        differences = [problem.line() for problem in refusal.problems]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        differences = [f"can't be read: {type(error).__name__} {error}"]
    more = f" (and {len(differences) - 3} more)" if len(differences) > 3 else ""
    return Check(number, name, not differences, "; ".join(differences[:3]) + more)


def _environment_differences(run: Path) -> Iterator[str]:
    try:
        theirs: dict[str, Any] = read_manifest(run)["environment"]
    except (OSError, ValueError, KeyError):
        return
    ours = environment()
    for name in sorted(theirs.keys() | ours.keys()):
        if theirs.get(name) != ours.get(name):
            yield f"{name}: the run had {theirs.get(name)}, here {ours.get(name)}"


def _digest_of(run: Path) -> str | None:
    """The digest that the run's manifest states: which run it is that the verdict is about."""
    try:
        return str(read_manifest(run)["digest"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _near(a: float, b: float) -> bool:
    return abs(a - b) <= 1e-9 * max(1.0, abs(a), abs(b))


__all__ = ["Check", "Verdict", "content_digest", "load_declared", "verify", "write_verdict"]
