"""A mail server that takes letters as fast as Python allows, and that can fail as told. It counts what it stored."""

from __future__ import annotations

import random
import re
import socketserver
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

MESSAGE_ID = re.compile(rb"^Message-ID:\s*(<[^>]+>)", re.IGNORECASE | re.MULTILINE)
RECIPIENT = re.compile(rb"<([^>]*)>")
HELLO = b"250-sink\r\n250 PIPELINING\r\n"


@dataclass
class Postman:
    """`errors` and `lost` are shares of letters that meet a server error or whose reply is lost after it was stored.

    `stored` holds (recipient, Message-ID) in order, whatever was answered; `unanswered` counts those whose reply was
    lost.
    """

    errors: float = 0.0
    lost: float = 0.0
    seed: int = 1
    stored: list[tuple[str, str]] = field(default_factory=list)
    refused: int = 0
    unanswered: Counter[tuple[str, str]] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._server = _Server(("127.0.0.1", 0), _Conversation)
        self._server.postman = self
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """The setting that names it."""
        return f"smtp://127.0.0.1:{self.port}?timeout=5&reply_timeout=5"

    def stop(self) -> None:
        """Listens no more."""
        self._server.shutdown()
        self._server.server_close()

    def take(self, recipient: str, content: bytes) -> bytes:
        """Stores a letter and gives the reply; an empty one means that the line is cut."""
        found = MESSAGE_ID.search(content)
        with self._lock:
            fate = self._chance.random()
            if fate < self.errors:
                self.refused += 1
                return b"451 4.3.0 try again later\r\n"
            letter = recipient, found[1].decode() if found else ""
            self.stored.append(letter)
            if fate < self.errors + self.lost:
                self.unanswered[letter] += 1
                return b""
        return b"250 2.0.0 queued\r\n"

    def copies(self) -> Counter[tuple[str, str]]:
        """How often each letter was stored."""
        with self._lock:
            return Counter(self.stored)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64
    postman: Postman


class _Conversation(socketserver.StreamRequestHandler):
    """As much of SMTP as a client needs to hand letters over."""

    disable_nagle_algorithm = True
    wbufsize = 0

    def handle(self) -> None:
        """One connection."""
        server: Any = self.server
        recipient = ""
        self.wfile.write(b"220 sink\r\n")
        try:
            while line := self.rfile.readline():
                verb = line[:4].upper()
                if verb == b"QUIT":
                    self.wfile.write(b"221 bye\r\n")
                    return
                if verb == b"RCPT":
                    found = RECIPIENT.search(line)
                    recipient = found[1].decode() if found else ""
                if verb == b"DATA":
                    self.wfile.write(b"354 go ahead\r\n")
                    reply = server.postman.take(recipient, self._content())
                    if not reply:
                        return
                    self.wfile.write(reply)
                else:
                    self.wfile.write(HELLO if verb == b"EHLO" else b"250 ok\r\n")
        except ConnectionError:  # the client was killed
            return

    def _content(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        return b"".join(lines)


def waited(condition: Any, seconds: float) -> bool:
    """Whether a condition came true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True
