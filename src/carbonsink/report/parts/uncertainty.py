"""T9: the intervals of every year and of the whole period, and the rows that their variance comes from, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from carbonsink.base.records import Spread, Variable, VarianceShare
from carbonsink.base.records.uncertainty import PERIOD
from carbonsink.declared.language import Language
from carbonsink.declared.plan import Plan
from carbonsink.report.parts.reckoning import meaning
from carbonsink.report.results import Results, source_words
from carbonsink.report.tabular import Table, headed, maybe, table

SHOWN_SHARES = 8


def uncertain(plan: Plan, results: Results, w: Language) -> dict[str, Any]:
    """The tables of T9."""
    return {"spreads": _spreads(results, w), "shares": _shares(plan, results, w)}


def year_words(year: int, w: Language) -> str:
    """A year, or all of them together."""
    return w("uncertainty.all-years") if year == PERIOD else str(year)


def variable_words(variable: Variable, w: Language) -> str:
    """A number as somebody would look it up: what it means, its document and place, its row where it stands in a table."""
    file, _, line = variable.id.rpartition(":")
    facts = {"meaning": meaning(variable.symbol, w), "source": source_words(variable.source), "place": variable.place}
    return w("uncertainty.table-row", **facts, row=line) if file.endswith(".csv") else w("uncertainty.number", **facts)


def share_words(s: VarianceShare, variable: Variable, w: Language) -> str:
    """A share of variance as people say it: “71 %: growth, 2019 Refinement, Table 4.9, row 12”."""
    return w("uncertainty.share", percent=w.significant(s.share * 100, 2), number=variable_words(variable, w))


def _spreads(results: Results, w: Language) -> Table:
    columns = headed(w, "year!", "quantity!", "approach", "level:%", "mean:tonnes", "median:tonnes", "low:tonnes", "high:tonnes", "half-width:%")
    return table(columns, [_spread(s, w) for s in results.spreads])


def _spread(s: Spread, w: Language) -> tuple[object, ...]:
    tonnes = (maybe(w, value, 1) for value in (s.mean_t, s.median_t, s.low_t, s.high_t, s.half_width_percent))
    level = w.number(s.level_percent, 0 if s.level_percent.is_integer() else 1)
    return (year_words(s.year, w), w(f"quantity.{s.quantity}"), w(f"approach.{s.approach}"), level, *tonnes)


def _shares(plan: Plan, results: Results, w: Language) -> Table:
    columns = headed(w, "year!", "variance-share:%", "variable", "rank-correlation:")
    return table(columns, [(year_words(s.year, w), *_share(s, results, w)) for s in _shown(plan, results)])


def _share(s: VarianceShare, results: Results, w: Language) -> tuple[object, ...]:
    return w.number(s.share * 100, 1), share_words(s, results.by_id[s.variable], w), maybe(w, s.rank_correlation, 2)


def _shown(plan: Plan, results: Results) -> Iterator[VarianceShare]:
    """The largest shares of the period, or of the only vintage."""
    year = PERIOD if len(plan.vintages) > 1 else plan.vintages[-1]
    yield from [s for s in results.shares if s.year == year][:SHOWN_SHARES]
