"""RothC-26.3 over many soils: by our engine in one process, or month by month in plain Python as the published program goes.

python -m benchmarks.programs.rothc ours|own|plain STRATA DRAWS

ours    draws differ in the carbon that comes in
own     every draw has its own weather and clay, too, so that nothing of one serves another
plain   the first series of `own`, STRATA x DRAWS of them, one after another

Each says the stock at the end of its first series, which must agree.
"""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import workload
from carbonsink.carbon import rothc

MONTHS, SEED, BLOCK = 360, 26, 4  # BLOCK: strata worked at once, which bounds the memory
ALIKE = 4  # series whose ends are compared
WARMTH = np.array([3.0, 4, 7, 11, 15, 18, 20, 19, 16, 12, 7, 4])
RAIN = np.array([60.0, 45, 50, 48, 52, 55, 57, 60, 58, 70, 68, 64])
PAN = np.array([8.0, 14, 35, 60, 95, 110, 115, 98, 60, 32, 14, 8])
CARBON = np.array([0.0, 0, 0, 0.16, 0.16, 0.16, 1.6, 0.0, 0, 0, 0, 0])
COVER = np.array([0.0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0])
DEPTH, INERT = 23.0, 2.7
START = np.array([0.15, 5.7, 0.7, 27.6, INERT])
Floats = NDArray[np.float64]


def main() -> None:
    """Run, report the seconds, how many series, and the first series' ends."""
    who, strata, draws = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    clock = workload.Clock()
    ends = plain(clock, strata * draws) if who == "plain" else ours(clock, strata, draws, who == "own")
    workload.report(clock, series=strata * draws, months=MONTHS, ends=ends)


def stratum(number: int, draws: int, own: bool) -> dict[str, Any]:
    """The inputs of a stratum's draws; the first draw of a stratum is the same whichever way."""
    random = np.random.Generator(np.random.Philox(key=[SEED, number]))
    shift, wet, clay = random.normal(0, 3), random.uniform(0.6, 1.6), random.uniform(5, 45)
    factor = np.r_[1.0, random.uniform(0.5, 1.5, draws - 1)][:, None]
    weather = np.r_[1.0, random.uniform(0.8, 1.2, draws - 1)][:, None] if own else np.ones((1, 1))
    years = MONTHS // 12
    return {
        "temperature": (np.tile(WARMTH, years) + shift) * np.sqrt(weather),
        "rain": np.tile(RAIN, years) * wet * weather,
        "carbon_input": np.tile(CARBON, years) * factor,
        "clay": clay * weather[:, 0],
    }


def ours(clock: workload.Clock, strata: int, draws: int, own: bool) -> list[float]:
    """Our engine, block after block of strata."""
    always = {"evaporation": np.tile(PAN, MONTHS // 12), "covered": np.tile(COVER, MONTHS // 12), "depth": DEPTH}
    start = rothc.Pools(START, np.zeros(()))
    rothc.run(**{name: values[None] for name, values in stratum(0, 1, own).items()}, **always, start=start, keep="years")  # compiles
    ends: list[float] = []
    for first in range(0, strata, BLOCK):
        parts = [stratum(number, draws, own) for number in range(first, min(first + BLOCK, strata))]
        inputs: dict[str, Any] = {name: np.stack([part[name] for part in parts]) for name in parts[0]}
        with clock.running():
            course = rothc.run(**inputs, **always, start=start, keep="years")
        ends += course.total[:, 0, -1].tolist()
    return ends[:ALIKE]


def plain(clock: workload.Clock, series: int) -> list[float]:
    """One series after another, one month after another."""
    ends = []
    for number in range(series):
        given = stratum(number, 1, True)
        months = list(zip(*(given[name][0].tolist() for name in ("temperature", "rain", "carbon_input")), strict=True))
        pan, cover = PAN.tolist(), COVER.tolist()
        state, clay = [*START.tolist(), 0.0], float(given["clay"][0])
        with clock.running():
            for month, (temperature, rain, carbon) in enumerate(months):
                step(state, temperature, rain, pan[month % 12], carbon, cover[month % 12], clay)
        ends.append(math.fsum(state[:5]))
    return ends[:ALIKE]


def step(state: list[float], temperature: float, rain: float, pan: float, carbon: float, cover: float, clay: float) -> None:
    """One month of one soil, as the users' guide writes it."""
    rate = warmth(temperature) * dryness(state, rain, pan, cover, clay) * (0.6 if cover else 1.0)
    turn_over(state, rate, carbon, clay)


def warmth(temperature: float) -> float:
    """The rate modifying factor of temperature."""
    return 0.0 if temperature < -5 else 47.91 / (math.exp(106.06 / (temperature + 18.27)) + 1)


def dryness(state: list[float], rain: float, pan: float, cover: float, clay: float) -> float:
    """The rate modifying factor of moisture; brings the deficit along."""
    driest = -(20 + 1.3 * clay - 0.01 * clay * clay) * DEPTH / 23
    after = min(0.0, state[5] + rain - 0.75 * pan)
    state[5] = max(driest if cover else min(0.556 * driest, state[5]), after)
    threshold = 0.444 * driest
    return 1.0 if state[5] > threshold else 0.2 + 0.8 * (driest - state[5]) / (driest - threshold)


def turn_over(state: list[float], rate: float, carbon: float, clay: float) -> None:
    """What the four pools lose, what they get of it, and the carbon that comes in."""
    kept = [state[i] * math.exp(-rate * k / 12) for i, k in enumerate((10.0, 0.3, 0.66, 0.02))]
    lost = [state[i] - kept[i] for i in range(4)]
    ratio = 1.67 * (1.85 + 1.60 * math.exp(-0.0786 * clay))
    to_biomass, to_humus = (sum(part * share / (ratio + 1) for part in lost) for share in (0.46, 0.54))
    state[0] = kept[0] + 1.44 / 2.44 * carbon
    state[1] = kept[1] + 1 / 2.44 * carbon
    state[2] = kept[2] + to_biomass
    state[3] = kept[3] + to_humus


if __name__ == "__main__":
    main()
