"""The commands `confirm` and `keys`: a person signs that a methodology's recalled or proposed clauses stand in the document they have read."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from carbonsink.base.problems import Exit, Problem, refuse
from carbonsink.cli.places import must_be_outside_runs
from carbonsink.cli.screen import AsJson, guarded, screen_words, show
from carbonsink.cli.signing import Debug, Name, Organisation, PrivateKey, Role, Text, Yes, answer_file, may_be_signed_anew, passphrase, told, words

if TYPE_CHECKING:
    from carbonsink.declared.language import Language
    from carbonsink.declared.methodology import Methodology

keys = typer.Typer(help="Keys that confirmations are signed with.", no_args_is_help=True)


@keys.callback()
def _keys() -> None:
    """Keys that confirmations are signed with."""


@keys.command("new")
def new_key(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="where the private key is written, as PEM")], as_json: AsJson = False, debug: Debug = False
) -> None:
    """Make a key pair (Ed25519); the passphrase comes from CARBONSINK_PASSPHRASE, or is asked for."""

    def work() -> None:
        from carbonsink.base.signing import fingerprint, make_key, public_text, write_key

        w = words()
        must_be_outside_runs(file, "FILE")
        key = make_key()
        secret = passphrase(w, asked=True, twice=True)
        write_key(file, key, secret)
        known = fingerprint(public_text(key))
        if not secret:
            print(screen_words()("note", line=Problem("W-CON-001", str(file)).line()), file=sys.stderr)
        show({"key": str(file), "fingerprint": known, "encrypted": bool(secret)}, [w("confirm.made", path=file, fingerprint=known)], as_json)

    guarded(work, debug)


def confirm(
    area: Annotated[Path, typer.Argument(metavar="AREA", help="folder with area.toml")],
    key: PrivateKey,
    document: Annotated[Text, typer.Option("--document", help="the document that was read, with its edition")] = None,
    dated: Annotated[Text, typer.Option("--dated", help="the document's date, as 2023-10-24")] = None,
    read_in: Annotated[Text, typer.Option("--read-in", help="where it was read: an address, a library")] = None,
    name: Name = None,
    organisation: Organisation = None,
    role: Role = None,
    yes: Yes = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """List the clauses of an area's methodology that must be confirmed before anything is issued, and sign them."""

    def work() -> None:
        from carbonsink.declared.confirmation import FILE, Document, confirmed
        from carbonsink.declared.load import declared_methodology
        from carbonsink.declared.paths import Places

        w = words()
        declared, methodology = declared_methodology(area)
        clauses = clause_lines(methodology, w)
        if not as_json:
            print("\n".join(clauses))
        options = {"document": document, "dated": dated, "read-in": read_in, "name": name, "organisation": organisation, "role": role}
        said = told(w, yes, options, "carbonsink confirm")
        read = Document(edition=said["document"], date=_day(said["dated"]), read_in=said["read-in"])
        statement = w("confirm.statement", methodology=f"{methodology.id} {methodology.version}")
        path = Places(area).of(declared.confirmation or FILE, "area.toml [confirmation]")
        may_be_signed_anew(path, "clauses", "area.toml [confirmation]")
        made, line = answer_file(w, path, key, said, yes, w("confirm.ask"), lambda *signing: confirmed(methodology, statement, read, *signing))
        lines = [line] if declared.confirmation else [line, w("confirm.declare", line=f'confirmation = "{path.name}"')]
        show({"confirmation": str(path), **made}, lines, as_json)

    guarded(work, debug)


def clause_lines(methodology: Methodology, w: Language) -> list[str]:
    """What there is to confirm, a line a clause; a Refusal where there is nothing."""
    if not methodology.confirm:
        raise refuse("E-CON-011", methodology.id, Exit.USAGE, methodology=f"{methodology.id} {methodology.version}", status=w(f"status.{methodology.status}"))
    head = w("confirm.intro", methodology=f"{methodology.id} {methodology.version}", status=w(f"status.{methodology.status}"))
    return [head, *(f"  {one.clause}: {w.of(one.name)} [{one.source}, {one.place}]" for one in methodology.confirm)]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise refuse("E-CON-013", "--dated", Exit.USAGE, found=text) from None
