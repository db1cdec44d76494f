"""Soil carbon that a declared model gives: baseline and project run side by side over common draws of their inputs.

    area.toml [[model]], its table of months  ->  carbon/modelled.csv: what a hectare gains in a year, project less baseline

What both scenarios share (weather, soil, the error of a farm's records) is drawn once for both, so it doesn't widen their difference. Draws
are keyed by names, so neither the order of strata nor their number changes one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from carbonsink.base.pairs import write_pairs
from carbonsink.base.philox import uniforms
from carbonsink.base.problems import Refusal, refuse
from carbonsink.base.records import Measured
from carbonsink.base.tables import quantise
from carbonsink.carbon import rothc
from carbonsink.carbon.equation import Number, equation
from carbonsink.carbon.inputs import Floats, InputError
from carbonsink.declared.factors import SPREADS
from carbonsink.declared.models import SCENARIOS, Model, ModelSoil, Months, read_months
from carbonsink.declared.parameters import read_parameters
from carbonsink.declared.plan import Plan

SYMBOL, UNIT = "soc_gain_modelled", "t_C ha^-1 yr^-1"
ABSOLUTE = "gain_t_ha"  # the uncertainty that isn't a share of an input
PERCENT = 100.0
PLACES = 9  # decimals at this stage's border
TAIL = 0.02275  # of the draws on either side of two standard deviations of a normal, which is how stage 6 reads the bounds
MOST_CLAY = 100.0  # percent
EXACT: Floats = np.ones((1, 1))
Draws = Mapping[str, Floats]
ARGUMENTS = {
    "temperature_c": "temperature",
    "rain_mm": "rain",
    "evaporation_mm": "evaporation",
    "carbon_input_t_ha": "carbon_input",
    "manure_t_ha": "manure",
    "covered": "covered",
}


@equation(cites="ipcc-2006-v4 eq 2.5, both stocks modelled", returns="carbon_change")
def soil_gain(area: Number, soc_gain_modelled: Number) -> Number:
    """Carbon a stratum's soil gains in one year by a model, project less baseline [t_C yr^-1]."""
    return area * soc_gain_modelled


def modelled(plan: Plan) -> list[Measured]:
    """What every modelled stratum gains a hectare in every vintage; a Refusal lists what is wrong with a table.

    The value is that of the inputs as declared, the interval that of the draws: 95 %, lower index. The baseline's gain stands as an
    exact zero, since the project's is already what it has over the baseline.
    """
    rows = [row for model in plan.area.model for row in _model(plan, model)]
    return sorted(rows, key=lambda row: (row.year, row.scenario, row.stratum))


def gains(soil: ModelSoil, months: Months, drawn: Draws) -> Floats:
    """What a hectare gains in each year after the first, project less baseline [draw, year], t C.

    drawn: by input, what each draw multiplies it by [draw, 1]; an input that isn't there is exact. The same factors hold in the first
    year, in both scenarios and in every month. InputError where the first year's soil never settles.
    """
    start = starting(soil, months, drawn)
    yearly = {scenario: _yearly(soil, months.after[scenario], drawn, start) for scenario in SCENARIOS}
    difference: Floats = yearly["project"] - yearly["baseline"]
    return difference


def starting(soil: ModelSoil, months: Months, drawn: Draws) -> rothc.Pools:
    """The soil before the project [draw]: settled under the first year, and brought to the measured stock where there is one."""
    ratio = read_parameters("rothc").value("dpm_rpm", soil.plants)
    settled = rothc.equilibrium(**_inputs(months.first, drawn), clay=_clay(soil, drawn), depth=soil.depth_cm, ratio=ratio).pools
    if soil.initial_soc_t_ha is not None:
        return rothc.scaled_to(settled, soil.initial_soc_t_ha * drawn.get("initial_soc_t_ha", EXACT)[:, 0])
    carbon = settled.carbon.copy()
    carbon[..., -1] = rothc.inert_beside(settled.total)
    return rothc.Pools(carbon, settled.deficit)


def factors(model: Model, *names: object) -> Draws:
    """What each draw multiplies an input by [draw, 1], draw 0 by one; never below zero."""
    halves = {name: half for name, half in model.uncertainty.model_dump().items() if name != ABSOLUTE and half > 0}
    return {name: np.maximum(1 + half / PERCENT / SPREADS * normals(model.draws, *names, name), 0.0)[:, None] for name, half in halves.items()}


def normals(count: int, *names: object) -> Floats:
    """A zero and `count` standard normals, keyed by the names joined by `|`."""
    from scipy.special import ndtri

    return np.concatenate([np.zeros(1), ndtri(uniforms("|".join(map(str, names)), 0, count))])


def _model(plan: Plan, model: Model) -> Iterator[Measured]:
    months = read_months(model, plan.path(model.file), plan.vintages)
    if isinstance(months, list):
        raise Refusal(months)
    for name, soil in model.strata.items():
        keys = (plan.pipeline.uncertainty.seed, plan.area.id, "model", name)
        try:
            drawn = gains(soil, months[name], factors(model, *keys))
        except InputError as error:
            raise refuse("E-MOD-008", f"{model.file} {name}", why=error) from None
        own = model.uncertainty.gain_t_ha / SPREADS * normals(model.draws, *keys, ABSOLUTE)[:, None]
        place = f"{model.kind}, {model.file}, {name}, {model.draws} draws; {model.source}"
        shared = write_pairs([(f"model:{name}", 1.0)])  # one soil and one farm's records for all years, whose errors stay what they are
        for year, gained in zip(months[name].years, (drawn + own).T, strict=True):
            if year in plan.vintages:
                yield Measured(year, "baseline", name, SYMBOL, 0.0, UNIT, None, None, "exact", "definition: the project's gain is over the baseline")
                yield _row(year, name, gained, place, shared)


def _row(year: int, stratum: str, gained: Floats, place: str, shared: str) -> Measured:
    value, ordered = quantise(float(gained[0]), PLACES), np.sort(gained[1:])
    low, high = (quantise(float(ordered[int(part * (ordered.size - 1))]), PLACES) for part in (TAIL, 1 - TAIL))
    if low == high:
        return Measured(year, "project", stratum, SYMBOL, value, UNIT, None, None, "exact", place)
    return Measured(year, "project", stratum, SYMBOL, value, UNIT, min(low, value), max(high, value), "normal", place, shared)


def _yearly(soil: ModelSoil, months: Mapping[str, Any], drawn: Draws, start: rothc.Pools) -> Floats:
    """What the stock rises by in each year [draw, year]."""
    ratio = read_parameters("rothc").value("dpm_rpm", soil.plants)
    course = rothc.run(**_inputs(months, drawn), clay=_clay(soil, drawn), depth=soil.depth_cm, ratio=ratio, start=start, keep="years")
    before = np.broadcast_to(start.total[..., None], (*course.total.shape[:-1], 1))
    rise: Floats = np.diff(np.concatenate([before, course.total], axis=-1), axis=-1)
    return rise


def _inputs(months: Mapping[str, Any], drawn: Draws) -> dict[str, Any]:
    return {argument: np.asarray(months[column]) * drawn.get(column, EXACT) for column, argument in ARGUMENTS.items()}


def _clay(soil: ModelSoil, drawn: Draws) -> Floats:
    clay: Floats = np.minimum(soil.clay_percent * drawn.get("clay_percent", EXACT)[:, 0], MOST_CLAY)
    return clay
