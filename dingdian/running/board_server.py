"""The board as a child of `dingdian up` (`python -m dingdian.running.board_server`): loopback only, and it reads our
database only."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from board.app import application
from board.form_links import FormLink, FormLinks
from board.office import Office
from board.pictures import bars_of, pipeline_picture
from dingdian.running.processes import READY, own_output, wait_for_go
from dingdian.running.server import gate_url
from flows.forms import FORMS, ActForm, FileForm, RoundFileForm
from flows.forms.documents import MakeDocument, RecordPosting
from flows.forms.messages import MESSAGE_FORMS
from flows.forms.proposals import ConfirmProposal
from flows.forms.workbooks import ImportWorkbook
from flows.links import SHOWN_AS
from foundation.settings import MACHINE_HEADER, get_settings, machine_key
from gate.sessions import Sessions, SignedIn, SignOn
from rules.acts import CATALOGUE
from tasks import surroundings
from upkeep.deployment_file import house_entries

REGISTERS = ("register_applicants", "register_experts", "register_declarations", "register_complainants")
FILLED_IN: Mapping[str, type[ActForm]] = {
    **FORMS,
    **MESSAGE_FORMS,
    "confirm_proposal": ConfirmProposal,
    "make_document": MakeDocument,
    "import_workbook": ImportWorkbook,
    "announce_round": FileForm,
    "record_posting": RecordPosting,
    **dict.fromkeys(REGISTERS, RoundFileForm),
}


def form_links(api_url: str, desk_url: str = "") -> FormLinks:
    """The forms of the acts, by their names in the catalogue; `desk_url`: where people open them."""
    password = os.environ.get("PREFECT_API_AUTH_STRING", "")
    acts = dict(_link(entry) for entry in house_entries(get_settings()))
    key = {MACHINE_HEADER: machine_key(get_settings()).get_secret_value()}
    return FormLinks(api_url, acts, SHOWN_AS, password, key, desk_url)


def _link(entry: Mapping[str, Any]) -> tuple[str, FormLink]:
    act = CATALOGUE[entry["entrypoint"].rpartition(".")[2]]
    fields = FILLED_IN[act.name].model_fields if act.name in FILLED_IN else ()
    return act.name, FormLink(act.label, act.title, frozenset(fields), entry["tags"][0], entry["description"].strip())


def for_the_office(office: Office) -> ASGIApp:
    """The board for whoever is logged in, and for nobody else."""
    settings = get_settings()
    sessions = Sessions(office.database_url, SignOn(settings.sign_on_header, settings.sign_on_word))
    return SignedIn(application(office), sessions, gate_url(settings), "board")


def server(board: ASGIApp, port: int) -> uvicorn.Server:
    """The board, to be served on this machine only."""
    config = uvicorn.Config(
        board, host=surroundings.LOOPBACK, port=port, log_level="warning", access_log=False,
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
    forms = form_links(os.environ["PREFECT_API_URL"], surroundings.desk_url())
    office = Office(surroundings.database_url(), forms, site_url)
    print(READY, file=to_parent)
    server(for_the_office(office), settings.board_port).run()


if __name__ == "__main__":
    main()
