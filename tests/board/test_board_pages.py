"""The board's pages over HTTP on both databases: what they show, what they never show, and that they cannot write."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime

import html5lib
import httpx
import pytest

from board.app import HEADERS
from board.list_query import LONGEST, wanted
from board.pictures import bars_of
from models.database import transaction
from rules.evaluation.states import OF_THE_CITY
from tasks.rounds import create_round
from tests.board.conftest import Desk, served
from tests.publication.markup import Page
from tests.support import patience
from tests.support.database import dump
from tests.support.rounds import replayed, small_round
from tests.support.stages import Stage
from tests.tasks.rehearsal import STAGES, beijing, crowd, scenario_until
from views.dossiers import PAGE

PAGES = ["/", "/dossiers", "/dossiers?step=open&sort=name", "/case/1/P01", "/case/1/X99", "/nowhere"]
HOSTILE = "</td><script>alert(1)</script>{{7*7}}'\"&=1+1\u202e"
SHOWN = "</td><script>alert(1)</script>{{7*7}}'\"&=1+1"


def seen(client: httpx.Client, address: str, status: int = 200) -> Page:
    """A page that a strict parser reads."""
    answer = client.get(address)
    assert answer.status_code == status, answer.text
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of html5lib's own making
        html5lib.HTMLParser(strict=True).parse(answer.text)
    return Page(answer.text)


def ids(page: Page) -> list[str]:
    return [link.rpartition("/")[2] for link in page.links if link.startswith("/case/")]


def test_the_overview_leads_every_figure_to_its_list(desk: Desk) -> None:
    client = desk("result_notice")
    overview = seen(client, "/")
    assert overview.text.split().count("样例县2025年度特殊药品定点医药机构评估") == 1
    assert overview.definitions()["评估结果公示中"].split()[:2] == ["1", "2"]
    steps = [link for link in overview.links if "step=NOTICE_RESULT" in link]
    assert ids(seen(client, steps[0])) == ["H01", "P01", "P02"]


def test_a_list_goes_on_page_after_page(at_stage: Stage) -> None:
    round_ = at_stage("signing")
    crowd(round_.url, 2 * PAGE)
    with served(round_.url, beijing("2025-10-24 09:00")) as address, patience.client(address) as client:
        found, link = [], "/dossiers?step=open&sort=number"
        while link:
            page = seen(client, link)
            found += ids(page)
            link = next((one for one in page.links if "after=" in one), "")
    assert len(found) == len(set(found)) == 2 * PAGE + 3
    assert found == sorted(found)


def test_a_search_finds_by_name_and_says_so_when_it_finds_nothing(desk: Desk) -> None:
    client = desk("accepted")
    assert ids(seen(client, "/dossiers?q=药房3")) == ["P03"]
    assert "没有符合条件的案卷" in seen(client, "/dossiers?q=%25").text


def test_a_case_shows_its_story_its_dates_and_what_can_be_done(desk: Desk) -> None:
    page = seen(desk("signing"), "/case/1/P01")
    acts = [link.rpartition("/")[2] for link in page.links if "/do/" in link]
    aside = ["record_agency_delay", "prepare_agreement", "record_objection", "withdraw_application"]
    assert acts == ["sign_agreement", *aside]
    assert "1（样例县2025年度特殊药品定点医药机构评估）" in page.text
    told = page.definitions()
    assert told["签约期限"].split()[:3] == ["60个工作日", "2025-10-23", "2026-01-16"]
    assert told["2026-01-16"].startswith("60 工作日，期间届满")
    assert "p***@example.invalid" in page.text


def test_no_contact_and_no_complainant_is_on_any_page(tmp_path_factory: pytest.TempPathFactory, database: str) -> None:
    scenario = small_round(1, 2, objections={"P01": None}, until="negotiated")
    replayed(tmp_path_factory.mktemp("private"), scenario, database)
    with served(database, beijing("2025-10-15 18:00")) as address, patience.client(address) as client:
        texts = [client.get(page).text for page in ("/", "/dossiers", "/case/1/P01")]
    assert "P01-1" in texts[2]
    private = ("p01@", "1990000", "联系人", "赵某某", "举报人")
    assert [(name, page) for name in private for page, text in enumerate(texts) if name in text] == []


@pytest.mark.parametrize(
    ("address", "status", "sentence"),
    [
        ("/case/1/X99", 404, "本轮没有申请人“X99”"),
        ("/case/9/P01", 404, "没有第 9 轮次"),
        ("/case/1/%3Cb%3E", 404, "没有这个页面"),
        ("/case/99999999999999999999/P01", 404, "没有这个页面"),
        ("/case/1/P01/do/drop_table", 404, "没有这个页面"),
        ("/nowhere", 404, "没有这个页面"),
        ("/?round=x", 400, "轮次号应为数字"),
        ("/?round=99999999999", 400, "轮次号应为数字"),
        ("/?round=7", 404, "没有第 7 轮次"),
        ("/dossiers?step=LOST", 400, "“step”没有“LOST”这一项"),
        ("/dossiers?due=yesterday", 400, "届满日应如 2026-03-05"),
        ("/dossiers?sort=zodiac", 400, "“sort”没有“zodiac”这一项"),
        ("/dossiers?after=1", 400, "请回到第一页"),
    ],
)
def test_what_does_not_exist_is_answered_in_chinese(desk: Desk, address: str, status: int, sentence: str) -> None:
    assert sentence in seen(desk("accepted"), address, status).text


@pytest.mark.parametrize("text", ["%00", "%F0%9F%92%8A", "a" * 5000, "%27%3B+DROP+TABLE+applicant%3B--", "%E2%80%AE"])
def test_odd_text_is_searched_for_and_nothing_else(desk: Desk, text: str) -> None:
    client = desk("accepted")
    assert ids(seen(client, f"/dossiers?q={text}")) in ([], ["H01", "P01", "P02", "P03"])
    assert ids(seen(client, f"/dossiers?sort=name&after=9999~{text}")) in ([], ["H01", "P01", "P02", "P03"])


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_no_other_method_is_heard_and_nothing_changes(at_stage: Stage, method: str) -> None:
    round_ = at_stage("accepted")
    before = dump(round_.url)
    with served(round_.url, beijing("2025-09-02 09:00")) as address, patience.client(address) as client:
        for page in (*PAGES[:4], "/pipeline.svg", "/board.css", "/case/1/P01/do/verify_site"):
            answer = client.request(method, page)
            assert (answer.status_code, "只供查看" in answer.text) == (405, True)
            client.get(page)
    assert dump(round_.url) == before


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "0.0.0.0"])
def test_a_foreign_host_is_refused(desk: Desk, host: str) -> None:
    answer = desk("accepted").get("/", headers={"Host": host})
    assert (answer.status_code, "P01" in answer.text) == (400, False)


@pytest.mark.parametrize("page", [*PAGES, "/board.css", "/icon.svg", "/pipeline.svg"])
def test_every_answer_is_guarded_and_shared_with_nobody(desk: Desk, page: str) -> None:
    answer = desk("accepted").get(page, headers={"Origin": "https://evil.example"})
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert [name for name in answer.headers if name.startswith("access-control")] == []


def test_hostile_names_stay_text(tmp_path_factory: pytest.TempPathFactory, database: str) -> None:
    scenario = small_round(1, 2, names={"P01": HOSTILE}, until="concluded")
    replayed(tmp_path_factory.mktemp("hostile"), scenario, database)
    with served(database, beijing("2025-09-23 09:00")) as address, patience.client(address) as client:
        assert SHOWN in seen(client, "/dossiers").text
        case = seen(client, "/case/1/P01")
        assert SHOWN in case.text
        assert not {"script"} & case.names
        assert SHOWN not in seen(client, "/dossiers", 200).names


def test_an_earlier_round_is_shown_and_its_forms_carry_its_number(at_stage: Stage) -> None:
    round_ = at_stage("signing")
    head = {
        **scenario_until("announced"),
        "announcement": {**scenario_until("announced")["announcement"], "year": 2026},
    }
    with transaction(round_.url) as session:
        create_round(session, head, announced_at=datetime(2026, 1, 5, tzinfo=UTC))
    with served(round_.url, beijing("2026-01-06 09:00")) as address, patience.client(address) as client:
        assert "样例县2026年度" in seen(client, "/").text
        assert ids(seen(client, "/dossiers")) == []
        assert ids(seen(client, "/dossiers?round=0&step=open")) == ["H01", "P01", "P02"]
        old = seen(client, "/case/1/P01")
    assert {link for link in old.links if "/do/" in link} >= {"/case/1/P01/do/sign_agreement"}


def test_an_office_without_a_round_says_what_to_do(database: str) -> None:
    with served(database, beijing("2025-09-02 09:00")) as address, patience.client(address) as client:
        assert "请先在经办界面用“发布公告”建立本轮评估" in seen(client, "/").text
        seen(client, "/dossiers")
        seen(client, "/case/1/P01", 404)


def test_the_picture_names_every_step_and_asks_nobody(desk: Desk) -> None:
    answer = desk(next(iter(STAGES))).get("/pipeline.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert all(label in answer.text for label in ("待补正", "实地评估中", "已办结", "零售药店"))
    assert "http" not in answer.text.replace("http://www.w3.org/", "")


def test_the_number_that_a_form_asks_for_stands_on_the_board(desk: Desk) -> None:
    """The refusals of an unknown round say that the board tells its number."""
    assert "轮次号 1" in seen(desk("accepted"), "/?round=1").text


def test_what_is_searched_for_is_cut_to_what_a_person_can_have_typed() -> None:
    assert wanted({"q": f" {'a' * (LONGEST + 1)}\0 "}, 1).text == "a" * LONGEST


@pytest.mark.parametrize(("state", "shown"), [("ACCEPTED", []), ("AWAITING_CITY", ["已报市级，待确定"])])
def test_the_citys_steps_are_drawn_where_there_is_something_in_them(state: str, shown: list[str]) -> None:
    steps = bars_of([{"state": state, "hospital": 1, "pharmacy": 0}])
    city = {one.label for one in OF_THE_CITY}
    assert sorted({step for step, _, _ in steps} & city) == shown


def test_beside_each_act_that_tells_the_institution_stands_the_way_to_its_letters(desk: Desk) -> None:
    case = seen(desk("accepted"), "/case/1/P01")
    ways = [link.rpartition("/gate/")[2] for link in case.links if "/gate/letters/" in link]
    assert ways == [f"letters/case/1/P01/{act}" for act in ("sign_preliminary_opinion", "withdraw_application")]
