"""Plans built by hand, where a test needs an area without its folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import numpy as np
import shapely
from pyproj import Transformer
from shapely.geometry import box, shape
from shapely.geometry.base import BaseGeometry

from carbonsink.declared.area import AreaFile, Land
from carbonsink.declared.methodology import Methodology
from carbonsink.declared.pipeline import Areas, Carbon, Composites, Imagery, Pipeline, Report, Uncertainty
from carbonsink.declared.pipeline import Land as LandStage
from carbonsink.declared.plan import Plan
from carbonsink.declared.schema import Words
from carbonsink.declared.sensor import Sensor, read_sensor

WORDS = Words(zh="试", en="test")
Box = tuple[float, float, float, float]


def lonlat(bounds: Box, epsg: int) -> BaseGeometry:
    """A box of projected metres as a boundary in longitude and latitude."""
    carry = Transformer.from_crs(epsg, 4326, always_xy=True).transform
    return shapely.transform(box(*bounds), lambda points: np.column_stack(carry(points[:, 0], points[:, 1])))


def boundary_of(folder: Path) -> BaseGeometry:
    """The outline of an area folder's boundary.geojson in EPSG:4326."""
    return shape(json.loads((folder / "boundary.geojson").read_text())["features"][0]["geometry"])


def plan_of(
    boundary: BaseGeometry,
    year: int,
    composites: Composites | None = None,
    sensor: Sensor | None = None,
    max_cloud_cover: float = 100.0,
    lead_months: int = 0,
    fetch: Literal["auto", "whole", "window"] = "auto",
) -> Plan:
    """A plan of one vintage over a boundary; only what scenes and composites read is filled with meaning."""
    area = AreaFile.model_construct(id="test-area", name=WORDS)
    pipeline = Pipeline.model_construct(
        id="test-pipeline",
        name=WORDS,
        imagery=Imagery(sensor="sentinel-2-l2a", max_cloud_cover=max_cloud_cover, lead_months=lead_months, fetch=fetch),
        composites=composites or Composites(period="month", bands=["red", "nir"], indices=["ndvi"]),
        land=LandStage.model_construct(),
        areas=Areas.model_construct(),
        carbon=Carbon.model_construct(),
        uncertainty=Uncertainty.model_construct(),
        report=Report.model_construct(),
    )
    land = Land(boundary=boundary, parcels=(), source_crs="EPSG:4326", encoding=None, area_m2=0.0, digest="")
    return Plan(
        folder=Path(),
        area=area,
        land=land,
        pipeline=pipeline,
        sensor=sensor or read_sensor("sentinel-2-l2a"),
        methodology=Methodology.model_construct(),
        vintages=(year,),
    )
