"""The land stage: a cover map for every vintage, and its errors against the reference.

    composites/ -> land/cover_<year>.tif, land/confusion.csv, land/model.json (where a classifier was trained)

A map by rules is compared with the reference as it stands. A trained map is trained on every labelled pixel; its
errors are those of forests that never saw the pixel (out of fold), once by pixels and once by whole parcels.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.problems import refuse
from carbonsink.base.rasters import Raster, write_raster
from carbonsink.base.records import Confusion
from carbonsink.base.tables import write_csv
from carbonsink.declared.area import Reference
from carbonsink.declared.plan import Plan
from carbonsink.land.classifier import by_forest, labelled, trained
from carbonsink.land.features import Season, season_of
from carbonsink.land.judge import compared, judged
from carbonsink.land.reference import read_labels
from carbonsink.land.rules import decide, in_own_unit, layers_in

Strip = tuple[int, int]
Mapper = Callable[[Season, Strip], NDArray[np.uint8]]


def map_cover(plan: Plan, run: Path) -> None:
    """Write the cover map of every vintage (uint8, 0 where not monitored) and the confusion with the reference.

    Refuses rules that aren't formulas over the layers, vintages without composites, and references that don't fit.
    """
    seasons = {year: season_of(plan, run, year) for year in plan.vintages}
    reference = plan.area.reference
    labels = read_labels(plan, reference, _season(seasons, reference).grid) if reference else None
    if plan.pipeline.land.method == "classifier" and reference and labels:
        samples = labelled(_season(seasons, reference), labels)
        forest = trained(plan, samples, _season(seasons, reference).feature_names, run)
        maps = _write_maps(seasons, lambda season, strip: by_forest(forest, season, strip), run)
        rows = judged(plan, reference.year, samples, forest.features)
    else:
        maps = _write_maps(seasons, lambda season, strip: by_rules(plan, season, strip), run)
        rows = compared(plan, reference.year, maps[reference.year], labels) if reference and labels else []
    write_csv(run / "land" / "confusion.csv", rows, Confusion)


def by_rules(plan: Plan, season: Season, strip: Strip) -> NDArray[np.uint8]:
    """The pipeline's rules on a strip of a year."""
    land = plan.pipeline.land
    names = layers_in(land.rules, season.layers, season.features)
    values = season.read(names, strip)
    layers = {name: values[:, number] for number, name in enumerate(names)}
    return decide(land.rules, {c.id: c.code for c in land.classes}, layers, in_own_unit(season.features, season.whole(strip)))


def _season(seasons: dict[int, Season], reference: Reference) -> Season:
    if reference.year not in seasons:
        raise refuse("E-LND-010", "[reference]", year=reference.year, known=", ".join(map(str, seasons)))
    return seasons[reference.year]


def _write_maps(seasons: dict[int, Season], mapper: Mapper, run: Path) -> dict[int, NDArray[np.uint8]]:
    maps = {year: np.concatenate([mapper(season, strip) for strip in season.strips()]) for year, season in seasons.items()}
    for year, cover in maps.items():
        write_raster(run / "land" / f"cover_{year}.tif", Raster(seasons[year].grid, ("cover",), cover[None], 0))
    return maps
