"""The public site on this machine: the folder `var/site`, served from a thread of `dingdian up`, loopback only."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HOST = "127.0.0.1"


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files without a line on the console for each, and without listing a folder that has no page."""

    def log_message(self, *_: object) -> None:
        """Says nothing: the site is static, and the console belongs to the operator."""

    def list_directory(self, path: object) -> None:
        self.send_error(404)


@contextmanager
def served(folder: Path, port: int) -> Iterator[str]:
    """Serves the folder until the block ends; gives the address. Files written meanwhile appear at once."""
    folder.mkdir(parents=True, exist_ok=True)
    with ThreadingHTTPServer((HOST, port), partial(_Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://{HOST}:{port}/"
        finally:
            server.shutdown()
            thread.join()
