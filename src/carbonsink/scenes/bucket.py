"""How often a host is asked: a bucket of tokens per host, filled at the provider's rate, shared by every thread of the process.

pace(host, rate).take()     returns when a request may go out
pace(host, rate).hold(2)    the server asked for two seconds: nobody goes sooner
"""

from __future__ import annotations

import threading
import time
from functools import cache

from carbonsink.scenes.address import is_loopback


class Bucket:
    """Requests at `rate` a second, up to a second's worth at once."""

    def __init__(self, rate: float) -> None:
        self._step = 1.0 / rate
        self._burst = max(1.0, rate)
        self._next = 0.0  # when the next token falls in, on the monotonic clock
        self._lock = threading.Lock()

    def take(self) -> None:
        """Wait for a token."""
        with self._lock:
            now = time.monotonic()
            at = max(self._next, now - (self._burst - 1) * self._step)
            self._next = at + self._step
        if at > now:
            time.sleep(at - now)

    def hold(self, seconds: float) -> None:
        """Give out no token for so long."""
        with self._lock:
            self._next = max(self._next, time.monotonic() + seconds)


class Unlimited(Bucket):
    """This machine's own catalogue."""

    def __init__(self) -> None:
        super().__init__(1.0)

    def take(self) -> None:
        """Go at once."""

    def hold(self, seconds: float) -> None:
        """Only who was told to wait waits."""


@cache
def pace(host: str, rate: float) -> Bucket:
    """The bucket of a host, one for the whole process."""
    return Unlimited() if is_loopback(host) else Bucket(rate)
