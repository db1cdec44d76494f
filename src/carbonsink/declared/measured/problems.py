"""Everything wrong with what an area hands in as measured, at once: files, cells, and what the methodologies ask of samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from carbonsink.base.problems import Problem, Refusal
from carbonsink.declared.measured.census import read_census
from carbonsink.declared.measured.soil import read_soil
from carbonsink.declared.measured.stocking import read_stocking
from carbonsink.declared.paths import Places

if TYPE_CHECKING:
    from carbonsink.declared.area import AreaFile


def measured_problems(area: AreaFile, vintages: Sequence[int], places: Places) -> Iterator[Problem]:
    """The problems of [soil_samples], [census] and [stocking]; of a file that isn't there, only that."""
    strata = list(area.strata)
    if soil := area.soil_samples:
        yield from _asked(places, [soil.file, soil.sites], lambda paths: read_soil(soil, paths[0], paths[1], strata))
    if census := area.census:
        yield from _asked(places, [census.file], lambda paths: read_census(census, paths[0], strata))
    if stocking := area.stocking:
        yield from _asked(places, [stocking.file], lambda paths: read_stocking(stocking, paths[0], vintages))


def _asked(places: Places, files: Sequence[str], read: Callable[[list[Path]], object]) -> Iterator[Problem]:
    paths: list[Path] = []
    for file in files:
        try:
            paths.append(places.existing(file, "area.toml [soil_samples], [census], [stocking]"))
        except Refusal as refusal:
            yield from refusal.problems
    try:
        if len(paths) == len(files):
            read(paths)
    except Refusal as refusal:
        yield from refusal.problems
