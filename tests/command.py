"""The command as a person types it, in this process."""

from __future__ import annotations

from typer.testing import CliRunner, Result

from carbonsink.cli import app


def carbonsink(*arguments: object) -> Result:
    """What `carbonsink` with these arguments prints, and its exit code."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])
