"""Signing at the screen: what a signer is asked, the passphrase of the key, and the answer that a file is signed by."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from carbonsink.base.problems import Exit, refuse, user_language
from carbonsink.cli.places import must_be_free, must_be_outside_runs

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from carbonsink.declared.language import Language
    from carbonsink.declared.signed import Signer

Debug = Annotated[bool, typer.Option("--debug", help="show the traceback of an internal error")]
Text = str | None
PrivateKey = Annotated[Path, typer.Option("--key", help="the signer's private key (carbonsink keys new)")]
Name = Annotated[Text, typer.Option("--name", help="the signer's name")]
Organisation = Annotated[Text, typer.Option("--organisation", help="the signer's organisation")]
Role = Annotated[Text, typer.Option("--role", help="the signer's role")]
Yes = Annotated[bool, typer.Option("--yes", help="sign without being asked")]
PASSPHRASE = "CARBONSINK_PASSPHRASE"  # noqa: S105  the variable's name


def words() -> Language:
    """The words of the user's language."""
    from carbonsink.declared.language import read_languages

    return read_languages([user_language()])[0]


def told(w: Language, yes: bool, options: Mapping[str, Text], command: str) -> dict[str, str]:
    """The options of a command as said or, where somebody sits at the screen, as answered."""
    missing = [name for name, said in options.items() if not said] + ([] if yes else ["yes"])
    if missing and not _somebody_there():
        raise refuse("E-CON-012", command, Exit.USAGE, missing=", ".join(f"--{name}" for name in missing))
    return {name: said or str(typer.prompt(w(f"confirm.{name}"))) for name, said in options.items()}


def answer_file(
    w: Language, path: Path, key: Path, said: Mapping[str, str], yes: bool, question: str, make: Callable[[Signer, date, Ed25519PrivateKey], dict[str, Any]]
) -> tuple[dict[str, Any], str]:
    """Ask whether to sign, sign, and write: the file's value and the line that says so; leaves with code 2 where the answer is no."""
    from carbonsink.base.evidence import write_json
    from carbonsink.base.signing import fingerprint
    from carbonsink.declared.signed import Signer

    if not yes and not typer.confirm(question):
        print(w("confirm.refused"))
        raise typer.Exit(Exit.USAGE)
    signer = Signer(name=said["name"], organisation=said["organisation"], role=said["role"])
    made = make(signer, date.today(), unlocked(key))
    write_json(path, made)
    return made, w("confirm.written", path=path, name=signer.name, fingerprint=fingerprint(made["public_key"]))


def may_be_signed_anew(path: Path, key: str, where: str) -> None:
    """Refuse a place with anything but an earlier answer of the same kind, known by a key of its own, which the new one takes the place of."""
    from carbonsink.base.jsontext import json_object

    must_be_outside_runs(path, where)
    try:
        signed = not path.exists() or {key, "signature"} <= json_object(path.read_bytes()).keys()
    except (OSError, ValueError, RecursionError):
        signed = False
    if not signed:
        must_be_free(path, where)


def passphrase(w: Language, asked: bool, twice: bool = False) -> str:
    """The key's passphrase: from CARBONSINK_PASSPHRASE, else asked for where somebody sits at the screen."""
    if PASSPHRASE in os.environ or not asked or not _somebody_there():
        return os.environ.get(PASSPHRASE, "") if asked else ""
    again = w("confirm.passphrase-again") if twice else False
    return str(typer.prompt(w("confirm.passphrase"), default="", hide_input=True, show_default=False, confirmation_prompt=again))


def unlocked(path: Path) -> Ed25519PrivateKey:
    """The private key of a PEM file, its passphrase asked for where it has one."""
    from carbonsink.base.signing import encrypted, read_key

    return read_key(path, passphrase(words(), asked=encrypted(path)))


def _somebody_there() -> bool:
    """Whether a person can be asked."""
    return sys.stdin.isatty()
