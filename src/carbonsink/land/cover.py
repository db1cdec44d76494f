"""The land stage: a cover map for every vintage, and its errors against the reference.

    composites/ -> land/cover_<year>.tif, land/confusion.csv, land/model.json (where a classifier was trained)

A map by rules is compared with the reference as it stands. A trained map is trained on every labelled pixel; its
errors are those of forests that never saw the pixel (out of fold), once by pixels and once by whole parcels.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import rfc8785
from numpy.typing import NDArray

from carbonsink.base.evidence import write_bytes
from carbonsink.base.problems import refuse
from carbonsink.base.rasters import Raster, write_raster
from carbonsink.base.records import Confusion
from carbonsink.base.tables import write_csv
from carbonsink.declared.area import Reference
from carbonsink.declared.plan import Plan
from carbonsink.land.features import Season, season_of
from carbonsink.land.folds import parcel_folds, pixel_folds
from carbonsink.land.forest import Forest, forest_of, train
from carbonsink.land.reference import Labels, Samples, flat, observed, read_labels, samples_of
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
        samples = _samples(_season(seasons, reference), labels)
        forest = _trained(plan, samples, _season(seasons, reference).feature_names, run)
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


def by_forest(forest: Forest, season: Season, strip: Strip) -> NDArray[np.uint8]:
    """The forest's classes on a strip of a year."""
    values = season.read(season.layers, strip)
    seen = observed(values)
    cover = np.zeros(seen.shape, np.uint8)
    cover[seen] = forest.predict(flat(values, season.whole(strip))[seen.ravel()])
    return cover


def judged(plan: Plan, year: int, samples: Samples, names: tuple[str, ...]) -> list[Confusion]:
    """The confusion of forests with samples they were not trained on, by each split."""
    land = plan.pipeline.land
    rows = list(_rows(plan, year, "pixel", out_of_fold(samples, pixel_folds(samples.index, land.folds, land.seed), names, plan), samples.codes, None))
    if samples.parcels is not None:
        folds = parcel_folds(samples.parcels, samples.codes, land.folds, land.seed)
        rows += _rows(plan, year, "parcel", out_of_fold(samples, folds, names, plan), samples.codes, samples.parcels)
    return rows


def out_of_fold(samples: Samples, folds: NDArray[np.int64], names: tuple[str, ...], plan: Plan) -> NDArray[np.uint8]:
    """Each sample's class by a forest trained on the other folds only."""
    found = np.zeros(samples.codes.shape, np.uint8)
    for fold in np.unique(folds):
        held = folds == fold
        if held.all():
            raise refuse("E-LND-011", "[reference]", samples=held.size)
        found[held] = train(samples.features[~held], samples.codes[~held], names, plan.pipeline.land).predict(samples.features[held])
    return found


def compared(plan: Plan, year: int, cover: NDArray[np.uint8], labels: Labels) -> list[Confusion]:
    """The confusion of a map that was made without the reference; pixels that weren't monitored are no samples."""
    part = (labels.codes > 0) & (cover > 0)
    rows = list(_rows(plan, year, "pixel", cover[part], labels.codes[part], None))
    if labels.parcels is not None:
        rows += _rows(plan, year, "parcel", cover[part], labels.codes[part], labels.parcels[part])
    return rows


def _season(seasons: dict[int, Season], reference: Reference) -> Season:
    if reference.year not in seasons:
        raise refuse("E-LND-010", "[reference]", year=reference.year, known=", ".join(map(str, seasons)))
    return seasons[reference.year]


def _samples(season: Season, labels: Labels) -> Samples:
    samples = samples_of(season, labels)
    if np.unique(samples.codes).size < 2:  # noqa: PLR2004
        raise refuse("E-LND-006", "[reference]", labelled=int((labels.codes > 0).sum()), samples=samples.codes.size)
    return samples


def _trained(plan: Plan, samples: Samples, names: tuple[str, ...], run: Path) -> Forest:
    """The map's forest, by all samples, as model.json holds it."""
    model = train(samples.features, samples.codes, names, plan.pipeline.land).to_json()
    write_bytes(run / "land" / "model.json", rfc8785.dumps(model) + b"\n")
    return forest_of(model)


def _write_maps(seasons: dict[int, Season], mapper: Mapper, run: Path) -> dict[int, NDArray[np.uint8]]:
    maps = {year: np.concatenate([mapper(season, strip) for strip in season.strips()]) for year, season in seasons.items()}
    for year, cover in maps.items():
        write_raster(run / "land" / f"cover_{year}.tif", Raster(seasons[year].grid, ("cover",), cover[None], 0))
    return maps


def _rows(plan: Plan, year: int, split: str, mapped: NDArray[np.uint8], true: NDArray[np.uint8], parcels: NDArray[np.int64] | None) -> Iterator[Confusion]:
    """Samples counted by parcel, map class and reference class, in the order of parcel numbers and class codes."""
    names = {c.code: c.id for c in plan.pipeline.land.classes}
    numbers = np.zeros(mapped.shape, np.int64) if parcels is None else parcels
    counts = Counter(zip(numbers.tolist(), mapped.tolist(), true.tolist(), strict=True))
    for (number, found, reference), count in sorted(counts.items()):
        yield Confusion(year, split, str(number) if parcels is not None else "", names[found], names[reference], count)
