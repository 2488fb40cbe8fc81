"""The board as a child of `dingdian up` (`python -m dingdian.board_server`): loopback only, reads our database only."""

from __future__ import annotations

import os
from collections.abc import Mapping

import uvicorn

from board.app import application
from board.doors import Door, Doors
from board.office import Office
from board.pictures import bars_of, pipeline_picture
from dingdian.deployments import read
from dingdian.processes import READY, own_output, wait_for_go
from flows.forms import FORMS
from models.settings import get_settings
from tasks import surroundings
from tasks.labels import LABELS

ABOUT = ("applicant_id", "applicant_ids", "ref")


def doors(api_url: str) -> Doors:
    """The forms of the acts, as `prefect.yaml` names their deployments."""
    return Doors(api_url, {act: _door(act, name) for act, name in _deployments().items() if act in FORMS})


def _deployments() -> Mapping[str, str]:
    """The deployment of each flow, by the function that its entrypoint names."""
    return {entry["entrypoint"].partition(":")[2]: entry["name"] for entry in read()}


def _door(act: str, deployment: str) -> Door:
    fields = FORMS[act].model_fields
    about = next((name for name in ABOUT if name in fields), "")
    return Door(LABELS[act], deployment, about, is_list=about == "applicant_ids", has_round="round" in fields)


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
    office = Office(surroundings.database_url(), doors(os.environ["PREFECT_API_URL"]), site_url)
    print(READY, file=to_parent)
    server(office, settings.board_port).run()


if __name__ == "__main__":
    main()
