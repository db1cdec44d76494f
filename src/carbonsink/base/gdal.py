"""The self-test of GDAL (S3, S5): what may read other files or the network must not open here, whatever the list of drivers says.

planted VRT of a raster, planted VRT of a table  ->  both refused by GDAL, or the run is refused
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np

from carbonsink.base.problems import Exit, refuse
from carbonsink.base.rasters import Grid, Raster, write_raster

RASTER = """<VRTDataset rasterXSize="4" rasterYSize="4"><VRTRasterBand dataType="UInt16" band="1"><SimpleSource>
<SourceFilename relativeToVRT="0">{path}</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>"""
TABLE = """<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{path}</SrcDataSource><SrcLayer>secret</SrcLayer></OGRVRTLayer></OGRVRTDataSource>"""


@cache
def check_gdal() -> None:
    """Refuse to go on with a GDAL that opens a VRT; once a process."""
    with tempfile.TemporaryDirectory(prefix="carbonsink-gdal-") as folder:
        for kind in opened_by_gdal(Path(folder)):
            raise refuse("E-SEC-000", "GDAL", Exit.RESOURCES, found=kind)


def opened_by_gdal(folder: Path) -> Iterator[str]:
    """Which of the planted files GDAL opens; they are laid into the folder."""
    if _raster_opens(folder):
        yield "raster VRT"
    if _table_opens(folder):
        yield "OGR VRT"


def _raster_opens(folder: Path) -> bool:
    import rasterio
    from rasterio.errors import RasterioIOError

    write_raster(folder / "secret.tif", Raster(Grid("EPSG:32631", 0.0, 0.0, 10.0, 4, 4), ("secret",), np.ones((1, 4, 4), np.uint16), 0))
    planted = folder / "planted.tif"
    planted.write_text(RASTER.format(path=folder / "secret.tif"), encoding="utf-8")
    try:
        with rasterio.open(planted):
            return True
    except RasterioIOError:
        return False


def _table_opens(folder: Path) -> bool:
    import pyogrio
    from pyogrio.errors import DataSourceError

    point = '{"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [0, 0]}}'
    (folder / "secret.geojson").write_text('{"type": "FeatureCollection", "name": "secret", "features": [' + point + "]}", encoding="utf-8")
    planted = folder / "planted.kml"
    planted.write_text(TABLE.format(path=folder / "secret.geojson"), encoding="utf-8")
    try:
        pyogrio.read_info(planted)
    except DataSourceError:
        return False
    return True
