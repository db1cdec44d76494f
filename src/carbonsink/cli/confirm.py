"""The commands `confirm` and `keys`: a person signs that a methodology's recalled or proposed clauses stand in the document they have read."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from carbonsink.base.problems import Exit, refuse, user_language
from carbonsink.cli.screen import AsJson, guarded, show

if TYPE_CHECKING:
    from carbonsink.declared.language import Language
    from carbonsink.declared.methodology import Methodology

Debug = Annotated[bool, typer.Option("--debug", help="show the traceback of an internal error")]
Text = str | None
PASSPHRASE = "CARBONSINK_PASSPHRASE"  # noqa: S105  the variable's name
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
        key = make_key()
        write_key(file, key, passphrase(w, asked=True, twice=True))
        known = fingerprint(public_text(key))
        show({"key": str(file), "fingerprint": known}, [w("confirm.made", path=file, fingerprint=known)], as_json)

    guarded(work, debug)


def confirm(
    area: Annotated[Path, typer.Argument(metavar="AREA", help="folder with area.toml")],
    key: Annotated[Path, typer.Option("--key", help="the signer's private key (carbonsink keys new)")],
    document: Annotated[Text, typer.Option("--document", help="the document that was read, with its edition")] = None,
    dated: Annotated[Text, typer.Option("--dated", help="the document's date, as 2023-10-24")] = None,
    read_in: Annotated[Text, typer.Option("--read-in", help="where it was read: an address, a library")] = None,
    name: Annotated[Text, typer.Option("--name", help="the signer's name")] = None,
    organisation: Annotated[Text, typer.Option("--organisation", help="the signer's organisation")] = None,
    role: Annotated[Text, typer.Option("--role", help="the signer's role")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="sign without being asked")] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """List the clauses of an area's methodology that must be confirmed before anything is issued, and sign them."""

    def work() -> None:
        from carbonsink.base.evidence import write_json
        from carbonsink.base.signing import encrypted, read_key
        from carbonsink.declared.confirmation import FILE, Document, Signer, confirmed
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
        signer = Signer(name=said["name"], organisation=said["organisation"], role=said["role"])
        if not yes and not typer.confirm(w("confirm.ask")):
            print(w("confirm.refused"))
            raise typer.Exit(Exit.USAGE)
        secret = read_key(key, passphrase(w, asked=encrypted(key)))
        statement = w("confirm.statement", methodology=f"{methodology.id} {methodology.version}")
        made = confirmed(methodology, statement, read, signer, date.today(), secret)
        path = Places(area).of(declared.confirmation or FILE, "area.toml [confirmation]")
        write_json(path, made)
        show({"confirmation": str(path), **made}, _done(w, path, made, declared.confirmation), as_json)

    guarded(work, debug)


def clause_lines(methodology: Methodology, w: Language) -> list[str]:
    """What there is to confirm, a line a clause; a Refusal where there is nothing."""
    if not methodology.confirm:
        raise refuse("E-CON-011", methodology.id, Exit.USAGE, methodology=f"{methodology.id} {methodology.version}", status=w(f"status.{methodology.status}"))
    head = w("confirm.intro", methodology=f"{methodology.id} {methodology.version}", status=w(f"status.{methodology.status}"))
    return [head, *(f"  {one.clause}: {w.of(one.name)} [{one.source}, {one.place}]" for one in methodology.confirm)]


def told(w: Language, yes: bool, options: dict[str, Text], command: str) -> dict[str, str]:
    """The options of a command as said or, where somebody sits at the screen, as answered."""
    missing = [name for name, said in options.items() if not said] + ([] if yes else ["yes"])
    if missing and not _somebody_there():
        raise refuse("E-CON-012", command, Exit.USAGE, missing=", ".join(f"--{name}" for name in missing))
    return {name: said or str(typer.prompt(w(f"confirm.{name}"))) for name, said in options.items()}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise refuse("E-CON-013", "--dated", Exit.USAGE, found=text) from None


def passphrase(w: Language, asked: bool, twice: bool = False) -> str:
    """The key's passphrase: from CARBONSINK_PASSPHRASE, else asked for where somebody sits at the screen."""
    if PASSPHRASE in os.environ or not asked or not _somebody_there():
        return os.environ.get(PASSPHRASE, "") if asked else ""
    return str(typer.prompt(w("confirm.passphrase"), default="", hide_input=True, show_default=False, confirmation_prompt=twice))


def _somebody_there() -> bool:
    """Whether a person can be asked."""
    return sys.stdin.isatty()


def _done(w: Language, path: Path, made: dict[str, object], declared: str | None) -> list[str]:
    from carbonsink.base.signing import fingerprint

    signer = made["signer"]
    assert isinstance(signer, dict)
    lines = [w("confirm.written", path=path, name=signer["name"], fingerprint=fingerprint(str(made["public_key"])))]
    return lines if declared else [*lines, w("confirm.declare", line=f'confirmation = "{path.name}"')]


def words() -> Language:
    """The words of the user's language."""
    from carbonsink.declared.language import read_languages

    return read_languages([user_language()])[0]
