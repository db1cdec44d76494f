"""The deductions of crediting, in the order and on the base that the methodology's document gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from carbonsink.declared.methodology import Band, Deduction, Interval

HalfWidth = Callable[[Interval], Decimal]  # which interval -> its half-width [%]
GRAIN = Decimal("1e-9")  # tonnes
NOTHING = Decimal(0)


@dataclass(frozen=True)
class Amounts:
    """What a vintage earned before deductions [t CO2e]: removals above the baseline, avoided gas, emissions that rose."""

    removals: Decimal
    avoided: Decimal
    emissions: Decimal

    @property
    def net(self) -> Decimal:
        """What deductions start from."""
        return self.removals + self.avoided - self.emissions


@dataclass(frozen=True)
class Deducted:
    """One deduction as posted: its rule, its tonnes, and how it came about."""

    rule: str
    of: str  # net | removals | avoided | gross
    co2e_t: Decimal
    note: str


def deduct(rules: Sequence[Deduction], amounts: Amounts, half_width: HalfWidth) -> tuple[Deducted, ...]:
    """Every deduction in order; none exceeds what is left, and a net loss is not deducted from."""
    posted: list[Deducted] = []
    for rule in rules:
        taken = sum((one.co2e_t for one in posted), NOTHING)
        rate, note = rate_of(rule, half_width)
        tonnes = min(max(NOTHING, amounts.net - taken), base_of(rule, amounts, taken) * rate)
        posted.append(Deducted(rule.rule, rule.of, tonnes.quantize(GRAIN), note))
    return tuple(posted)


def rate_of(rule: Deduction, half_width: HalfWidth) -> tuple[Decimal, str]:
    """The share a rule takes of its base, at most all of it, and the facts behind it."""
    if rule.rule != "uncertainty" or rule.interval is None:
        return exact(rule.rate), f"rate={rule.rate} of={rule.of}"
    width = half_width(rule.interval)
    rate = _by_band(rule.bands, width) if rule.bands else max(NOTHING, width - exact(rule.free_percent)) / 100 * exact(rule.share)
    how = f"bands={_words(rule.bands)}" if rule.bands else f"free={rule.free_percent} share={rule.share}"
    note = f"half_width={width:f} level={rule.interval.level_percent} {how} of={rule.of}"
    if rule.stop_percent is None:
        return min(Decimal(1), rate), note
    stopped = width > exact(rule.stop_percent)
    return Decimal(1) if stopped else min(Decimal(1), rate), f"{note} stop={rule.stop_percent}"


def _by_band(bands: Sequence[Band], width: Decimal) -> Decimal:
    """What the last band takes whose bound the half-width exceeds; nothing below the first."""
    band = next((band for band in reversed(bands) if width > exact(band.over)), None)
    if band is None:
        return NOTHING
    return exact(band.rate) if band.share_of_u is None else exact(band.share_of_u) * width / 100


def _words(bands: Sequence[Band]) -> str:
    return ",".join(f"{band.over}:{band.rate if band.share_of_u is None else f'{band.share_of_u}U'}" for band in bands)


def base_of(rule: Deduction, amounts: Amounts, taken: Decimal) -> Decimal:
    """What a rule is taken of: the net that is left, or the part it names less that part's share of earlier deductions.

    A part is never more than what is left, so emissions come off it (CCER-14-001 takes its risk share of the net, too). Gross is what
    was earned before emissions, less earlier deductions (VM0042 and VM0047 reckon their buffer of the stock change alone).
    """
    if rule.of == "gross":
        return max(NOTHING, amounts.removals + amounts.avoided - taken)
    left = max(NOTHING, amounts.net - taken)
    if rule.of == "net" or not left:
        return left
    parts = {"removals": max(NOTHING, amounts.removals), "avoided": max(NOTHING, amounts.avoided)}
    return min(left, parts[rule.of] * (1 - taken / sum(parts.values(), NOTHING)))


def exact(number: float | None) -> Decimal:
    """A declared number as it is written, without binary dust; none is zero."""
    return Decimal(repr(number or 0.0))
