"""The scenes of a lock that hold part of the area, and what is wanted of each: by lock and plan alone, before a file is asked for.

scenes_of(lock, plan)  ->  Scene(item, area, wanted by band)        told(scene, band, decision)  ->  what scenes.csv says of it
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shapely.geometry.base import BaseGeometry

from carbonsink.base.outline import projected
from carbonsink.declared.plan import Plan
from carbonsink.scenes.asset import media_of
from carbonsink.scenes.chips import TYPES, Frame, Kind, frame_of, span
from carbonsink.scenes.gather import Wanted, identity_of
from carbonsink.scenes.item import Item
from carbonsink.scenes.lock import items_of
from carbonsink.scenes.radiometry import Decision


@dataclass(frozen=True)
class Scene:
    """An item whose tile holds part of the area, and its chips by band."""

    item: Item
    area: BaseGeometry  # in the item's CRS
    wanted: dict[str, Wanted]


def scenes_of(lock: dict[str, Any], plan: Plan) -> list[Scene]:
    """The scenes of a lock that hold part of the area, in its order; Refusal where the lock isn't one for the plan."""
    scenes = []
    for raw, item in zip(lock["items"], items_of(lock, plan), strict=True):
        area = projected(plan.land.boundary, item.grid.crs)
        bounds = span(item, area)
        if bounds is not None:
            scenes.append(Scene(item, area, {band: _wanted(plan, raw, item, band, frame_of(item, band, bounds)) for band in item.assets}))
    return scenes


def chip_name(scene: Scene, band: str) -> str:
    """Where a chip lies below the folder of the scenes."""
    return f"chips/{scene.item.id}/{band}.tif"


def told(scene: Scene, band: str, decision: Decision) -> dict[str, Any]:
    """What lock and plan say of an asset, by the fields of `SceneAsset`; only what was taken of it is known by fetching alone."""
    item = scene.item
    return {
        "item": item.id,
        "datetime": item.stamp,
        "platform": item.platform,
        "tile": item.tile,
        "band": band,
        "href": item.assets[band].href,
        "chip": chip_name(scene, band),
        "scale": decision.scale,
        "offset": decision.offset,
        "offset_rule": decision.rule,
    }


def _wanted(plan: Plan, raw: dict[str, Any], item: Item, band: str, frame: Frame) -> Wanted:
    sensor, dialect = plan.sensor, plan.dialect
    types = TYPES["reflectance" if band in sensor.mask_bands else sensor.values]
    media = media_of(raw["assets"][dialect.assets[band]], item.assets[band].href, dialect)
    return Wanted(item, band, frame, Kind(media, types, sensor.bands[band].nodata), identity_of(raw, item, band, dialect))
