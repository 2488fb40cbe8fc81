"""先看通知 at the gate: the page asks what the form asks, shows the letter, writes nothing, lets nobody else in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import html5lib
import httpx
import pytest
from pydantic import SecretStr
from starlette.responses import PlainTextResponse

from dingdian.running.door import Door
from dingdian.running.letter_forms import letter_forms
from flows.forms import FORMS
from gate.asked import asked, given
from gate.sessions import COOKIE, Sessions
from rules.vocabulary import WayIn
from tasks import accounts
from tasks.messages.foretelling import FORETOLD
from tasks.surroundings import surrounded
from tests.support.database import dump
from tests.support.stages import Stage
from tests.tasks.rehearsal import KEYS, Rehearsal, beijing
from tests.tasks.test_proposals import staffed
from upkeep.deployment_file import Entrypoints

HERE = "http://127.0.0.1:4200"
OPINION = "/gate/letters/case/1/P01/sign_preliminary_opinion"
WITHDRAW = "/gate/letters/case/1/P01/withdraw_application"
HOSTILE = "</pre><script>alert(1)</script>{{7*7}}"


@pytest.fixture
def database_kind() -> str:
    """The look itself is tested on both kinds; here it is the page."""
    return "sqlite"


@pytest.fixture
def office(at_stage: Stage) -> Rehearsal:
    return staffed(at_stage("accepted"))


def ask(office: Rehearsal, staff_no: str, method: str, path: str, **sent: Any) -> httpx.Response:
    """One request through the real door, by somebody who has logged in (or nobody)."""

    async def asking() -> httpx.Response:
        async with door_of(office, staff_no) as client:
            return await client.request(method, path, **sent)

    with surrounded(now=beijing("2025-09-10 10:00"), database_url=office.url, keys=KEYS):
        return anyio.run(asking)


@asynccontextmanager
async def door_of(office: Rehearsal, staff_no: str) -> AsyncIterator[httpx.AsyncClient]:
    door = Door(
        PlainTextResponse("Prefect"),
        SecretStr("a key of nobody's"),
        ["127.0.0.1"],
        sessions=Sessions(office.url),
        keys=KEYS,
        forms=Entrypoints((), ()),
        board_url="http://127.0.0.1:4290/",
    )
    cookies = {COOKIE: accounts.open_session(office.url, staff_no, WayIn.REHEARSAL)} if staff_no else {}
    transport = httpx.ASGITransport(app=door)
    async with httpx.AsyncClient(transport=transport, base_url=HERE, cookies=cookies, timeout=60) as client:
        yield client


def post(office: Rehearsal, staff_no: str, path: str, **fields: Any) -> httpx.Response:
    return ask(office, staff_no, "POST", path, data={"sent": "", **fields}, headers={"Origin": HERE})


def test_the_page_asks_and_then_shows_the_letter_without_writing(office: Rehearsal) -> None:
    page = ask(office, "1002", "GET", OPINION)
    html5lib.HTMLParser(strict=True).parse(page.text)
    for told in ("先看通知：签署初审意见", "须由人判断的事项", "判断事项", "是否认可", "只是试看"):
        assert told in page.text
    assert 'name="judgements.0.subject"' in page.text
    assert 'name="by"' not in page.text
    before = dump(office.url)
    page = post(office, "1002", OPINION, **{"judgements.0.subject": "", "judgements.0.reason": ""})
    after = dump(office.url)
    assert {name for name in before if before[name] != after[name]} <= {"gate_session", "access_record"}
    html5lib.HTMLParser(strict=True).parse(page.text)
    for told in ("初审意见告知书", "电子邮件", "样例大药房1店", "初审意见书.pdf", "现为“初审合格”"):
        assert told in page.text, told
    text = page.text.partition("<pre")[2].partition("</pre>")[0]
    assert len(text.splitlines()) > 5, "the letter keeps its lines"
    assert 'href="http://127.0.0.1:4290/case/1/P01/do/sign_preliminary_opinion"' in page.text


def test_what_is_typed_stays_text_and_telephone_numbers_are_masked_as_at_the_door(office: Rehearsal) -> None:
    page = post(office, "1001", WITHDRAW, reason=f"{HOSTILE} 13812345678")
    assert page.status_code == 200, page.text
    assert (HOSTILE in page.text, "&lt;script&gt;" in page.text, "<script" in page.text) == (False, True, False)
    assert "撤回申请告知书" in page.text


@pytest.mark.parametrize(
    ("path", "fields", "said"),
    [
        (WITHDRAW, {}, "“撤回理由”"),
        (WITHDRAW, {"reason": "x" * 501}, "“撤回理由”"),
        (OPINION, {"judgements.0.subject": "没有这一项", "judgements.0.reason": "x"}, "不在可选之列"),
        ("/gate/letters/case/1/P01/sign_agreement", {"signed_on": "2025-09-10"}, "P01"),
    ],
)
def test_a_refusal_is_a_sentence_and_what_was_typed_stays(
    office: Rehearsal, path: str, fields: dict[str, str], said: str
) -> None:
    by = {OPINION: "1002", WITHDRAW: "1001"}.get(path, "1004")
    page = post(office, by, path, **fields)
    assert page.status_code == 403
    alert = page.text.partition('role="alert">')[2].partition("</p>")[0]
    assert said in alert
    assert "<article>" not in page.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/gate/letters/case/1/P99/withdraw_application", 404),
        ("/gate/letters/case/9/P01/withdraw_application", 404),
        ("/gate/letters/case/1/P01/draw_experts", 404),
        ("/gate/letters/case/1/P01/suspend_agreement", 404),
        ("/gate/letters/case/1/P01/__class__", 404),
        ("/gate/letters/agreement/1/suspend_agreement", 404),
        (f"/gate/letters/case/{'9' * 30}/P01/withdraw_application", 404),
        (f"/gate/letters/agreement/{'9' * 30}/suspend_agreement", 404),
    ],
)
def test_there_is_no_other_page(office: Rehearsal, path: str, status: int) -> None:
    assert ask(office, "1001", "GET", path).status_code == status


def test_nobody_else_is_let_in(office: Rehearsal) -> None:
    assert ask(office, "", "GET", OPINION).headers["location"].startswith("/gate/login")
    assert ask(office, "", "POST", OPINION, data={"sent": "1"}, headers={"Origin": HERE}).status_code == 303
    for headers in ({}, {"Origin": "http://evil.test"}, {"Origin": HERE, "Sec-Fetch-Site": "cross-site"}):
        assert ask(office, "1002", "POST", OPINION, data={"a": "1"}, headers=headers).status_code == 403
    said = post(office, "1001", OPINION)  # an operator does not sign opinions
    assert (said.status_code, "由复核岗位办理" in said.text) == (403, True)
    assert "只对" not in said.text


def test_what_is_too_long_is_not_read(office: Rehearsal) -> None:
    page = post(office, "1001", WITHDRAW, reason="长" * 100_000)
    assert (page.status_code, "过长" in page.text) == (403, True)


@pytest.mark.parametrize("act", sorted({act for acts in FORETOLD.values() for act in acts}))
def test_every_form_is_drawn_from_its_own_model_and_read_back_as_it_was_shown(act: str) -> None:
    """What the page shows of a form's first state, sent back untouched, is what Prefect's form would send."""
    form = letter_forms()[act]
    fields = asked(form.schema, FORMS[act].shown_at_first())
    assert [one.name for one in fields] == list(form.schema["properties"])
    assert all(one.title and one.hint for one in fields)
    back = given(form.schema, [(one.name, str(one.value)) for one in fields if one.kind in ("text", "long", "day")])
    assert back.keys() <= form.schema["properties"].keys()


def test_texts_are_masked_as_the_door_masks_those_of_a_run() -> None:
    told = {"by": "1001", "applicant_id": "P01", "topics": [], "consensus": "否", "open_point": "联系 13812345678"}
    assert "13812345678" not in str(letter_forms()["record_negotiation"].read(told))


def test_rows_are_read_until_the_last_and_empty_ones_are_dropped() -> None:
    schema = letter_forms()["sign_preliminary_opinion"].schema
    sent = [("judgements.1.subject", "penalties"), ("judgements.1.accepted", "是"), ("judgements.1.reason", "警告")]
    sent += [("judgements.0.subject", ""), ("round", "7"), ("by", "1001"), ("x", "1")]
    found = given(schema, sent, without=("applicant_id", "round"))
    assert found == {"judgements": [{"subject": "penalties", "accepted": "是", "reason": "警告"}]}
