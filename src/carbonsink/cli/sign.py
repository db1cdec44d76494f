"""The commands `sign` and `keys list|add|revoke|public`: who answers for a run, and whose keys are believed."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from carbonsink.base.problems import Exit, refuse
from carbonsink.cli.confirm import keys as commands
from carbonsink.cli.places import named
from carbonsink.cli.screen import AsJson, guarded, must_be_run, padded, screen_words, show
from carbonsink.cli.signing import unlocked

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from carbonsink.declared.keys import Key, Keys
    from carbonsink.declared.language import Language

Role = Literal["submitter", "verifier"]
List = Annotated[Path, typer.Option("--keys", help="the list of keys")]
KeyFile = Annotated[Path, typer.Argument(metavar="KEY", help="key file, PEM: public, or private")]
Debug = Annotated[bool, typer.Option("--debug", help="show the traceback of an internal error")]
DAY = ["%Y-%m-%d"]
LIST = Path("keys.toml")


def sign(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="run folder")],
    key: Annotated[Path, typer.Option("--key", help="the signer's private key (carbonsink keys new)")],
    role: Annotated[Role, typer.Option("--role", help="the submitter signs first, the verifier after verifying")],
    keys: List = LIST,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Sign a run's manifest as submitter or as verifier: <run>.dsse.json beside it."""

    def work() -> None:
        from carbonsink.base.attestation import envelope_path
        from carbonsink.declared.keys import read_keys
        from carbonsink.declared.signatures import sign_run
        from carbonsink.verify.ready import ready_to_sign

        must_be_run(run)
        listed = read_keys(keys)
        folder = named(run)
        ready_to_sign(folder, role)
        signers = sign_run(folder, unlocked(key), role, listed, date.today())
        value = {"envelope": str(envelope_path(folder)), "signers": [{"role": one.role, "holder": one.holder, "id": one.id} for one in signers]}
        w = screen_words()
        show(value, [str(envelope_path(folder)), *(f"{_role(one, w)}  {one.holder}  {one.id}" for one in signers)], as_json)

    guarded(work, debug)


@commands.command("list")
def list_keys(keys: List = LIST, as_json: AsJson = False, debug: Debug = False) -> None:
    """The keys of a list, with its SHA-256: what a verifier pins."""

    def work() -> None:
        from carbonsink.declared.keys import read_keys

        _show(read_keys(keys), as_json)

    guarded(work, debug)


@commands.command("add")
def add_key(
    key: KeyFile,
    holder: Annotated[str, typer.Option("--holder", help="whose key it is")],
    role: Annotated[Role, typer.Option("--role", help="what its holder may sign as")],
    first: Annotated[datetime, typer.Option("--from", formats=DAY, help="first day it is valid")],
    last: Annotated[datetime, typer.Option("--to", formats=DAY, help="last day it is valid")],
    keys: List = LIST,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Put a key on the list; compare its id with its holder before."""

    def work() -> None:
        import base64

        from carbonsink.base.dsse import key_id, public_der
        from carbonsink.declared.keys import Key, read_keys, write_keys
        from carbonsink.declared.schema import validate

        known = read_keys(keys).keys if keys.is_file() else ()
        der = public_der(public_key_of(key))
        text = base64.b64encode(der).decode()
        said = {"id": key_id(der), "algorithm": "ed25519", "public": text, "holder": holder, "role": role}
        made = validate(said | {"valid_from": first.date(), "valid_to": last.date()}, Key, "carbonsink keys add")
        if there := next((one for one in known if one.id == made.id), None):
            raise refuse("E-SIG-020", str(keys), Exit.USAGE, key=there.id, holder=there.holder)
        write_keys(keys, (*known, made))
        _show(read_keys(keys), as_json)

    guarded(work, debug)


@commands.command("revoke")
def revoke_key(
    key: Annotated[str, typer.Argument(metavar="ID", help="the key's id, or how it begins")],
    on: Annotated[datetime | None, typer.Option("--on", formats=DAY, help="from which day on nothing of it is believed (today)")] = None,
    keys: List = LIST,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Revoke a key: from that day on no signature of it is believed."""

    def work() -> None:
        from carbonsink.declared.keys import read_keys, write_keys

        known = read_keys(keys).keys
        found = [one for one in known if one.id.startswith(key)]
        if len(found) != 1:
            raise refuse("E-SIG-021", str(keys), Exit.USAGE, found=key)
        day = on.date() if on else date.today()
        write_keys(keys, tuple(one.model_copy(update={"revoked": day}) if one is found[0] else one for one in known))
        _show(read_keys(keys), as_json)

    guarded(work, debug)


@commands.command("public")
def public_key(key: KeyFile, as_json: AsJson = False, debug: Debug = False) -> None:
    """Print the public half of a key, as PEM: what its holder gives to whoever keeps a list."""

    def work() -> None:
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        pem = public_key_of(key).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        show({"public": pem}, pem.splitlines(), as_json)

    guarded(work, debug)


def public_key_of(path: Path) -> Ed25519PublicKey:
    """The public key of a file that holds it, or the private one."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        data = path.read_bytes()
        if b"PUBLIC KEY" not in data:
            return unlocked(path).public_key()
        found = load_pem_public_key(data)
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise refuse("E-SIG-019", str(path), Exit.USAGE, why=error) from None
    if not isinstance(found, Ed25519PublicKey):
        raise refuse("E-SIG-019", str(path), Exit.USAGE, why=type(found).__name__)
    return found


def _show(keys: Keys, as_json: bool) -> None:
    value = {"keys": [key.model_dump(mode="json") for key in keys.keys], "sha256": keys.sha256}
    w = screen_words()
    show(value, [*(_line(key, w) for key in keys.keys), f"sha256 {keys.sha256}"], as_json)


def _role(key: Key, w: Language) -> str:
    return padded(w(f"role.{key.role}"), 9)


def _line(key: Key, w: Language) -> str:
    until = w("keys.revoked", day=key.revoked) if key.revoked else w("keys.valid", first=key.valid_from, last=key.valid_to)
    return f"{key.id}  {_role(key, w)}  {key.algorithm}  {until}  {key.holder}"
