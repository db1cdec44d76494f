"""Monte Carlo of farmland soil carbon over many strata: by stage 6, or by the same arithmetic written out in NumPy.

python -m benchmarks.programs.uncertain ours|numpy|ours-drawn|numpy-drawn STRATA DRAWS

With `-drawn` the clock runs over the arithmetic alone, on draws made before; without it each way draws inside. All four give
the same bytes. NumPy's way is what somebody writes for this methodology alone: its four formulas as functions, called stratum
by stratum, summed as they come.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping, Sequence
from itertools import cycle, islice, product
from typing import Any

import numpy as np
from tests.carbon.projects import SOIL, SOIL_VALUES, project

from benchmarks import workload
from carbonsink.base.reckon import read_inputs
from carbonsink.base.records import Activity, Variable, WorksheetRow
from carbonsink.carbon.work import worksheet
from carbonsink.uncertainty import Sampling, Totals, draw, half_widths, simulate, totals

YEAR, HECTARES, ERROR = 2020, 10.0, 0.4
CLIMATES, SOILS = ("warm_temperate_moist", "cool_temperate_moist", "warm_temperate_dry", "cool_temperate_dry"), ("hac", "lac")
BEFORE, AFTER = ("low", "medium"), ("high_without_manure", "medium", "high_with_manure")
TILLAGE = ("reduced", "no_till")
Work = list[tuple[str, str, dict[str, str], str]]  # flow, scenario, variable by argument, variable of the conversion


def main() -> None:
    """Lay the worksheet, work it, report the digest of gross and net."""
    who, strata, draws = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    rows, variables = laid(strata)
    sampling = Sampling(draws, 1, "benchmark")
    work = plain_work(rows)
    clock, halves = workload.Clock(), workload.Clock()
    draw(variables[0], sampling, 0, 4)  # imports what drawing needs
    drawn = {one.id: draw(one, sampling, 0, draws) for one in variables} if who.endswith("-drawn") else {}
    with clock.running():
        if who == "ours":
            found = simulate(rows, variables, sampling)
        elif who == "ours-drawn":
            found = dict(totals(rows, drawn))
        else:
            found = plain(work, drawn or {one.id: draw(one, sampling, 0, draws) for one in variables})
    with halves.running():
        if who == "ours":
            half_widths(rows, variables)
    digest = hashlib.sha256(b"".join(np.ascontiguousarray(found[YEAR, name]).tobytes() for name in ("gross", "net"))).hexdigest()
    workload.report(clock, digest=digest, rows=len(rows), half_widths=halves.wall)


def laid(strata: int) -> tuple[Sequence[WorksheetRow], Sequence[Variable]]:
    """The worksheet of so many strata of the farmland methodology, over every mixture of climate, soil and practice in turn."""
    mixtures = islice(cycle(product(CLIMATES, SOILS, BEFORE, AFTER, TILLAGE)), strata)
    declared = {
        f"field-{number:05d}": SOIL
        | {
            "keys": {**SOIL["keys"], "climate": climate, "soil": soil},
            "baseline": {"tillage": "full", "input": before},
            "project": {"tillage": tillage, "input": after},
        }
        for number, (climate, soil, before, after, tillage) in enumerate(mixtures)
    }
    plan = project("farmland-soil", declared, SOIL_VALUES, (YEAR,))
    activity = [Activity(YEAR, scenario, name, HECTARES, ERROR, "error_adjusted") for name in declared for scenario in ("baseline", "project")]
    return worksheet(plan, activity)


def soil_carbon(
    area: Any, soc_ref: Any, f_land_use: Any, f_management: Any, f_input: Any,
    f_land_use_before: Any, f_management_before: Any, f_input_before: Any, transition_time: Any,
) -> Any:  # fmt: skip
    """Equation 2.25."""
    after, before = f_land_use * f_management * f_input, f_land_use_before * f_management_before * f_input_before
    return area * soc_ref * (after - before) / transition_time


def n2o_direct(area: Any, nitrogen_rate: Any, ef1: Any, n2o_per_n: Any, t_per_kg: Any) -> Any:
    """Equation 11.1."""
    return area * nitrogen_rate * t_per_kg * ef1 * n2o_per_n


def n2o_volatilised(area: Any, nitrogen_rate: Any, frac_gasf: Any, ef4: Any, n2o_per_n: Any, t_per_kg: Any) -> Any:
    """Equation 11.9."""
    return area * nitrogen_rate * t_per_kg * frac_gasf * ef4 * n2o_per_n


def n2o_leached(area: Any, nitrogen_rate: Any, frac_leach: Any, ef5: Any, n2o_per_n: Any, t_per_kg: Any) -> Any:
    """Equation 11.10."""
    return area * nitrogen_rate * t_per_kg * frac_leach * ef5 * n2o_per_n


FLOWS = {one.__name__: one for one in (soil_carbon, n2o_direct, n2o_volatilised, n2o_leached)}
EMISSIONS = ("n2o_direct", "n2o_leached", "n2o_volatilised")


def plain_work(rows: Sequence[WorksheetRow]) -> Work:
    """What the plain way has to know, taken out of the worksheet before any clock runs."""
    ordered = sorted(rows, key=lambda row: row.id)
    return [(row.flow, row.scenario, {one.argument: one.variable for one in read_inputs(row.inputs)}, row.to_co2e_variable) for row in ordered]


def plain(work: Work, values: Mapping[str, Any]) -> Totals:
    """Gross and net by the functions above, in the order of ids."""
    sums: dict[tuple[str, str], Any] = {}
    for flow, scenario, inputs, conversion in work:
        tonnes = FLOWS[flow](**{argument: values[name] for argument, name in inputs.items()}) * values[conversion]
        sums[flow, scenario] = sums[flow, scenario] + tonnes if (flow, scenario) in sums else tonnes
    gross = sums["soil_carbon", "project"] - sums["soil_carbon", "baseline"]
    net = gross - sum(np.maximum(sums[flow, "project"] - sums[flow, "baseline"], 0) for flow in EMISSIONS)
    return {(YEAR, "gross"): gross, (YEAR, "net"): net}


if __name__ == "__main__":
    main()
