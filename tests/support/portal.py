"""A county portal under test: a real HTTP server on loopback that shows a page, changes it, takes it down, dawdles."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = tuple[int, dict[str, str], bytes]
HTML = {"Content-Type": "text/html; charset=utf-8"}


class Portal:
    """Answers by path; `answers` may be changed while it runs. A callable is asked anew each time."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.answers: dict[str, Answer | Callable[[BaseHTTPRequestHandler], None]] = {}
        self.asked: list[tuple[str, str]] = []

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def page(self, path: str, content: bytes, status: int = 200, **headers: str) -> str:
        """Shows a page; answers its address."""
        self.answers[path] = (
            status,
            {**HTML, **{name.replace("_", "-"): value for name, value in headers.items()}},
            content,
        )
        return self.url(path)

    def redirect(self, path: str, to: str) -> str:
        """Sends whoever asks elsewhere."""
        return self.page(path, b"", 302, Location=to)

    def drip(self, path: str, seconds: float) -> str:
        """Sends a byte now and then, for ever."""

        def dawdle(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            handler.send_header("Content-Type", "text/html")
            handler.end_headers()
            ends = time.monotonic() + seconds
            while time.monotonic() < ends:
                handler.wfile.write(b"x")
                handler.wfile.flush()
                time.sleep(0.05)

        self.answers[path] = dawdle
        return self.url(path)


@contextmanager
def portal() -> Iterator[Portal]:
    """Runs a portal until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shown.asked.append((self.path, self.headers["Host"]))
            answer = shown.answers.get(self.path, (404, HTML, "没有这个页面".encode()))
            if callable(answer):
                answer(self)
                return
            status, headers, content = answer
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

        def handle(self) -> None:
            try:
                super().handle()
            except (BrokenPipeError, ConnectionResetError):  # the client had enough
                return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        shown = Portal(server.server_port)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield shown
        finally:
            server.shutdown()
            thread.join()
