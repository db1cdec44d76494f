"""The same work by the public ways over xarray and dask: odc-stac, stackstac, rioxarray, each as its documentation does it.

python -m benchmarks.programs.xarrays odc|odc-plain|stackstac|rioxarray JOB [lower]

Medians by bottleneck, the quickest of the choices, but for odc-plain, which calls `.median()`. They average the two middle
values of an even count; with `lower` as a last word the lower one is taken, so that means can be held against ours.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import bottleneck
import dask
import numpy as np
import xarray

from benchmarks import workload
from benchmarks.workload import BANDS, CLEAR, FILL, MASK, SMALLEST, Job

CHUNK = 2048
NAMES = (*BANDS, MASK)


def main() -> None:
    """Work and report."""
    way, folder = sys.argv[1], Path(sys.argv[2])
    job = workload.read_job(folder)
    reduce = "lower" if "lower" in sys.argv[3:] else "plain" if way == "odc-plain" else "bottleneck"
    load = {"odc": odc, "odc-plain": odc, "stackstac": by_stackstac, "rioxarray": by_rioxarray}[way]
    dask.compute(dask.delayed(abs)(1), scheduler="threads")  # its one-time imports stand apart
    clock = workload.Clock()
    with clock.running():
        zones = workload.Zones(job)
        values = dask.compute(medians(load(job), reduce), scheduler="threads")[0]
        means = {month: {layer: zones.means(pixels.values) for layer, pixels in layers.items()} for month, layers in values.items()}
    workload.report(clock, means)


def medians(bands: dict[str, Any], reduce: str) -> dict[str, dict[str, Any]]:
    """Lazy medians by month and index, from lazy counts by band with dimensions (time, y, x)."""
    clear = bands[MASK].isin(CLEAR)
    for band in BANDS:
        clear = clear & (bands[band] > FILL)
    blue, red, nir = (bands[band].where(clear).astype("float32") / 10_000 for band in BANDS)
    below = nir + 6 * red - 7.5 * blue + 1
    ndvi = ((nir - red) / (nir + red)).where(nir + red >= SMALLEST).clip(-1, 1)
    evi = (2.5 * (nir - red) / below).where(abs(below) >= SMALLEST).clip(-1, 1)
    months = ndvi["time"].dt.strftime("%Y-%m")
    return {month: {"ndvi": median(ndvi[months == month], reduce), "evi": median(evi[months == month], reduce)} for month in np.unique(months.values)}


def median(stack: Any, reduce: str) -> Any:
    """The median over time."""
    if reduce == "plain":
        return stack.median("time", skipna=True)
    by = _lower if reduce == "lower" else bottleneck.nanmedian
    whole = stack.chunk({"time": -1})
    return xarray.apply_ufunc(by, whole, input_core_dims=[["time"]], kwargs={"axis": -1}, dask="parallelized", output_dtypes=["float32"])


def _lower(stack: Any, axis: int) -> Any:
    count = np.isfinite(stack).sum(axis=axis, keepdims=True)
    found = np.take_along_axis(np.sort(stack, axis=axis), np.maximum(count - 1, 0) // 2, axis=axis)  # NaN sorts last
    return found.squeeze(axis)


def items(job: Job) -> list[Any]:
    """The job's items, as pystac reads them from the catalogue."""
    import pystac

    found = [pystac.Item.from_file(scene.files[MASK].parent / f"{scene.item}.json") for scene in job.scenes]
    return [item.make_asset_hrefs_absolute() for item in found]


def odc(job: Job) -> dict[str, Any]:
    """odc-stac: one lazy dataset on the finest grid, dates grouped by solar day."""
    import odc.stac
    from odc.geo.geobox import GeoBox

    box = GeoBox.from_bbox(job.bounds, crs=f"EPSG:{job.epsg}", resolution=10)
    loaded = odc.stac.load(items(job), bands=NAMES, geobox=box, groupby="solar_day", resampling="nearest", chunks={"x": CHUNK, "y": CHUNK})
    return {band: loaded[band] for band in NAMES}


def by_stackstac(job: Job) -> dict[str, Any]:
    """stackstac: one lazy array of all dates and bands."""
    import stackstac

    stack = stackstac.stack(
        items(job), assets=list(NAMES), epsg=job.epsg, resolution=10, bounds=job.bounds, chunksize=CHUNK,
        rescale=False, dtype="uint16", fill_value=np.uint16(0), snap_bounds=False, xy_coords="center",
    )  # fmt: skip
    return {band: stack.sel(band=band).drop_vars("band") for band in NAMES}


def by_rioxarray(job: Job) -> dict[str, Any]:
    """rioxarray: every file opened by chunks and put along time; the coarser mask by nearest."""
    import rioxarray

    def opened(band: str, scene: workload.Scene) -> Any:
        source: Any = rioxarray.open_rasterio(scene.files[band], chunks={"x": CHUNK, "y": CHUNK}, lock=False)
        return source.squeeze("band", drop=True).expand_dims(time=[np.datetime64(scene.day, "ns")])

    bands = {band: xarray.concat([opened(band, scene) for scene in job.scenes], "time") for band in NAMES}
    west, south, east, north = job.bounds
    bands = {band: values.sel(x=slice(west, east), y=slice(north, south)) for band, values in bands.items()}
    fine = bands["red"]
    return bands | {MASK: bands[MASK].sel(x=fine.x, y=fine.y, method="nearest").assign_coords(x=fine.x, y=fine.y)}


if __name__ == "__main__":
    main()
