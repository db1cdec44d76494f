"""The command `new`: a new area's folder from a boundary and answers, asked for on a terminal or given as options."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from carbonsink.base.problems import Exit, Problem, Refusal, refuse, user_language
from carbonsink.cli.screen import guarded

if TYPE_CHECKING:
    from carbonsink.begin import Begun, Question
    from carbonsink.declared.language import Language


def new(
    area: Annotated[Path, typer.Argument(metavar="AREA", help="folder to make; its name is the area's id")],
    boundary: Annotated[Path | None, typer.Option("--boundary", help="parcels: Shapefile (also zipped), GeoJSON, GeoPackage or KML")] = None,
    demo: Annotated[str | None, typer.Option("--demo", help="a demonstration: rice, tea, straw, afforestation or mangrove")] = None,
    answer: Annotated[list[str] | None, typer.Option("--answer", metavar="NAME=VALUE", help="the answer to a question; what is missing is listed")] = None,
    stratum_column: Annotated[str | None, typer.Option("--stratum-column", metavar="NAME", help="column that names each parcel's stratum")] = None,
    crs: Annotated[str | None, typer.Option("--crs", help="coordinate system, where the file doesn't say, as in EPSG:4527")] = None,
    encoding: Annotated[str | None, typer.Option("--encoding", help="encoding of the file's text, where it doesn't say")] = None,
    layer: Annotated[str | None, typer.Option("--layer", help="layer of a GeoPackage with several")] = None,
    force: Annotated[bool, typer.Option("--force", help="write area.toml and the land file of a folder that is there; other files stay")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on stdout, and no questions")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="show the traceback of an internal error")] = False,
) -> None:
    """Make a new area's folder: what the boundary tells is filled in, the rest is asked; nothing is left half-written."""

    def work() -> None:
        from carbonsink.begin import begin
        from carbonsink.begin import demo as begin_demo
        from carbonsink.begin.boundary import read_boundary

        if (boundary is None) == (demo is None):
            raise refuse("E-BEG-010", "new", Exit.USAGE)
        of_files = {"--answer": answer, "--stratum-column": stratum_column, "--crs": crs, "--encoding": encoding, "--layer": layer}
        if boundary is None and (idle := [option for option, said in of_files.items() if said]):
            raise refuse("E-BEG-015", "--demo", Exit.USAGE, options=", ".join(idle))
        if boundary is None:
            begun = begin_demo(area, str(demo), force)
        else:
            given = _answers(answer or []) | ({"stratum_column": stratum_column} if stratum_column else {})
            asker = _Person() if sys.stdin.isatty() and not as_json else _nobody
            with _kept(asker):
                begun = begin(area, read_boundary(boundary, crs, encoding, layer), given, asker, force=force)
        print(json.dumps(_value(begun), ensure_ascii=False, indent=1) if as_json else "\n".join(_lines(begun)))

    guarded(work, debug)


def _answers(pairs: list[str]) -> dict[str, str]:
    split = [(pair, *pair.partition("=")) for pair in pairs]
    if wrong := [pair for pair, name, mark, value in split if not (name and mark and value)]:
        raise Refusal([Problem("E-BEG-011", "--answer", {"found": pair}) for pair in wrong], Exit.USAGE)
    return {name.strip(): value.strip() for _, name, _, value in split}


def _nobody(question: Question) -> str | None:
    return None


@contextmanager
def _kept(asker: object) -> Iterator[None]:
    """Where what a person answered comes to nothing, their answers as options, so that nobody types them twice."""
    try:
        yield
    except (Refusal, KeyboardInterrupt):
        if isinstance(asker, _Person) and asker.said:
            print(" ".join(f"--answer {shlex.quote(f'{name}={said}')}" for name, said in asker.said.items()), file=sys.stderr)
        raise


class _Person:
    """Somebody at a terminal, asked until the answer is one; a choice is answered by its number or its word."""

    def __init__(self) -> None:
        from rich.console import Console

        self.console, self.language = Console(stderr=True), user_language()
        self.said: dict[str, str] = {}

    def __call__(self, question: Question) -> str:
        from rich.prompt import Prompt

        self.put(question)
        words = list(question.choices)
        while True:
            try:
                typed = (Prompt.ask("?", console=self.console, default=question.offered, show_default=bool(question.offered)) or "").strip()
            except EOFError:  # Ctrl-D: nothing more will be said
                raise KeyboardInterrupt from None
            chosen = words[int(typed) - 1] if typed.isdecimal() and 0 < int(typed) <= len(words) else typed
            problem = question.problem(chosen) if chosen else question.missing()
            if problem is None:
                self.said[question.name] = chosen
                return chosen
            self.console.print(problem.line(self.language), style="red", highlight=False, markup=False)

    def put(self, question: Question) -> None:
        """The question with its unit, the clauses that hang on it, and its choices by number."""
        unit = f" [{question.unit}]" if question.unit else ""
        self.console.print(f"\n{question.said(self.language)}{unit}", style="bold", highlight=False, markup=False)
        for clause in question.clauses:
            self.console.print(f"  ({getattr(clause, self.language)})", style="dim", highlight=False, markup=False)
        for number, (word, said) in enumerate(question.choices.items(), 1):
            self.console.print(f"  {number}  {getattr(said, self.language)}  ({word})", highlight=False, markup=False)


def _value(begun: Begun) -> dict[str, Any]:
    from carbonsink.base.geometry import hectares, mu

    draft, land = begun.draft, begun.plan.land
    found = {"crs": land.source_crs, "encoding": land.encoding, "parcels": len(land.parcels), "area_ha": hectares(land.area_m2), "area_mu": mu(land.area_m2)}
    columns = {"parcel_id": draft.parcel_id, "parcel_area_mu": draft.parcel_area_mu} | ({"stratum": draft.stratum_column} if draft.stratum_column else {})
    zones = [{"kind": zone.kind, "word": zone.word, "why": zone.why} for zone in draft.zones]
    plan = {"methodology": begun.plan.methodology.id, "pipeline": begun.plan.pipeline.id, "vintages": list(begun.plan.vintages)}
    return {"area": str(begun.folder), "land": found, "columns": columns, "zones": zones, **plan, "simulated": begun.plan.simulated}


def _lines(begun: Begun) -> list[str]:
    """What was found in the file, by the rules, and what to do next."""
    from carbonsink.base.geometry import hectares, mu
    from carbonsink.declared.language import read_languages

    (w,) = read_languages([user_language()])
    plan, land = begun.plan, begun.plan.land
    vintages = ", ".join(map(str, plan.vintages))
    return [
        w("begin.file", file=plan.area.land.file, count=len(land.parcels), crs=land.source_crs, encoding=land.encoding or "utf-8"),
        w("begin.area", ha=f"{hectares(land.area_m2):,.2f}", mu=f"{mu(land.area_m2):,.1f}"),
        w("begin.columns", parcel_id=begun.draft.parcel_id, parcel_area_mu=begun.draft.parcel_area_mu or w("begin.no-column")),
        *_zone_lines(begun, w),
        w("begin.written", folder=begun.folder, methodology=plan.methodology.id, vintages=vintages),
        *([w("begin.simulated")] if plan.simulated else []),
        w("begin.next", folder=begun.folder),
    ]


def _zone_lines(begun: Begun, w: Language) -> list[str]:
    from carbonsink.declared.zones import read_zones

    return [w("begin.zone", kind=w.of(read_zones()[z.kind].name), word=z.word, why=z.why or w("begin.declared")) for z in begun.draft.zones]
