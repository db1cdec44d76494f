"""The command `justify`: a person signs why a hectare of this area may earn more than tables and published trades bear out."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from carbonsink.base.problems import Exit, refuse
from carbonsink.cli.confirm import Debug, Text, passphrase, told, words
from carbonsink.cli.screen import AsJson, guarded, show


def justify(
    area: Annotated[Path, typer.Argument(metavar="AREA", help="folder with area.toml")],
    key: Annotated[Path, typer.Option("--key", help="the signer's private key (carbonsink keys new)")],
    rate: Annotated[float, typer.Option("--rate", help="t CO2e a hectare and year up to which the reason holds")],
    reason: Annotated[Text, typer.Option("--reason", help="why a hectare earns so much here")] = None,
    name: Annotated[Text, typer.Option("--name", help="the signer's name")] = None,
    organisation: Annotated[Text, typer.Option("--organisation", help="the signer's organisation")] = None,
    role: Annotated[Text, typer.Option("--role", help="the signer's role")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="sign without being asked")] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Sign a reason for credits above the plausible limit of an area's methodology."""

    def work() -> None:
        from carbonsink.base.evidence import write_json
        from carbonsink.base.signing import encrypted, fingerprint, read_key
        from carbonsink.declared.confirmation import Signer
        from carbonsink.declared.load import declared_methodology
        from carbonsink.declared.paths import Places
        from carbonsink.declared.plausibility import FILE, justified, most

        w = words()
        declared, methodology = declared_methodology(area)
        limit = most(methodology, None)
        if not limit < rate < float("inf"):
            raise refuse("E-CRD-018", "--rate", Exit.USAGE, found=rate, limit=limit, methodology=methodology.id)
        if not as_json:
            print(w("justify.intro", methodology=methodology.id, limit=w.number(limit, 2), rate=w.number(rate, 2)))
        said = told(w, yes, {"reason": reason, "name": name, "organisation": organisation, "role": role}, "carbonsink justify")
        if not yes and not typer.confirm(w("justify.ask")):
            print(w("confirm.refused"))
            raise typer.Exit(Exit.USAGE)
        signer = Signer(name=said["name"], organisation=said["organisation"], role=said["role"])
        made = justified(declared, methodology, rate, said["reason"], signer, date.today(), read_key(key, passphrase(w, asked=encrypted(key))))
        path = Places(area).of(declared.justification or FILE, "area.toml [justification]")
        write_json(path, made)
        lines = [w("confirm.written", path=path, name=signer.name, fingerprint=fingerprint(made["public_key"]))]
        lines += [] if declared.justification else [w("confirm.declare", line=f'justification = "{path.name}"')]
        show({"justification": str(path), **made}, lines, as_json)

    guarded(work, debug)
