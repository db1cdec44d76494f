"""A portfolio's folder: tables, workbook, page, and a manifest with the digests of the manifests that it rolls up.

The same runs give the same bytes. The manifest is written last, so a folder without one isn't whole.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from carbonsink import __version__
from carbonsink.base.evidence import digest, file_sha256, write_bytes, write_json
from carbonsink.base.problems import Exit, refuse
from carbonsink.base.tables import write_csv
from carbonsink.declared.language import read_languages
from carbonsink.portfolio.account import Portfolio
from carbonsink.portfolio.page import page
from carbonsink.portfolio.record import SCHEMA_FILE, record
from carbonsink.portfolio.settings import FOLDER
from carbonsink.portfolio.tables import tables
from carbonsink.portfolio.workbook import workbook

NAME = "manifest.json"
SCHEMA = "carbonsink-portfolio-manifest/1"
JSON, WORKBOOK, PAGE, SCHEMA_COPY = "portfolio.json", "portfolio.xlsx", "portfolio.html", "portfolio.schema.json"
LANGUAGES = ("zh", "en")


def check_place(out: Path) -> None:
    """Refuse a folder that holds something else than a portfolio, before an hour is spent on one."""
    if out.is_file() or (out.is_dir() and any(out.iterdir()) and not (out / JSON).is_file()):
        raise refuse("E-PTF-012", str(out), Exit.USAGE)


def write(portfolio: Portfolio, out: Path) -> dict[str, Any]:
    """Write the folder; its manifest."""
    check_place(out)
    (out / NAME).unlink(missing_ok=True)
    languages = read_languages(LANGUAGES)
    files = tables(portfolio, out)
    write_json(out / JSON, record(portfolio, out))
    write_bytes(out / SCHEMA_COPY, SCHEMA_FILE.read_bytes())
    for name, (rows, kind) in files.items():
        write_csv(out / name, rows, kind)
    write_bytes(out / WORKBOOK, workbook(portfolio, languages))
    write_bytes(out / PAGE, page(portfolio, out, languages).encode())
    manifest: dict[str, Any] = {
        "schema": SCHEMA,
        "tool": __version__,
        "tables": {path.name: file_sha256(path) for path in sorted(FOLDER.glob("*.toml"))},
        "runs": {member.run.name: member.manifest for member in portfolio.members},
        "files": {name: file_sha256(out / name) for name in sorted((JSON, SCHEMA_COPY, WORKBOOK, PAGE, *files))},
    }
    manifest["digest"] = digest(manifest)
    write_json(out / NAME, manifest)
    return manifest
