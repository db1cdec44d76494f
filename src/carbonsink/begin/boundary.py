"""What a boundary file says by itself: CRS, encoding, country, hectares, and which columns hold parcel ids and areas in mu.

The ids are in the first column, by likely names, that names every parcel once; the areas in mu in one whose every number agrees with
its outline within the tolerance of declared areas.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from carbonsink.base.geometry import mu
from carbonsink.base.problems import Problem, Refusal, refuse
from carbonsink.begin.recipe import columns
from carbonsink.declared.area import Land, LandFile
from carbonsink.declared.crs import outside_country
from carbonsink.declared.features import LandSource
from carbonsink.declared.landfile import read_land_file
from carbonsink.declared.limits import DECLARED_TOLERANCE_PERCENT
from carbonsink.declared.parcels import LandCheck, as_text, check_land

ANYWHERE = "-"  # a country without a box
CHINA = "CN"
OPTIONS = {f"area.toml [land.{key}]": option for key, option in (("file", "--boundary"), ("crs", "--crs"), ("layer", "--layer"), ("encoding", "--encoding"))}


@dataclass(frozen=True)
class Boundary:
    """A boundary file as read: its features, its land without columns, the columns there are."""

    path: Path
    spec: LandFile
    source: LandSource
    land: Land

    @property
    def columns(self) -> list[str]:
        """The file's columns, in the file's order."""
        return list(dict.fromkeys(name for feature in self.source.features for name in feature.attributes))

    @property
    def country(self) -> str | None:
        """The country whose box the land lies in, None where it could be any."""
        return None if outside_country(self.land.boundary.bounds, CHINA) else CHINA

    def parcels(self, parcel_id: str) -> Land:
        """The land with its parcels by a column of ids; a Refusal lists what is wrong with them."""
        return _checked(self.path, self.source, self.spec.model_copy(update={"parcel_id": parcel_id}))


def strata_of(found: Boundary, column: str) -> tuple[str, ...]:
    """The words of a column, in their order; each is a stratum."""
    return tuple(sorted({as_text(feature.attributes.get(column)) for feature in found.source.features}))


def stratum_columns(found: Boundary, *taken: str | None) -> list[str]:
    """The columns that could name strata: several words, some of them of several parcels."""
    count = len(found.source.features)
    return [name for name in found.columns if name not in taken and "" not in strata_of(found, name) and 1 < len(strata_of(found, name)) < count]


def read_boundary(path: Path, crs: str | None = None, encoding: str | None = None, layer: str | None = None) -> Boundary:
    """A boundary file; a Refusal lists what is wrong with it as `carbonsink check` would."""
    spec = LandFile(file=path.name, crs=crs, encoding=encoding, layer=layer)
    try:
        source = read_land_file(path, layer, encoding)
        return Boundary(path, spec, source, _checked(path, source, spec))
    except Refusal as refusal:
        raise Refusal([_as_option(problem) for problem in refusal.problems], refusal.exit_code) from None


def _as_option(problem: Problem) -> Problem:
    """A problem of a key of [land] as one of the option that it comes from: there is no area.toml yet."""
    key = next((key for key in OPTIONS if problem.where.startswith(key)), "")
    return replace(problem, where=OPTIONS[key] + problem.where.removeprefix(key)) if key else problem


def id_column(found: Boundary) -> str:
    """The column that names every parcel once; refuses a file without one (E-BEG-007)."""
    for name in _likely(found.columns, columns().parcel_id):
        try:
            found.parcels(name)
        except Refusal:
            continue
        return name
    raise refuse("E-BEG-007", found.path.name, file=found.path.name, found=", ".join(found.columns) or "-")


def area_column(found: Boundary, parcel_id: str) -> str | None:
    """The column whose numbers are the parcels' areas in mu, None where no column agrees with the outlines."""
    with_ids = found.spec.model_copy(update={"parcel_id": parcel_id})
    return next((name for name in _likely(found.columns, columns().parcel_area_mu) if name != parcel_id and _agrees(found, with_ids, name)), None)


def _agrees(found: Boundary, spec: LandFile, column: str) -> bool:
    try:
        land = _checked(found.path, found.source, spec.model_copy(update={"parcel_area_mu": column}))
    except Refusal:
        return False
    return all(p.declared_mu is not None and abs(p.declared_mu / mu(p.area_m2) - 1) * 100 <= DECLARED_TOLERANCE_PERCENT for p in land.parcels)


def _likely(there: list[str], names: list[str]) -> Iterator[str]:
    """The columns that have a likely name, in the names' order, then the others."""
    known = {_plain(name): number for number, name in enumerate(names)}
    yield from sorted(there, key=lambda name: known.get(_plain(name), len(known)))


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def _checked(path: Path, source: LandSource, spec: LandFile) -> Land:
    return check_land(source, LandCheck(spec, ANYWHERE, ("land",), 0.0, 1, path.name))
