"""What a run keeps of its declarations: byte copies of everything the plan was made of, and the library's tables."""

from __future__ import annotations

from pathlib import Path

from carbonsink.base.evidence import read_json, write_bytes, write_json
from carbonsink.base.library import library_files
from carbonsink.base.topics import LIBRARY
from carbonsink.declared.load import load
from carbonsink.declared.plan import Plan


def load_copies(run: Path) -> Plan:
    """The run's plan again, from its own copies of the declarations; no file outside is asked."""
    return load(run / "declared" / "00", copies=copies_of(run))


def copies_of(run: Path) -> dict[str, Path]:
    """Where a run keeps its copy of each declared file, by the text that names it."""
    return {text: run / "declared" / name for text, name in read_json(run / "declared" / "files.json").items()}


def copy_declared(plan: Plan, out: Path) -> None:
    """Byte copies of what the plan was made of: the area's folder files, its pipeline, references, and the library's tables."""
    names: dict[str, str] = {}
    for number, (text, paths) in enumerate(plan.declared_files().items()):
        names[text] = f"{number:02d}/{paths[0].name}"
        for path in paths:
            write_bytes(out / f"{number:02d}" / path.name, path.read_bytes())
    write_json(out / "files.json", names)
    for path in library_files(LIBRARY):
        write_bytes(out / "library" / path.relative_to(LIBRARY), path.read_bytes())
