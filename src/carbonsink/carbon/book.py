"""The equation book: every equation of the room, by module and function."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from carbonsink import carbon
from carbonsink.carbon.equation import Equation, registered


@cache
def equations() -> Mapping[str, Equation]:
    """Every equation of the room, by name: importing a module registers what it holds."""
    for module in sorted(module.name for module in iter_modules(carbon.__path__)):
        import_module(f"{carbon.__name__}.{module}")
    return registered()
