"""The stages' digests walked in order, stopping at the first that differs: its inputs are equal, its outputs aren't."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from carbonsink.base.evidence import digest
from carbonsink.base.manifest import describe, printed_alike, read_manifest
from carbonsink.base.problems import Problem
from carbonsink.run import READS, STAGES


@dataclass(frozen=True)
class StageState:
    """One stage of the run beside the same stage run again: one digest over the content of what it read, one of what it wrote."""

    stage: str
    inputs_stated: str
    inputs_again: str
    stated: str
    again: str
    differing: tuple[Problem, ...]  # the files, with both digests

    @property
    def equal(self) -> bool:
        """Whether both wrote the same content."""
        return self.stated == self.again


def walk(run: Path, again: Path) -> tuple[tuple[StageState, ...], tuple[str, ...]]:
    """The stages up to the first that differs, and the files that differ in any of them.

    Printed documents are held against one another only where typesetter and face are the same; their facts stand in report.json too.
    """
    manifest = read_manifest(run)
    stated = {link["stage"]: {path: str(file["content"]) for path, file in link["writes"].items()} for link in manifest["stages"]}
    found = {"scenes": stated["scenes"]} | {stage: _contents(again, stage) for stage in STAGES}  # chips are what the run is worked from
    if not printed_alike(manifest):
        found["report"] = {path: stated["report"].get(path, content) if path.endswith(".pdf") else content for path, content in found["report"].items()}
    states: list[StageState] = []
    for stage in STAGES:
        if all(state.equal for state in states):
            states.append(_state(stage, stated, found))
    differing = [path for stage in STAGES for path in _differing(stated[stage], found[stage])]
    return tuple(states), tuple(differing)


def _contents(folder: Path, stage: str) -> dict[str, str]:
    return {path: file["content"] for path, file in describe(folder, stage).items()}


def _state(stage: str, stated: dict[str, dict[str, str]], found: dict[str, dict[str, str]]) -> StageState:
    read = [digest({name: side[name] for name in READS[stage]}) for side in (stated, found)]
    differing = tuple(
        Problem("E-VER-029", path, {"stated": stated[stage].get(path, "-"), "found": found[stage].get(path, "-")})
        for path in _differing(stated[stage], found[stage])
    )
    return StageState(stage, read[0], read[1], digest(stated[stage]), digest(found[stage]), differing)


def _differing(stated: dict[str, str], found: dict[str, str]) -> list[str]:
    return sorted(path for path in stated.keys() | found.keys() if stated.get(path) != found.get(path))
