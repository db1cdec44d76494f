"""GeoPackages whose bytes don't hang on the hour they were written in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import carbonsink.base.rasters  # noqa: F401  (what GDAL may do must be set before it is loaded)
from carbonsink.base.evidence import write_whole

ROOT_DATE = "1970-01-01T00:00:00.000Z"  # a file without the hour it was written in


def write_layer(path: Path, layer: str, shapes: Sequence[bytes] | NDArray[Any], columns: Mapping[str, Any], geometry_type: str, crs: str) -> None:
    """Write one layer: shapes as WKB in `crs`, and an array a column, in the order given."""
    import pyogrio

    wkb = np.array(shapes, dtype=object)
    write = pyogrio.raw.write
    with _undated():
        write_whole(
            path, lambda part: write(part, wkb, list(columns.values()), list(columns), layer=layer, driver="GPKG", geometry_type=geometry_type, crs=crs)
        )


@contextmanager
def _undated() -> Iterator[None]:
    """GDAL dates what it writes by an option; without the hour the same layer is the same bytes."""
    import pyogrio

    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": ROOT_DATE})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
