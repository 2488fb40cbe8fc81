"""The way from a dossier to Prefect's form: through the real server, and while it is away."""

from __future__ import annotations

import json
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, unquote, urlsplit

import httpx
import pytest

from dingdian.running.board_server import form_links
from dingdian.running.deployments import flow_at, read
from foundation.files import write_file
from foundation.settings import reset_settings
from rules.evaluation import EVALUATION
from tasks import files
from tests.board.conftest import served
from tests.support.ports import free_port
from tests.support.stack import Stack, load_demo
from tests.support.stages import Stage
from tests.tasks.rehearsal import STAGES, Rehearsal

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_every_act_of_the_table_that_a_person_does_has_its_form() -> None:
    ways = form_links("http://127.0.0.1:1/api").acts
    by_deployment = {entry["name"]: flow_at(entry["entrypoint"]).name for entry in read()}
    of_the_clock = {"window_closed", "period_over", "sign_timeout", "breach", "start_notice", "move_up", "city_silent"}
    of_the_clock |= {"yield_place", "change_rank"}  # what follows for others from an act
    assert set(EVALUATION.events) - of_the_clock <= set(ways)
    assert {way.deployment: way.flow for way in ways.values()}.items() <= by_deployment.items()
    assert {"round", "applicant_id"} <= ways["sign_agreement"].fields
    assert "ref" in ways["resolve_objection"].fields


def test_while_prefect_is_away_the_way_leads_to_the_list_of_forms() -> None:
    port = free_port()
    way = form_links(f"http://127.0.0.1:{port}/api").form_of("sign_agreement", {"applicant_id": "P01"})
    assert way == (
        f"http://127.0.0.1:{port}/v2/deployments?flowOrDeploymentName=20%20%E7%AD%BE%E8%AE%A2%E5%8D%8F%E8%AE%AE"
    )
    with pytest.raises(KeyError):
        form_links("http://127.0.0.1:1/api").form_of("drop_table", {})


def test_a_click_on_the_board_opens_the_form_filled_in(prefect_stack: Stack, page: Page) -> None:
    load_demo(prefect_stack)
    assert prefect_stack.visitor().get(prefect_stack.board_url).status_code == 200
    prefect_stack.sign_in(page, "1001")
    page.goto(f"{prefect_stack.board_url}case/1/H01")
    page.get_by_role("link", name="签署初审意见").click()
    page.get_by_label("申请人编号").wait_for(timeout=120_000)
    assert page.get_by_label("申请人编号").input_value() == "H01"
    assert page.get_by_label("轮次").input_value() == "1"
    page.go_back()
    page.get_by_role("link", name="登记撤回申请").click()
    page.get_by_label("撤回理由").wait_for(timeout=120_000)
    assert page.get_by_label("申请人编号").input_value() == "H01"
    asked = prefect_stack.visitor().get(f"{prefect_stack.board_url}case/1/H01/do/publish_notice")
    way = unquote(asked.headers["location"])  # an act of the round, which asks for no applicant
    assert ('"round":"1"' in way, "applicant_id" in way) == (True, False)


class Names(BaseHTTPRequestHandler):
    """So much of Prefect's API as a link needs: every deployment has an id."""

    def do_GET(self) -> None:
        content = b'{"id": "id-1"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing to the console."""


def followed(round_: Rehearsal, path: str) -> httpx.Response:
    """What the board answers to a link, while Prefect is there."""
    with HTTPServer(("127.0.0.1", 0), Names) as prefect:
        Thread(target=prefect.serve_forever, daemon=True).start()
        ways = form_links(f"http://127.0.0.1:{prefect.server_port}/api")
        with served(round_.url, datetime.fromisoformat(STAGES["passed"]), ways) as board:
            asked = httpx.get(f"{board}/{path}", timeout=60)
        prefect.shutdown()
    return asked


def test_the_boards_link_is_filled_in_as_the_result_pages_is(at_stage: Stage) -> None:
    asked = followed(at_stage("passed"), "case/1/P01/do/request_evaluation")
    given = json.loads(parse_qs(urlsplit(asked.headers["location"]).query)["parameters"][0])["form"]
    assert (given["to"], given["round"]) == ("县医疗保障局", "1")
    assert "P01" in given["applicant_ids"]


@pytest.mark.parametrize(
    ("name", "act", "status"),
    [
        ("登记册 1.xlsx", "import_workbook", 303),
        ("公告.yaml", "announce_round", 303),
        ("登记册 1.xlsx", "register_experts", 404),
        ("没有.xlsx", "import_workbook", 404),
        ("登记册 1.xlsx", "drop_table", 404),
    ],
)
def test_a_file_of_the_inbox_leads_to_the_forms_that_read_it_with_its_name(
    at_stage: Stage, name: str, act: str, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DINGDIAN_VAR_DIR", str(tmp_path))
    reset_settings()
    for one in ("登记册 1.xlsx", "公告.yaml"):
        write_file(tmp_path / "inbox" / one, b"x")
    asked = followed(at_stage("passed"), f"file/{quote(name)}/do/{act}")
    assert asked.status_code == status
    if status == 303:
        given = json.loads(parse_qs(urlsplit(asked.headers["location"]).query)["parameters"][0])["form"]
        assert given == {"file": name}


def test_every_form_that_a_file_is_for_asks_for_one() -> None:
    ways = form_links("http://127.0.0.1:1/api").acts
    offered = {act for acts in files.FORMS.values() for act in acts}
    assert set(files.FORMS) == set(files.CONTENTS)
    assert [act for act in offered if "file" not in ways[act].fields] == []
