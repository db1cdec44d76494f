"""What the values of a published map become: class codes of the pipeline, by the map's legend."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from carbonsink.declared.legend import LARGEST_VALUE, Legend, read_legend, values_of
from carbonsink.declared.paths import Places
from carbonsink.declared.plan import Plan

NOT_MONITORED, UNKNOWN = 0, 255  # no class has either code


def legend_of(plan: Plan) -> Legend:
    """The legend the pipeline names, of the library or among the declared files."""
    published = plan.pipeline.land.published
    assert published is not None, "checked where the plan was made"
    return read_legend(published.legend, Places(plan.folder, plan.copies), "pipeline [land.published.legend]")


def codes_of(plan: Plan, legend: Legend) -> NDArray[np.uint8]:
    """The class code of every value a map can hold, shape (65536,): NOT_MONITORED where it means nothing, UNKNOWN where the legend doesn't say."""
    classes, named = plan.pipeline.land.classes, plan.pipeline.land.published
    by_category = {c.ipcc: c.code for c in classes}  # a category with several classes has its values named
    by_id = {c.id: c.code for c in classes}
    codes = np.full(LARGEST_VALUE + 1, UNKNOWN, np.uint8)
    codes[legend.nodata] = NOT_MONITORED
    for value, meaning in values_of(legend).items():
        chosen = named.values.get(str(value)) if named else None
        codes[value] = by_id[chosen] if chosen else by_category[meaning.ipcc]
    return codes
