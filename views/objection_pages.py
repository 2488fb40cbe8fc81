"""Objections and what a finding would do, in rows for screen and page. Neither complainant nor allegation is shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Applicant, Application, Objection
from rules.case import Context
from rules.clocks import compute_deadline
from rules.evaluation.clock_effects import INQUIRY
from rules.localtime import local_day
from rules.vocabulary import ApplicantType, Audience, ObjectionStatus, ObjectionVia
from views.markdown import plain, table

PLACES = ("类型", "名额", "现占用", "之后占用", "现空缺", "之后空缺")
RANKING = ("类型", "排名", "编号", "机构", "之后")
LIMITS = ("编号", "期限", "现为", "之后")
MESSAGES = ("关于", "文书", "收件")
OBJECTIONS = ("异议编号", "机构", "途径", "收到日", "期内", "状态", "核查期限", "并案于", "答复")


def objections_of(session: Session, ctx: Context, today: date) -> list[dict[str, Any]]:
    """Every objection of a round: how it came, where it stands, by when it must be looked into, whether answered."""
    query = (
        select(Objection, col(Applicant.applicant_id), col(Applicant.name))
        .join(Application, col(Application.id) == col(Objection.application_id))
        .join(Applicant, col(Applicant.id) == col(Application.applicant_pk))
        .where(col(Objection.round_id) == ctx.round.id)
        .order_by(col(Objection.id))
    )
    rows = session.execute(query).all()
    refs = {row.id: row.ref for row, _, _ in rows}
    return [_objection(ctx, row, applicant_id, name, refs, today) for row, applicant_id, name in rows]


def _objection(
    ctx: Context, row: Objection, applicant_id: str, name: str, refs: dict[int | None, str], today: date
) -> dict[str, Any]:
    due_on = _inquiry_due(ctx, row)
    ended_on = local_day(row.resolved_at) if row.resolved_at else None
    return {
        "ref": row.ref,
        "applicant_id": applicant_id,
        "name": name,
        "via": ObjectionVia(row.via).label,
        "received_on": local_day(row.received_at).isoformat(),
        "in_time": row.is_in_time,
        "holds": row.holds and row.status == ObjectionStatus.OPEN,
        "status": row.status,
        "status_label": ObjectionStatus(row.status).label,
        "is_anonymous": row.is_anonymous,
        "withdrawn_on": row.withdrawn_on.isoformat() if row.withdrawn_on else None,
        "duplicate_of": refs.get(row.duplicate_of) if row.duplicate_of else None,
        "inquiry_due": due_on.isoformat() if due_on else None,
        "resolved_on": ended_on.isoformat() if ended_on else None,
        "is_late": due_on is not None and (ended_on or today) > due_on,
        "reply": _reply(row),
    }


def _inquiry_due(ctx: Context, row: Objection) -> date | None:
    rule = ctx.policy.clocks.get(INQUIRY)
    return compute_deadline(rule, local_day(row.received_at), ctx.workdays).due_on if rule else None


def _reply(row: Objection) -> str:
    """Whether the objector has been answered, is still to be, or cannot be."""
    if row.replied_on:
        return f"{row.replied_on} 已答复"
    if row.is_anonymous:
        return "匿名，无从答复"
    if row.status == ObjectionStatus.OPEN:
        return "待结论"
    return "待答复" if row.complainant_sealed else "待登记异议人后答复"


def objection_rows(objections: Sequence[dict[str, Any]]) -> list[tuple[str, ...]]:
    """The objections of a round, a row each."""
    return [
        (
            one["ref"],
            f"{one['applicant_id']} {one['name']}",
            one["via"],
            one["received_on"],
            "期内" if one["in_time"] else "逾期",
            one["status_label"] + ("（已撤回，核查继续）" if one["withdrawn_on"] and one["status"] == "open" else ""),
            (one["inquiry_due"] or "暂定") + ("（已逾期）" if one["is_late"] else ""),
            one["duplicate_of"] or "",
            one["reply"],
        )
        for one in objections
    ]


def effect_page(effect: dict[str, Any]) -> str:
    """What either finding would do."""
    parts = [
        f"# 异议 {plain(effect['ref'])}：后果试算",
        "以下是试算，没有写入任何内容，没有通知任何人。认定时把对应的试算码填入“异议核查结论”，其间情况有变的将不予办理。",
        "## 如认定属实",
        *_finding(effect["if_substantiated"]),
        "## 如认定不属实",
        *_finding(effect["if_not_substantiated"]),
    ]
    return "\n\n".join(parts)


def _finding(one: dict[str, Any]) -> list[str]:
    return [
        f"试算码：`{one['code']}`",
        *(f"- {plain(line)}" for line in sentences(one)),
        "### 名额",
        table(PLACES, place_rows(one)),
        "### 排名与去向",
        table(RANKING, ranking_rows(one)),
        "### 期限变化",
        table(LIMITS, [tuple(row.values()) for row in one["limits"]]),
        "### 将告知",
        table(MESSAGES, message_rows(one)),
    ]


def sentences(one: dict[str, Any]) -> list[str]:
    """The consequences in sentences, the gravest first."""
    said = [f"取消资格：{_who(member)}（现处“{member['from']}”）" for member in one["disqualified"]]
    said += [f"递补：{_who(member)}，排名第 {member['rank']}" for member in one["moves_up"]]
    said += [f"须发布{notice['label']}：{'、'.join(notice['applicants'])}" for notice in one["notices_to_publish"]]
    said += [f"须在已发布的公示上注明：{notice}" for notice in one["notices_to_annotate"]]
    if one["released"]:
        said.append(f"解除暂停（或减少一件）：{'、'.join(one['released'])}")
    said += [
        f"{place['label']}空缺由 {place['vacant']} 个变为 {place['vacant_then']} 个，无人递补"
        for place in one["places"]
        if place["vacant_then"] > place["vacant"]
    ]
    return said or ["资格、排名和名额均不变"]


def _who(member: dict[str, Any]) -> str:
    return f"{member['applicant_id']} {member['name']}"


def place_rows(one: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Places by type, before and after."""
    names = ("label", "quota", "taken", "taken_then", "vacant", "vacant_then")
    return [tuple(place[name] for name in names) for place in one["places"]]


def ranking_rows(one: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Who is ranked where, and where each would stand."""
    return [
        (ApplicantType(type_).label, row["rank"], row["applicant_id"], row["name"], row["state"])
        for type_, rows in one["ranking"].items()
        for row in rows
    ]


def message_rows(one: dict[str, Any]) -> list[tuple[str, ...]]:
    """Which letters would be owed."""
    return [(row["about"], row["message"], Audience(row["audience"]).label) for row in one["messages"]]
