"""The gate on a real server and in a real browser: who is not logged in sees nothing; how one comes in and goes out."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from flows.forms import FORMS
from foundation import onetime
from foundation.masking import FREE_TEXT
from gate.sessions import COOKIE, SIGN_ON_SECRET
from tasks import accounts, codes, staffing
from tests.support.patience import HANGS_AFTER_S, fetched
from tests.support.stack import OFFICER, Stack, load_demo

PATIENCE = 120_000
GOOD = "平湖 seven 石榴 lantern"
numbers = itertools.count(1)


@pytest.fixture
def newcomer(prefect_stack: Stack) -> str:
    """A number on the staff list that nobody has used."""
    number = f"N{next(numbers)}-{datetime.now(UTC):%H%M%S%f}"[:20]
    staffing.add_person(prefect_stack.database_url, number, "新来的", ["operator"], OFFICER)
    return number


def base(stack: Stack) -> str:
    return stack.api_url.removesuffix("/api")


def form(stack: Stack, path: str, **fields: str) -> httpx.Response:
    """A form of the gate's, sent as its own page sends it."""
    headers = {"origin": base(stack)}
    return httpx.post(f"{base(stack)}/gate/{path}", data=fields, headers=headers, timeout=HANGS_AFTER_S)


# --- who is not logged in --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/v2/dashboard", "/v2/deployments?limit=100", "/docs", "/redoc"])
def test_a_page_leads_to_the_login_and_from_there_back(prefect_stack: Stack, path: str) -> None:
    answer = fetched(f"{base(prefect_stack)}{path}", follow_redirects=False)
    assert answer.status_code == 303
    wanted = quote(f"{base(prefect_stack)}{path}", safe="")
    assert answer.headers["location"] == f"/gate/login?next={wanted}"


def test_the_board_is_shown_to_nobody_who_has_not_logged_in(prefect_stack: Stack) -> None:
    for path in ("", "dossiers", "case/1/H01", "board.css"):
        answer = fetched(f"{prefect_stack.board_url}{path}", follow_redirects=False)
        assert (answer.status_code, answer.text) == (303, "")
        assert answer.headers["location"].startswith(f"{base(prefect_stack)}/gate/login?next=")


@pytest.mark.parametrize("path", ["/api/flow_runs/filter", "/api/deployments/filter", "/api/logs/filter"])
def test_the_api_answers_nobody_who_has_not_logged_in(prefect_stack: Stack, path: str) -> None:
    for cookies in ({}, {COOKIE: "x" * 43}):
        answer = httpx.post(f"{base(prefect_stack)}{path}", json={}, cookies=cookies, timeout=HANGS_AFTER_S)
        assert (answer.status_code, "重新登录" in answer.json()["detail"]) == (403, True)
    assert fetched(f"{prefect_stack.api_url}/health").text == "true"


# --- coming in -------------------------------------------------------------------------------------------------------


def test_a_newcomer_is_let_in_enrols_works_and_leaves(prefect_stack: Stack, page: Page, newcomer: str) -> None:
    """In a browser: the security officer hands out a code; with it a password and an authenticator; then the work."""
    prefect_stack.sign_in(page, OFFICER)
    page.goto(f"{base(prefect_stack)}/gate/people")
    page.get_by_role("row", name=newcomer).get_by_role("button", name="发放登记码").click()
    code = page.get_by_role("status").locator("b").inner_text()
    page.context.clear_cookies()
    page.goto(f"{base(prefect_stack)}/v2/deployments")
    page.get_by_role("link", name="登记").click()
    page.get_by_label("登记码").fill(code)
    page.get_by_role("button", name="下一步").click()
    secret = page.locator("p.secret").inner_text()
    expect(page.locator("svg")).to_be_visible()
    assert axe_faults(page) == []
    page.get_by_label("设口令").fill("12345678")
    page.get_by_label("再填一次").fill("12345678")
    page.get_by_label("填验证器此刻显示的六位数字").fill(onetime.code_at(secret, datetime.now(UTC)))
    page.evaluate("for (const one of document.querySelectorAll('input')) one.removeAttribute('minlength')")
    page.get_by_role("button", name="完成登记并登录").click()
    expect(page.get_by_role("alert")).to_contain_text("“口令”应有 12 至 128 个字符")
    for label in ("设口令", "再填一次"):
        page.get_by_label(label).fill(GOOD)
    page.get_by_label("填验证器此刻显示的六位数字").fill(onetime.code_at(secret, datetime.now(UTC)))
    page.get_by_role("button", name="完成登记并登录").click()
    expect(page.get_by_role("heading")).to_have_text(f"{newcomer} 新来的")
    page.get_by_role("link", name="经办表单").click()
    expect(page.get_by_role("heading", name="经办表单")).to_be_visible()
    page.get_by_role("link", name="Prefect 的清单").click()
    page.locator("a[href*='/deployments/deployment/']").first.wait_for(timeout=PATIENCE)
    page.goto(prefect_stack.board_url)
    page.get_by_role("link", name="本人").click()
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("heading")).to_have_text("登录")
    assert axe_faults(page) == []
    page.goto(prefect_stack.board_url)
    expect(page.get_by_role("heading")).to_have_text("登录")


def axe_faults(page: Page) -> list[str]:
    return [one["id"] for one in Axe().run(page).response["violations"]]


def enrolled(stack: Stack, staff_no: str) -> str:
    code = codes.give_code(stack.database_url, staff_no, OFFICER)
    secret = accounts.begin_enrolment(stack.database_url, code, stack.stand_in.keys).secret
    accounts.enrol(stack.database_url, code, GOOD, onetime.code_at(secret, datetime.now(UTC)), stack.stand_in.keys)
    return secret


def test_a_login_leads_to_the_page_that_was_wanted_also_of_the_board(
    prefect_stack: Stack, page: Page, newcomer: str
) -> None:
    secret = enrolled(prefect_stack, newcomer)
    page.goto(f"{prefect_stack.board_url}agreements")
    page.get_by_label("工号").fill(newcomer)
    page.get_by_label("口令", exact=True).fill(GOOD)
    page.get_by_label("动态码").fill("000000")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_contain_text("工号、口令或动态码不正确")
    assert page.get_by_label("工号").input_value() == newcomer
    page.get_by_label("口令", exact=True).fill(GOOD)
    page.get_by_label("动态码").fill(next_code(secret))
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(f"{prefect_stack.board_url}agreements")


def next_code(secret: str) -> str:
    """The code after the one that enrolled: half a minute ahead is taken, and nobody has to wait."""
    return onetime.code_at(secret, datetime.fromtimestamp(datetime.now(UTC).timestamp() + 30, UTC))


@pytest.mark.parametrize(
    "wanted",
    ["http://evil.test/", "//evil.test/", "/\\evil.test", "javascript:alert(1)", "http://127.0.0.1:1/", "evil"],
)
def test_a_login_leads_nowhere_else(prefect_stack: Stack, wanted: str, newcomer: str) -> None:
    secret = enrolled(prefect_stack, newcomer)
    answer = form(prefect_stack, "login", staff_no=newcomer, password=GOOD, code=next_code(secret), next=wanted)
    assert (answer.status_code, answer.headers["location"]) == (303, "/gate/")
    cookie = answer.headers["set-cookie"]
    assert re.match(rf"{COOKIE}=[\w-]{{43}}; HttpOnly; Path=/; SameSite=lax$", cookie), cookie


@pytest.mark.parametrize(
    "headers",
    [{}, {"origin": "http://evil.test"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}],
)
def test_a_login_is_sent_by_our_own_page_alone(prefect_stack: Stack, headers: dict[str, str]) -> None:
    for path in ("login", "logout", "enrol", "people", "rehearse"):
        answer = httpx.post(f"{base(prefect_stack)}/gate/{path}", data={"staff_no": "1"}, headers=headers)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


def test_a_longer_form_than_any_is_nobody_s(prefect_stack: Stack) -> None:
    assert form(prefect_stack, "login", staff_no="1001", password="x" * 20_000, code="1").status_code == 403


def test_nobody_comes_in_by_a_rehearsal_s_button_or_a_proxy_s_word_where_there_is_none(prefect_stack: Stack) -> None:
    assert form(prefect_stack, "rehearse", staff_no=OFFICER).status_code == 403
    for headers in ({"X-Forwarded-User": OFFICER}, {"X-Forwarded-User": OFFICER, SIGN_ON_SECRET: ""}):
        assert (
            fetched(f"{base(prefect_stack)}/v2/dashboard", headers=headers, follow_redirects=False)
            .headers["location"]
            .startswith("/gate/login")
        )


def test_the_officers_pages_are_theirs_alone(prefect_stack: Stack, newcomer: str) -> None:
    with prefect_stack.visitor(newcomer) as clerk, prefect_stack.visitor(OFFICER) as officer:
        for path, whose in (("people", "安全管理员"), ("records", "审计员")):
            refused = clerk.get(f"/gate/{path}")
            assert (refused.status_code, f"只对{whose}开放" in refused.text) == (403, True)
        assert officer.get("/gate/records").status_code == 403
        origin = {"origin": base(prefect_stack)}
        assert clerk.post("/gate/people", data={"do": "code", "staff_no": OFFICER}, headers=origin).status_code == 403
        added = {"do": "add", "staff_no": f"{newcomer[:-1]}A", "name": "<b>审计</b>", "role-auditor": "1"}
        page = officer.post("/gate/people", data=added, headers=origin)
        assert (page.status_code, "的登记码：" in page.text, "&lt;b&gt;审计" in page.text) == (200, True, True)
    with prefect_stack.visitor(added["staff_no"]) as auditor:
        assert "发放登记码" in auditor.get("/gate/records").text
        assert auditor.get("/gate/people").status_code == 403


# --- what people type ------------------------------------------------------------------------------------------------

CODES = {  # longer texts of forms that are no free text
    *("agreement_number", "contract", "credit_code", "decision_no", "evaluator", "institution", "level", "name"),
    *("new_number", "published_where", "receipt_number", "replacement", "report_no", "tie_source", "url"),
}
LONG = 200


def long_texts(schema: dict[str, Any], known: dict[str, Any]) -> Iterator[str]:
    for name, field in schema.get("properties", {}).items():
        inner = field.get("items", field)
        inner = known[inner["$ref"].rpartition("/")[2]] if "$ref" in inner else inner
        if inner.get("type") == "object":
            yield from long_texts(inner, known)
        elif inner.get("type") == "string" and inner.get("maxLength", 0) >= LONG:
            yield name


def test_every_long_text_of_a_form_is_masked_or_known_for_a_code() -> None:
    schemas = [form.model_json_schema() for form in FORMS.values()]
    found = {name for one in schemas for name in long_texts(one, one.get("$defs", {}))}
    assert found - FREE_TEXT == CODES


def test_a_number_that_somebody_types_into_a_form_is_masked_before_prefect_keeps_it(prefect_stack: Stack) -> None:
    load_demo(prefect_stack)
    form = prefect_stack.request("GET", "/deployments/name/登记撤回异议/33 登记撤回异议")["id"]
    given = {
        "form": {
            "ref": "P02-9",
            "withdrawn_on": "2026-01-05",
            "reason": "本人１３９00010002电话撤回，见 a.b@example.cn",
        }
    }
    with prefect_stack.visitor("1001") as person:
        run = person.post(f"/api/deployments/{form}/create_flow_run", json={"parameters": given}).json()
    kept = prefect_stack.request("GET", f"/flow_runs/{run['id']}")["parameters"]["form"]["reason"]
    assert (kept, prefect_stack.wait_for(run["id"])["name"]) == (
        "本人139****0002电话撤回，见 a***@example.cn",
        "未办理",
    )
