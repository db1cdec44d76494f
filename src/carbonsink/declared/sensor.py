"""A sensor as data: what its assets are called, how numbers become reflectance, which pixels are clear."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from pathlib import Path

from carbonsink.declared.schema import Declared, read_toml


class Band(Declared):
    """One band: the asset key of the catalogue, native pixel size [m], the product's nodata value."""

    asset: str
    resolution: int
    nodata: int


class Radiometry(Declared):
    """reflectance = DN * scale + offset; the offset is decided by item metadata in a fixed order."""

    scale: float
    applied_flag: str  # item property: true means the offset is already in the pixels
    baseline_property: str
    offset_since_baseline: str  # processing baselines from here on carry the offset
    offset: float
    floor_percentile: float  # where an offset is still to be applied, this percentile of the clear DN ...
    floor_dn: int  # ... can't be lower than this
    source: str
    place: str


class MaskClass(Declared):
    """One value of the mask band."""

    value: int
    name: str
    clear: bool


class Mask(Declared):
    """The mask band and its classes; values above the last are impossible and masked, up to a share."""

    band: str
    nodata: int
    invalid_share_limit: float
    classes: list[MaskClass]
    source: str
    place: str

    @property
    def clear(self) -> tuple[int, ...]:
        """Mask values of usable pixels."""
        return tuple(c.value for c in self.classes if c.clear)


class Footprint(Declared):
    """How far inside an item's footprint pixels must exist [m]."""

    tolerance_m: float
    source: str
    place: str


class Sensor(Declared):
    """library/sensors/<id>.toml"""

    id: str
    title: str
    catalogue: str  # default STAC API
    collection: str
    started: date
    minimum_dn: int  # DN at or below are product fill
    revisit_gap_days: int
    footprint: Footprint
    licence: str
    attribution: str
    radiometry: Radiometry
    mask: Mask
    bands: dict[str, Band]


def sensor_names() -> list[str]:
    """The sensors of the library."""
    return sorted(path.name.removesuffix(".toml") for path in _folder().iterdir() if path.suffix == ".toml")


def read_sensor(name: str) -> Sensor:
    """A sensor of the library, by its id."""
    return read_toml(_folder() / f"{name}.toml", Sensor)


def _folder() -> Path:
    return Path(str(files("carbonsink"))) / "library" / "sensors"
