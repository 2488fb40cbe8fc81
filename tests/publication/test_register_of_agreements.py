"""The public register of a round that keeps the life of its agreements: every state, its days, what never shows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from sqlalchemy import event, update
from sqlmodel import col

from models import Agreement
from models.database import engine_for, transaction
from policies.loader import load_policy
from publication.identity import SiteIdentity
from publication.site import build_site
from tests.publication.markup import Page
from tests.support.rounds import replayed, small_round
from tests.support.stages import Stage
from tests.tasks.rehearsal import OFFICE, beijing
from tests.tasks.test_performance import Life, dissolved

ATOM = "{http://www.w3.org/2005/Atom}"
SITE = SiteIdentity("样例县医保公开", "https://yb.sample.example/teyao/")
SHOP = "样例大药房1店 P01"
FIRST = "样例县特药协议〔2025〕2号"
TERM = "2025年11月3日起 至2026年11月2日"
SINCE = "2025年11月5日公布定点 2025年11月3日签约 2025年11月4日备案"
SECRETS = (
    "重复收费三笔",
    "检查记录",
    "已听取",
    "暂停1号",
    "解除1号",
    "回证1号",
    "直接送达",
    "退还多收费用",
    "查看冷链",
)
SCORE = re.compile(r"\d+\.\d\d")
BELOW = "零售药店"  # the list of those that are over says the type
PERSONS = (OFFICE, "全能员")


class Register:
    """The site of one round, built anew as of an instant."""

    def __init__(self, life: Life, folder: Path) -> None:
        self.life, self.folder = life, folder

    def built(self, at: str) -> Any:
        return build_site(self.life.office.url, self.folder, beijing(at), SITE)

    def page(self, at: str) -> Page:
        self.built(at)
        return Page((self.folder / "results-1.html").read_text(encoding="utf-8"))

    def rows(self, at: str) -> list[list[str]]:
        """What the page says of the shop, cell by cell, but rank and score."""
        rows = [row for row in self.page(at).rows if SHOP in row]
        return [
            [" ".join(cell.split()) for cell in row[row.index(SHOP) :] if not SCORE.fullmatch(cell)] for row in rows
        ]

    def standing(self, at: str) -> str:
        [row] = self.rows(at)
        return row[-3]

    def data(self, at: str) -> dict[str, Any]:
        self.built(at)
        found: dict[str, Any] = json.loads((self.folder / "results-1.json").read_text(encoding="utf-8"))
        return found

    def told(self, at: str) -> list[tuple[str, str]]:
        """The feed's entries about agreements, the newest first."""
        self.built(at)
        feed = ElementTree.parse(self.folder / "feed.atom").getroot()
        entries = [
            [one.findtext(f"{ATOM}{name}") or "" for name in ("title", "summary")] for one in feed.iter(f"{ATOM}entry")
        ]
        return [(title, summary) for title, summary in entries if "协议" in summary]


@pytest.fixture
def register(at_stage: Stage, tmp_path: Path) -> Register:
    office = at_stage("published", "kept")
    office.sweep("2025-11-06 00:05")
    return Register(Life(office), tmp_path / "site")


def paused(life: Life, on: str, number: str = "暂停1号") -> str:
    ref = life.found(on)
    life.suspended(on, number, ref)
    return ref


def renewed(life: Life) -> None:
    life.did("2026-07-01 09:00", "apply_renewal", applied_on="2026-07-01")
    life.did("2026-09-01 09:00", "sign_renewal", signed_on="2026-09-01")


def test_an_agreement_in_force_says_since_when_and_until_when(register: Register) -> None:
    page = register.page("2025-11-10 09:00")
    assert register.rows("2025-11-10 09:00") == [[SHOP, "有效", f"{FIRST} {TERM}", SINCE]]
    assert "公告名额 2 家，已公布定点 2 家，现有 2 家（其中暂停 0 家）。" in page.text
    assert "已解除、到期、退出" not in page.text
    assert "最近一次变动" not in page.text
    [entry] = [one for one in register.data("2025-11-10 09:00")["institutions"] if one["applicant_id"] == "P01"]
    assert (entry["state"], entry["state_label"], entry["state_on"], entry["designated_since"]) == (
        *("IN_FORCE", "有效", None, "2025-11-05"),
    )
    assert (entry["number"], entry["previous_number"], entry["clause"]) == (FIRST, None, "")


def test_the_last_day_is_the_day_before_and_its_working_says_so(register: Register) -> None:
    page = register.page("2025-11-10 09:00")
    assert "自生效日起满1年，生效日当日计入，最后一日为对应日的前一日，终止日遇休息日不顺延" in page.text
    assert "生效日当日不计" not in page.text
    assert page.definitions()["2025年11月3日（星期一）"] == "起算 — 协议期首日，计入"
    assert page.definitions()["2026年11月2日（星期一）"] == "届满 1 2026年11月3日（对应日）的前一日，期间届满"
    assert "2026年11月3日（星期二）" not in page.text
    assert "#term-2025-11-03" in page.links  # the printed last day is that of the working
    [term] = register.data("2025-11-10 09:00")["terms"]
    assert (term["expires_on"], [one["day"] for one in term["working"]]) == ("2026-11-02", ["2025-11-03", "2026-11-02"])


@pytest.mark.parametrize(
    ("at", "state"),
    [
        ("2025-11-02 23:59", "已签订，未生效"),
        ("2025-11-03 00:00", "有效"),
        ("2026-11-01 12:00", "有效"),
        ("2026-11-02 23:59", "有效"),
        ("2026-11-03 00:00", "已到期 最后一日：2026年11月2日"),
    ],
)
def test_first_and_last_day_of_the_term(register: Register, at: str, state: str) -> None:
    assert register.standing(at) == state


def test_an_expired_agreement_stands_below(register: Register) -> None:
    register.life.office.sweep("2026-11-03 00:05")
    page = register.page("2026-11-03 09:00")
    assert "公告名额 2 家，已公布定点 2 家，现有 0 家（其中暂停 0 家）。" in page.text
    data = register.data("2026-11-03 09:00")
    assert data["institutions"] == []
    assert [(one["applicant_id"], one["state"], one["state_on"]) for one in data["ended"]] == [
        (applicant, "EXPIRED", "2026-11-02") for applicant in ("H01", "P01", "P02")
    ]
    [(title, summary)] = register.told("2026-11-03 09:00")
    assert title == "样例县第1医院等3家：服务协议到期"  # one night, one entry
    assert f"样例大药房1店，协议{FIRST}：2026年11月2日到期" in summary


def test_a_suspension_shows_its_first_day_and_no_ground(register: Register) -> None:
    ref = paused(register.life, "2025-11-10")
    assert register.standing("2025-11-10 12:00") == "暂停 2025年11月10日起"
    page = register.page("2025-11-10 12:00")
    assert "现有 2 家（其中暂停 1 家）" in page.text
    assert "协议状态最近一次变动登记于2025年11月10日 11:00。" in page.text
    register.life.mended("2025-11-12", ref)
    assert register.standing("2025-11-12 17:00") == "有效"
    assert register.told("2025-11-12 17:00") == [
        ("样例大药房1店：服务协议恢复", f"样例大药房1店，协议{FIRST}：2025年11月12日恢复。"),
        ("样例大药房1店：服务协议暂停", f"样例大药房1店，协议{FIRST}：自2025年11月10日起暂停。"),
    ]


@pytest.mark.parametrize(
    ("at", "state"),
    [
        ("2025-11-11 23:59", "有效 2025年11月12日起暂停"),
        ("2025-11-12 00:00", "暂停 2025年11月12日起"),
        ("2025-11-13 00:00", "暂停 2025年11月12日起"),
    ],
)
def test_a_suspension_begins_on_its_first_day(register: Register, at: str, state: str) -> None:
    ref = register.life.found("2025-11-10")
    decision = {"decision_no": "暂停1号", "findings": [ref], "from_on": "2025-11-12", "confirmed_by": OFFICE}
    register.life.did("2025-11-10 11:00", "suspend_agreement", **decision)
    assert register.standing(at) == state


def test_until_it_is_served_a_dissolution_is_not_told(register: Register) -> None:
    register.life.found("2026-01-12", "D1")
    register.life.did("2026-01-13 09:00", "dissolve_agreement", decision_no="解除1号", confirmed_by=OFFICE)
    assert register.life.now.state.value == "TO_BE_DISSOLVED"
    assert register.standing("2026-01-13 10:00") == "有效"
    assert register.told("2026-01-13 10:00") == []
    register.life.office.sweep("2026-11-03 00:05")
    assert register.life.now.state.value == "TO_BE_DISSOLVED"
    assert register.standing("2026-11-03 00:10") == "已到期 最后一日：2026年11月2日"


def test_a_dissolution_says_day_and_clause_and_moves_below(register: Register) -> None:
    dissolved(register.life)
    assert register.rows("2026-02-03 16:00") == [
        [SHOP, BELOW, "已解除 2026年2月3日起依据六（二）2①", f"{FIRST} {TERM}", SINCE]
    ]
    assert "公告名额 2 家，已公布定点 2 家，现有 1 家" in register.page("2026-02-03 16:00").text
    [ended] = register.data("2026-02-03 16:00")["ended"]
    assert (ended["state"], ended["state_on"], ended["clause"]) == ("DISSOLVED", "2026-02-03", "六(二)2①")
    assert register.told("2026-02-03 16:00") == [
        (
            "样例大药房1店：服务协议解除",
            f"样例大药房1店，协议{FIRST}：自2026年2月3日起解除，依据六（二）2①。",
        )
    ]
    register.life.office.sweep("2026-11-03 00:05")
    assert (
        register.standing("2026-11-03 09:00") == "已解除 2026年2月3日起依据六（二）2①"
    )  # its term over changes nothing


def test_a_dissolution_that_was_overturned_is_in_force_again_and_the_feed_corrects_it(register: Register) -> None:
    dissolved(register.life)
    undo = {"reason": "法院判决撤销", "evidence": "判决书1号", "confirmed_by": OFFICE}
    register.life.did("2026-03-10 09:00", "overturn_ending", **undo)
    assert register.standing("2026-03-10 10:00") == "有效"
    assert register.told("2026-03-10 10:00")[0] == (
        *("样例大药房1店：解除决定撤销", f"样例大药房1店，协议{FIRST}：2026年3月10日撤销解除决定。"),
    )


def test_a_suspension_that_was_overturned_is_corrected_and_another_finding_is_not_told(register: Register) -> None:
    first = paused(register.life, "2025-11-10")
    undo = {"reason": "复核不成立", "evidence": "复核决定1号", "confirmed_by": OFFICE}
    register.life.did("2025-11-20 09:00", "overturn_finding", finding=first, **undo)
    assert register.standing("2025-11-20 10:00") == "有效"
    other = register.life.found("2025-11-24")
    register.life.did("2025-11-25 09:00", "overturn_finding", finding=other, **undo)
    assert [title for title, _ in register.told("2025-11-25 10:00")] == [
        *("样例大药房1店：暂停决定撤销", "样例大药房1店：服务协议暂停"),
    ]


@pytest.mark.parametrize(
    ("at", "state"), [("2026-04-15 23:59", "有效"), ("2026-04-16 00:00", "已退出 最后一日：2026年4月15日")]
)
def test_who_left_stands_below_after_its_last_day(register: Register, at: str, state: str) -> None:
    leaving = {"notice_on": "2026-01-15", "leaves_on": "2026-04-15", "is_public_hospital": False}
    register.life.did("2026-01-15 09:00", "leave_agreement", **leaving)
    register.life.office.sweep("2026-04-16 00:05")
    assert register.standing(at) == state
    if state != "有效":
        assert register.rows(at)[0][1] == BELOW
        assert register.told(at)[0][1] == f"样例大药房1店，协议{FIRST}：2026年4月15日后不再履行。"


@pytest.mark.parametrize(
    ("at", "number", "previous"),
    [("2026-11-02 23:59", FIRST, None), ("2026-11-03 00:00", "样例县特药协议〔2025〕4号", FIRST)],
)
def test_a_renewed_agreement_takes_over_on_its_first_day(
    register: Register, at: str, number: str, previous: str | None
) -> None:
    renewed(register.life)
    entries = [one for one in register.data(at)["institutions"] if one["applicant_id"] == "P01"]
    assert [(one["number"], one["state"], one["previous_number"]) for one in entries] == [
        (number, "IN_FORCE", previous)
    ]
    assert entries[0]["designated_since"] == "2025-11-05"
    assert [one for one in register.data(at)["ended"] if one["applicant_id"] == "P01"] == []
    if previous:
        [row] = register.rows(at)
        assert row[2] == f"{number} 2026年11月3日起 至2027年11月2日原协议：{FIRST} {TERM}"


def test_the_end_of_a_renewed_agreement_is_told_as_a_succession(register: Register) -> None:
    renewed(register.life)
    register.life.office.sweep("2026-11-03 00:05")
    [(_, summary)] = register.told("2026-11-03 09:00")
    assert f"协议{FIRST}：2026年11月2日到期，续签协议样例县特药协议〔2025〕4号接续" in summary


def test_the_renewal_of_a_dissolved_agreement_does_not_hide_the_dissolution(register: Register) -> None:
    renewed(register.life)
    register.life.found("2026-09-14", "D1")
    register.life.did("2026-09-15 09:00", "dissolve_agreement", decision_no="解除1号", confirmed_by=OFFICE)
    service = {"served_on": "2026-09-16", "how": "直接送达", "proof": "回证1号"}
    register.life.did("2026-09-16 15:00", "record_service", **service)
    assert [row[2] for row in register.rows("2026-09-16 16:00") if row[1] == BELOW] == [
        "已解除 2026年9月16日起依据六（二）2①"
    ]


def test_a_renewal_that_was_left_as_a_draft_is_not_shown(register: Register) -> None:
    renewed(register.life)
    with transaction(register.life.office.url) as session:
        session.execute(
            update(Agreement).where(col(Agreement.previous_id).is_not(None)).values(state="DRAFT", previous_id=1)
        )
    data = register.data("2026-09-01 10:00")
    assert sorted(one["number"] for one in data["institutions"]) == [
        f"样例县特药协议〔2025〕{number}号" for number in (1, 2, 3)
    ]


def test_neither_facts_nor_persons_nor_grounds_are_on_any_file(register: Register) -> None:
    life = register.life
    held = {"kind": "routine", "held_on": "2025-11-12", "minutes": "查看冷链和处方", "refused": False}
    ref = paused(life, "2025-11-10")
    life.mended("2025-11-10", ref)
    life.did("2025-11-12 17:00", "record_inspection", inspectors=[OFFICE, "全能员"], **held)
    before = register.data("2025-11-13 09:00")
    dissolved(life)
    register.built("2026-02-03 16:00")
    violations = {one.text for one in load_policy().violations}
    site = {path.name: path.read_bytes().decode() for path in register.folder.glob("[!.]*")}
    words = {*SECRETS, *PERSONS, *violations, "V7", "D1", "重点稽核", "预警"}
    assert [(name, one) for name, text in site.items() for one in words if f"{one}" in _said(name, text)] == []
    assert before["ended"] == []


def test_what_is_not_published_is_not_even_read(register: Register) -> None:
    paused(register.life, "2025-11-10")
    asked: list[str] = []
    listen = lambda *call: asked.append(call[2])  # noqa: E731
    engine = engine_for(register.life.office.url)
    event.listen(engine, "before_cursor_execute", listen)
    register.built("2025-11-10 12:00")
    event.remove(engine, "before_cursor_execute", listen)
    about = [one for one in asked if "agreement" in one]
    assert len(about) == 6
    private = r"\.(facts|evidence|statement|detail|decision_no|decided_by|confirmed_by|recorded_by|signed_by|by)\b"
    assert [one for one in about if re.search(private, one)] == []


def _said(name: str, text: str) -> str:
    """A file of hashes may hold two letters of a code by chance."""
    return "" if name.startswith(("audit", "verify", "draw", "plan", "pool")) else text


def test_only_what_is_told_costs_a_rendering(register: Register) -> None:
    life, at = register.life, "2025-11-10 18:00"
    register.built(at)
    assert register.built(at).rendered == 0
    held = {"kind": "routine", "held_on": "2025-11-07", "minutes": "查看冷链和处方", "refused": False}
    life.did("2025-11-10 08:00", "record_inspection", inspectors=[OFFICE, "全能员"], **held)
    ref = life.found("2025-11-10")
    life.did("2025-11-10 10:30", "order_rectification", findings=[ref], items=["退还"], served_on="2025-11-10")
    assert register.built(at).rendered == 0
    life.suspended("2025-11-10", "暂停1号", ref)
    report = register.built(at)
    assert (report.rendered, {*report.written}) == (*(2, {"results-1.html", "results-1.json", "feed.atom"}),)
    assert register.built("2026-11-02 23:59").rendered == 0
    assert "results-1.html" in register.built("2026-11-03 00:00").written  # the term is over by its days


CHANGED: dict[str, Callable[[], dict[str, Any]]] = {
    "number": lambda: {"number": "甲1号"},
    "term": lambda: {"expires_on": date(2026, 12, 31)},
}


@pytest.mark.parametrize("what", CHANGED)
def test_another_number_or_term_renders_the_register(register: Register, what: str) -> None:
    register.built("2025-11-10 09:00")
    with transaction(register.life.office.url) as session:
        session.execute(update(Agreement).where(col(Agreement.number) == FIRST).values(**CHANGED[what]()))
    assert "results-1.html" in register.built("2025-11-10 09:00").written


def test_the_public_state_is_the_recorded_one_after_a_sweep(register: Register) -> None:
    """But for a dissolution that is due and a filing, of which the public learns nothing."""
    ref = paused(register.life, "2025-11-10")
    for at in ("2025-11-10 12:00", "2025-11-12 17:00", "2026-11-03 00:05"):
        if at == "2025-11-12 17:00":
            register.life.mended("2025-11-12", ref)
        register.life.office.sweep(at)
        data = register.data(at)
        told = {one["number"]: one["state"] for one in [*data["institutions"], *data["ended"]]}
        assert told == {one.number: one.state for one in register.life.office.rows(Agreement)}


def test_a_round_that_does_not_keep_them_shows_the_register_as_before(tmp_path: Path, database: str) -> None:
    url, _ = replayed(tmp_path, small_round(), database)
    build_site(url, tmp_path / "site")
    page = Page((tmp_path / "site" / "results-1.html").read_text(encoding="utf-8"))
    assert page.rows[0] == ["名次", "机构名称", "评估得分", "协议编号与期限", "签约、备案、公布"]
    assert page.rows[1][3].split() == ["样例县特药协议〔2025〕1号", "2025年11月3日起", "至2026年11月3日"]
    assert "自生效日起满1年，生效日当日不计，终止日遇休息日不顺延" in page.text
    assert page.definitions()["2026年11月3日（星期二）"] == "届满 1 工作日，期间届满"
    data = json.loads((tmp_path / "site" / "results-1.json").read_text(encoding="utf-8"))
    assert set(data) == {"address", "round", "institutions", "terms"}
    assert not {"state", "designated_since", "previous_number"} & set(data["institutions"][0])
    assert "服务协议" not in (tmp_path / "site" / "feed.atom").read_text(encoding="utf-8")


def test_a_build_into_an_empty_folder_gives_the_bytes_of_one_that_followed_the_changes(
    register: Register, tmp_path: Path
) -> None:
    register.built("2025-11-10 08:00")
    paused(register.life, "2025-11-10")
    register.built("2025-11-10 12:00")
    build_site(register.life.office.url, tmp_path / "anew", beijing("2025-11-10 12:00"), SITE)
    for path in register.folder.glob("[!.]*"):
        assert (tmp_path / "anew" / path.name).read_bytes() == path.read_bytes(), path.name
