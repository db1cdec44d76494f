"""Radar beside optical imagery: a second sensor whose series alone is wanted, as water shows through clouds.

[practice]
radar = "sentinel-1-rtc"                                        pipeline: which sensor

imagery = { catalogue = ..., radar = { catalogue = ... } }      area: where it is asked for, if elsewhere
"""

from __future__ import annotations

from collections.abc import Iterator

from carbonsink.base.problems import Problem
from carbonsink.declared.area import ImagerySource
from carbonsink.declared.pipeline import Imagery, Pipeline
from carbonsink.declared.practice import RADAR_LAYERS, Practice
from carbonsink.declared.schema import nearest_alone
from carbonsink.declared.sensor import Sensor

SIMULATED_SOURCE = "simulated"


def of_radar(pipeline: Pipeline, sensor: Sensor) -> Pipeline:
    """The pipeline of the radar's series: no index, no feature, and no cloud that a scene could be dropped for."""
    said = pipeline.imagery
    imagery = Imagery(sensor=sensor.id, lead_months=said.lead_months, tail_months=said.tail_months, fetch=said.fetch)
    layers = list(RADAR_LAYERS)
    composites = pipeline.composites.model_copy(update={"bands": layers, "indices": [], "features": [], "series": layers})
    return pipeline.model_copy(update={"imagery": imagery, "composites": composites})


def radar_problems(practice: Practice | None, imagery: Imagery | None, source: ImagerySource | None, sensor: Sensor | None, where: str) -> Iterator[Problem]:
    """A radar that can't be one, that nothing asks, or whose scenes come from nowhere; `where` is the pipeline's file name."""
    place, asked = f"{where} [practice.radar]", practice.radar if practice else None
    if source and source.radar and practice and asked is None:
        yield Problem("E-PRA-006", "area.toml [imagery.radar]", {"pipeline": where})
    if practice and asked and "water_regime" not in practice.evidence:
        yield Problem("E-PRA-005", place, {"found": asked, "evidence": ", ".join(practice.evidence)})
    if imagery and asked == imagery.sensor:
        yield Problem("E-PRA-007", place, {"found": asked})
    if asked and sensor and (sensor.values != "power" or not set(RADAR_LAYERS) <= set(sensor.bands)):
        yield Problem("E-PRA-004", place, {"found": asked, "wanted": ", ".join(RADAR_LAYERS)})
    if source and asked:
        yield from _source_problems(source, sensor)


def _source_problems(source: ImagerySource, sensor: Sensor | None) -> Iterator[Problem]:
    radar = source.of_radar
    if radar is None:
        return
    if (source.catalogue == SIMULATED_SOURCE) != (radar.catalogue == SIMULATED_SOURCE):
        yield Problem("E-PRA-008", "area.toml [imagery]", {"optical": source.catalogue or "-", "radar": radar.catalogue or "-"})
    if sensor and radar.dialect and radar.dialect not in sensor.dialects:
        known = sorted(sensor.dialects)
        facts: dict[str, object] = {"found": radar.dialect, "known": ", ".join(known), "nearest": nearest_alone(radar.dialect, known)}
        yield Problem("E-CFG-011", "area.toml [imagery.radar.dialect]", facts)
