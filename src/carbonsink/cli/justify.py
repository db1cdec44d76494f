"""The command `justify`: a person signs why a hectare of this area may earn more than tables and published trades bear out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from carbonsink.base.problems import Exit, refuse
from carbonsink.cli.screen import AsJson, guarded, show
from carbonsink.cli.signing import Debug, Name, Organisation, PrivateKey, Role, Text, Yes, answer_file, may_be_signed_anew, told, words


def justify(
    area: Annotated[Path, typer.Argument(metavar="AREA", help="folder with area.toml")],
    key: PrivateKey,
    rate: Annotated[float, typer.Option("--rate", help="t CO2e a hectare and year up to which the reason holds")],
    reason: Annotated[Text, typer.Option("--reason", help="why a hectare earns so much here")] = None,
    name: Name = None,
    organisation: Organisation = None,
    role: Role = None,
    yes: Yes = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Sign a reason for credits above the plausible limit of an area's methodology."""

    def work() -> None:
        from carbonsink.declared.justification import FILE, justified
        from carbonsink.declared.load import declared_methodology
        from carbonsink.declared.paths import Places
        from carbonsink.declared.plausibility import most

        w = words()
        declared, methodology = declared_methodology(area)
        limit = most(methodology, None)
        if not limit < rate < float("inf"):
            raise refuse("E-CRD-018", "--rate", Exit.USAGE, found=rate, limit=limit, methodology=methodology.id)
        if not as_json:
            print(w("justify.intro", methodology=methodology.id, limit=w.number(limit, 2), rate=w.number(rate, 2)))
        said = told(w, yes, {"reason": reason, "name": name, "organisation": organisation, "role": role}, "carbonsink justify")
        path = Places(area).of(declared.justification or FILE, "area.toml [justification]")
        may_be_signed_anew(path, "reason", "area.toml [justification]")
        made, line = answer_file(w, path, key, said, yes, w("justify.ask"), lambda *signing: justified(declared, methodology, rate, said["reason"], *signing))
        lines = [line] if declared.justification else [line, w("confirm.declare", line=f'justification = "{path.name}"')]
        show({"justification": str(path), **made}, lines, as_json)

    guarded(work, debug)
