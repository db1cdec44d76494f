"""Results in words and in JSON: what stdout says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from carbonsink.base.problems import user_language
from carbonsink.base.typeface import FACE, MISSING
from carbonsink.cli.screen import padded, screen_words

if TYPE_CHECKING:
    from carbonsink.declared.language import Language
    from carbonsink.declared.plan import Plan
    from carbonsink.declared.zones import ZoneFinding
    from carbonsink.run.many import Outcome
    from carbonsink.run.scenes import Made

NAME = 24  # cells that the name of an area takes at least


def result_of(run: Path) -> dict[str, Any]:
    """What `estimate --json` prints, from the run's report and manifest."""
    report = json.loads((run / "report" / "report.json").read_text(encoding="utf-8"))
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    keys, why = ("gross_t_co2e", "issued_t_co2e", "withheld_t_co2e", "shortfall_t_co2e"), _reasons(run)
    vintages = [{"vintage": v["vintage"], **{key: float(v[key]) for key in keys}, "withheld_because": why.get(v["vintage"], [])} for v in report["vintages"]]
    return {
        "run": str(run),
        "vintages": vintages,
        "areas_ha": {year: {name: float(area) for name, area in strata.items()} for year, strata in report["areas_ha"].items()},
        "simulated": manifest["simulated"],
        "stamps": [stamp["code"] for stamp in report["stamps"]],
        "digest": manifest["results"],
        "typeface": manifest["environment"][FACE],
    }


def in_words(result: dict[str, Any], w: Language) -> str:
    """The same for a person, in few lines."""
    lines = [w("estimate.vintage", year=v["vintage"], **_tonnes([v], w)) for v in result["vintages"]]
    if result["simulated"]:
        lines.append(w("estimate.simulated"))
    if "CUSTOM_FACTORS" in result["stamps"]:
        lines.append(w("estimate.custom"))
    reasons = dict.fromkeys(reason for v in result["vintages"] for reason in v["withheld_because"])
    lines += [w("estimate.withheld", reason=_reason(reason, w)) for reason in reasons]
    if result["typeface"] == MISSING:
        lines.append(w("estimate.no-typeface"))
    run = Path(result["run"])
    page = w("estimate.report", path=run / "report" / "report.html")
    return "\n".join([*lines, w("estimate.digest", digest=result["digest"]), page, w("verify-with", run=run)])


def _reasons(run: Path) -> dict[int, list[str]]:
    """Why whole tonnes of a vintage are withheld, as codes."""
    from carbonsink.base.records import Posting
    from carbonsink.base.tables import read_csv

    return {one.vintage: one.note.split() for one in read_csv(run / "credit" / "statement.csv", Posting) if one.account == "withheld"}


def _reason(code: str, w: Language) -> str:
    """A reason in the report's words."""
    from carbonsink.declared.language import read_languages
    from carbonsink.report.parts.crediting import reason_words

    return reason_words(code, read_languages([w.code])[0])


def _tonnes(vintages: list[dict[str, Any]], w: Language) -> dict[str, str]:
    """What vintages come to: gross, issued, withheld."""
    return {name: w.number(sum(v[f"{name}_t_co2e"] for v in vintages), places) for name, places in (("gross", 1), ("issued", 0), ("withheld", 0))}


def plan_in_words(area: Path, plan: Plan) -> str:
    """What a well-declared area is, in one line, and one more for every zone that was found."""
    from carbonsink.base.geometry import hectares, mu

    w, vintages = screen_words(), ", ".join(map(str, plan.vintages))
    land = {"ha": w.number(hectares(plan.land.area_m2), 2), "mu": w.number(mu(plan.land.area_m2), 1)}
    first = w("check.good", area=area, **land, vintages=vintages, pipeline=plan.pipeline.id, methodology=plan.methodology.id)
    return "\n".join([first, *zone_lines(plan.zones)])


def lock_lines(made: Made) -> list[str]:
    """A lock that was written, how it differs from the one before, and the radar's."""
    counts = {name: len(made.lock[name]) for name in ("items", "dropped", "gaps")}
    differing = made.difference.words(user_language()) if made.difference else ()
    return [screen_words()("lock.made", path=made.path, **counts), *differing, *(lock_lines(made.radar) if made.radar else [])]


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
    w, refused = screen_words(), sum(area.run is None for area in areas)
    counts = {"done": len(areas) - refused, "areas": len(areas)}
    last = w("estimate.some-refused", **counts, refused=refused) if refused else w("estimate.all-done", **counts)
    return "\n".join([*(_outcome_line(area, w) for area in areas), last])


def _outcome_line(area: Outcome, w: Language) -> str:
    name = padded(area.folder.name, NAME)
    if area.run is None:
        return w("estimate.refused", area=name, codes=", ".join(sorted({p.code for p in area.refusal.problems}) if area.refusal else []))
    sums = _tonnes(result_of(area.run)["vintages"], w)
    return w("estimate.area", area=name, **sums, run=area.run, kept=w("estimate.kept") if area.kept else "")
