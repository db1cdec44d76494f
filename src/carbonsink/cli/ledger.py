"""The commands `carbonsink ledger ...`: units issued, moved and retired, and everything looked at again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from carbonsink.base.problems import Exit, Refusal
from carbonsink.cli.ledger_words import checked, checked_value, line, submitted, value, words
from carbonsink.cli.places import must_be_apart, must_be_free, must_be_outside_runs
from carbonsink.cli.screen import guarded, screen_words
from carbonsink.cli.signing import unlocked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from carbonsink.ledger.entries import Entry
    from carbonsink.ledger.store import Ledger

File = Annotated[Path, typer.Argument(metavar="LEDGER", help="the ledger's file")]
Serial = Annotated[str, typer.Argument(metavar="SERIAL", help="serial number of a block, as `list` prints it")]
Quantity = Annotated[int | None, typer.Option("--quantity", min=1, help="only the first so many units of the block")]
Holder = Annotated[str, typer.Option("--from", help="the account that holds the block")]
Reason = Annotated[str, typer.Option("--reason", help="why; it stays in the entry")]
Key = Annotated[Path, typer.Option("--key", help="private key (carbonsink keys new)")]
KeyFiles = list[Path] | None
AsJson = Annotated[bool, typer.Option("--json", help="one JSON object on stdout")]
Debug = Annotated[bool, typer.Option("--debug", help="show the traceback of an internal error")]

ledger = typer.Typer(help="Who holds which tonne of which land and year: issue, transfer, retire, check.", no_args_is_help=True)


@ledger.command("init")
def init_ledger(
    file: File, name: Annotated[str, typer.Option("--name", help="the ledger's name")], key: Key,
    guardian: Annotated[KeyFiles, typer.Option("--guardian", help="key file of somebody who may name the operator's next key, should his be lost")] = None,
    quorum: Annotated[int, typer.Option("--quorum", help="how many guardians that takes")] = 0,
    as_json: AsJson = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Make a new ledger; the key is its operator's, who signs checkpoints."""

    def work() -> None:
        from carbonsink.base.signing import fingerprint, public_text
        from carbonsink.ledger.keyholders import check_quorum
        from carbonsink.ledger.store import init

        public = public_text(unlocked(key))
        more = check_quorum([_public(one) for one in guardian or ()], quorum)
        made = init(file, name, public, more=more)
        _print(as_json, {"path": str(file), **value(made)}, [words()("ledger.made", path=file, name=name, fingerprint=fingerprint(public))])

    guarded(work, debug)


@ledger.command()
def submit(
    file: File,
    run: Annotated[Path, typer.Argument(metavar="RUN", help="run folder, verified")],
    key: Annotated[Path, typer.Option("--key", help="the submitter's private key")],
    holder: Annotated[str, typer.Option("--holder", help="the account that gets the units")],
    division: Annotated[str, typer.Option("--division", help="code of the administrative division, where area.toml [place] doesn't say it")] = "",
    boundary: Annotated[str, typer.Option("--boundary", help="how the land was drawn, where area.toml [place] doesn't say it")] = "",
    supersedes: Annotated[int | None, typer.Option("--supersedes", help="the void issue that this one takes the place of")] = None,
    reviewed: Annotated[str, typer.Option("--reviewed", help="why a hit among other registers' claims is none")] = "",
    keys: Annotated[Path | None, typer.Option("--keys", help="the list of keys by which submitter and verifier have signed the run")] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Issue what a verified run states; exit 7 where land, days and pools are claimed already."""

    def work() -> None:
        from datetime import date

        from carbonsink.declared.keys import read_keys
        from carbonsink.ledger.store import opened
        from carbonsink.ledger.submission import read_submission
        from carbonsink.ledger.submit import endorsed, submit, terms_of

        with opened(file) as ours:
            said = read_submission(run)
            terms = terms_of(said, division, holder, boundary, supersedes, reviewed)
            secret = unlocked(key)
            answer = submit(ours, said, terms, secret, endorsed(run, read_keys(keys), date.today(), secret) if keys else ())
            lines = submitted(ours, answer.entries, answer.again)
        _print(as_json, {"again": answer.again, "entries": [value(entry) for entry in answer.entries]}, lines)

    guarded(work, debug)


@ledger.command()
def transfer(
    file: File, serial: Serial, holder: Holder, to: Annotated[str, typer.Option("--to", help="the account that gets it")], quantity: Quantity = None,
    as_json: AsJson = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Give a block, or its first units, to another account; blocks are split, never renumbered."""
    from carbonsink.ledger import moves

    _move(file, lambda ours: moves.transfer(ours, serial, holder, to, quantity), as_json, debug)


@ledger.command()
def retire(
    file: File, serial: Serial, holder: Holder, reason: Reason,
    beneficiary: Annotated[str, typer.Option("--beneficiary", help="on whose behalf; the holder's where it isn't said")] = "",
    quantity: Quantity = None, as_json: AsJson = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Retire a block, or its first units, for good."""
    from carbonsink.ledger import moves

    _move(file, lambda ours: moves.retire(ours, serial, holder, reason, beneficiary, quantity), as_json, debug)


@ledger.command()
def cancel(
    file: File, serial: Serial, holder: Holder, reason: Reason, quantity: Quantity = None, as_json: AsJson = False, debug: Debug = False
) -> None:  # fmt: skip
    """Cancel a block, or its first units."""
    from carbonsink.ledger import moves

    _move(file, lambda ours: moves.cancel(ours, serial, holder, reason, quantity), as_json, debug)


@ledger.command()
def void(
    file: File, issue: Annotated[int, typer.Argument(metavar="ENTRY", help="the issue's place in the ledger")], reason: Reason,
    as_json: AsJson = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Declare an issue void before any of its units has moved; its land and days are free again."""
    from carbonsink.ledger import moves

    _move(file, lambda ours: moves.void(ours, issue, reason), as_json, debug)


@ledger.command()
def reversal(
    file: File, project: Annotated[str, typer.Argument(metavar="PROJECT", help="the project that lost carbon again")],
    quantity: Annotated[int, typer.Option("--quantity", help="tonnes lost")], reason: Reason, as_json: AsJson = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Take lost tonnes out of the buffer: the project's own first."""
    from carbonsink.ledger import moves

    _move(file, lambda ours: moves.reversal(ours, project, quantity, reason), as_json, debug)


@ledger.command()
def claim(
    file: File,
    outlines: Annotated[Path, typer.Argument(metavar="GEOJSON", help="polygons in longitude and latitude")],
    register: Annotated[str, typer.Option("--register", help="the register or list they stand in")],
    start: Annotated[str, typer.Option("--start", help="first day, as 2020-01-01")],
    end: Annotated[str, typer.Option("--end", help="the day after the last")],
    pool: Annotated[list[str] | None, typer.Option("--pool", help="a pool it claims; every pool where none is said")] = None,
    boundary: Annotated[str, typer.Option("--boundary", help="how the land was drawn")] = "unstated",
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Import what another register holds; later submissions that meet it are stopped for review."""
    from carbonsink.ledger.outside import claim_outside

    _move(file, lambda ours: claim_outside(ours, outlines, register, start, end, pool or [], boundary), as_json, debug)


@ledger.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="LEDGER", help="the ledger's file, or its JSON Lines")],
    seen: Annotated[Path | None, typer.Option("--seen", help="checkpoints that you have kept; those beside the ledger where it isn't said")] = None,
    checkpoint: Annotated[str, typer.Option("--checkpoint", help="what the code of a printed report or certificate reads, or a file with it")] = "",
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Check everything from end to end: chain, units, signatures, tables, triggers, checkpoints; exit 5 names the first bad entry."""

    def work() -> None:
        from carbonsink.ledger.checking import check as run_check
        from carbonsink.ledger.checkpoints import place_of, read_checkpoints
        from carbonsink.ledger.scanned import check_scanned, read_scanned

        printed = read_scanned(checkpoint) if checkpoint else None
        kept = seen or place_of(file)
        report = run_check(file, read_checkpoints(kept) if seen or kept.is_file() else [])
        if printed and report.passed:
            check_scanned(file, printed)
        held = {"printed": printed.sequence} if printed and report.passed else {}
        lines = [words()("scanned.held", sequence=printed.sequence, head=printed.head)] if printed and held else []
        _print(as_json, checked_value(report) | held, [*checked(report), *lines])
        if not report.passed:
            raise Refusal(report.problems, Exit.INTEGRITY)

    guarded(work, debug)


@ledger.command("audit-overlaps")
def audit_overlaps(file: File, as_json: AsJson = False, debug: Debug = False) -> None:
    """Look at every pair of claims again; exit 7 where land is claimed twice and no entry records it."""

    def work() -> None:
        from dataclasses import asdict

        from carbonsink.base.problems import Problem
        from carbonsink.ledger.audit import audit
        from carbonsink.ledger.store import opened

        with opened(file, write=False) as ours:
            pairs = audit(ours)
        unknown = [pair for pair in pairs if not pair.known]
        values = [asdict(pair) | {"shared": {"area_m2": pair.shared.area_m2, "thick_m2": pair.shared.thick_m2, "broken": pair.shared.broken}} for pair in pairs]
        _print(as_json, {"pairs": values}, [words()("ledger.audited", pairs=len(pairs), unknown=len(unknown))])
        if unknown:
            facts = [{"area": f"{one.shared.area_m2:.1f}", "entry": one.issue, "with": one.project or "-", "pools": " ".join(one.pools)} for one in unknown]
            raise Refusal([Problem("E-LED-083", f"#{one.other}", said) for one, said in zip(unknown, facts, strict=True)], Exit.DOUBLE_COUNTING)

    guarded(work, debug)


@ledger.command()
def export(
    file: File,
    out: Annotated[Path | None, typer.Option("--out", help="a file, or for --cadt and --ccer a folder; JSON Lines go to stdout without it")] = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="one line an entry, byte for byte the same each time")] = False,
    cadt: Annotated[bool, typer.Option("--cadt", help="the tables of the Climate Action Data Trust")] = False,
    ccer: Annotated[bool, typer.Option("--ccer", help="the national register's fields of projects and issuances")] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Write the ledger as others read it; JSON Lines where nothing else is asked for."""

    def work() -> None:
        from carbonsink.ledger import exports
        from carbonsink.ledger.store import opened

        forms = [name for name, asked in (("cadt", cadt), ("ccer", ccer)) if asked]
        with opened(file, write=False) as ours:
            files = {(out or Path()) / f"{form}-{name}.csv": text for form in forms for name, text in exports.tables(ours, form).items()}
            lines = "".join(exports.jsonl(ours)) if jsonl or not forms else ""
        if out and not forms:
            files[out] = lines
        for path in files:
            must_be_free(path, "--out")
        written = [_write(path, text) for path, text in files.items()]
        if lines and out not in files:
            typer.echo(lines, nl=False)
            return
        _print(as_json, {"files": list(map(str, written))}, [words()("ledger.written", path=path) for path in written])

    guarded(work, debug)


@ledger.command()
def checkpoint(
    file: File, key: Key, out: Annotated[Path | None, typer.Option("--out", help="where to keep it; beside the ledger where it isn't said")] = None,
    to: Annotated[Path | None, typer.Option("--to", help="write it as a file of its own as well, for an area's folder")] = None,
    as_json: AsJson = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Sign the ledger's head and totals; the copy that somebody else keeps is what a rollback is told by."""

    def work() -> None:
        from carbonsink.base.evidence import write_json
        from carbonsink.base.signing import fingerprint
        from carbonsink.ledger.checkpoints import keep, make_checkpoint, place_of, read_checkpoints
        from carbonsink.ledger.store import opened

        kept = out or place_of(file)
        must_be_outside_runs(kept, "--out")
        if kept.exists():
            read_checkpoints(kept)  # only others may stand before it
        if to:
            must_be_free(to, "--to")
            must_be_apart(to, kept, "--to", "--out")
        with opened(file, write=False) as ours:
            made = make_checkpoint(ours, unlocked(key))
        keep(kept, made)
        if to:
            write_json(to, made)
        facts = {"seq": made["seq"], "head": made["head"], "fingerprint": fingerprint(made["public_key"]), "path": kept}
        _print(as_json, made, [words()("ledger.checkpoint", **facts), words()("ledger.totals", **made["totals"])])

    guarded(work, debug)


@ledger.command()
def rekey(
    file: File, new: Annotated[Path, typer.Option("--new", help="the new key, public or private, as PEM")], reason: Reason,
    key: Annotated[list[Path], typer.Option("--key", help="private key of the operator, or of each guardian where the operator's is lost")],
    project: Annotated[str, typer.Argument(metavar="PROJECT", help="whose key was lost; the operator's where none is said")] = "",
    as_json: AsJson = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Put a new key in the place of a lost or revoked one: what it signed before stays, nothing later is taken."""
    from carbonsink.ledger import keyholders

    _move(file, lambda ours: keyholders.rekey(ours, project, _public(new), reason, [unlocked(one) for one in key]), as_json, debug)


@ledger.command("list")
def list_units(
    file: File, account: Annotated[str | None, typer.Option("--account", help="only this account's")] = None, as_json: AsJson = False, debug: Debug = False
) -> None:  # fmt: skip
    """List every block as it is held now."""

    def work() -> None:
        from carbonsink.ledger.exports import units
        from carbonsink.ledger.store import opened

        with opened(file, write=False) as ours:
            found = [row for row in units(ours) if account in (None, row["account"])]
        shown = [{key: row[key] for key in ("serial", "quantity", "account", "state", "project", "vintage", "issuance")} for row in found]
        w = screen_words()
        lines = ["  ".join((row["serial"], str(row["quantity"]), row["account"] or "-", w(f"state.{row['state']}"))) for row in found]
        _print(as_json, {"units": shown}, [words()("ledger.columns"), *lines])

    guarded(work, debug)


def _move(file: Path, append: Callable[[Ledger], Entry], as_json: bool, debug: bool) -> None:
    """One entry appended and said."""

    def work() -> None:
        from carbonsink.ledger.store import opened

        with opened(file) as ours:
            made = append(ours)
            said = line(ours, made)
        _print(as_json, value(made), [said])

    guarded(work, debug)


def _public(path: Path) -> str:
    """The public key of a PEM file that holds it, or the private one, as entries write it."""
    from carbonsink.cli.sign import public_key_of

    return public_key_of(path).public_bytes_raw().hex()


def _write(path: Path, text: str) -> Path:
    from carbonsink.base.evidence import write_bytes

    write_bytes(path, text.encode())
    return path


def _print(as_json: bool, result: Any, lines: Sequence[str]) -> None:
    typer.echo(json.dumps(result, ensure_ascii=False, indent=1) if as_json else "\n".join(lines))
