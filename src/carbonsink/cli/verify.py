"""The command `verify`: a run folder or a bundle, its checks, and the class of what differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from carbonsink.base.problems import Exit, Problem, Refusal, refuse, user_language
from carbonsink.cli.places import must_be_outside_runs, named
from carbonsink.cli.screen import guarded, must_be_run, padded, progress_bar, screen_words

if TYPE_CHECKING:
    from carbonsink.declared.language import Language
    from carbonsink.verify import Verdict

SHOWN = 12  # figures that differ, told on the screen; all stand in the statement


def verify(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="run folder, or a bundle (.zip)")],
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on stdout")] = False,
    again: Annotated[bool, typer.Option("--again/--not-again", help="run the stages again from the chips (check 9)")] = True,
    source: Annotated[bool, typer.Option("--source", help="fetch every asset and cut every chip again: same, changed, gone or altered (check 10)")] = False,
    catalogue: Annotated[Path | None, typer.Option("--catalogue", help="with --source: where the run's catalogue folder, or a mirror of it, lies here")] = None,
    sample: Annotated[str | None, typer.Option("--sample", help="fetch only this share of the assets again, as 10%")] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="with --sample: same seed, same assets (0)")] = None,
    materiality: Annotated[float | None, typer.Option("--materiality", min=0.0, max=100.0, help="percent from which on a difference is material (5)")] = None,
    keys: Annotated[Path | None, typer.Option("--keys", help="list of keys: the run must be signed, and is checked by it (check 0)")] = None,
    pin: Annotated[str | None, typer.Option("--pin", help="with --keys: SHA-256 the list must have")] = None,
    on: Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="with --keys: the day that keys must be valid on (today)")] = None,
    block: Annotated[int, typer.Option("--block", min=64, max=8192, help="pixels a side of a block; never changes a result")] = 512,
    scheduler: Annotated[str, typer.Option("--scheduler", help="threads, synchronous, or the address of a dask cluster")] = "threads",
    workers: Annotated[int | None, typer.Option("--workers", min=1, max=256, help="threads to work with; all cores where it isn't said")] = None,
    debug: Annotated[bool, typer.Option("--debug", help="show the traceback of an internal error")] = False,
) -> None:
    """Verify a run folder or a bundle, offline: numbered checks, what differs with both values, a statement in both languages."""

    def work() -> None:
        from carbonsink.declared.keys import read_keys
        from carbonsink.run import Means, default_store
        from carbonsink.verify import Asked, write_verdict
        from carbonsink.verify import verify as run_verify

        must_belong({"--pin": pin, "--on": on}, ("--keys",), keys is not None)
        must_belong({"--seed": seed}, ("--sample",), sample is not None)
        must_belong({"--catalogue": catalogue}, ("--source", "--sample"), source or sample is not None)
        place = named(run)
        must_be_outside_runs(place.parent, "RUN")
        share = None if sample is None else percent_of(sample)
        listed = read_keys(keys, pin) if keys else None
        asked = Asked(again, source or share is not None, catalogue, share, seed or 0, materiality, listed, on.date() if on else None)
        with progress_bar() as progress, _folder(place, progress) as folder:
            verdict = run_verify(folder, Means(default_store(), block, scheduler, workers), progress, asked=asked)
            path = write_verdict(verdict, folder, place.parent)
        print(path.read_text(encoding="utf-8") if as_json else "\n".join(lines(verdict, path)), end="" if as_json else "\n")
        raise typer.Exit(verdict.exit_code)

    guarded(work, debug)


def must_belong(options: Mapping[str, object], beside: tuple[str, ...], there: bool) -> None:
    """Refuse options that say something only beside another, where that isn't given: whoever gives them believes that they do something."""
    alone = [option for option, value in options.items() if value is not None]
    if alone and not there:
        raise Refusal([Problem("E-VER-033", option, {"option": option, "beside": " / ".join(beside)}) for option in alone], Exit.USAGE)


def percent_of(text: str) -> float:
    """The number of a share as people write it: 10%, 10 %, 10."""
    try:
        value = float(text.strip().removesuffix("%"))
    except ValueError:
        value = 0.0
    if not 0 < value <= 100:
        raise refuse("E-VER-001", "--sample", Exit.USAGE, found=text)
    return value


def lines(verdict: Verdict, path: Path) -> Iterator[str]:
    """What the screen says: every check, the first stage and the figures that differ, the class, and where the papers lie."""
    from carbonsink.verify.statement import conclusion, figure_rows, statement_languages

    w, screen = next(one for one in statement_languages() if one.code == user_language()), screen_words()
    for check in verdict.checks:
        held = screen("verify.passed") if check.passed else screen("verify.failed", detail=check.detail(w.code))
        yield f"{check.number} {padded(screen(f'sentence.{check.number}'), 13)} {held}"
    for stage in verdict.comparison.stages if verdict.comparison else ():
        if not stage.equal:
            yield w("stages.first", stage=stage.stage)
    differing = [figure for figure in verdict.comparison.figures if figure.differs] if verdict.comparison else []
    for row in list(figure_rows(differing, w))[:SHOWN]:
        yield "  " + "  ".join(cell for cell in row if cell)
    yield from (screen("verify.custom", table=table.line(w.code)) for table in verdict.custom_tables[:SHOWN])
    yield from (_strayed(state, screen) for state in verdict.strayed)
    yield from (screen("note", line=note.line(w.code)) for note in (*verdict.environment, *verdict.relocked[:SHOWN]))
    yield from (screen("verify.signed", role=screen(f"role.{one['role']}"), holder=one["holder"], id=one["key"]) for one in verdict.signers)
    yield conclusion(verdict, w)
    yield screen("verify.verified" if verdict.passed else "verify.not-verified", path=path)


def _strayed(state: Mapping[str, Any], w: Language) -> str:
    """An asset that its source no longer gives as it was."""
    facts = {name: state[name] for name in ("item", "band", "recorded")}
    return w("verify.source", state=w(f"verify.{state['state']}"), found=state["found"] or w("verify.nothing"), **facts)


@contextmanager
def _folder(run: Path, progress: Callable[[str, int, int], None]) -> Iterator[Path]:
    """The run folder, for a bundle that of its unpacked copy."""
    from carbonsink.bundle import opened

    if not run.is_file():
        must_be_run(run)
    with opened(run, progress) if run.is_file() else nullcontext(run) as folder:
        yield folder
