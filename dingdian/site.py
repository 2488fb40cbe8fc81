"""The public site on this machine: the folder `var/site`, served from a thread of `dingdian up`, loopback only."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO

HOST = "127.0.0.1"


HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",  # kept, but asked for again: a notice may have changed
}
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".atom": "application/atom+xml; charset=utf-8",
    ".ics": "text/calendar; charset=utf-8",
    ".pdf": "application/pdf",
}
MISSING = "404.html"


class _Pages(SimpleHTTPRequestHandler):
    """Serves the site's files: no line on the console for each, no list of a folder, nothing whose name begins with a
    dot (the build's own notes), and the site's own page for what is not there."""

    server_version = "dingdian"
    sys_version = ""
    extensions_map = TYPES

    def log_message(self, *_: object) -> None:
        """Says nothing: the site is static, and the console belongs to the operator."""

    def end_headers(self) -> None:
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def send_head(self) -> io.BytesIO | BinaryIO | None:
        if any(part.startswith(".") for part in Path(self.translate_path(self.path)).relative_to(self.directory).parts):
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        return super().send_head()

    def list_directory(self, path: object) -> None:
        self.send_error(HTTPStatus.NOT_FOUND)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        page = Path(self.directory) / MISSING
        if code != HTTPStatus.NOT_FOUND or not page.is_file():
            return super().send_error(code, message, explain)
        content = page.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", TYPES[".html"])
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


@contextmanager
def served(folder: Path, port: int) -> Iterator[str]:
    """Serves the folder until the block ends; gives the address. Files written meanwhile appear at once."""
    folder.mkdir(parents=True, exist_ok=True)
    with ThreadingHTTPServer((HOST, port), partial(_Pages, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://{HOST}:{port}/"
        finally:
            server.shutdown()
            thread.join()
