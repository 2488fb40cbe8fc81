"""From a round to its ledger, from a dossier to its cover and index: the form that makes them, filled in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from http.server import HTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from board.form_links import FormLinks
from dingdian.running.board_server import form_links
from flows.choices import of_terms
from rules.vocabulary import DocumentKind
from tests.board.conftest import served
from tests.board.test_board_pages import seen
from tests.board.test_form_links import Names
from tests.support import patience
from tests.support.stages import Stage
from tests.tasks.rehearsal import STAGES

WAYS = {
    "/round/1/paper/work_ledger": {"kind": "定点工作台账", "round": "1"},
    "/case/1/P01/paper/dossier_cover": {"kind": "案卷封面", "round": "1", "about": "P01"},
    "/case/1/P01/paper/dossier_index": {"kind": "卷内目录", "round": "1", "about": "P01"},
}
NOWHERE = (
    *("/round/1/paper/dossier_cover", "/round/1/paper/announcement", "/round/99/paper/work_ledger"),
    *("/case/1/P01/paper/work_ledger", "/case/1/P99/paper/dossier_index", "/case/1/P01/paper/%3Cb%3E"),
)


@pytest.fixture
def client(at_stage: Stage) -> Iterator[httpx.Client]:
    """The board of a round, with so much of Prefect as a link needs."""
    with HTTPServer(("127.0.0.1", 0), Names) as prefect:
        Thread(target=prefect.serve_forever, daemon=True).start()
        ways = form_links(f"http://127.0.0.1:{prefect.server_port}/api")
        at = datetime.fromisoformat(STAGES["passed"])
        with served(at_stage("passed").url, at, ways) as address, patience.client(address, trust_env=False) as client:
            yield client
        prefect.shutdown()


def test_each_paper_is_linked_and_its_form_filled_in(client: httpx.Client) -> None:
    linked = [link for page in ("/", "/case/1/P01") for link in seen(client, page).links if "/paper/" in link]
    assert linked == list(WAYS)
    for way, values in WAYS.items():
        location = client.get(way, follow_redirects=False).headers["location"]
        assert json.loads(parse_qs(urlsplit(location).query)["parameters"][0]) == {"form": values}, way
    for way in NOWHERE:
        assert client.get(way, follow_redirects=False).status_code == 404, way


def test_what_the_form_is_filled_with_it_offers() -> None:
    offered = of_terms(DocumentKind)
    assert [offered.read(values["kind"]) for values in WAYS.values()] == [
        *("work_ledger", "dossier_cover", "dossier_index")
    ]


def test_a_board_without_forms_links_to_none(at_stage: Stage) -> None:
    at = datetime.fromisoformat(STAGES["passed"])
    with (
        served(at_stage("passed").url, at, FormLinks()) as address,
        patience.client(address, trust_env=False) as client,
    ):
        assert [page for page in ("/", "/case/1/P01") if "/paper/" in client.get(page).text] == []
        assert client.get("/round/1/paper/work_ledger").status_code == 404
