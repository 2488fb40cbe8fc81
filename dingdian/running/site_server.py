"""The public site on this machine (`python -m dingdian.running.site_server`): the folder `var/site`, loopback only.

Starlette's own StaticFiles: the site's page for what is not there, no list of a folder, and an answer without content
to a browser that has the file already.
"""

from __future__ import annotations

import mimetypes
import os
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from dingdian.running.processes import READY, own_output, wait_for_go
from dingdian.running.server import HOST
from foundation.guarding import Guarded
from foundation.settings import get_settings

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",  # kept, but asked for again: a notice may have changed
}
TYPES = {".atom": "application/atom+xml; charset=utf-8", ".ics": "text/calendar", ".json": "application/json"}


class Pages(StaticFiles):
    """The site's files; nothing whose name begins with a dot (the build's own notes)."""

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Where a file is, and what it is."""
        if any(part.startswith(".") for part in Path(path).parts):
            return "", None
        return super().lookup_path(path)


def application(folder: Path) -> Starlette:
    """The site in a folder, which is made if need be; files that are written meanwhile appear at once."""
    for ending, kind in TYPES.items():  # whatever this machine's own list says
        mimetypes.add_type(kind, ending)
    folder.mkdir(parents=True, exist_ok=True)
    site = Mount("/", Pages(directory=folder, html=True))
    return Starlette(routes=[site], middleware=[Middleware(Guarded, headers=HEADERS)])


def server(folder: Path, port: int) -> uvicorn.Server:
    """The site, to be served on this machine only."""
    config = uvicorn.Config(
        application(folder), host=HOST, port=port, log_level="warning", access_log=False, server_header=False,
        timeout_graceful_shutdown=3,
    )  # fmt: skip
    return uvicorn.Server(config)


def main() -> None:
    """Serves the site until SIGTERM or until the parent is gone."""
    to_parent = own_output()
    settings = get_settings()
    wait_for_go()
    print(READY, file=to_parent)
    server(settings.site_dir, settings.site_port).run()


if __name__ == "__main__":
    main()
