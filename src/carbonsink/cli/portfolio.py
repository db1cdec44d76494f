"""The command `portfolio`: the finished runs of a county's or a province's areas rolled up into one account."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from carbonsink.base.problems import Refusal, user_language
from carbonsink.cli.places import must_be_outside_runs
from carbonsink.cli.screen import guarded, progress_bar, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from carbonsink.portfolio import Portfolio


def portfolio(
    folders: Annotated[list[Path], typer.Argument(metavar="FOLDER|RUN...", help="areas, folders of areas, or run folders")],
    runs: Annotated[Path, typer.Option("--runs", help="where the areas' run folders lie")] = Path("runs"),
    out: Annotated[Path, typer.Option("--out", help="folder of the account")] = Path("portfolio"),
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on stdout")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="show the traceback of an internal error")] = False,
) -> None:
    """Roll up the finished runs of many areas: credits, inventory tables, land use, one interval, a page with a map."""

    def work() -> None:
        from carbonsink.portfolio import roll_up, write
        from carbonsink.portfolio.write import check_place

        must_be_outside_runs(out, "--out")
        check_place(out)
        with progress_bar() as progress:
            made = roll_up(folders, runs, progress)
            progress("write", 0, 1)
            manifest = write(made, out)
        print(json.dumps(_value(made, out, manifest), ensure_ascii=False, indent=1) if as_json else "\n".join(_lines(made, out)))
        if made.problems:  # the account stands, but not whole: whoever calls it by a program must learn so
            say(Refusal(made.problems, made.exit_code))
            raise typer.Exit(made.exit_code)

    guarded(work, debug)


def _value(made: Portfolio, out: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    from carbonsink.portfolio.record import totals

    problems = [{"code": one.code, "where": one.where, "text": one.line(user_language())} for one in made.problems]
    return {"portfolio": str(out), "complete": not made.problems, "totals": totals(made), "problems": problems, "digest": manifest["digest"]}


def _lines(made: Portfolio, out: Path) -> Iterator[str]:
    from carbonsink.declared.language import read_languages
    from carbonsink.portfolio.record import totals
    from carbonsink.portfolio.write import PAGE

    w, sums = read_languages([user_language()])[0], totals(made)
    gross, withheld, issued, area = (Decimal(sums[name]) for name in ("gross_t_co2e", "withheld_t_co2e", "issued_t_co2e", "area_ha"))
    yield w(
        "portfolio.done", areas=sums["areas"], hectares=w.number(area, 1), gross=w.number(gross, 1), withheld=w.number(withheld, 0), issued=w.number(issued, 0)
    )
    for one in made.spreads:
        if (one.year, one.quantity) == (0, "net"):
            yield w("portfolio.net", mean=w.number(one.mean_t, 1), low=w.number(one.low_t, 1), high=w.number(one.high_t, 1))
    if made.problems:
        yield w("portfolio.left", count=len(made.problems))
    yield w("portfolio.page", path=out / PAGE)
