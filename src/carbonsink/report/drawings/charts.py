"""The report's charts: what was seen and when, how green it was, how sure we are, and where the tonnes go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from carbonsink.base.records import CompositePeriod, VarianceShare
from carbonsink.declared.language import Language
from carbonsink.declared.plan import Plan
from carbonsink.report.drawings.sketch import BLUE, GOLD, GREEN, INK, LEAF, LINE, MUTED, RED, Canvas, Label, Sketch, drawing
from carbonsink.report.results import CREDITED, DEDUCTED, SETTLED, Results, Vintage

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH = 760
LABELLED_MONTHS = 13  # at most so many month labels along an axis
SHOWN_SHARES = 8


def observations(results: Results) -> Sketch:
    """Acquisition days a month, and below the share of the area that a period's composite saw."""
    months = _months(results.composites)
    days = {(s.platform, s.datetime[:10]) for s in results.scenes}
    counts = [sum(day[:7] == f"{year}-{month:02d}" for _, day in days) for year, month in months]
    with drawing("observations", WIDTH, 300) as canvas:
        bars = _timeline(canvas, 26, 130, months, "chart.acquisitions")
        bars.bar(range(len(months)), counts, width=0.78, color=[GREEN if n else RED for n in counts])
        bars.set_ylim(0, max(*counts, 1) * 1.1)
        gaps = [i for i, n in enumerate(counts) if n == 0]
        bars.scatter(gaps, [max(*counts, 1) * 0.04] * len(gaps), marker="x", color=RED, s=22)
        seen = _timeline(canvas, 200, 70, months, "chart.observed-share")
        places = [_centre(months, period) for period in results.composites]
        seen.bar(places, [p.observed_share * 100 for p in results.composites], width=_widths(months, results.composites), color=LEAF)
        seen.set_ylim(0, 104)
        seen.set_yticks([0, 50, 100])
        return canvas.finish("observations", lambda w: w("alt.observations", days=len(days), gaps=len(gaps)))


def greenness(plan: Plan, results: Results, series: Mapping[str, Sequence[float | None]]) -> Sketch:
    """Mean NDVI of each mapped class by period."""
    months = _months(results.composites)
    places = [_centre(months, period) for period in results.composites]
    with drawing("greenness", WIDTH, 260) as canvas:
        axes = _timeline(canvas, 26, 196, months, "chart.ndvi")
        for land_class in plan.pipeline.land.classes:
            if land_class.id in series:
                known = [(x, y) for x, y in zip(places, series[land_class.id], strict=True) if y is not None]
                axes.plot([x for x, _ in known], [y for _, y in known], color=land_class.colour, linewidth=2, marker="o", markersize=4)
        axes.set_ylim(min(0.0, *(v for values in series.values() for v in values if v is not None)) - 0.05, 1.0)
        return canvas.finish("greenness", lambda w: w("alt.greenness", classes=len(series)))


def variance_shares(shares: Sequence[VarianceShare], named: Mapping[str, Label]) -> Sketch:
    """Which variables the spread of a year's result comes from."""
    first = sorted(shares, key=lambda s: (-s.share, s.variable))[:SHOWN_SHARES]
    with drawing("shares", WIDTH, 34 + 30 * len(first)) as canvas:
        axes = canvas.panel(360, 6, 330, 30 * len(first))
        axes.barh(range(len(first)), [s.share * 100 for s in first], height=0.58, color=BLUE)
        axes.set_yticks(range(len(first)), [canvas.say(named[s.variable]) for s in first])
        axes.tick_params(axis="y", labelcolor=INK)
        for i, share in enumerate(first):
            axes.text(share.share * 100 + 1, i, canvas.say(lambda w, s=share: w.number(s.share * 100, 1) + " %"), va="center", fontsize=11, color=INK)  # type: ignore[misc]
        axes.invert_yaxis()
        axes.set_xlim(0, max(s.share for s in first) * 112)
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        return canvas.finish("shares", lambda w: w("alt.shares", first=named[first[0].variable](w), percent=w.number(first[0].share * 100, 1)))


def intervals(results: Results) -> Sketch:
    """Each vintage's 95 % interval by both approaches, gross and net."""
    rows = sorted((s for s in results.spreads if s.year and s.level_percent == 95.0), key=lambda s: (s.year, s.quantity, s.approach))
    with drawing("intervals", WIDTH, 44 + 24 * len(rows)) as canvas:
        axes = canvas.panel(190, 6, 540, 24 * len(rows))
        for i, s in enumerate(rows):
            colour = GREEN if s.approach == 1 else GOLD
            axes.plot([s.low_t, s.high_t], [i, i], color=colour, linewidth=5, solid_capstyle="butt", alpha=0.55)
            axes.plot([s.mean_t], [i], marker="o", color=colour, markersize=7)
        axes.axvline(0, color=MUTED, linewidth=0.8)
        names = [canvas.say(lambda w, s=s: w("chart.interval", year=s.year, quantity=w(f"quantity.{s.quantity}"), approach=s.approach)) for s in rows]  # type: ignore[misc]
        axes.set_yticks(range(len(rows)), names)
        axes.tick_params(axis="y", labelcolor=INK)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        _tonnes_axis(canvas, axes)
        return canvas.finish("intervals", lambda w: w("alt.intervals", rows=len(rows)))


def waterfall(vintage: Vintage) -> Sketch:
    """From gross through the deductions to what is withheld or issued, one vintage [t CO2e]."""
    steps = [(a, -float(vintage.of(a))) for a in (*CREDITED, *DEDUCTED) if vintage.of(a)]
    ends = [(a, float(vintage.of(a))) for a in SETTLED if vintage.of(a)]
    with drawing(f"waterfall-{vintage.year}", 400, 40 + 28 * (len(steps) + len(ends))) as canvas:
        axes = canvas.panel(118, 4, 214, 28 * (len(steps) + len(ends)))
        level = 0.0
        for i, (account, change) in enumerate(steps):
            axes.barh(i, change, left=level, height=0.6, color=GREEN if account in CREDITED else GOLD)
            level += change
            _amount(canvas, axes, max(level, level - change), i, change)
        start = 0.0
        for i, (account, value) in enumerate(ends, len(steps)):
            axes.barh(i, value, left=start, height=0.6, color={"issued": GREEN, "withheld": RED, "reversal": RED, "shortfall": RED}.get(account, MUTED))
            start += value
            _amount(canvas, axes, max(start, start - value), i, value)
        names = [a for a, _ in (*steps, *ends)]
        axes.set_yticks(range(len(names)), [canvas.say(lambda w, a=a: w(f"account.{a}")) for a in names])  # type: ignore[misc]
        axes.tick_params(axis="y", labelcolor=INK)
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.axvline(0, color=MUTED, linewidth=0.8)
        _tonnes_axis(canvas, axes, ticks=3)
        return canvas.finish(f"waterfall-{vintage.year}", lambda w: w("alt.waterfall", year=vintage.year, gross=w.number(vintage.gross, 1)))


def _amount(canvas: Canvas, axes: Axes, x: float, row: int, value: float) -> None:
    axes.annotate(canvas.number(value, 1), (x, row), xytext=(5, 0), textcoords="offset points", va="center", fontsize=11, color=INK)


def _tonnes_axis(canvas: Canvas, axes: Axes, ticks: int = 5) -> None:
    from matplotlib.ticker import MaxNLocator

    low, high = axes.get_xlim()
    at = [float(t) for t in MaxNLocator(ticks).tick_values(low, high) if low <= t <= high]
    axes.set_xticks(at, [canvas.number(t, 0 if max(map(abs, at)) >= 10 else 1) for t in at])
    axes.set_xlim(low, high)
    axes.grid(axis="x", color=LINE, linewidth=0.8)


def _timeline(canvas: Canvas, top: float, height: float, months: Sequence[tuple[int, int]], title: str) -> Axes:
    axes = canvas.panel(44, top, WIDTH - 56, height)
    canvas.figure.text(8 / canvas.width, 1 - (top - 10) / canvas.height, canvas.say(lambda w: w(title)), fontsize=11, color=INK)
    every = next(n for n in (1, 2, 3, 6, 12, 24, 60, 120) if len(months) / n <= LABELLED_MONTHS)
    at = [i for i, (_, month) in enumerate(months) if (month - 1) % min(every, 12) == 0 and i % 1 == 0][:: max(1, every // 12)]
    axes.set_xticks(at, [canvas.say(lambda w, m=months[i]: w.month(*m)) for i in at])  # type: ignore[misc]
    axes.set_xlim(-0.6, len(months) - 0.4)
    axes.grid(axis="y", color=LINE, linewidth=0.8)
    axes.locator_params(axis="y", nbins=5)
    return axes


def _months(periods: Sequence[CompositePeriod]) -> list[tuple[int, int]]:
    first, last = date.fromisoformat(min(p.start for p in periods)), date.fromisoformat(max(p.end for p in periods))
    return [divmod_month(i) for i in range(first.year * 12 + first.month - 1, last.year * 12 + last.month)]


def divmod_month(index: int) -> tuple[int, int]:
    """Year and month of a count of months since year 0."""
    year, month = divmod(index, 12)
    return year, month + 1


def _centre(months: Sequence[tuple[int, int]], period: CompositePeriod) -> float:
    start, end = (months.index((int(day[:4]), int(day[5:7]))) for day in (period.start, period.end))
    return (start + end) / 2


def _widths(months: Sequence[tuple[int, int]], periods: Sequence[CompositePeriod]) -> list[float]:
    spans = [(_centre(months, p) - months.index((int(p.start[:4]), int(p.start[5:7])))) * 2 + 1 for p in periods]
    return [span - 0.22 for span in spans]


def words(text: str) -> Label:
    """A label that is the same in every language."""

    def say(_: Language) -> str:
        return text

    return say
