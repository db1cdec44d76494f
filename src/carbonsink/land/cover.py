"""The land stage: a cover map for every vintage, consistent over the years, and its errors against the reference.

    composites/, scenes/maps -> land/cover_<year>.tif, land/confusion.csv
                                land/model.json, land/confidence_<year>.tif where a classifier was trained
                                land/raw_<year>.tif, land/consistency.csv   where [land.consistency] is declared

Three ways make a map: rules, a trained classifier, a published map. One that knows nothing of the reference is compared with it as it
stands in the end. A trained map is trained on every labelled pixel; its errors are those of models that never saw the pixel
(out of fold), once by pixels and once by whole parcels, and before any rule of consistency: what those mend isn't counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.problems import refuse
from carbonsink.base.rasters import Raster, write_raster
from carbonsink.base.records import Confusion, ConsistencyChange
from carbonsink.base.tables import write_csv
from carbonsink.declared.area import Reference
from carbonsink.declared.plan import Plan
from carbonsink.land.classifier import by_classifier, labelled, trained
from carbonsink.land.classify import Model
from carbonsink.land.confidence import follow, write_confidence
from carbonsink.land.consistency.sequences import Maps
from carbonsink.land.consistency.steps import made_consistent
from carbonsink.land.features import Season, season_of
from carbonsink.land.ground import touched
from carbonsink.land.judge import compared, judged
from carbonsink.land.published import by_published
from carbonsink.land.reference import Labels, read_labels
from carbonsink.land.rules import decide, in_own_unit, layers_in

Strip = tuple[int, int]
Mapper = Callable[[Season], NDArray[np.uint8]]


def map_cover(plan: Plan, run: Path) -> None:
    """Write the cover map of every vintage (uint8, 0 where not monitored) and the confusion with the reference.

    Refuses rules that aren't formulas over the layers, vintages without composites or without a published map, and references that
    don't fit.
    """
    seasons = {year: season_of(plan, run, year) for year in plan.vintages}
    reference = plan.area.reference
    labels = read_labels(plan, reference, _season(seasons, reference).grid) if reference else None
    mapper, unseen = _maker(plan, run, seasons, labels)
    raw = {year: mapper(season) for year, season in seasons.items()}
    maps = _finished(plan, run, seasons, raw, unseen or _held(plan, raw, labels))
    _write(run, "cover", seasons, maps)
    write_csv(run / "land" / "confusion.csv", unseen or _held(plan, maps, labels), Confusion)


def by_rules(plan: Plan, season: Season, strip: Strip) -> NDArray[np.uint8]:
    """The pipeline's rules on a strip of a year."""
    land = plan.pipeline.land
    names = layers_in(land.rules, season.layers, season.features)
    values = season.read(names, strip)
    layers = {name: values[:, number] for number, name in enumerate(names)}
    return decide(land.rules, {c.id: c.code for c in land.classes}, layers, in_own_unit(season.features, season.whole(strip)))


def _maker(plan: Plan, run: Path, seasons: dict[int, Season], labels: Labels | None) -> tuple[Mapper, list[Confusion]]:
    """What makes a year's map, and, of a trained map, its errors on samples its models never saw."""
    reference = plan.area.reference
    if plan.pipeline.land.method == "published":
        return lambda season: by_published(plan, run, season.grid, season.year), []
    if plan.pipeline.land.method == "rules" or not reference or not labels:
        return lambda season: _by_strips(season, lambda strip: by_rules(plan, season, strip)), []
    samples = labelled(_season(seasons, reference), labels)
    model = trained(plan, samples, _season(seasons, reference).feature_names, run)
    return lambda season: by_model(plan, model, season, run), judged(plan, reference.year, samples, model.features)


def by_model(plan: Plan, model: Model, season: Season, run: Path) -> NDArray[np.uint8]:
    """A trained map of a year, of the area's own pixels; its confidence is written beside it."""
    ground = touched(season.grid, plan.land.boundary)
    covers: list[NDArray[np.uint8]] = []

    def layers() -> Iterator[NDArray[np.int16]]:
        for row, rows in season.strips():
            found = by_classifier(plan, model, season, (row, rows), ground[row : row + rows])
            covers.append(found.codes)
            yield found.layers

    write_confidence(run, season.year, season.grid, plan.pipeline.land.classes, layers())
    return np.concatenate(covers)


def _by_strips(season: Season, mapper: Callable[[Strip], NDArray[np.uint8]]) -> NDArray[np.uint8]:
    return np.concatenate([mapper(strip) for strip in season.strips()])


def _held(plan: Plan, maps: Maps, labels: Labels | None) -> list[Confusion]:
    """The errors of maps that were made without the reference."""
    reference = plan.area.reference
    return compared(plan, reference.year, maps[reference.year], labels) if reference and labels else []


def _finished(plan: Plan, run: Path, seasons: dict[int, Season], raw: Maps, errors: Sequence[Confusion]) -> Maps:
    """The maps after the declared rules of consistency, the raw ones and what changed kept; the raw ones where none are declared."""
    land = plan.pipeline.land
    if land.consistency is None:
        return raw
    maps, changes = made_consistent(land.consistency, land.classes, raw, errors, seasons[plan.vintages[0]].grid.resolution)
    _write(run, "raw", seasons, raw)
    for year, cover in maps.items():
        follow(run, year, raw[year], cover, land.classes)
    write_csv(run / "land" / "consistency.csv", changes, ConsistencyChange)
    return maps


def _write(run: Path, name: str, seasons: dict[int, Season], maps: Maps) -> None:
    for year, cover in maps.items():
        write_raster(run / "land" / f"{name}_{year}.tif", Raster(seasons[year].grid, ("cover",), cover[None], 0))


def _season(seasons: dict[int, Season], reference: Reference) -> Season:
    if reference.year not in seasons:
        raise refuse("E-LND-010", "[reference]", year=reference.year, known=", ".join(map(str, seasons)))
    return seasons[reference.year]
