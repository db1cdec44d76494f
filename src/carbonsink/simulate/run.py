"""A whole simulated catalogue: made beside its place, and put there once it is whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from carbonsink.base.evidence import digest, file_sha256, read_json, sha256, write_json
from carbonsink.base.problems import Problem, Refusal, refuse
from carbonsink.base.rasters import Grid, Raster, write_raster
from carbonsink.declared.calendar import twelve_months
from carbonsink.declared.plan import Plan
from carbonsink.simulate.catalogue import write_catalogue
from carbonsink.simulate.constants import Constants, constants, constants_file
from carbonsink.simulate.extent import Extent, extent_of
from carbonsink.simulate.items import FILES, acquisition_days, item_id, item_json
from carbonsink.simulate.landscape import Landscape, landscape_of
from carbonsink.simulate.practice import simulation_of
from carbonsink.simulate.radar import vh_of
from carbonsink.simulate.radar_items import FILE, NODATA, radar_days, radar_id, radar_json
from carbonsink.simulate.scene import FINE_BANDS, scene_of
from carbonsink.simulate.sky import Weather, weather_of
from carbonsink.simulate.truth import cover_truth, event_truth, legend, practice_truth

Progress = Callable[[int, int], None]
Json = dict[str, Any]


def simulate(plan: Plan, folder: Path, progress: Progress = lambda done, total: None) -> None:
    """Write the plan's simulated catalogue into a folder; nothing is done where a whole one of the same key is there.

    The folder gets catalog.json, one collection with an item a date and one of radar where the pipeline asks for that,
    truth/ (covers, practices, events) and simulation.json. Raises Refusal E-SIM-001 to 004 for an area that can't be simulated, E-SIM-022 to 025 for
    what can't be planted, E-SIM-026 for another radar than the simulator makes.
    """
    key = simulation_key(plan)
    if _key_of(folder) == key:
        return
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        _write_catalogue(plan, part, tuned(plan, constants()), progress)
        write_json(part / "simulation.json", {"key": key, "simulated": True, "version": constants().version})
        _put(part, folder, key)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _put(part: Path, folder: Path, key: str) -> None:
    """Put a whole catalogue in its place; where another process put the same there meanwhile, that one stays: somebody may be reading it."""
    try:
        part.rename(folder)
    except OSError:
        if _key_of(folder) != key:
            shutil.rmtree(folder, ignore_errors=True)
            part.rename(folder)


def simulation_key(plan: Plan) -> str:
    """The digest of everything a simulated catalogue depends on."""
    start, end = imagery_period(plan)
    parcels = [[parcel.id, parcel.stratum] for parcel in plan.land.parcels]
    practices = {name: [dict(stratum.baseline), dict(stratum.project)] for name, stratum in plan.area.strata.items()}
    planted = {"period": str(plan.area.period.start), "practices": practices, "simulation": simulation_of(plan).model_dump(mode="json")}
    said = {"land": plan.land.digest, "parcels": parcels, "start": str(start), "end": str(end), "constants": sha256(constants_file().read_bytes())}
    radar = {"radar": asked_radar(plan)} if asked_radar(plan) else {}
    return digest(said | {"planted": planted} | radar)


def asked_radar(plan: Plan) -> str | None:
    """The radar that the pipeline asks for; E-SIM-026 for one that isn't made here."""
    found, known = plan.pipeline.practice.radar if plan.pipeline.practice else None, constants().radar.sensor
    if found not in (None, known):
        raise refuse("E-SIM-026", "pipeline [practice.radar]", found=found, known=known)
    return found


def tuned(plan: Plan, known: Constants) -> Constants:
    """The constants with the days between acquisitions that the area declares."""
    revisit = simulation_of(plan).revisit_days
    if revisit is None:
        return known
    return known.model_copy(update={"acquisitions": known.acquisitions.model_copy(update={"interval_days": revisit})})


def imagery_period(plan: Plan) -> tuple[date, date]:
    """First and last day of imagery: the area's period, longer by the months the pipeline asks for before and after, and from the first year of features."""
    period, imagery = plan.area.period, plan.pipeline.imagery
    start = np.datetime64(period.start, "M") - imagery.lead_months
    end = np.datetime64(period.end, "M") + imagery.tail_months + 1
    first = date.fromisoformat(str(start.astype("datetime64[D]"))) if imagery.lead_months else period.start
    last = date.fromisoformat(str(end.astype("datetime64[D]") - 1)) if imagery.tail_months else period.end
    features = twelve_months(period.start.year, plan.pipeline.composites.features_from).start
    reaches = plan.pipeline.composites.features and features.year < period.start.year
    return min(first, features) if reaches else first, last


def _key_of(folder: Path) -> str | None:
    try:
        return str(read_json(folder / "simulation.json")["key"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write_catalogue(plan: Plan, folder: Path, known: Constants, progress: Progress) -> None:
    extent = extent_of(plan.land.boundary, known)
    landscape = landscape_of(plan, extent, known)
    start, end = imagery_period(plan)
    days = acquisition_days(start, end, known)
    _check_events(plan, start, end)
    weather = weather_of(days, simulation_of(plan).cloud_percent, known)
    radar = radar_days(start, end, known) if asked_radar(plan) else []
    makers: list[Callable[[], Json]] = [partial(_write_scene, landscape, day, weather[day], folder / known.collection, known) for day in days]
    makers += [partial(_write_radar, landscape, day, folder / known.radar.sensor, known) for day in radar]
    items: dict[str, list[Json]] = {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for number, item in enumerate(pool.map(lambda make: make(), makers), 1):
            items.setdefault(item["collection"], []).append(item)
            progress(number, len(makers))
    _write_truth(plan, landscape, range(start.year, end.year + 1), folder / "truth", known)
    write_catalogue(plan, items, folder, known)


def _write_radar(landscape: Landscape, day: date, folder: Path, known: Constants) -> Json:
    """Make and write one radar scene; its STAC item."""
    extent, name = landscape.extent, radar_id(day, known)
    path = folder / name / FILE
    path.parent.mkdir(parents=True)
    _write_asset(path, vh_of(landscape, name, day, known), extent, 1, NODATA)
    item = radar_json(extent, day, path.stat().st_size, file_sha256(path), known)
    write_json(path.parent / f"{name}.json", item)
    return item


def _write_scene(landscape: Landscape, day: date, weather: Weather, folder: Path, known: Constants) -> Json:
    """Make and write one scene; its STAC item."""
    extent, name = landscape.extent, item_id(landscape.extent, day, known)
    scene = scene_of(landscape, name, day, weather, known)
    home = folder / name
    home.mkdir(parents=True)
    sizes = {}
    for band, stem in FILES.items():
        path = home / f"{stem}.tif"
        _write_asset(path, scene.scl if band == "scl" else scene.bands[band], extent, 1 if band in FINE_BANDS else 2)
        sizes[band] = (path.stat().st_size, file_sha256(path))
    item = item_json(extent, day, scene, sizes, known)
    write_json(home / f"{name}.json", item)
    return item


def _write_asset(path: Path, pixels: NDArray[Any], extent: Extent, factor: int, nodata: int = 0) -> None:
    """A tiled GeoTIFF, deflated, of one band on the 10 m (factor 1) or 20 m (factor 2) grid."""
    import rasterio  # not at the top: base.rasters sets what GDAL may do before it is loaded

    grid = _grid(extent, factor)
    profile = {
        "driver": "GTiff", "height": grid.height, "width": grid.width, "count": 1, "dtype": pixels.dtype.name, "nodata": nodata,
        "crs": grid.crs, "transform": grid.transform,
        "compress": "deflate", "predictor": 3 if pixels.dtype.kind == "f" else 2, "tiled": True, "blockxsize": 256, "blockysize": 256,
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as target:
        target.write(pixels, 1)


def _grid(extent: Extent, factor: int) -> Grid:
    """The extent's grid of 10 m (factor 1) or 20 m (factor 2)."""
    west, north, pixel = float(extent.west), float(extent.north), float(extent.pixel_m * factor)
    return Grid(f"EPSG:{extent.epsg}", west, north, pixel, extent.height // factor, extent.width // factor)


def _write_truth(plan: Plan, landscape: Landscape, years: range, folder: Path, known: Constants) -> None:
    grid = _grid(landscape.extent, 1)
    for year in years:
        write_raster(folder / f"cover_{year}.tif", Raster(grid, ("cover",), cover_truth(landscape, year, known)[None], 0))
    write_json(folder / "legend.json", legend(known))
    write_json(folder / "practice.json", practice_truth(plan, landscape, years, known))
    write_json(folder / "events.json", event_truth(landscape))


def _check_events(plan: Plan, start: date, end: date) -> None:
    """Refuse events outside the imagery, all at once."""
    outside = [(n, event) for n, event in enumerate(simulation_of(plan).event, 1) if not start <= event.on <= end]
    if outside:
        raise Refusal([Problem("E-SIM-024", f"area.toml [simulation.event {n}]", {"found": e.on, "start": start, "end": end}) for n, e in outside])
