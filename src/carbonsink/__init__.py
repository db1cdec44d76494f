"""Farmland and forest carbon sinks: from satellite imagery to a crediting report that can be verified.

    import carbonsink
    run = carbonsink.open_run("runs/longshan-rice-water-7c85ec41a2")      a finished run's tables, layers and rasters
    import carbonsink.xarray                                              indices, composites and equations on datasets

Names are imported when they are asked for, so that `import carbonsink` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import carbonsink.base.environment  # noqa: F401  (before any module of ours loads GDAL)

if TYPE_CHECKING:
    from carbonsink.base.problems import Refusal
    from carbonsink.notebook.opened import Run, open_run

__version__ = "0.1.0"
__all__ = ["Refusal", "Run", "__version__", "open_run"]
_HOMES = {"Refusal": "carbonsink.base.problems", "Run": "carbonsink.notebook.opened", "open_run": "carbonsink.notebook.opened"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'carbonsink' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
