"""What is expected of the map before anybody has looked: the share of each mapped class that is right, or that is one class.

From samples the run has already (of a drawn sample first, then of whole parcels, then of pixels), or as somebody says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from carbonsink.base.problems import refuse
from carbonsink.base.records import SPLITS, Confusion
from carbonsink.declared.sampling import read_sampling


def parse(texts: Iterable[str], classes: Sequence[str]) -> dict[str, float]:
    """`class=share` texts; a text of another form, an unknown class and a share not above 0 and up to 1 are refused."""
    given = {}
    for text in texts:
        name, _, share = text.partition("=")
        value = _number(share)
        if name not in classes or not 0 < value <= 1:
            raise refuse("E-SMP-008", "--accuracy", found=text, known=", ".join(classes))
        given[name] = value
    return given


def expected(classes: Sequence[str], samples: Sequence[Confusion], given: Mapping[str, float], target: str | None) -> dict[str, float]:
    """Each mapped class's expected share that is right, or, with a target class, that is of that class. Refuses classes nobody knows anything of."""
    split = next((s for s in SPLITS if any(row.split == s for row in samples)), "-")
    rows = [row for row in samples if row.split == split]
    shares = {name: given[name] if name in given else _counted(rows, name, target or name) for name in classes}
    unknown = [name for name, share in shares.items() if share is None]
    if unknown:
        raise refuse("E-SMP-007", "--accuracy", classes=", ".join(unknown), example=unknown[0])
    return {name: share for name, share in shares.items() if share is not None}


def _counted(rows: Sequence[Confusion], mapped: str, reference: str) -> float | None:
    """The share of a mapped class's samples that are of a reference class, a few points added on both sides; None without samples."""
    counts = [(row.count, row.reference_class == reference) for row in rows if row.map_class == mapped]
    if not counts:
        return None
    prior = read_sampling().expected
    yes = sum(count for count, right in counts if right) + prior.right
    return yes / (sum(count for count, _ in counts) + prior.right + prior.wrong)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
