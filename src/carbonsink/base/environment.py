"""What GDAL and PROJ may do, set before either is loaded: it isn't the shell's to say.

The package imports this before any module of it, and so before any of them imports rasterio, pyogrio or pyproj.
"""

from __future__ import annotations

import os

GDAL_ENVIRONMENT = {
    "GDAL_SKIP": "VRT GTI WMS WCS WMTS HTTP STACIT STACTA OGCAPI DAAS EEDAI NGW PLSCENES Zarr HDF5 netCDF PDF RASTERLITE MBTiles",
    "OGR_SKIP": "OGR_VRT,CSV,GMLAS,WFS,OAPIF,CSW,Elasticsearch,Carto,AmigoCloud,PostgreSQL,MySQL,MSSQLSpatial",
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_VRT_ENABLE_PYTHON": "NO",
    "GDAL_NUM_THREADS": "1",
    "GDAL_CACHEMAX": "64",
    "PROJ_NETWORK": "OFF",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "CPL_LOG": os.devnull,  # one list of drivers for two builds of GDAL: each would warn of those it never had; errors raise
}
os.environ.update(GDAL_ENVIRONMENT)
