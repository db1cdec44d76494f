"""The command line: `commands`, what they print (`words`), and the screen they print to (`screen`)."""

import signal

from carbonsink.cli.commands import app


def main() -> None:
    """The `carbonsink` command."""
    stop_as_interrupted()
    app()


def stop_as_interrupted() -> None:
    """A command that is told to stop, or loses its terminal, clears up and leaves as if by Ctrl-C; unless whoever started it has these ignored (nohup)."""
    for one in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(one) == signal.SIG_DFL:
            signal.signal(one, signal.default_int_handler)


__all__ = ["app", "main"]
