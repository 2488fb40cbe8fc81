"""Ports for the servers of a test.

They lie below the range from which the system gives a port to whoever connects (32768 and up on Linux): a port found
free there may be the near end of a connection a second later, when the server that was promised it wants to listen.
Each worker of a parallel run counts through a stretch of its own, so that no two are ever told the same.
"""

import itertools
import os
import socket

FIRST, LAST = 10_000, 32_767
STRETCHES = 16
STRETCH = (LAST - FIRST + 1) // STRETCHES


def _stretch() -> range:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    start = FIRST + int(worker) % STRETCHES * STRETCH
    return range(start, start + STRETCH)


_OURS = _stretch()
# Two sessions on one machine begin at different places of the same stretch.
_next = itertools.count(os.getpid())


def _nobody_listens(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port nobody listens on, and that no other test was told."""
    candidates = (_OURS[number % len(_OURS)] for number in itertools.islice(_next, len(_OURS)))
    return next(port for port in candidates if _nobody_listens(port))
