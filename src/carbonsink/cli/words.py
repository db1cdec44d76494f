"""Results in words and in JSON: what stdout says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from carbonsink.base.problems import user_language
from carbonsink.base.typeface import FACE, MISSING

if TYPE_CHECKING:
    from carbonsink.declared.plan import Plan
    from carbonsink.declared.zones import ZoneFinding
    from carbonsink.run.many import Outcome


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
        "typeface": manifest["environment"][FACE],
    }


def in_words(result: dict[str, Any]) -> str:
    """The same for a person, in few lines."""
    lines = [f"{v['vintage']}  gross {v['gross_t_co2e']:>12,.1f} t CO2e   issued {v['issued_t_co2e']:>9,.0f} t" for v in result["vintages"]]
    if result["simulated"]:
        lines.append("SIMULATED imagery: nothing of this can be issued, the whole tonnes are withheld")
    if result["typeface"] == MISSING:
        lines.append("documents lack Chinese signs and are no PDF/A: the typeface of the package zhplot isn't installed; install it and run again")
    run = Path(result["run"])
    return "\n".join([*lines, f"digest {result['digest']}", f"report {run / 'report' / 'report.html'}", f"verify with: carbonsink verify {run}"])


def plan_in_words(area: Path, plan: Plan) -> str:
    """What a well-declared area is, in one line, and one more for every zone that was found."""
    from carbonsink.base.geometry import hectares, mu

    land = f"{hectares(plan.land.area_m2):,.2f} ha = {mu(plan.land.area_m2):,.1f} mu"
    vintages = ", ".join(map(str, plan.vintages))
    first = f"{area}: well declared; {land}, vintages {vintages}, pipeline {plan.pipeline.id}, methodology {plan.methodology.id}"
    return "\n".join([first, *zone_lines(plan.zones)])


def zone_lines(zones: tuple[ZoneFinding, ...]) -> list[str]:
    """What was found of a stratum's zones, by which rule, and what it says otherwise."""
    from dataclasses import asdict

    from carbonsink.declared.language import read_languages

    if not zones:
        return []
    w = read_languages([user_language()])[0]
    told = [{"kind": one.key} | {name: fact for name, fact in asdict(one).items() if name != "key"} for one in zones]
    return [w("zones.same" if one["used"] == one["found"] else "zones.other", **one) for one in told]


def outcome_of(area: Outcome) -> dict[str, Any]:
    """One of many areas as JSON: its result, or the problems that stopped it."""
    if area.run is not None:
        return {"area": area.folder.name, "kept": area.kept, **result_of(area.run)}
    problems = area.refusal.problems if area.refusal else ()
    return {"area": area.folder.name, "problems": [{"code": p.code, "where": p.where, "text": p.line(user_language())} for p in problems]}


def outcomes_in_words(areas: list[Outcome]) -> str:
    """One line an area, and a last one that counts."""
    lines = [_outcome_line(area) for area in areas]
    done = sum(area.run is not None for area in areas)
    return "\n".join([*lines, f"{done} of {len(areas)} areas estimated" + (f", {len(areas) - done} refused" if done < len(areas) else "")])


def _outcome_line(area: Outcome) -> str:
    if area.run is None:
        return f"{area.folder.name:<24} refused: " + ", ".join(sorted({p.code for p in area.refusal.problems}) if area.refusal else [])
    result = result_of(area.run)
    gross, issued = (sum(v[key] for v in result["vintages"]) for key in ("gross_t_co2e", "issued_t_co2e"))
    note = "  (kept)" if area.kept else ""
    return f"{area.folder.name:<24} gross {gross:>12,.1f} t CO2e   issued {issued:>9,.0f} t   {area.run}{note}"
