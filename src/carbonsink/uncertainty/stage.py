"""Stage 6: the intervals of gross and net by both approaches, and which variables they come from.

    carbon/variables.csv, carbon/worksheet.csv -> uncertainty/uncertainty.csv, uncertainty/shares.csv

Both approaches reckon the worksheet with the same functions, and both move together what belongs together.
"""

from __future__ import annotations

from pathlib import Path

from carbonsink.base.records import Spread, Variable, VarianceShare, WorksheetRow
from carbonsink.base.tables import read_csv, write_csv
from carbonsink.declared.plan import Plan
from carbonsink.uncertainty.draws import Sampling
from carbonsink.uncertainty.propagation import approach_1, half_widths
from carbonsink.uncertainty.shares import variance_shares, with_ranks
from carbonsink.uncertainty.simulation import approach_2, simulate
from carbonsink.uncertainty.together import moving_together


def propagate(plan: Plan, run: Path) -> None:
    """Write the run's uncertainty folder; a Refusal lists members of correlations that the run doesn't draw."""
    rows = read_csv(run / "carbon" / "worksheet.csv", WorksheetRow)
    variables = read_csv(run / "carbon" / "variables.csv", Variable)
    setting = plan.pipeline.uncertainty
    asked = {rule.interval for rule in plan.methodology.deduction if rule.interval is not None}
    first, second = (sorted({95.0} | {one.level_percent for one in asked if one.approach == approach}) for approach in (1, 2))
    together = moving_together(variables, plan.area.correlation)
    moves, sampling = half_widths(rows, variables), Sampling(setting.draws, setting.seed, plan.area.id)
    drawn = simulate(rows, variables, sampling, together)
    shares = list(variance_shares(variables, moves, together))
    write_csv(run / "uncertainty" / "uncertainty.csv", [*approach_1(rows, variables, moves, first, together), *approach_2(drawn, second)], Spread)
    write_csv(run / "uncertainty" / "shares.csv", with_ranks(shares, variables, drawn, sampling, together), VarianceShare)
