"""What a verification leaves beside the run: its verdict as JSON, its statement in both languages, a map of the pixels that differ."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from carbonsink.base.evidence import write_bytes, write_json
from carbonsink.verify.comparison import Comparison
from carbonsink.verify.pixels import write_patches
from carbonsink.verify.statement import statement, statement_languages
from carbonsink.verify.verdict import Verdict, told

SCHEMA = "carbonsink-verification/1"
JSON = "en"  # the language of what the JSON tells in words
TOLD = ("environment", "custom_tables", "words", "relocked")  # of a verdict, in words


def write_verdict(verdict: Verdict, run: Path, beside: Path | None = None) -> Path:
    """Write <run>.verification.json, <run>.statement.<language>.md and, where class maps differ, <run>.differences.gpkg; the JSON's path.

    They lie beside the run folder, or in the folder `beside` (that of a bundle). Nothing is written into the run.
    """
    folder = beside or run.parent
    for w in statement_languages():
        write_bytes(folder / f"{run.name}.statement.{w.code}.md", statement(verdict, run, w).encode())
    pixels = folder / f"{run.name}.differences.gpkg"
    pixels.unlink(missing_ok=True)  # of an earlier verification
    if verdict.comparison and verdict.comparison.patches:
        write_patches(pixels, verdict.comparison.patches)
    path = folder / f"{run.name}.verification.json"
    write_json(path, verdict_value(verdict))
    return path


def verdict_value(verdict: Verdict) -> dict[str, Any]:
    """The verdict as JSON: all of it, with the class and the exit code it comes to; shapes of pixels stand in the GeoPackage."""
    derived = {"schema": SCHEMA, "passed": verdict.passed, "class": verdict.outcome, "notes": list(verdict.notes), "exit": int(verdict.exit_code)}
    value = {name: one for name, one in vars(verdict).items() if name not in ("comparison", "checks", *TOLD)}
    value |= {name: told(getattr(verdict, name), JSON) for name in TOLD}
    checks = [{"number": one.number, "name": one.name, "passed": one.passed, "detail": one.detail(JSON)} for one in verdict.checks]
    return derived | value | {"checks": checks, "comparison": _compared(verdict.comparison) if verdict.comparison else None}


def _compared(made: Comparison) -> dict[str, Any]:
    pixels = [{"year": one.year, "stated": one.stated, "again": one.again, "pixels": one.pixels, "hectares": one.hectares} for one in made.patches]
    figures = [asdict(one) | {"difference": one.difference, "percent": one.percent, "judged_percent": one.judged_percent} for one in made.figures]
    stages = [
        asdict(one) | {"differing": told(one.differing, JSON), "equal": one.equal, "inputs_equal": one.inputs_stated == one.inputs_again} for one in made.stages
    ]
    return {"stages": stages, "files": [asdict(one) for one in made.files], "figures": figures, "pixels": pixels, "unread": made.unread}
