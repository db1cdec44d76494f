"""The command line: results to stdout, progress and problems to stderr, exit codes as `base.problems.Exit` lists them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from carbonsink import __version__
from carbonsink.base.problems import Exit, Problem, Refusal, user_language

if TYPE_CHECKING:  # heavy rooms are imported by the commands that need them
    from carbonsink.declared.plan import Plan

app = typer.Typer(help="Farmland and forest carbon sinks, from satellite imagery to a report that can be verified.", no_args_is_help=True)

AreaFolder = Annotated[Path, typer.Argument(metavar="AREA", help="folder with area.toml")]
RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="run folder")]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON object on stdout")]
Debug = Annotated[bool, typer.Option("--debug", help="show the traceback of an internal error")]
Store = Annotated[Path | None, typer.Option("--store", envvar="CARBONSINK_STORE", help="where fetched assets are kept, by content")]
Block = Annotated[int, typer.Option("--block", min=64, max=8192, help="pixels a side of a block; never changes a result")]
Scheduler = Annotated[str, typer.Option("--scheduler", help="threads, synchronous, or the address of a dask cluster")]
Workers = Annotated[int | None, typer.Option("--workers", min=1, max=256, help="threads to work with; all cores where it isn't said")]


@app.command()
def estimate(
    area: AreaFolder,
    out: Annotated[Path, typer.Option("--out", help="folder for run folders")] = Path("runs"),
    as_json: AsJson = False,
    store: Store = None,
    block: Block = 512,
    scheduler: Scheduler = "threads",
    workers: Workers = None,
    debug: Debug = False,
) -> None:
    """Run an area through all eight stages and say where the report is."""

    def work() -> None:
        from carbonsink.run import Means, default_store
        from carbonsink.run import estimate as run_estimate

        means = Means(store or default_store(), block, scheduler, workers)
        with progress_bar() as progress:
            run = run_estimate(area, out, means, progress)
        result = result_of(run)
        print(json.dumps(result, ensure_ascii=False, indent=1) if as_json else in_words(result))

    guarded(work, debug)


@app.command()
def verify(
    run: RunFolder,
    as_json: AsJson = False,
    again: Annotated[bool, typer.Option("--again/--not-again", help="run the stages again from the chips (check 9)")] = True,
    block: Block = 512,
    scheduler: Scheduler = "threads",
    workers: Workers = None,
    debug: Debug = False,
) -> None:
    """Verify a run folder, offline: numbered checks, each passed or failed with both sides."""

    def work() -> None:
        from carbonsink.run import Means, default_store
        from carbonsink.verify import verify as run_verify
        from carbonsink.verify import write_verdict

        must_be_run(run)
        with progress_bar() as progress:
            verdict = run_verify(run, Means(default_store(), block, scheduler, workers), progress, again)
        path = write_verdict(verdict, run)
        if as_json:
            print(path.read_text(encoding="utf-8"), end="")
        else:
            for check in verdict.checks:
                print(f"{check.number} {check.name:<13} {'passed' if check.passed else 'FAILED  ' + check.detail}")
            print(*(f"note: {line}" for line in verdict.environment), sep="\n", end="\n" if verdict.environment else "")
            print("verified: the numbers follow from this evidence" if verdict.passed else "NOT verified", f"({path})")
        raise typer.Exit(verdict.exit_code)

    guarded(work, debug)


@app.command()
def explain(
    run: RunFolder,
    what: Annotated[str, typer.Argument(help="a vintage (2020), a posting (2020/issued), a worksheet row, a table row, a parcel or an item")],
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """From a reported number down to factor rows, areas, samples and scenes."""

    def work() -> None:
        from carbonsink.explain import explain as run_explain

        node = run_explain(run, what)
        print(json.dumps(node.value(), ensure_ascii=False, indent=1) if as_json else "\n".join(node.lines()))

    guarded(work, debug)


@app.command()
def check(area: AreaFolder, as_json: AsJson = False, debug: Debug = False) -> None:
    """List every problem of an area's declarations at once; without one, show the plan."""

    def work() -> None:
        from carbonsink.declared.load import explain_plan
        from carbonsink.run import load_complete

        plan = load_complete(area)
        for notice in plan.land.notices:
            print(f"note: {notice.line(user_language())}", file=sys.stderr)
        print(json.dumps(explain_plan(plan), ensure_ascii=False, indent=1) if as_json else plan_in_words(area, plan))

    guarded(work, debug)


@app.command()
def lock(area: AreaFolder, as_json: AsJson = False, store: Store = None, debug: Debug = False) -> None:
    """Ask the catalogue once and freeze the scenes beside the area, for review."""

    def work() -> None:
        from carbonsink.run import Means, default_store, make_lock

        with progress_bar() as progress:
            path, value = make_lock(area, Means(store or default_store()), progress)
        summary = {"lock": str(path), "items": len(value["items"]), "dropped": value["dropped"], "gaps": value["gaps"]}
        words = f"{path}: {summary['items']} items, {len(value['dropped'])} dropped, {len(value['gaps'])} gaps"
        print(json.dumps(summary, ensure_ascii=False, indent=1) if as_json else words)

    guarded(work, debug)


@app.command()
def serve(
    catalogue: Annotated[Path, typer.Argument(metavar="CATALOGUE", help="folder with catalog.json")],
    host: Annotated[str, typer.Option("--host")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535)] = 8080,
    debug: Debug = False,
) -> None:
    """Serve a static catalogue folder as a STAC API: an on-premise mirror."""

    def work() -> None:
        from carbonsink.catalogue.serve import serve_forever

        serve_forever(catalogue, host, port)

    guarded(work, debug)


@app.callback(invoke_without_command=True)
def version(show: Annotated[bool, typer.Option("--version", help="print the version")] = False) -> None:
    """Farmland and forest carbon sinks, from satellite imagery to a report that can be verified."""
    if show:
        print(__version__)
        raise typer.Exit


def result_of(run: Path) -> dict[str, Any]:
    """What `estimate --json` prints, from the run's report and manifest."""
    report = json.loads((run / "report" / "report.json").read_text(encoding="utf-8"))
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    keys = ("vintage", "gross_t_co2e", "issued_t_co2e", "shortfall_t_co2e")
    vintages = [{key: v[key] if key == "vintage" else float(v[key]) for key in keys} for v in report["vintages"]]
    return {
        "run": str(run),
        "vintages": vintages,
        "areas_ha": {year: {name: float(area) for name, area in strata.items()} for year, strata in report["areas_ha"].items()},
        "simulated": manifest["simulated"],
        "digest": manifest["results"],
    }


def in_words(result: dict[str, Any]) -> str:
    """The same for a person, in few lines."""
    lines = [f"{v['vintage']}  gross {v['gross_t_co2e']:>12,.1f} t CO2e   issued {v['issued_t_co2e']:>9,.0f} t" for v in result["vintages"]]
    if result["simulated"]:
        lines.append("SIMULATED imagery: nothing of this can be issued, the whole tonnes are withheld")
    run = Path(result["run"])
    return "\n".join([*lines, f"digest {result['digest']}", f"report {run / 'report' / 'report.html'}", f"verify with: carbonsink verify {run}"])


def plan_in_words(area: Path, plan: Plan) -> str:
    """What a well-declared area is, in one line."""
    from carbonsink.base.geometry import hectares, mu

    land = f"{hectares(plan.land.area_m2):,.2f} ha = {mu(plan.land.area_m2):,.1f} mu"
    vintages = ", ".join(map(str, plan.vintages))
    return f"{area}: well declared; {land}, vintages {vintages}, pipeline {plan.pipeline.id}, methodology {plan.methodology.id}"


def must_be_run(run: Path) -> None:
    """Refuse a folder that isn't a finished run."""
    from carbonsink.base.problems import refuse

    if not (run / "manifest.json").is_file():
        raise refuse("E-RUN-001", str(run), Exit.USAGE)


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """Progress on stderr: a bar with rate and time on a terminal, one line a stage elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<14}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("starting", total=None)
        seen: set[str] = set()

        def progress(stage: str, done: int, total: int) -> None:
            bar.update(task, description=stage, completed=done, total=total)
            if stage not in seen and not console.is_terminal:
                console.print(stage, highlight=False)
            seen.add(stage)

        yield progress


def guarded(work: Callable[[], None], debug: bool) -> None:
    """Run a command; problems in lines on stderr and their exit code, a traceback only with --debug."""
    try:
        work()
    except Refusal as refusal:
        for problem in refusal.problems:
            print(problem.line(user_language()), file=sys.stderr)
        raise typer.Exit(refusal.exit_code) from None
    except KeyboardInterrupt:
        print("interrupted; run the same command again to go on", file=sys.stderr)
        raise typer.Exit(Exit.INTERRUPTED) from None
    except BrokenPipeError:  # `| head`: the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(Exit.INTERRUPTED) from None
    except OSError as error:
        if debug:
            raise
        print(Problem("E-RES-001", str(error.filename or "-"), {"why": error.strerror or error}).line(), file=sys.stderr)
        raise typer.Exit(Exit.RESOURCES) from None
    except typer.Exit:
        raise
    except Exception as error:
        if debug:
            raise
        print(f"E-INT-001 {type(error).__name__}: {error}; this is our fault: run again with --debug and report it", file=sys.stderr)
        raise typer.Exit(Exit.INTERNAL) from None


def main() -> None:
    """The `carbonsink` command."""
    app()
