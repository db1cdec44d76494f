"""The commands `sample` and `labels`: from a run's map to points with sheets, and from saved tables to settled labels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from carbonsink.base.problems import Exit, refuse, user_language
from carbonsink.cli.places import must_be_outside_runs
from carbonsink.cli.screen import guarded, must_be_run, padded, progress_bar, screen_words

if TYPE_CHECKING:
    from carbonsink.areas.sampling.agreement import Kappa
    from carbonsink.declared.language import Language
    from carbonsink.run.sampling import Seen

RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="run folder")]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON object on stdout")]
Debug = Annotated[bool, typer.Option("--debug", help="show the traceback of an internal error")]
Allocation = Literal["optimal", "proportional", "equal"]


def sample(
    run: RunFolder,
    year: Annotated[int, typer.Option("--year", help="the vintage whose map is sampled")],
    out: Annotated[Path, typer.Option("--out", help="folder for the sample and its sheets")],
    seed: Annotated[int, typer.Option("--seed", min=0, help="same map, same seed: same sample")] = 0,
    points: Annotated[int | None, typer.Option("--size", min=2, help="points in all; without it as many as the standard error needs")] = None,
    standard_error: Annotated[float | None, typer.Option("--standard-error", min=1e-6, help="of the overall accuracy (0.01); with --for in hectares")] = None,
    of: Annotated[str | None, typer.Option("--for", help="the class whose area the standard error is of")] = None,
    way: Annotated[Allocation, typer.Option("--allocation", help="how points are shared out among the map's classes")] = "optimal",
    minimum: Annotated[int | None, typer.Option("--minimum", min=2, help="least points of a class (50)")] = None,
    accuracy: Annotated[list[str] | None, typer.Option("--accuracy", help="CLASS=SHARE expected to be right, or with --for to be that class")] = None,
    interpreter: Annotated[list[str] | None, typer.Option("--interpreter", help="who gets a sheet; twice for two people")] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Draw a stratified sample of a run's map, with a sheet for each interpreter."""

    def work() -> None:
        from carbonsink.run.sampling import Wish, draw_sample

        must_be_run(run)
        must_be_outside_runs(out, "--out")
        people = tuple(interpreter or ("A", "B"))
        if len(set(people)) < len(people):
            raise refuse("E-SMP-018", "--interpreter", Exit.USAGE, interpreter=people[0])
        wish = Wish(year, seed, people, points, standard_error, of, way, minimum, tuple(accuracy or ()))
        with progress_bar() as progress:
            design = draw_sample(run, out, wish, progress)
        print(json.dumps(design, ensure_ascii=False, indent=1) if as_json else "\n".join(design_lines(design, out)))

    guarded(work, debug)


def labels(
    run: RunFolder,
    drawn: Annotated[Path, typer.Argument(metavar="SAMPLE", help="sample.gpkg as it was drawn")],
    tables: Annotated[list[Path], typer.Argument(metavar="TABLE...", help="one or two tables that interpreters saved")],
    arbitration: Annotated[Path | None, typer.Option("--arbitration", help="the arbiter's table of the disputed points")] = None,
    arbiter: Annotated[str | None, typer.Option("--arbiter", help="write the sheet of the disputed points for this person")] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Look through returned labels: what is wrong, how far two interpreters agree, what is left to arbitrate."""

    def work() -> None:
        from carbonsink.run.sampling import look_through, write_arbitration

        must_be_run(run)
        if arbiter:
            must_be_outside_runs(drawn.parent, "SAMPLE")
        seen = look_through(run, drawn, tables, arbitration)
        page = write_arbitration(run, seen, drawn.parent, arbiter) if arbiter and seen.disputed and not arbitration else None
        print(json.dumps(labels_value(seen), ensure_ascii=False, indent=1) if as_json else "\n".join([*label_lines(seen), *([str(page)] if page else [])]))

    guarded(work, debug)


def design_lines(design: dict[str, Any], out: Path) -> list[str]:
    """A design in words."""
    w, screen = _words(), screen_words()
    lines = [_class_line(one, screen) for one in design["classes"]]
    lines.append(w("sampling.drawn", points=design["points"], year=design["year"], seed=design["seed"], sample=design["sample"]))
    if design["expected_share"] is not None:
        lines.append(w("sampling.expected", share=w.number(design["expected_share"] * 100, 2), of=design["target_of"]))
    return [*lines, w("sampling.sheets", out=out)]


def _class_line(one: dict[str, Any], w: Language) -> str:
    counts = {name: w.number(one[name], 0) for name in ("pixels", "points")}
    return w("sample.class", name=padded(one["class"], 20), **counts)


def labels_value(seen: Seen) -> dict[str, Any]:
    """What came back as JSON."""
    from carbonsink.areas.sampling.labels import agreement_of

    found = agreement_of(seen.plan, seen.tables)
    return {
        "points": len(seen.points),
        "interpreters": [table.interpreter for table in seen.tables],
        "agreed": found.agreed if found else None,
        "kappa": found.kappa if found else None,
        "kappa_standard_error": found.standard_error if found else None,
        "disputed": list(seen.disputed),
        "settled": seen.settled is not None,
        "unclear": seen.settled.unclear if seen.settled else [],
    }


def label_lines(seen: Seen) -> list[str]:
    """The same for a person."""
    from carbonsink.areas.sampling.labels import agreement_of

    w = _words()
    found = agreement_of(seen.plan, seen.tables)
    lines = [w("sampling.one", points=len(seen.points))] if found is None else [_agreement(found, w), *_confused(seen)]
    if seen.settled is None:
        return [*lines, w("sampling.disputed", count=len(seen.disputed), ids=", ".join(seen.disputed))]
    return [*lines, w("sampling.settled", arbitrated=len(seen.disputed), unclear=len(seen.settled.unclear))]


def _agreement(found: Kappa, w: Language) -> str:
    share = w.number(found.agreed / found.points * 100, 1)
    if found.kappa is None or found.standard_error is None:
        return w("sampling.agreed", points=found.points, agreed=found.agreed, share=share)
    return w("sampling.kappa", points=found.points, agreed=found.agreed, share=share, kappa=w.number(found.kappa, 3), error=w.number(found.standard_error, 3))


def _confused(seen: Seen) -> list[str]:
    """The two interpreters' confusion as a table: rows the first's classes, columns the second's."""
    from carbonsink.areas.sampling.agreement import confusion
    from carbonsink.areas.sampling.labels import labels_of, words_of

    names = words_of(seen.plan)
    table = confusion(*labels_of(seen.tables), names)
    used = [n for n in range(len(names)) if table[n].any() or table[:, n].any()]
    head = f"{seen.tables[0].interpreter} \\ {seen.tables[1].interpreter}"
    wide = max(len(head), *(len(names[n]) for n in used)) + 2
    rows = [f"{names[n]:<{wide}}" + "".join(f"{int(table[n, m]):>{max(len(names[m]), 4) + 2}}" for m in used) for n in used]
    return [f"{head:<{wide}}" + "".join(f"{names[m]:>{max(len(names[m]), 4) + 2}}" for m in used), *rows]


def _words() -> Language:
    from carbonsink.declared.language import read_languages

    return read_languages([user_language()])[0]
