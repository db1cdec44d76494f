"""Where a command may write: under a name that is free, and never inside a run folder, whose every file its manifest lists."""

from __future__ import annotations

from pathlib import Path

from carbonsink.base.problems import Exit, refuse


def must_be_free(path: Path, option: str) -> None:
    """Refuse a place where something lies already, whatever it is, and any inside a run."""
    if path.exists():
        raise refuse("E-OUT-001", str(path), Exit.USAGE, option=option)
    must_be_outside_runs(path, option)


def must_be_outside_runs(path: Path, option: str) -> None:
    """Refuse a place inside a run: a file that the manifest doesn't list makes the evidence untrue."""
    whole = path.resolve()
    if run := next((folder for folder in (whole, *whole.parents) if _is_run(folder)), None):
        raise refuse("E-OUT-002", str(path), Exit.USAGE, option=option, run=run.name)


def must_be_apart(path: Path, other: Path, option: str, other_option: str) -> None:
    """Refuse one place for two files."""
    if path.resolve() == other.resolve():
        raise refuse("E-OUT-003", str(path), Exit.USAGE, option=option, other=other_option)


def named(run: Path) -> Path:
    """A run's path that ends in its name, by which the files beside it are called; `.` and `..` have none."""
    return run if run.name not in ("", "..") else run.resolve()


def _is_run(folder: Path) -> bool:
    return (folder / "manifest.json").is_file() and (folder / "plan.json").is_file()
