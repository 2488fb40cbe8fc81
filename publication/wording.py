"""Instants, titles and other texts as the pages print them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from rules.localtime import ZONE, local_day, local_time
from rules.vocabulary import AgreementState, NoticeKind
from rules.wording import cn_date, on_one_line, rare_told

TITLES = {
    NoticeKind.EVALUATION_RESULT: "关于{name}结果的公示",
    NoticeKind.PROPOSED_AGREEMENTS: "关于{county}{season}特殊药品定点医药机构拟签约名单的公示",
    NoticeKind.FINAL_RESULT: "关于公布{county}{season}特殊药品定点医药机构名单的通告",
}
STATES = {"waiting": "尚未起算", "running": "公示中", "over": "已届满", "published": "已公布"}
AGREEMENT_STATES = {
    AgreementState.SIGNED: "已签订，未生效",
    AgreementState.IN_FORCE: "有效",
    AgreementState.SUSPENDED: "暂停",
    AgreementState.DISSOLVED: "已解除",
    AgreementState.EXPIRED: "已到期",
    AgreementState.SUPERSEDED: "已到期，已续签",
    AgreementState.LEFT: "已退出",
    AgreementState.CANCELLED: "已取消",
}
EFFECTS = {
    "start": "起算",
    "counted": "计入",
    "skipped": "不计",
    "suspended": "中止",
    "rolled": "顺延",
    "due": "届满",
    "unknown": "未定",
}


def how_to_object(to: str) -> str:
    """How to object to a list, wherever it is told. Names are wished for, not asked for (reading `anonymous_objection`:
    the regulation asks nobody's name of whoever complains)."""
    return (
        f"任何单位和个人对名单中的机构有异议的，可以在公示期内以书面形式向{to}提出，写明机构名称、具体事实和证据线索。"
        "个人提出的，提倡署实名并留联系方式，以便核实和答复；单位提出的，请加盖公章。"
    )


def electronic_ways(online: str, email: str) -> str:
    """How one may object without paper, by the addresses that there are; empty where there is none."""
    names = [name for name, address in (("网上", online), ("电子邮箱", email)) if address]
    return f"{'、'.join(names)}提出" if names else ""


def rare_in(entries: Iterable[Mapping[str, Any]]) -> str:
    """What a list says of the characters of its institutions that a reader's fonts may lack."""
    return rare_told(on_one_line(str(entry.get(name) or "")) for entry in entries for name in ("name", "scope"))


def notice_title(kind: NoticeKind, name: str, county: str, season: str) -> str:
    """What a notice is called: of the round's result, of the proposed agreements, or of the final list."""
    return TITLES[kind].format(name=name, county=county, season=season)


def cn_instant(at: datetime) -> str:
    """2026年1月5日 09:00, Beijing time."""
    return f"{cn_date(local_day(at))} {local_time(at):%H:%M}"


def iso_instant(at: datetime) -> str:
    """2026-01-05T09:00:00+08:00, Beijing time."""
    return at.astimezone(ZONE).isoformat(timespec="seconds")


def cn_clause(clause: str) -> str:
    """五(二) as a page prints it: 五（二）."""
    return clause.replace("(", "（").replace(")", "）")


def plain(value: object) -> object:
    """Text on one line, without characters that nobody sees but that turn or hide what others read."""
    if type(value) is not str:  # a piece of finished markup is a str too, and stays as it is
        return value
    if value.isprintable() and "  " not in value and value.strip() == value:  # nearly always: the slow way is slow
        return value
    return on_one_line(value)


def is_web_address(text: str) -> bool:
    """May the text become a link? Only http and https; anything else stays text."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
