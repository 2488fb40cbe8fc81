"""The board as a child of `dingdian up` (`python -m dingdian.running.board_server`): loopback only, and it reads our
database only."""

from __future__ import annotations

import os

import uvicorn

from board.app import application
from board.form_links import FormLink, FormLinks
from board.office import Office
from board.pictures import bars_of, pipeline_picture
from dingdian.running.processes import READY, own_output, wait_for_go
from flows.forms import FORMS
from flows.links import SHOWN_AS
from foundation.settings import get_settings
from rules.acts import CATALOGUE, Act
from tasks import surroundings


def form_links(api_url: str) -> FormLinks:
    """The forms of the acts, by their names in the catalogue."""
    password = os.environ.get("PREFECT_API_AUTH_STRING", "")
    return FormLinks(api_url, {name: _link(CATALOGUE[name]) for name in FORMS}, SHOWN_AS, password)


def _link(act: Act) -> FormLink:
    return FormLink(act.label, act.title, frozenset(FORMS[act.name].model_fields))


def server(office: Office, port: int) -> uvicorn.Server:
    """The board, to be served on this machine only."""
    config = uvicorn.Config(
        application(office), host=surroundings.LOOPBACK, port=port, log_level="warning", access_log=False,
        server_header=False, timeout_graceful_shutdown=3,
    )  # fmt: skip
    return uvicorn.Server(config)


def main() -> None:
    """Serves the board until SIGTERM or until the parent is gone."""
    to_parent = own_output()
    settings = get_settings()
    pipeline_picture(bars_of([]))  # the first picture loads the drawing engine; better now than at the first visit
    wait_for_go()
    site_url = f"http://{surroundings.LOOPBACK}:{settings.site_port}/"
    office = Office(surroundings.database_url(), form_links(os.environ["PREFECT_API_URL"]), site_url)
    print(READY, file=to_parent)
    server(office, settings.board_port).run()


if __name__ == "__main__":
    main()
