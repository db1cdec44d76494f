"""The command `methods`: the library's methodologies, what one of them reckons and asks for, and the equations with their sources."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from carbonsink.base.problems import Exit, Refusal, user_language
from carbonsink.cli.screen import guarded

if TYPE_CHECKING:
    from carbonsink.carbon.equation import Equation
    from carbonsink.declared.language import Language
    from carbonsink.declared.methodology import Deduction, Flow, Methodology

Name = Annotated[str | None, typer.Argument(metavar="[NAME]", help="a methodology; with --equations an equation (soil.mineral_soil_stock) or a module (soil)")]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON object on stdout")]
Debug = Annotated[bool, typer.Option("--debug", help="show the traceback of an internal error")]


def methods(
    name: Name = None,
    as_equations: Annotated[bool, typer.Option("--equations", help="list equations: citation, formula, units")] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """List the methodologies of the library, or show one: flows, equations, deductions, clauses."""

    def work() -> None:
        if as_equations:
            found = [_equation_value(one) for one in _equations(name)]
            _print({"equations": found}, [line for one in found for line in equation_lines(one)], as_json)
        elif name is None:
            known = _methodologies()
            _print({"methodologies": [_entry(one) for one in known]}, list_lines(known, _words()), as_json)
        else:
            one = _methodology(name)
            _print(methodology_value(one), methodology_lines(one, _words()), as_json)

    guarded(work, debug)


def list_lines(known: list[Methodology], w: Language) -> list[str]:
    """One line a methodology: id, status, whether it issues, its name, its flows."""
    wide = max(len(one.id) for one in known)
    return [f"{one.id:<{wide}}  {w(f'status.{one.status}')}, {_issuable(one, w)}: {w.of(one.name)} ({', '.join(f.id for f in one.flow)})" for one in known]


def methodology_lines(one: Methodology, w: Language) -> list[str]:
    """All that a methodology says, in the order in which it is used."""
    return [
        f"{one.id} {one.version}: {w.of(one.name)}",
        w("methods.document", document=one.document, status=w(f"status.{one.status}"), issuable=_issuable(one, w)),
        w("methods.factors", edition=one.edition, tables=", ".join(one.tables) or w("none"), gwp=one.gwp.upper()),
        w("methods.baseline", baseline=w(f"baseline.{one.baseline}"), area_methods=", ".join(one.area_methods)),
        w.of(one.note),
        *_section(w, "asks", [f"  {key}: {', '.join(words)}" for key, words in one.asks.items()]),
        *_section(w, "flows", [line for flow in one.flow for line in _flow_lines(flow, w)]),
        *_section(w, "derived", [f"  {symbol} = {_formula(name)}  ({name})" for symbol, name in one.derive.items()]),
        *_section(w, "deductions", [f"  {n}. {_deduction(rule, w)}" for n, rule in enumerate(one.deduction, 1)]),
        *_section(w, "clauses", [f"  {c.clause}: {w.of(c.name)}\n    {c.requires}{_condition(c.when, w)}  [{c.source}, {c.place}]" for c in one.applicability]),
        *_section(w, "confirm", [f"  {c.clause}: {w.of(c.name)}  [{c.source}, {c.place}]" for c in one.confirm]),
    ]


def equation_lines(one: dict[str, Any]) -> Iterator[str]:
    """An equation in four lines and one an argument."""
    yield f"{one['name']}: {one['purpose']}"
    yield f"  {one['cites']}"
    yield f"  {one['returns']} [{one['unit']}] = {one['formula']}"
    yield from (f"    {a['name']} [{a['unit']}]: {a['meaning'][user_language()]}" for a in one["arguments"])


def methodology_value(one: Methodology) -> dict[str, Any]:
    """A methodology as JSON, each flow and derived symbol with its formula."""
    raw = one.model_dump(mode="json")
    flows = [flow | {"cites": _equation(flow["equation"]).cites, "formula": _formula(flow["equation"])} for flow in raw["flow"]]
    return raw | {"flow": flows, "derive": {symbol: {"equation": name, "formula": _formula(name)} for symbol, name in one.derive.items()}}


def _entry(one: Methodology) -> dict[str, Any]:
    kept = ("id", "version", "name", "document", "status", "issuable")
    return {key: value for key, value in one.model_dump(mode="json").items() if key in kept} | {"flows": [flow.id for flow in one.flow]}


def _equation_value(one: Equation) -> dict[str, Any]:
    from carbonsink.carbon.reference import arguments_of, citation_of, excel_of, latex_of

    said = {"name": one.name, "purpose": one.purpose, "cites": citation_of(one), "returns": one.returns.name, "unit": one.returns.unit}
    arguments = [{"name": a.name, "letter": a.letter, "unit": a.unit, "meaning": dict(a.meaning)} for a in arguments_of(one)]
    return said | {"formula": one.formula, "latex": latex_of(one), "excel": excel_of(one), "arguments": arguments}


def _flow_lines(flow: Flow, w: Language) -> Iterator[str]:
    made = _equation(flow.equation)
    scope = "" if flow.scope == "stratum" else w("methods.whole")
    scenario = "" if flow.scenario == "both" else f", {w(f'scenario.{flow.scenario}')}"
    yield f"  {flow.id}: {w.of(flow.name)}, {w(f'kind.{flow.kind}')}, {flow.gas}{scope}{scenario}{_condition(flow.when, w)}"
    yield f"    {made.name} [{made.cites}] x {flow.to_co2e}"
    yield f"    {made.returns.name} = {made.formula}"


def _deduction(rule: Deduction, w: Language) -> str:
    """A deduction with every number it sets, whichever rule it is."""
    said = rule.model_dump(exclude={"rule", "of", "source", "place", "status"}, exclude_defaults=True)
    numbers = ", ".join(f"{key} {_plain(value)}" for key, value in said.items())
    return f"{w(f'account.{rule.rule}')}, {w(f'of.{rule.of}')}: {numbers}  [{rule.source}, {rule.place}; {w(f'status.{rule.status}')}]"


def _plain(value: Any) -> str:
    match value:
        case list():  # a schedule: its bands
            return " | ".join(" ".join(f"{key} {_plain(number)}" for key, number in band.items()) for band in value)
        case float():
            return f"{value:g}"
    return str(value)


def _section(w: Language, key: str, lines: list[str]) -> list[str]:
    return [w(f"methods.{key}"), *lines] if lines else []


def _condition(when: str | None, w: Language) -> str:
    return w("methods.when", when=when) if when else ""


def _issuable(one: Methodology, w: Language) -> str:
    return w("methods.unconfirmed" if one.issuable and one.unconfirmed else "methods.issues" if one.issuable else "methods.never")


def _formula(name: str) -> str:
    return _equation(name).formula


def _equation(name: str) -> Equation:
    from carbonsink.carbon.book import equations

    return equations()[name]


def _equations(name: str | None) -> list[Equation]:
    from carbonsink.carbon.book import equations
    from carbonsink.carbon.reference import selected
    from carbonsink.declared.agreement import unknown

    found = selected(equations().values(), name)
    if not found:
        raise Refusal(unknown(str(name), equations(), "--equations"), Exit.USAGE)
    return found


def _methodologies() -> list[Methodology]:
    from carbonsink.declared.methodology import methodology_names, read_methodology

    return [read_methodology(name) for name in methodology_names()]


def _methodology(name: str) -> Methodology:
    from carbonsink.declared.agreement import unknown
    from carbonsink.declared.methodology import methodology_names, read_methodology

    if name not in methodology_names():
        raise Refusal(unknown(name, methodology_names(), "carbonsink methods"), Exit.USAGE)
    return read_methodology(name)


def _print(value: dict[str, Any], lines: list[str], as_json: bool) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=1) if as_json else "\n".join(lines))


def _words() -> Language:
    from carbonsink.declared.language import read_languages

    return read_languages([user_language()])[0]
