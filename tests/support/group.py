"""A group's webhook on loopback: a real HTTP server that keeps what it is sent and answers as told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CUT = 0


@dataclass
class Group:
    """What came, in order; `answers` are the statuses of the next posts (CUT: taken, and the line cut), then 200."""

    port: int = 0
    posts: list[dict[str, Any]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    body: bytes = b"{}"

    @property
    def url(self) -> str:
        """Its address in Apprise's spelling, with a secret in it."""
        return f"json://user:s3cret-token@127.0.0.1:{self.port}/hook"

    @property
    def texts(self) -> list[str]:
        """Title and text of each message, as the group shows them."""
        return [f"{one['title']}\n{one['message']}" for one in self.posts]


@contextmanager
def group() -> Iterator[Group]:
    """A group's webhook that is up."""
    held = Group()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            held.posts.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            status = held.answers.pop(0) if held.answers else 200
            if status == CUT:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Length", str(len(held.body)))
            self.end_headers()
            self.wfile.write(held.body)

        def log_message(self, *_: Any) -> None:
            """Nothing on the console."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    held.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
