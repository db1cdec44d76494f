"""The screen: a progress bar on a terminal, problems in lines on stderr, and exit codes as `base.problems.Exit` lists them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from carbonsink.base.problems import Exit, Refusal, unforeseen, user_language
from carbonsink.base.topics import LIBRARY

if TYPE_CHECKING:
    from carbonsink.declared.language import Language

AsJson = Annotated[bool, typer.Option("--json", help="one JSON object on stdout")]
STEP = 14  # cells that the name of a step takes at least


def screen_words(language: str | None = None) -> Language:
    """What the commands say, in the user's language where none is given; `library/screen/`, apart from the words that a run's pages hold."""
    from carbonsink.declared.language import read_languages

    return read_languages([language or user_language()], LIBRARY / "screen")[0]


def padded(text: str, cells: int) -> str:
    """A text filled up to so many cells; a Chinese sign takes two."""
    from rich.cells import cell_len

    return text + " " * (cells - cell_len(text))


def show(value: Mapping[str, object], lines: Iterable[str], as_json: bool) -> None:
    """A result on stdout: one JSON object, or lines for a person."""
    print(json.dumps(value, ensure_ascii=False, indent=1) if as_json else "\n".join(lines))


def must_be_run(run: Path) -> None:
    """Refuse a folder that isn't a finished run."""
    from carbonsink.base.problems import refuse

    if run.is_file():
        raise refuse("E-RUN-012", str(run), Exit.USAGE)
    if not (run / "manifest.json").is_file():
        raise refuse("E-RUN-001", str(run), Exit.USAGE)


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """Progress on stderr: a bar with rate and time on a terminal, one line a stage elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    console, w = Console(stderr=True), screen_words()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:>8}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(padded(w("stage.starting"), STEP), total=None, rate="")
        seen: set[str] = set()
        now = ""

        def progress(stage: str, done: int, total: int) -> None:
            nonlocal now
            if stage != now:  # rate and time left are the stage's own
                bar.reset(task, description=padded(_step(stage, w), STEP), total=total, rate="")
                now = stage
            speed = bar.tasks[0].speed
            bar.update(task, completed=done, total=total, rate=f"{speed:.1f}/s" if speed else "")
            if stage not in seen and not console.is_terminal:
                console.print(_step(stage, w), highlight=False)
            seen.add(stage)

        yield progress


def _step(stage: str, w: Language) -> str:
    """A step in words: its name comes last, after the number or the area it belongs to."""
    before, space, name = stage.rpartition(" ")
    return before + space + w(f"stage.{name}")


def say(refusal: Refusal) -> None:
    """Every problem of a refusal, a line each, in the user's language."""
    for problem in refusal.problems:
        print(problem.line(user_language()), file=sys.stderr)


def guarded(work: Callable[[], None], debug: bool) -> None:
    """Run a command; problems in lines on stderr and their exit code, a traceback only with --debug."""
    try:
        work()
    except Refusal as refusal:
        say(refusal)
        raise typer.Exit(refusal.exit_code) from None
    except (KeyboardInterrupt, typer.Abort):
        print(screen_words()("interrupted"), file=sys.stderr)
        raise typer.Exit(Exit.INTERRUPTED) from None
    except BrokenPipeError:  # `| head`: the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(Exit.INTERRUPTED) from None
    except typer.Exit:
        raise
    except Exception as error:
        if debug:
            raise
        told = unforeseen(error)
        say(told)
        raise typer.Exit(told.exit_code) from None
