"""The statement sheet's last steps: earlier losses paid, either type rounded down by itself, losses drawn on the buffer.

deductions taken -> carried, left:removals, left:avoided, kept -> withheld, issued, rounding, reversal, shortfall, balance
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal

from carbonsink.report.results import CREDITED, DEDUCTED, SETTLED
from carbonsink.report.workbook.column import GRAIN, PLACES, ZERO, Column
from carbonsink.report.workbook.rates import Rule

LEFT = ("left:removals", "left:avoided")
STEPS = (*LEFT, "kept")  # between the deductions and what is settled
Worth = tuple[str, Decimal]  # a formula, and its value in decimals


def settle(c: Column, rules: Sequence[Rule], flag: str, before: Sequence[Column], withheld: bool) -> None:
    """What is left pays earlier shortfalls, then whole tonnes are withheld or issued and the rest is rounding; a loss draws on the buffer."""
    net = (f"MAX(0,{c.at('net')})", max(ZERO, c.exact["net"]))
    left = _less(net, _taken(c, rules, ("net", "gross", "removals", "avoided")))
    owed = "".join(f"-{b.at('shortfall')}-{b.at('carried')}" for b in before) or "0"
    carried = min(left[1], -sum((b.exact["shortfall"] + b.exact["carried"] for b in before), ZERO))
    c.add("carried", f"ROUND(MIN({left[0]},{owed}),{PLACES})", carried)
    _types(c, rules, net, left)
    whole = [c.exact[step].to_integral_value(ROUND_FLOOR) for step in LEFT]
    cell, held = f"({'+'.join(f'ROUNDDOWN({c.at(step)},0)' for step in LEFT)})", sum(whole, ZERO)
    c.add("withheld", f"{flag}*{cell}", held if withheld else ZERO)
    c.add("issued", f"(1-{flag})*{cell}", ZERO if withheld else held)
    c.add("rounding", f"ROUND({left[0]}-{c.at('carried')}-{cell},{PLACES})", left[1] - carried - held)
    _lose(c, before)
    posted = "+".join(c.at(a) for a in (*CREDITED, *DEDUCTED, *SETTLED))
    c.add("balance", f"ROUND({posted},{PLACES})", sum((c.exact[a] for a in (*CREDITED, *DEDUCTED, *SETTLED)), ZERO))


def _types(c: Column, rules: Sequence[Rule], net: Worth, left: Worth) -> None:
    """What is left as removals and as avoided emissions: deductions of one type come off it, all others off both as they were earned."""
    cells = {"removals": f"MAX(0,-({c.at('removals')}+{c.at('baseline')}))", "avoided": f"MAX(0,-{c.at('avoided')})"}
    parts = {"removals": max(ZERO, -c.exact["removals"] - c.exact["baseline"]), "avoided": max(ZERO, -c.exact["avoided"])}
    earned = sum(parts.values(), ZERO)
    share = f"IF({cells['removals']}+{cells['avoided']}=0,0,{cells['removals']}/({cells['removals']}+{cells['avoided']}))"
    carried = (c.at("carried"), c.exact["carried"])
    shared, own, rest = _less(_less(net, _taken(c, rules, ("net", "gross"))), carried), _taken(c, rules, ("removals",)), _less(left, carried)
    first = max(ZERO, min(rest[1], shared[1] * (parts["removals"] / earned if earned else ZERO) - own[1])).quantize(GRAIN, ROUND_FLOOR)
    c.add(LEFT[0], f"ROUND(MAX(0,MIN({rest[0]},{shared[0]}*{share}-({own[0]}))),{PLACES})", first)
    c.add(LEFT[1], f"ROUND({rest[0]}-{c.at(LEFT[0])},{PLACES})", rest[1] - first)


def _lose(c: Column, before: Sequence[Column]) -> None:
    """A net loss: whole tonnes out of the buffer that issued vintages left, and a shortfall."""
    kept = "+".join(f"IF({b.at('issued')}>=1,ROUNDDOWN({b.at('buffer')},0),0)+{b.at('reversal')}" for b in before) or "0"
    units = (b.exact["buffer"].to_integral_value(ROUND_FLOOR) if b.exact["issued"] >= 1 else ZERO for b in before)
    c.add("kept", kept, sum(units, ZERO) + sum((b.exact["reversal"] for b in before), ZERO))
    loss = max(ZERO, -c.exact["net"])
    drawn = min(c.exact["kept"], loss.to_integral_value(ROUND_FLOOR))
    c.add("reversal", f"-MIN({c.at('kept')},ROUNDDOWN(ROUND(MAX(0,-{c.at('net')}),{PLACES}),0))", -drawn)
    c.add("shortfall", f"MIN(0,{c.at('net')})-{c.at('reversal')}", drawn - loss)


def _taken(c: Column, rules: Sequence[Rule], of: tuple[str, ...]) -> Worth:
    """What the deductions of these bases took."""
    steps = [f"taken:{n}" for n, rule in enumerate(rules) if rule.deduction.of in of]
    return "+".join(c.at(step) for step in steps) or "0", sum((c.exact[step] for step in steps), ZERO)


def _less(one: Worth, other: Worth) -> Worth:
    return f"({one[0]}-({other[0]}))", one[1] - other[1]
