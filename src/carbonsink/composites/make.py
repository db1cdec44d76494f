"""What a block is made by: this program's version, code and tables, and the packages that reckon. A cluster's workers are to be of the same make."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path

import carbonsink
from carbonsink.base.evidence import digest, file_sha256
from carbonsink.base.library import numbers_digest
from carbonsink.base.topics import LIBRARY

PACKAGES = ("imagecodecs", "numba", "numpy", "rasterio")
ROOMS = ("base", "composites", "declared")  # whose code a block hangs on
Make = Mapping[str, str]


@cache
def our_make() -> Make:
    """The make of this process."""
    house = Path(carbonsink.__file__).parent
    code = {path.relative_to(house).as_posix(): file_sha256(path) for room in ROOMS for path in sorted((house / room).rglob("*.py"))}
    packages = {name: version(name) for name in PACKAGES}
    own = {"carbonsink": carbonsink.__version__, "code": digest(code)[:10], "tables": numbers_digest(LIBRARY)[:10]}
    return {"python": ".".join(platform.python_version_tuple()[:2]), **packages, **own}


def unlike(one: Make, other: Make) -> str:
    """What differs of two makes, with both sides; nothing where they are the same."""
    names = sorted(one.keys() | other.keys())
    return ", ".join(f"{name} {one.get(name, '-')} / {other.get(name, '-')}" for name in names if one.get(name) != other.get(name))
