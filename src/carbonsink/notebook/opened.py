"""A finished run, opened to look at: its tables as pandas, its layers as geopandas, its rasters as xarray.

    run = carbonsink.open_run("runs/longshan-rice-water-7c85ec41a2")
    run.table("areas/activity")      run.layer("parcels")      run.composites(["ndvi"])      run.report["vintages"]

Nothing of the run is changed, and nothing of it is proved: that is `carbonsink verify`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from carbonsink.base import records
from carbonsink.base.evidence import read_json
from carbonsink.base.manifest import NAME
from carbonsink.base.problems import Exit, refuse
from carbonsink.base.tables import read_csv
from carbonsink.notebook.cubes import cube, cubes

if TYPE_CHECKING:
    import geopandas
    import pandas
    import xarray

LAYERS = "report/layers.gpkg"


def open_run(path: str | Path) -> Run:
    """Open a finished run's folder; a Refusal where it isn't one."""
    folder = Path(path)
    if not (folder / NAME).is_file():
        raise refuse("E-NBK-001", str(path), Exit.USAGE, name=NAME)
    return Run(folder)


@dataclass(frozen=True)
class Run:
    """A finished run. Names of tables and rasters are paths below its folder, their endings left out."""

    folder: Path

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What the run is made of, by digest."""
        return dict(read_json(self.folder / NAME))

    @cached_property
    def plan(self) -> dict[str, Any]:
        """Everything the run was told."""
        return dict(read_json(self.folder / "plan.json"))

    @cached_property
    def report(self) -> dict[str, Any]:
        """report.json: amounts are decimal texts, as `decimal.Decimal` reads them."""
        return dict(read_json(self.folder / "report" / "report.json"))

    @cached_property
    def tables(self) -> tuple[str, ...]:
        """The names of the run's tables."""
        return self._names("csv")

    @cached_property
    def rasters(self) -> tuple[str, ...]:
        """The names of the run's rasters, chips left out."""
        return tuple(name for name in self._names("tif") if "/chips/" not in name)

    def table(self, name: str) -> pandas.DataFrame:
        """A table by name ("credit/statement"): a column a field of its record, amounts in t CO2e as `decimal.Decimal`."""
        import pandas

        path = self._path(name, "csv", self.tables)
        record = _records().get(f"{name}.csv")
        if record is None:
            return pandas.read_csv(path)
        return pandas.DataFrame([asdict(row) for row in read_csv(path, record)], columns=[field.name for field in fields(record)])

    def layer(self, name: str) -> geopandas.GeoDataFrame:
        """A layer of layers.gpkg by name ("parcels", "strata", "boundary", "samples", "plots", "alerts"), in EPSG:4326."""
        import geopandas
        import pyogrio

        path = self.folder / LAYERS
        known = [layer for layer, kind in pyogrio.list_layers(path) if kind] if path.is_file() else []
        if name not in known:
            raise refuse("E-NBK-002", name, Exit.USAGE, kind="layer", known=", ".join(known) or "-")
        return geopandas.read_file(path, layer=name)

    def raster(self, name: str, layers: Sequence[str] | None = None) -> xarray.Dataset:
        """A raster by name ("land/cover_2020"), shape (y, x); reflectance and indices as numbers, NaN where nothing was seen."""
        return cube(self._path(name, "tif", self.rasters), layers)

    def composites(self, layers: Sequence[str] | None = None) -> xarray.Dataset:
        """Every period's composite in order of time, shape (time, y, x): bands and indices, and how often a pixel was seen."""
        rows = read_csv(self.folder / "composites" / "composites.csv", records.CompositePeriod)
        ordered = sorted(rows, key=lambda row: (row.start, row.end))
        return cubes([self.folder / "composites" / row.file for row in ordered], [row.start for row in ordered], layers)

    def _names(self, ending: str) -> tuple[str, ...]:
        paths = sorted(self.folder.rglob(f"*.{ending}"))
        names = (path.relative_to(self.folder).with_suffix("").as_posix() for path in paths)
        return tuple(name for name in names if not name.startswith("declared/"))

    def _path(self, name: str, ending: str, known: Sequence[str]) -> Path:
        """The file of a name that is listed, and so lies within the run."""
        if name not in known:
            raise refuse("E-NBK-002", name, Exit.USAGE, kind="table" if ending == "csv" else "raster", known=", ".join(known))
        return self.folder / f"{name}.{ending}"


def _records() -> dict[str, type[Any]]:
    """The record of each table's rows, by the files that its own words name."""
    found: dict[str, type[Any]] = {}
    for name in records.__all__:
        record = getattr(records, name)
        paths = (getattr(record, "__doc__", None) or "").partition(":")[0]
        found |= {path: record for path in paths.split(", ") if path.endswith(".csv")}
    return found
