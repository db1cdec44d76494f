"""A new area's folder: the boundary beside an area.toml made of answers, there only when `carbonsink check` passes it.

begin(Path("aoi/xinglong"), read_boundary(Path("parcels.zip")), {"use": "rice", ...}, asker) -> Begun
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from carbonsink.base.problems import Exit, Problem, Refusal, refuse
from carbonsink.begin.boundary import Boundary
from carbonsink.begin.draft import Draft, plots_name
from carbonsink.begin.interview import interview
from carbonsink.begin.questions import Asker, Sheet
from carbonsink.begin.text import area_text
from carbonsink.declared.paths import Places
from carbonsink.declared.plan import Plan
from carbonsink.run import load_complete

ID = re.compile(r"[a-z0-9][a-z0-9-]{2,39}")
PARTS = (".shx", ".dbf", ".prj", ".cpg")  # of a loose Shapefile, beside its .shp


@dataclass(frozen=True)
class Extras:
    """What a demonstration brings along: a pipeline of its own, files to lie beside area.toml, what the simulator is told."""

    pipeline: str | None = None
    files: tuple[Path, ...] = ()
    simulation: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Begun:
    """A new area: its folder, what was answered, and the plan it makes."""

    folder: Path
    draft: Draft
    plan: Plan


def begin(folder: Path, boundary: Boundary, given: Mapping[str, str], asker: Asker, *, force: bool = False, extras: Extras = Extras()) -> Begun:
    """Ask, write, check; the folder appears whole or not at all.

    Refuses a name that can't be an id (E-BEG-006), a folder that is there unless `force` (E-BEG-001; other files of it stay), and
    lists every answer that is missing or wrong, and everything `carbonsink check` would refuse.
    """
    name = folder.resolve().name
    if not ID.fullmatch(name):
        raise refuse("E-BEG-006", str(folder), Exit.USAGE, found=name)
    if folder.exists() and not force:
        raise refuse("E-BEG-001", str(folder), Exit.USAGE)
    draft = interview(boundary, Sheet(given, asker))
    part = folder.resolve().with_name(f".{name}.{os.getpid()}.part")
    try:
        _fill(part, folder, name, boundary, draft, extras)
        _check(part, folder)
        _put(part, folder.resolve())
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return Begun(folder, draft, load_complete(folder))


def _check(part: Path, folder: Path) -> None:
    """Hold the new folder against everything that an area must be; what its area.toml would have to say, only other answers can."""
    try:
        load_complete(part)
    except Refusal as refusal:
        raise Refusal([*refusal.problems, Problem("E-BEG-014", str(folder))], refusal.exit_code) from None


def _fill(part: Path, folder: Path, name: str, boundary: Boundary, draft: Draft, extras: Extras) -> None:
    shutil.rmtree(part, ignore_errors=True)
    if folder.is_dir():
        shutil.copytree(folder, part)
    part.mkdir(parents=True, exist_ok=True)
    land = boundary.path.suffix.lower()
    shutil.copyfile(boundary.path, part / f"parcels{land}")
    for beside in PARTS if land == ".shp" else ():
        if (sibling := _sibling(boundary.path, beside)) is not None:
            shutil.copyfile(sibling, part / f"parcels{beside}")
    for file in extras.files:
        shutil.copyfile(file, part / file.name)
    for year, table in draft.plots.items():
        shutil.copyfile(table, part / plots_name(year))
    columns = {"parcel_id": draft.parcel_id, "parcel_area_mu": draft.parcel_area_mu, "stratum": draft.stratum_column}
    spec = boundary.spec.model_copy(update={"file": f"parcels{land}"} | columns)
    text = area_text(name, draft, spec, Places(part), extras.pipeline or draft.recipe.pipeline, extras.simulation)
    (part / "area.toml").write_text(text, encoding="utf-8")


def _sibling(path: Path, suffix: str) -> Path | None:
    """A part of a loose Shapefile, however its suffix is written."""
    return next((other for other in sorted(path.parent.iterdir()) if other.stem == path.stem and other.suffix.lower() == suffix), None)


def _put(part: Path, folder: Path) -> None:
    """The finished folder in its place; what was there goes only when the new one is whole."""
    before = folder.with_name(f".{folder.name}.{os.getpid()}.before")
    if folder.exists():
        folder.rename(before)
    part.rename(folder)
    shutil.rmtree(before, ignore_errors=True)
