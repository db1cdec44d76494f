"""A command at a real pseudo-terminal: what it shows is read, what somebody types is sent."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 60.0  # s; a busy machine isn't a defect
WIDE = struct.pack("HHHH", 40, 160, 0, 0)


class Terminal:
    """A command at the other end of a pseudo-terminal: what it showed, and what somebody types."""

    def __init__(self, master: int, process: subprocess.Popen[bytes]) -> None:
        self.master, self.process, self.seen = master, process, ""

    def wait(self, words: str) -> None:
        """Read on until these words have been shown, beyond what was waited for before."""
        until = time.monotonic() + PATIENCE
        while words not in self.seen:
            assert time.monotonic() < until, f"{words} was never shown: {self.seen}"
            self._read()
        self.seen = self.seen[self.seen.index(words) + len(words) :]

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def answer(self, words: str, text: str) -> None:
        """Wait for a question and for its prompt, and answer it."""
        self.wait(words)
        self.wait("?")
        self.type(text + "\n")

    def end(self) -> tuple[int, str]:
        """The exit code and what was shown last."""
        until = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < until:
            self._read()
        self._read()
        return self.process.wait(timeout=1), self.seen

    def _read(self) -> None:
        if select.select([self.master], [], [], 0.2)[0]:
            try:
                self.seen += os.read(self.master, 65536).decode(errors="replace")
            except OSError:  # the other end is gone
                return


@contextmanager
def terminal(*arguments: str | Path, language: str = "zh") -> Iterator[Terminal]:
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, WIDE)
    command = [sys.executable, "-m", "carbonsink", *map(str, arguments)]
    environment = os.environ | {"CARBONSINK_LANG": language, "TERM": "xterm", "NO_COLOR": "1", "PYTHONUTF8": "1"}
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True, preexec_fn=owned)
    os.close(slave)
    try:
        yield Terminal(master, process)
    finally:
        process.kill()
        process.wait()
        os.close(master)


def owned() -> None:
    """The terminal is the command's own, so that Ctrl-C reaches it; tests that run in the background were told not to hear it."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
