"""Where each role gets to, and whose forms are taken: at the gate of a real server, deny by default."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from policies.access import load_access_rules
from tasks import staffing
from tests.support.stack import OFFICER, Stack, load_demo

RULES = load_access_rules()
ROLES = [role for role in RULES.reach if role != "all"]
SHOW, SIGN = "查看案件/41 查看案件", "签订协议/20 签订协议"


@pytest.fixture
def somebody(prefect_stack: Stack) -> Callable[[str], str]:
    """The number of somebody new with this role and no other."""

    def made(role: str) -> str:
        number = f"{role[:6]}-{uuid.uuid4().hex[:8]}"
        staffing.add_person(prefect_stack.database_url, number, "某人", [role], OFFICER)
        return number

    return made


def deployment(stack: Stack, name: str) -> str:
    return str(stack.request("GET", f"/deployments/name/{name}")["id"])


def submit(person: httpx.Client, form: str, **fields: Any) -> httpx.Response:
    return person.post(f"/api/deployments/{form}/create_flow_run", json={"parameters": {"form": fields}})


def runs_of(stack: Stack, form: str) -> int:
    return int(stack.request("POST", "/flow_runs/count", {"deployments": {"id": {"any_": [form]}}}))


@pytest.mark.parametrize("role", ROLES)
def test_a_role_gets_where_the_policy_says_and_nowhere_else(
    prefect_stack: Stack, somebody: Callable[[str], str], role: str
) -> None:
    form, run = deployment(prefect_stack, SHOW), str(uuid.uuid4())
    asked: dict[str, list[tuple[str, str, Any]]] = {
        "desk": [
            *[("GET", path, None) for path in ("/v2/dashboard", "/api/deployments/" + form, "/openapi.json")],
            *[("POST", f"/api/{of}/filter", {}) for of in ("flow_runs", "artifacts", "logs", "deployments")],
        ],
        "start": [
            ("POST", f"/api/deployments/{form}/create_flow_run", {"parameters": {"form": {}}}),
            ("POST", f"/api/flow_runs/{run}/set_state", {"state": {"type": "CANCELLING"}}),
        ],
        "board": [("GET", prefect_stack.board_url, None)],
        "files": [("GET", "/gate/files", None), ("GET", "/gate/files/in/x.pdf", None)],
        "contacts": [("GET", "/gate/contacts", None)],
        "experts": [("GET", "/gate/experts", None)],
        "office": [("GET", "/gate/office", None)],
        "absences": [("GET", "/gate/absences", None)],
        "supervisors": [("GET", "/gate/supervisors", None)],
        "people": [("GET", "/gate/people", None)],
        "records": [("GET", "/gate/records", None)],
    }
    with prefect_stack.visitor(somebody(role)) as person:
        for place, requests in asked.items():
            for method, path, body in requests:
                answer = person.request(method, path, json=body, follow_redirects=True)
                is_closed = f"“{RULES.places[place]}”只对" in answer.text
                assert is_closed is (place not in RULES.reach[role]), (place, path, answer.status_code)
                assert (answer.status_code == 403) is is_closed, (place, path, answer.text[:200])


def test_the_officers_reach_nothing_that_acts() -> None:
    assert RULES.reach["security"] == ("people",)
    assert "start" not in RULES.reach["auditor"]
    acting = [role for role in ROLES if role not in RULES.officers]
    assert not any({"people", "records"} & set(RULES.reach[role]) for role in acting)


def test_a_page_that_is_not_ones_own_says_whose_it_is(
    prefect_stack: Stack, page: Page, somebody: Callable[[str], str]
) -> None:
    prefect_stack.sign_in(page, OFFICER)
    for address in (prefect_stack.ui_url, prefect_stack.board_url):
        page.goto(address)
        expect(page.get_by_role("alert")).to_contain_text("您的岗位是安全管理员")
    page.get_by_role("link", name="返回").click()
    assert page.get_by_role("listitem").all_inner_texts() == ["人员与登记码"]
    prefect_stack.sign_in(page, somebody("auditor"))
    page.goto(f"{prefect_stack.api_url.removesuffix('/api')}/gate/")
    assert page.get_by_role("listitem").all_inner_texts() == ["登录记录", "经办表单", "看板"]


def test_a_form_that_is_not_ones_own_is_refused_before_there_is_a_run(
    prefect_stack: Stack, somebody: Callable[[str], str]
) -> None:
    load_demo(prefect_stack)
    form, director = deployment(prefect_stack, SIGN), somebody("director")
    before = runs_of(prefect_stack, form)
    given = {"applicant_id": "Ｈ01", "signed_on": "2026-01-05"}
    for role, label in (("operator", "经办"), ("reviewer", "复核"), ("discipline", "纪检")):
        number = somebody(role)
        with prefect_stack.visitor(number) as person:
            answer = submit(person, form, **given)
        said = answer.json()["detail"]
        assert answer.status_code == 403
        assert said.startswith(f"工号“{number}”的岗位（{label}）不能办理此事项：“签订协议”由主任岗位办理，请交 "), said
        assert said == answer.json()["exception_message"]
    assert runs_of(prefect_stack, form) == before
    with prefect_stack.visitor(director) as person:
        run = submit(person, form, **given).json()["id"]
    assert prefect_stack.wait_for(run)["name"] == "未办理"  # by the procedure, not for who he is
    assert runs_of(prefect_stack, form) == before + 1


def test_what_is_no_form_of_the_house_is_started_by_nobody(prefect_stack: Stack) -> None:
    flow = prefect_stack.request("POST", "/flows/", {"name": "外来"})["id"]
    body = {"name": "外来", "flow_id": flow, "entrypoint": "evil.sign_agreement"}
    foreign = prefect_stack.request("POST", "/deployments/", body)["id"]
    with prefect_stack.visitor() as person:
        answer = submit(person, foreign)
        assert (answer.status_code, "不是本程序的表单" in answer.json()["detail"]) == (403, True)
        assert submit(person, str(uuid.uuid4())).status_code == 503
    prefect_stack.request("DELETE", f"/deployments/{foreign}")
