"""What a run keeps of its declarations: byte copies of everything the plan was made of, and the library's tables."""

from __future__ import annotations

from pathlib import Path

from carbonsink.base.evidence import digest, file_sha256, write_bytes, write_json
from carbonsink.base.topics import LIBRARY as LIBRARY
from carbonsink.declared.plan import Plan


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


def library_files(library: Path) -> list[Path]:
    """The library's tables that a number or a word of a report may come from."""
    found = (p for p in library.rglob("*") if p.suffix in {".toml", ".csv"} and p.name not in {"simulation.toml", "verification.toml"})
    return sorted(p for p in found if p.parent.name not in {"messages", "ledger", "statement"})


def library_digest(library: Path) -> str:
    """One digest over the library's tables."""
    return digest({p.relative_to(library).as_posix(): file_sha256(p) for p in library_files(library)})
