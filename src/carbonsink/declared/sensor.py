"""A sensor as data: its bands, which pixels are clear, how numbers become reflectance, and how each provider names all that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from carbonsink.base.topics import LIBRARY
from carbonsink.declared.schema import Declared, Sourced, read_toml

NO_DATA, ALWAYS_CLEAR, IMPOSSIBLE = 0, 254, 255  # class codes that no declared class may take: no data, no mask, no class


class Band(Declared):
    """One band: native pixel size [m], the product's nodata value where it has one, and who measures it (everyone, where nobody is named)."""

    resolution: int = Field(gt=0)
    nodata: int | None = None
    platforms: list[str] = []  # as items name them, in lower case with hyphens


class Darkest(Sourced):
    """Ground that is dark in some bands whatever the place: where none of it is, an offset is still in the pixels."""

    mask_class: int  # the class code of that ground
    bands: list[str] = Field(min_length=2)  # the best first
    agreeing: int = Field(ge=2)  # so many of the bands must be read, and all of those must say so
    minimum_pixels: int = Field(ge=1)
    minimum_share: float = Field(ge=0, le=1)  # of a chip: what little looks out between clouds is their rims
    percentile: float = Field(ge=0, le=100)
    dn: int  # this percentile of the ground's DN lies below, where no offset is in them


class Radiometry(Sourced):
    """reflectance = DN * scale + offset; where metadata may say otherwise, they decide in a fixed order."""

    scale: float = Field(gt=0)
    offset: float
    offset_since_baseline: str | None = None  # processing baselines from here on carry the offset; without it all do
    floor_percentile: float | None = Field(default=None, ge=0, le=100)  # where an offset is still to be applied, this percentile of the clear DN ...
    floor_dn: int | None = None  # ... can't be lower than this ...
    floor_pixels: int = Field(default=1, ge=1)  # ... where there are so many of them
    darkest: Darkest | None = None  # and where it is said to be gone already


class MaskClass(Declared):
    """One class of a mask band: a value, or bits that are all set; a bits class without bits is what's left."""

    code: int = Field(gt=NO_DATA, lt=ALWAYS_CLEAR)
    name: str
    clear: bool
    value: int | None = None
    bits: list[int] = []


class Mask(Sourced):
    """A mask band: each raw value becomes the code of one class. Of bits, the first class whose bits are all set decides."""

    band: str
    kind: Literal["values", "bits"]
    dtype: Literal["uint8", "uint16"]
    nodata: int | None = None  # the raw value that says there is no data
    nodata_bit: int | None = Field(default=None, ge=0, le=15)  # or the bit
    invalid_share_limit: float = Field(default=0.0, ge=0, le=1)  # share of impossible values that is still masked and not refused
    classes: list[MaskClass] = Field(min_length=1)

    @cached_property
    def table(self) -> NDArray[np.uint8]:
        """The class code of every raw value, shape (256,) or (65536,): 0 no data, 255 impossible."""
        raw = np.arange(256 if self.dtype == "uint8" else 65536)
        codes = np.full(raw.size, IMPOSSIBLE, dtype=np.uint8)
        for known in reversed(self.classes):
            codes[self._is(raw, known)] = known.code
        if self.nodata is not None:
            codes[raw == self.nodata] = NO_DATA
        if self.nodata_bit is not None:
            codes[raw >> self.nodata_bit & 1 == 1] = NO_DATA
        return codes

    def _is(self, raw: NDArray[np.int64], known: MaskClass) -> NDArray[np.bool_]:
        if self.kind == "values":
            return np.asarray(raw == known.value)
        wanted = sum(1 << bit for bit in known.bits)
        return np.asarray(raw & wanted == wanted)

    @model_validator(mode="after")
    def _fit(self) -> Self:
        width = 8 if self.dtype == "uint8" else 16
        for known in self.classes:
            if (known.value is None) == (self.kind == "values") or (known.bits and self.kind == "values"):
                raise ValueError(f"class {known.name} of a mask of {self.kind} says something else")
            if known.value is not None and not 0 <= known.value < 1 << width or any(not 0 <= bit < width for bit in known.bits):
                raise ValueError(f"class {known.name} doesn't fit into {self.dtype}")
        return self


class Hollow(Sourced):
    """Classes of `land` always reflect: a square of `side` pixels in which at least `pixels` are land, and none has data, was lost.

    Water isn't land: over a dark lake whole squares of a band are honestly 0.
    """

    land: list[int] = Field(min_length=1)  # class codes
    side: int = Field(ge=8)
    pixels: int = Field(ge=1)


class Footprint(Sourced):
    """How far inside an item's footprint pixels must exist [m]."""

    tolerance_m: float = Field(ge=0)


class Dialect(Sourced):
    """One provider's words for the sensor: where to ask, what assets are called, which properties decide."""

    catalogue: str  # STAC API
    collection: str
    assets: dict[str, str]  # band -> asset key
    alternate: str | None = None  # the entry of an asset's `alternate` whose address is asked, where the asset's own is no https
    media: Literal["geotiff", "jp2"] = "geotiff"
    mgrs_resolution: int | None = Field(default=None, gt=0)  # pixel size [m] where items don't give their grid: the MGRS tile's name does
    false_northing: bool = True  # of such tiles: southern ones lie in the southern zone's CRS, counted from 10,000,000 m
    largest_pixels: int = Field(gt=0)  # of a band: a file that claims more is no scene of this collection (S8)
    offset_listed: bool = True  # the offsets that items list are the pixels' own
    applied_flag: str | None = None  # item property: true means the offset is already in the pixels
    baseline_property: str | None = None
    generated_property: str | None = None
    tile: list[str] = Field(min_length=1)  # templates over item properties and groups of `id_pattern` ("{grid:code}"): the first whose names are all known
    id_pattern: str | None = None  # what an item's id says, as named groups
    credentials: Literal["none", "sas", "bearer"] = "none"
    sign_url: str | None = None  # sas: where an address is signed; {href} is the address
    token_variable: str | None = None  # the environment variable that holds the token (bearer) or the subscription key (sas)
    token_hosts: list[str] = []  # hosts besides the catalogue's own site that the token may be sent to
    requests_per_second: float = Field(default=3.0, gt=0)
    licence: str
    attribution: str

    @model_validator(mode="after")
    def _credible(self) -> Self:
        if (self.credentials == "sas") != (self.sign_url is not None):
            raise ValueError("credentials sas and sign_url go together")
        if self.credentials == "bearer" and self.token_variable is None:
            raise ValueError("credentials bearer need token_variable")
        if self.id_pattern is not None:
            re.compile(self.id_pattern)
        return self


class Sensor(Declared):
    """library/sensors/<id>.toml"""

    id: str
    title: str
    started: date
    values: Literal["reflectance", "power"] = "reflectance"
    minimum_dn: int  # DN at or below are product fill
    revisit_gap_days: int = Field(gt=0)
    footprint: Footprint
    hollow: Hollow | None = None
    radiometry: Radiometry
    masks: list[Mask] = []  # in order: the first in which a pixel isn't clear names its class; none for radar
    bands: dict[str, Band]
    dialects: dict[str, Dialect] = Field(min_length=1)  # the first is the default

    @model_validator(mode="after")
    def _agree(self) -> Self:
        codes = [known.code for mask in self.masks for known in mask.classes]
        if len(codes) != len(set(codes)):
            raise ValueError("two mask classes share a code")
        masks = {mask.band for mask in self.masks}
        for name, dialect in self.dialects.items():
            if set(dialect.assets) != set(self.bands):
                raise ValueError(f"dialect {name}: assets are not those of the bands: {sorted(set(dialect.assets) ^ set(self.bands))}")
        if not masks <= set(self.bands):
            raise ValueError(f"masks are no bands: {sorted(masks - set(self.bands))}")
        darkest = self.radiometry.darkest
        if darkest and (darkest.mask_class not in self.clear or not set(darkest.bands) <= set(self.bands)):
            raise ValueError("the darkest ground is no clear class, or its bands are none of the sensor's")
        return self

    @property
    def mask_bands(self) -> tuple[str, ...]:
        """The bands that mask, in order of precedence."""
        return tuple(mask.band for mask in self.masks)

    @property
    def clear(self) -> tuple[int, ...]:
        """Class codes of usable pixels."""
        return tuple(known.code for mask in self.masks for known in mask.classes if known.clear)

    @cached_property
    def is_clear(self) -> NDArray[np.bool_]:
        """Whether a class code is clear, shape (256,)."""
        return np.isin(np.arange(256), (*self.clear, ALWAYS_CLEAR))

    def classify(self, raw: Mapping[str, NDArray[Any]]) -> NDArray[np.uint8]:
        """Class codes of pixels from their raw mask values, arrays of one shape by band; without a mask every pixel is refused by KeyError."""
        first, *others = self.masks
        codes: NDArray[np.uint8] = first.table[raw[first.band]]
        for mask in others:
            found = mask.table[raw[mask.band]]
            codes = np.where(self.is_clear[codes] & ~self.is_clear[found], found, codes)
        return codes

    def lacking(self, platform: str, bands: Iterable[str]) -> tuple[str, ...]:
        """The bands that a platform doesn't measure."""
        name = platform.lower().replace("_", "-")
        return tuple(band for band in bands if self.bands[band].platforms and name not in self.bands[band].platforms)

    def dialect_named(self, name: str | None) -> Dialect:
        """A dialect by name, the default where none is named."""
        return self.dialects[name] if name else next(iter(self.dialects.values()))


def sensor_names() -> list[str]:
    """The sensors of the library."""
    return sorted(path.name.removesuffix(".toml") for path in _folder().iterdir() if path.suffix == ".toml")


def read_sensor(name: str) -> Sensor:
    """A sensor of the library, by its id."""
    return read_toml(_folder() / f"{name}.toml", Sensor)


def bands_and_masks(sensor: Sensor, bands: Iterable[str]) -> tuple[str, ...]:
    """The bands to fetch: those asked for, then the masks."""
    return (*bands, *sensor.mask_bands)


def witnesses(sensor: Sensor, bands: Iterable[str]) -> tuple[str, ...]:
    """The bands to fetch beside those asked for, where an item has them, so that enough are there to tell an offset that is said to be gone."""
    rule, read = sensor.radiometry.darkest, set(bands)
    if rule is None:
        return ()
    others = [band for band in rule.bands if band not in read]
    return tuple(others[: max(rule.agreeing - len(rule.bands) + len(others), 0)])


def _folder() -> Path:
    return LIBRARY / "sensors"
