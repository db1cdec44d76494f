"""What moves together: variables that share one change between two inventories, and declared groups of correlation.

    variables, [[correlation]]  ->  by variable, the names whose normals make up its own, each with its weight (a Gaussian copula)

A variable that isn't here is drawn by itself. Weights of a coefficient: its root on the group, the root of the rest on the member; of a
matrix: its Cholesky row over the members in the order declared, so the first is drawn as if it stood alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from carbonsink.base.pairs import read_pairs
from carbonsink.base.problems import Problem, Refusal
from carbonsink.base.records import Variable
from carbonsink.declared.correlation import Correlation, cholesky
from carbonsink.declared.schema import nearest
from carbonsink.uncertainty.draws import Weights

Together = Mapping[str, Weights]  # by variable
WHERE = "area.toml [[correlation]]"
LATER = ("area:", "measured:")


def moving_together(variables: Sequence[Variable], groups: Sequence[Correlation] = ()) -> Together:
    """The weights of every variable that isn't drawn by itself; a Refusal lists members that can't be in their group."""
    drawn = [one for one in variables if one.low is not None]
    found: dict[str, Weights] = {one.id: read_pairs(one.shared) for one in drawn if one.shared}
    problems: list[Problem] = []
    owner = {name: weights[0][0] for name, weights in found.items()}
    for group in groups:
        members = _members(group, variables)
        problems += _problems(group, members, variables, owner)
        owner |= dict.fromkeys((name for names in members for name in names), group.name)
        if not problems:
            found |= _weights(group, members)
    if problems:
        raise Refusal(problems)
    uncertain = {one.id for one in drawn}
    return {name: weights for name, weights in found.items() if name in uncertain}


def foreseen_groups(groups: Sequence[Correlation]) -> list[Correlation]:
    """The groups whose members are known before a run: areas and measurements have their ids from its first stages."""
    return [group for group in groups if not any(name.startswith(LATER) for name in group.values)]


def _members(group: Correlation, variables: Sequence[Variable]) -> list[list[str]]:
    """The ids of the variables that each member stands for, in the order of the alphabet."""
    if group.values:
        known = {one.id for one in variables}
        return [[name] if name in known else [] for name in group.values]
    return [sorted(one.id for one in variables if one.symbol == symbol) for symbol in group.symbols]


def _problems(group: Correlation, members: Sequence[Sequence[str]], variables: Sequence[Variable], owner: Mapping[str, str]) -> Iterator[Problem]:
    known = [one.id if group.values else one.symbol for one in variables]
    for said, names in zip(group.members, members, strict=True):
        if not names:
            yield Problem("E-UNC-006", WHERE, {"name": said, "nearest": nearest(said, known)})
        if group.matrix and len(names) > 1:
            yield Problem("E-UNC-008", WHERE, {"name": said, "count": len(names)})
        yield from (Problem("E-UNC-007", WHERE, {"name": name, "other": owner[name]}) for name in names if name in owner)


def _weights(group: Correlation, members: Sequence[Sequence[str]]) -> dict[str, Weights]:
    if group.coefficient is not None:
        common, own = math.sqrt(group.coefficient), math.sqrt(1 - group.coefficient)
        cause = f"correlation:{group.name}"
        return {name: _without_nothing([(cause, common), (name, own)]) for names in members for name in names}
    ids = [names[0] for names in members]
    return {name: _without_nothing(list(zip(ids, row, strict=False))) for name, row in zip(ids, cholesky(group.matrix), strict=True)}


def _without_nothing(weights: Weights) -> Weights:
    return tuple((name, weight) for name, weight in weights if weight)
