"""Declarations, failing sources, challenges of the draw and those who object, each started through Prefect's API with
the words of its form: a whole stretch of one round on a rehearsal's clock, in the order in which an office meets it."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel

from foundation.secrets import Keyring
from models import Draw, DrawChallenge, ExpertDeclaration, Objection
from models.complainant import Complainant
from tasks.rehearsal import second_word
from tests.support.database import changed, dump
from tests.support.patience import fetched
from tests.support.stack import Stack
from tests.tasks.rehearsal import BOSS, Rehearsal, beijing, play, posted, scenario_until
from views.markdown import plain

SECRET = urlsafe_b64encode(bytes(range(32))).decode()
KEYS = Keyring.from_secret(SECRET)
RED = {"name": "双色球第2025109期红球", "kind": "双色球红球", "due_on": "2025-09-18", "fallback": "顺延等待"}
DRAWN = [3, 9, 14, 20, 27, 33]
ZHAO = {"name": "赵某某", "phone": "13900001111", "email": "", "address": "样例县人民路1号"}
POSTPONED = {"number": 1, "happened": "延期", "postponed_to": "2025-09-19", "evidence": "发行中心公告"}
CHALLENGE = {"ref": "CQ-1", "received_on": "2025-09-22", "received_time": "9:30", "via": "窗口", "content": "名册有误"}
ALLEGATION = {"applicant_id": "P01", "received_on": "2025-09-24", "via": "网上", "allegation": "营业面积不足"}
WITHDRAWAL = {"ref": "Y-1", "withdrawn_on": "2025-09-25", "reason": "已与机构沟通"}
REPLY = {"ref": "Y-1", "replied_on": "2025-09-26", "how": "书面送达", "proof": "EMS 100 200"}


@dataclass(frozen=True)
class Office:
    """The installation, the file that holds its clock, and the round in its database."""

    stack: Stack
    clock: Path
    round: Rehearsal

    def at(self, moment: str) -> None:
        """Sets the clock, Beijing time."""
        self.clock.write_text(beijing(moment).isoformat(), encoding="utf-8")

    def put(self, name: str, content: Any) -> str:
        """Puts a file into the inbox; its name."""
        inbox = self.stack.var_dir / "inbox"
        inbox.mkdir(exist_ok=True)
        (inbox / name).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        return name

    def send(self, deployment: str, **form: Any) -> tuple[str, str, str]:
        """Submits a form; answers how the run ended, its sentence, and the page that it ends with."""
        run = self.stack.create_run(f"{deployment.partition(' ')[2]}/{deployment}", {"form": form})
        state = self.stack.wait_for(run)
        return state["type"], state["message"], self._page(run)

    def _page(self, run: str) -> str:
        """The one page of a run that its result is: the others carry a key."""
        body = {"flow_runs": {"id": {"any_": [run]}}}
        found = self.stack.request("POST", "/artifacts/filter", body)
        return next((str(one["data"]) for one in found if one["key"] is None), "")

    def done(self, deployment: str, **form: Any) -> str:
        """Submits a form that is done, confirmed by a second person where it wants one; answers the sentence, which
        the page repeats."""
        ended, said, page = self.send(deployment, by=BOSS, **form)
        if said.startswith("已提交复核："):
            ended, said, page = self.send("44 复核", **second_word(self.round.url))
        assert (ended, f"**{plain(said)}**" in page) == ("COMPLETED", True), (said, page)
        return said

    def refused(self, deployment: str, **form: Any) -> str:
        """Submits a form that is refused; answers why. The page says it, and not one row of any table has changed."""
        before = self.rows()
        ended, said, page = self.send(deployment, by=BOSS, **form)
        why = said.removeprefix("未办理：")
        assert (ended, f"**{plain(why)}**" in page, "没有写入任何内容" in page) == ("CANCELLED", True, True), (
            said,
            page,
        )
        assert changed(before, self.rows()) == {}
        return why

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """What the acts write; messages move by themselves meanwhile."""
        held = dump(self.round.url)
        return {name: rows for name, rows in held.items() if name in OURS}


OURS = ("audit_record", "application", "deadline", "draw", "draw_challenge", "expert_declaration", "objection")


@pytest.fixture(scope="module")
def office(shared_tmp: Path, worker_id: str) -> Iterator[Office]:
    """An installation of its own, because the round lives in September 2025; the round stands before the draw."""
    folder = shared_tmp / f"draw-and-objections-{worker_id}"
    folder.mkdir()
    clock = folder / "clock"
    clock.write_text("2025-09-16T15:00:00+08:00", encoding="utf-8")
    stack = Stack(folder / "var")
    stack.environment["DINGDIAN_REHEARSAL_CLOCK"] = str(clock)
    stack.environment["DINGDIAN_SECRET_KEY"] = SECRET
    stack.start()
    try:
        play(stack.database_url, scenario_until("evaluating", "safeguards"), "safeguards", KEYS)
        yield Office(stack, clock, Rehearsal(stack.database_url))
    finally:
        stack.stop()


def test_a_stretch_of_a_round_by_its_forms(office: Office) -> None:
    declare(office)
    put_off_a_source(office)
    challenge(office)
    list_the_results(office)
    take_down(office)
    try_out(office)
    name_the_objectors(office)
    withdraw(office)
    answer(office)
    office.round.is_sound()
    sweep_at_midnight(office)


def declare(office: Office) -> None:
    entries = [{"expert_id": f"Z{n:02}", "interests": [], "signed_on": "2025-09-10"} for n in range(1, 9)]
    stranger = {"declarations": [{**entries[0], "expert_id": "Z99"}]}
    why = office.refused("34 登记专家利益申报", file=office.put("陌生人.json", stranger))
    assert why == "专家库中没有“Z99”：请核对专家编号"
    said = office.done("34 登记专家利益申报", file=office.put("利益申报.json", {"declarations": entries}))
    assert said == "已登记专家利益申报 8 份：Z01、Z02、Z03、Z04、Z05、Z06、Z07、Z08。"
    rows = every(office, ExpertDeclaration)
    assert [(one.interests, one.signed_on, one.recorded_by) for one in rows] == [([], date(2025, 9, 10), BOSS)] * 8


def put_off_a_source(office: Office) -> None:
    office.at("2025-09-17 10:00")
    office.done("11 公布抽取方案", wanted=3, sources=[RED])
    office.at("2025-09-18 10:00")
    never = {"number": 1, "happened": "确定不公布", "evidence": "当期停售公告"}
    why = office.refused("35 登记随机源延期或缺失", **never)
    assert why == "方案公布的办法是顺延等待：请登记延期，不能按不公布处理"
    said = office.done("35 登记随机源延期或缺失", **POSTPONED)
    assert said == "第1个随机源“双色球第2025109期红球”已延期至 2025-09-19。"
    (plan,) = every(office, Draw)
    assert [(one["state"], one["due_on"], one["evidence"]) for one in plan.source_rules] == [
        ("postponed", "2025-09-19", "发行中心公告"),
    ]


def challenge(office: Office) -> None:
    office.at("2025-09-19 22:00")
    office.done("12 抽取专家", source_values=[{"numbers": DRAWN}])
    office.at("2025-09-22 10:00")
    said = office.done("36 登记抽取质疑", **CHALLENGE)
    assert said == "已登记抽取质疑 CQ-1（质疑期内提出，核查完结前不能评分）。"
    assert office.refused("36 登记抽取质疑", **CHALLENGE) == "质疑编号 CQ-1 已登记，请换用新的编号"
    answer = {"upheld": "否", "finding": "名册无误"}
    assert office.refused("37 抽取质疑结论", ref="CQ-9", **answer) == "没有编号为“CQ-9”的抽取质疑，请核对"
    assert office.done("37 抽取质疑结论", ref="CQ-1", **answer) == "抽取质疑 CQ-1 不成立。"
    (one,) = every(office, DrawChallenge)
    assert (one.via, one.is_in_time, one.received_at) == ("counter", True, beijing("2025-09-22 09:30"))
    assert (one.status, one.finding, one.resolved_by) == ("dismissed", "名册无误", BOSS)


def list_the_results(office: Office) -> None:
    """The stretch between the draw and the notice, without forms."""
    for applicant_id, total in (("H01", 95), ("P01", 95), ("P02", 90), ("P03", 85)):
        office.round.score("2025-09-23 09:00", applicant_id, total)
    office.round.act("2025-09-23 17:00", "conclude_evaluation")
    notice = {"kind": "评估结果公示", "postings": posted("2025-09-23 18:00")}
    office.round.act("2025-09-23 18:05", "publish_notice", **notice)


def take_down(office: Office) -> None:
    office.at("2025-09-24 12:00")
    office.done("16 登记异议", ref="Y-1", received_time="10:00", **ALLEGATION)
    said = office.done("16 登记异议", ref="Y-2", received_time="11:00", **ALLEGATION)
    assert "内容与 Y-1 相同：登记异议人后，同一人提出的将自动并案" in said


def try_out(office: Office) -> None:
    before = office.rows()
    ended, said, _ = office.send("29 试算异议后果", ref="Y-1")
    assert (ended, said) == ("COMPLETED", "已试算异议 Y-1 的后果；没有写入任何内容。")
    page = str(office.stack.request("GET", "/artifacts/objection-y-1/latest")["data"])
    assert "- 取消资格：P01 样例大药房1店（现处“评估结果公示中”）" in page
    assert changed(before, office.rows()) == {}
    ended, said, page = office.send("29 试算异议后果", ref="Y-9")
    assert (ended, said) == ("CANCELLED", "未办理：没有编号为“Y-9”的异议，请核对")
    assert f"**{plain('没有编号为“Y-9”的异议，请核对')}**" in page


def name_the_objectors(office: Office) -> None:
    nobody = {"complainants": [{"ref": "Y-1", "name": "赵某某"}]}
    why = office.refused("32 登记异议人", file=office.put("无联系方式.json", nobody))
    assert "“Y-1”的异议人（举报人）没有电话、邮箱或地址：留不下联系方式的按匿名登记" in why
    both = {"complainants": [{"ref": ref, **ZHAO} for ref in ("Y-1", "Y-2")]}
    said = office.done("32 登记异议人", file=office.put("异议人.json", both))
    assert said == "已登记异议人 2 件：Y-1、Y-2（与 Y-1 并案）。联系方式已加密，不显示。"
    first, second = every(office, Objection)
    assert (first.duplicate_of, second.duplicate_of) == (None, first.id)
    assert Complainant.unseal(KEYS, first.id, first.complainant_sealed) == Complainant(**ZHAO)
    assert [text for text in ZHAO.values() if text and text in told_by_prefect(office)] == []


def told_by_prefect(office: Office) -> str:
    """Everything that Prefect keeps of the runs: parameters, states, pages."""
    runs = office.stack.request("POST", "/flow_runs/filter", {})
    pages = office.stack.request("POST", "/artifacts/filter", {})
    logs = office.stack.request("POST", "/logs/filter", {})
    return json.dumps([runs, pages, logs], ensure_ascii=False)


def withdraw(office: Office) -> None:
    office.at("2025-09-25 10:00")
    said = office.done("33 登记撤回异议", **WITHDRAWAL)
    assert "已登记撤回异议 Y-1（核查继续，结论作出前仍暂停）" in said
    why = office.refused("33 登记撤回异议", **WITHDRAWAL)
    assert why == "异议 Y-1 已于 2025-09-25 登记撤回，无需重复办理"
    assert [(one.status, one.withdrawn_on) for one in every(office, Objection)] == [
        *(("open", date(2025, 9, 25)), ("open", None)),
    ]
    assert office.round.case("P01").holds == 2


def answer(office: Office) -> None:
    office.at("2025-09-26 10:00")
    why = office.refused("38 登记答复异议人", **REPLY)
    assert why == "异议 Y-1 尚未作出核查结论，不能登记答复：请先办理“异议核查结论”"
    office.done("17 异议核查结论", ref="Y-1", substantiated="否", finding="经实地丈量，面积相符")
    said = office.done("38 登记答复异议人", **REPLY)
    assert said == "异议 Y-1 已于 2025-09-26 答复异议人（书面送达）。"
    assert [(one.status, one.replied_on, one.reply_how, one.reply_proof) for one in every(office, Objection)] == [
        *(("dismissed", date(2025, 9, 26), "paper", "EMS 100 200"), ("dismissed", None, "", "")),
    ]
    assert (office.round.state("P01"), office.round.case("P01").holds) == ("NOTICE_RESULT", 0)


def sweep_at_midnight(office: Office) -> None:
    """The first sweep after midnight binds the days that are over, and the public site shows it."""
    office.at("2025-09-27 00:05")
    ended, said, _ = office.send("50 期限巡查")
    assert (ended, said.startswith("到期 ")) == ("COMPLETED", True)
    bound = dump(office.round.url)["audit_checkpoint"]
    assert (bound[0]["day"], bound[-1]["day"], len(bound)) == (date(2025, 8, 18), date(2025, 9, 26), 40)
    assert sum(one["records"] for one in bound) == len(dump(office.round.url)["audit_record"])
    page = fetched(f"{office.stack.site_url.rstrip('/')}/audit-2025.html").text
    assert bound[-1]["hash"] in page


def every(office: Office, model: type[SQLModel]) -> Sequence[Any]:
    return office.round.rows(model)
