"""The commands: results to stdout, progress and problems to stderr. Heavy rooms are imported by the commands that need them."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from traceback import print_exception
from typing import Annotated, Any

import typer

from carbonsink import __version__
from carbonsink.base.problems import user_language
from carbonsink.cli.bundle import bundle
from carbonsink.cli.certificate import certificate
from carbonsink.cli.confirm import confirm, keys
from carbonsink.cli.factors import ANY_KEY, factors
from carbonsink.cli.help import ByLocale
from carbonsink.cli.justify import justify
from carbonsink.cli.ledger import ledger
from carbonsink.cli.methods import methods
from carbonsink.cli.new import new
from carbonsink.cli.places import must_be_free, must_be_outside_runs
from carbonsink.cli.portfolio import portfolio
from carbonsink.cli.report import report
from carbonsink.cli.sampling import labels, sample
from carbonsink.cli.screen import AsJson, guarded, progress_bar, say, screen_words, show
from carbonsink.cli.sign import sign
from carbonsink.cli.verify import verify
from carbonsink.cli.words import in_words, lock_lines, outcome_of, outcomes_in_words, plan_in_words, result_of

app = typer.Typer(cls=ByLocale, help="Farmland and forest carbon sinks, from satellite imagery to a report that can be verified.", no_args_is_help=True)

AreaFolder = Annotated[Path, typer.Argument(metavar="AREA", help="folder with area.toml")]
RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="run folder")]
Debug = Annotated[bool, typer.Option("--debug", help="show the traceback of an internal error")]
Store = Annotated[Path | None, typer.Option("--store", envvar="CARBONSINK_STORE", help="where fetched assets are kept, by content")]
Block = Annotated[int, typer.Option("--block", min=64, max=8192, help="pixels a side of a block; never changes a result")]
Scheduler = Annotated[str, typer.Option("--scheduler", help="threads, synchronous, or the address of a dask cluster")]
Workers = Annotated[int | None, typer.Option("--workers", min=1, max=256, help="threads to work with; all cores where it isn't said")]


@app.command()
def estimate(
    areas: Annotated[list[Path], typer.Argument(metavar="AREA...", help="folders with area.toml")],
    out: Annotated[Path, typer.Option("--out", help="folder for run folders")] = Path("runs"),
    as_json: AsJson = False,
    store: Store = None,
    block: Block = 512,
    scheduler: Scheduler = "threads",
    workers: Workers = None,
    resume: Annotated[bool, typer.Option("--resume", help="keep finished runs of the same plan, lock, library and version")] = False,
    debug: Debug = False,
) -> None:
    """Run areas through all eight stages and say where the reports are; areas of one call share searches, fetches and blocks."""

    def work() -> None:
        from carbonsink.run import Means, default_store

        must_be_outside_runs(out, "--out")
        means = Means(store or default_store(), block, scheduler, workers)
        if len(areas) == 1 and not resume:
            _one_area(areas[0], out, means, as_json)
        else:
            _many_areas(areas, out, means, resume, as_json, debug)

    guarded(work, debug)


def _one_area(area: Path, out: Path, means: Any, as_json: bool) -> None:
    from carbonsink.run import estimate as run_estimate

    with progress_bar() as progress:
        run = run_estimate(area, out, means, progress)
    result = result_of(run)
    print(json.dumps(result, ensure_ascii=False, indent=1) if as_json else in_words(result, screen_words()))


def _many_areas(areas: list[Path], out: Path, means: Any, resume: bool, as_json: bool, debug: bool) -> None:
    from carbonsink.run import estimate_all

    with progress_bar() as progress:
        outcomes = estimate_all(areas, out, means, progress, resume)
    refused = [area.refusal for area in outcomes if area.refusal]
    for refusal in refused:
        say(refusal)
        if debug and refusal.__cause__:
            print_exception(refusal.__cause__)
    print(json.dumps({"areas": [outcome_of(area) for area in outcomes]}, ensure_ascii=False, indent=1) if as_json else outcomes_in_words(outcomes))
    if refused:
        raise typer.Exit(max(refusal.exit_code for refusal in refused))


@app.command()
def explain(
    run: RunFolder,
    what: Annotated[str, typer.Argument(help="an account (issued:2021), a vintage (2021), a worksheet row, a table row, a parcel, a class or an item")],
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """From a reported number down to factor rows, areas, samples and scenes."""

    def work() -> None:
        from carbonsink.declared.language import read_languages
        from carbonsink.explain import explain as run_explain

        language = read_languages([user_language()])[0]
        node = run_explain(run, what, language.code)
        print(json.dumps(node.value(), ensure_ascii=False, indent=1) if as_json else "\n".join(node.lines(language("trace.above"))))

    guarded(work, debug)


@app.command()
def check(area: AreaFolder, as_json: AsJson = False, debug: Debug = False) -> None:
    """List every problem of an area's declarations at once; without one, show the plan."""

    def work() -> None:
        from carbonsink.declared.load import explain_plan
        from carbonsink.run import load_complete

        plan = load_complete(area)
        for notice in plan.land.notices:
            print(screen_words()("note", line=notice.line(user_language())), file=sys.stderr)
        print(json.dumps(explain_plan(plan), ensure_ascii=False, indent=1) if as_json else plan_in_words(area, plan))

    guarded(work, debug)


@app.command()
def lock(
    area: AreaFolder,
    update: Annotated[bool, typer.Option("--update", help="take the place of the lock that is there, and show what differs")] = False,
    as_json: AsJson = False,
    store: Store = None,
    debug: Debug = False,
) -> None:
    """Ask the catalogue once and freeze the scenes beside the area, for review."""

    def work() -> None:
        from carbonsink.run import Means, default_store, make_lock

        with progress_bar() as progress:
            made = make_lock(area, Means(store or default_store()), progress, update)
        print(json.dumps(made.value(), ensure_ascii=False, indent=1) if as_json else "\n".join(lock_lines(made)))

    guarded(work, debug)


@app.command()
def mirror(
    area: AreaFolder,
    to: Annotated[Path, typer.Option("--to", help="folder of the static catalogue to write")],
    as_json: AsJson = False,
    store: Store = None,
    debug: Debug = False,
) -> None:
    """Pack the locked scenes of an area as a static catalogue: what an office without a network, or a verifier, works from."""

    def work() -> None:
        from carbonsink.run import Means, default_store
        from carbonsink.run import mirror as run_mirror

        must_be_outside_runs(to, "--to")
        if to.is_file():
            must_be_free(to, "--to")
        with progress_bar() as progress:
            run_mirror(area, to, Means(store or default_store()), progress)
        show({"area": str(area), "catalogue": str(to)}, [screen_words()("mirror.made", to=to)], as_json)

    guarded(work, debug)


@app.command()
def serve(
    catalogue: Annotated[Path, typer.Argument(metavar="CATALOGUE", help="folder with catalog.json")],
    host: Annotated[str, typer.Option("--host", help="address to listen at")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="port; 0 takes a free one")] = 8080,
    debug: Debug = False,
) -> None:
    """Serve a static catalogue folder as a STAC API: an on-premise mirror."""

    def work() -> None:
        from carbonsink.catalogue.serve import serve_forever

        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a service ends of it, as who supervises it expects; there is nothing to go on with
        serve_forever(catalogue, host, port)

    guarded(work, debug)


app.command()(new)
app.command()(report)
app.command()(verify)
app.command()(sign)
app.command()(bundle)
app.command()(portfolio)
app.command()(confirm)
app.command()(justify)
app.add_typer(keys, name="keys")
ledger.command()(certificate)
app.add_typer(ledger, name="ledger")
app.command(context_settings=ANY_KEY)(factors)
app.command()(sample)
app.command()(labels)
app.command()(methods)


@app.callback(invoke_without_command=True)
def version(show: Annotated[bool, typer.Option("--version", help="print the version")] = False) -> None:
    """Farmland and forest carbon sinks, from satellite imagery to a report that can be verified."""
    if show:
        print(__version__)
        raise typer.Exit
