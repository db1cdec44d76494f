"""The command `factors`: the row of the factor tables that a stratum's keys would get, where it comes from, and which rows lost."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from carbonsink.base.problems import Exit, Problem, Refusal, refuse, user_language
from carbonsink.cli.screen import guarded, screen_words

if TYPE_CHECKING:
    from carbonsink.declared.factors import Factor, Factors
    from carbonsink.declared.language import Language

ANY_KEY = {"allow_extra_args": True, "ignore_unknown_options": True}  # --climate X, --soil Y: the tables say which keys there are
EXAMPLE = "--climate warm_temperate_moist | --key climate=warm_temperate_moist"


def factors(
    context: typer.Context,
    symbol: Annotated[str | None, typer.Argument(metavar="SYMBOL", help="as in soc_ref; without it all symbols are listed")] = None,
    edition: Annotated[str, typer.Option("--edition", help="ipcc-2006 or ipcc-2019")] = "ipcc-2019",
    table: Annotated[list[str] | None, typer.Option("--table", help="a folder of tables searched before the edition, as in ar-tools")] = None,
    key: Annotated[list[str] | None, typer.Option("--key", metavar="NAME=WORD", help="a key of the stratum; --NAME WORD is the same")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on stdout")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="show the traceback of an internal error")] = False,
) -> None:
    """The factor a stratum's keys would get, with its range, source and status, and the rows that lost; without a symbol the list of symbols."""

    def work() -> None:
        tables = _tables(edition, tuple(table or ()))
        keys = _keys([*(key or ()), *_pairs(context.args)], tables)
        if symbol is None:
            print(json.dumps(tables.symbols(), indent=1) if as_json else "\n".join(_symbol_lines(tables)))
            return
        rows = _fitting(tables, symbol, keys)
        print(json.dumps(_value(symbol, keys, rows, tables), ensure_ascii=False, indent=1) if as_json else "\n".join(_lines(symbol, rows, tables)))

    guarded(work, debug)


def _tables(edition: str, folders: tuple[str, ...]) -> Factors:
    from carbonsink.declared.factors import editions, read_factors

    if edition not in editions():
        raise refuse("E-FAC-013", "--edition", Exit.USAGE, found=edition, known=", ".join(editions()))
    return read_factors(edition, folders)


def _pairs(arguments: Sequence[str]) -> list[str]:
    """`--name word` and `--name=word` as `name=word`."""
    found: list[str] = []
    rest = list(arguments)
    while rest:
        name = rest.pop(0)
        if not name.startswith("--"):
            raise refuse("E-FAC-012", "factors", Exit.USAGE, found=name, example=EXAMPLE)
        found.append(name[2:] if "=" in name else f"{name[2:]}={rest.pop(0) if rest else ''}")
    return found


def _keys(pairs: Sequence[str], tables: Factors) -> dict[str, str]:
    known = tables.words_by_key()
    split = [(name.replace("-", "_"), word) for name, _, word in (pair.partition("=") for pair in pairs)]
    problems = [Problem("E-FAC-012", name or "--", {"found": name, "example": EXAMPLE}) for name, word in split if not name or not word]
    problems += [Problem("E-FAC-009", f"--{name}", {"key": name, "known": ", ".join(sorted(known))}) for name, word in split if word and name not in known]
    if problems:
        raise Refusal(problems, Exit.USAGE)
    return dict(split)


def _fitting(tables: Factors, symbol: str, keys: Mapping[str, str]) -> list[Factor]:
    """The rows that fit, the chosen one first; refused as an estimate would refuse."""
    from carbonsink.declared.schema import nearest

    if not tables.select(symbol):
        raise refuse("E-FAC-010", symbol, Exit.USAGE, symbol=symbol, nearest=nearest(symbol, list(tables.symbols())))
    tables.find(symbol, keys)
    return tables.fitting(symbol, keys)


def _value(symbol: str, keys: Mapping[str, str], rows: Sequence[Factor], tables: Factors) -> dict[str, Any]:
    lost = [_row_value(row) | {"why": _why(row, rows[0], tables)} for row in rows[1:]]
    return {"symbol": symbol, "edition": tables.edition, "tables": list(tables.preferred), "keys": dict(keys), "chosen": _row_value(rows[0]), "lost": lost}


def _row_value(row: Factor) -> dict[str, Any]:
    known = row.variable
    fields = ("id", "value", "unit", "low", "high", "distribution", "source", "place", "status")
    return {name: getattr(known, name) for name in fields} | {"keys": {key: list(words) for key, words in row.keys.items()}, "note": row.note}


def _why(row: Factor, chosen: Factor, tables: Factors) -> str:
    """`later`: its folder is searched after the chosen one's; `fewer`: it asks for fewer keys."""
    return "later" if row.folder != chosen.folder and chosen.folder in tables.preferred else "fewer"


def _lines(symbol: str, rows: Sequence[Factor], tables: Factors) -> list[str]:
    from carbonsink.base.topics import LIBRARY, read_topics
    from carbonsink.base.units import symbols

    w, chosen = _words(), rows[0]
    known, source = chosen.variable, read_topics(LIBRARY / "sources")[chosen.variable.source]
    span = w("factors.exact") if known.low is None else f"{known.low:g} – {known.high:g}, {screen_words()(f'factors.{known.distribution}')}"
    return [
        f"{symbol} = {known.value:g} {known.unit}  ({span})",
        symbols()[symbol].meaning[w.code],
        w("factors.row", id=known.id, keys=chosen.words()),
        w("factors.source", citation=source["citation"], place=known.place, read_in=source["read_in"]),
        w("factors.status", status=w(f"status.{known.status}"), note=chosen.note or "-"),
        *(_lost_line(row, w(f"factors.{_why(row, chosen, tables)}"), w) for row in rows[1:]),
    ]


def _lost_line(row: Factor, why: str, w: Language) -> str:
    return w("factors.lost", id=row.variable.id, value=f"{row.variable.value:g}", keys=row.words(), why=why)


def _symbol_lines(tables: Factors) -> list[str]:
    from carbonsink.base.units import symbols

    w, known = _words(), symbols()
    lines = [f"{symbol:<28}{count:>5}  {known[symbol].unit:<24} {known[symbol].meaning[w.code]}" for symbol, count in tables.symbols().items()]
    return [*lines, w("factors.total", symbols=len(lines), rows=len(tables.rows), edition=tables.edition)]


def _words() -> Language:
    from carbonsink.declared.language import read_languages

    return read_languages([user_language()])[0]
