"""The command line: `commands`, what they print (`words`), and the screen they print to (`screen`)."""

from carbonsink.cli.commands import app


def main() -> None:
    """The `carbonsink` command."""
    app()


__all__ = ["app", "main"]
