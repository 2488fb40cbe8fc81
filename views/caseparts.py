"""Parts of a case's story beside its limits: what each event changed, objections, and the papers on file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from models import (
    AuditRecord,
    DossierCopy,
    EvaluationSummary,
    FilingReceipt,
    Negotiation,
    Notice,
    NoticeEntry,
    Objection,
    OfficialDocument,
    ScoreSheet,
    SiteVisit,
)
from models.application import ApplicationMaterial
from models.corrections import stands
from models.subjects import is_of_dossier
from rules.case import Case, Context
from rules.localtime import ZONE, local_day
from rules.materials import gaps
from rules.policy import Material
from rules.vocabulary import (
    CopyHolder,
    DocumentKind,
    EvaluationStage,
    NoticeKind,
    ObjectionStatus,
    ObjectionVia,
    State,
)
from tasks.labels import LABELS
from tasks.scans import counted

# What of an event's own fields is told, and how it is called; anything else stays in the record.
FIELDS: Mapping[str, str] = {
    "changed": "变更",
    "materials": "交来材料",
    "code": "材料",
    "pages": "页数",
    "missing": "所缺材料",
    "visited_on": "核查日期",
    "visitors": "核查人员",
    "minutes": "核查笔录",
    "findings": "核查结果",
    "expert_id": "专家",
    "notes": "评估记录",
    "topics": "协商事项",
    "signed_on": "签订日",
    "filed_on": "备案日",
    "delay_from": "占用自",
    "delay_to": "占用至",
    "cause": "原因",
    "reason": "理由",
    "evidence": "证据",
    "open_point": "未一致事项",
}
YES_NO = {True: "是", False: "否"}


def changes_of(session: Session, ctx: Context, case_id: int) -> list[list[str]]:
    """For each event of a case, in order, what it changed, in words."""
    query = select(col(AuditRecord.detail)).where(is_of_dossier(AuditRecord, case_id))
    return [_changes(ctx, detail) for detail in session.execute(query.order_by(col(AuditRecord.seq))).scalars()]


def _changes(ctx: Context, detail: Mapping[str, Any]) -> list[str]:
    told = {**detail.get("fields", {}), **detail}
    words = [f"{title}：{_text(told[name])}" for name, title in FIELDS.items() if told.get(name)]
    words += [say(detail[name]) for name, say in SAID.items() if detail.get(name) is not None]
    if "takes_back" in told:
        words.append(f"撤回第 {told['takes_back']} 号记录“{LABELS[told['act']]}”")
    if "to" in told:
        words.append(f"报至{EvaluationStage(told['to']).label}")
    words += [f"{one['text']}（{one['clause']}）" for one in detail.get("reasons", ())]
    due = detail.get("clocks", {})
    return words + [_clock(ctx, kind, due[kind]) for kind in ctx.policy.clocks if kind in due]


SAID: Mapping[str, Callable[[Any], str]] = {
    "mean_score": lambda score: f"得分 {score}",
    "rank": lambda place: f"排名 {place}",
    "notice": lambda number: f"公示第 {number} 号",
    "over_on": lambda day: f"公示至 {day} 届满",
    "due_on": lambda day: f"届满日 {day}",
    "ref": lambda ref: f"异议 {ref}",
    "in_time": lambda yes: "期内收到，暂停该机构" if yes else "期满后收到，不暂停",
    "substantiated": lambda yes: "核查属实" if yes else "核查不属实",
}


def _clock(ctx: Context, kind: str, due: str) -> str:
    label = ctx.policy.clocks[kind].label
    return f"{label}：暂定" if due == "provisional" else f"{label}：至 {due}"


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return "、".join(f"{name} {_text(one)}" for name, one in value.items())
    if isinstance(value, list):
        return "、".join(map(_text, value))
    return YES_NO[value] if isinstance(value, bool) else str(value)


def objections_of(session: Session, case_id: int) -> list[dict[str, Any]]:
    """The objections against a dossier; who raised one is sealed and is not read."""
    query = select(Objection).where(col(Objection.application_id) == case_id).order_by(col(Objection.received_at))
    return [
        {
            "ref": row.ref,
            "received": row.received_at.astimezone(ZONE).isoformat(),
            "via": ObjectionVia(row.via).label,
            "in_time": row.is_in_time,
            "status": row.status,
            "status_label": ObjectionStatus(row.status).label,
            "allegation": row.allegation,
            "finding": row.finding,
            "resolved": row.resolved_at.astimezone(ZONE).isoformat() if row.resolved_at else None,
        }
        for row in session.execute(query).scalars()
    ]


def papers_of(session: Session, ctx: Context, case: Case) -> list[dict[str, Any]]:
    """What is on file: the materials handed in and those that lack, notices, score sheets, the negotiation, and the
    official documents that were made."""
    return [
        *_materials(session, ctx, case),
        *_visits(session, case.id),
        *_notices(session, case.id),
        *_sheets(session, ctx, case.id),
        *_negotiation(session, case.id),
        *_filed(session, case.id),
        *map(_document, documents_of(session, case.id)),
    ]


def documents_of(session: Session, case_id: int) -> list[dict[str, Any]]:
    """The official documents that were made of a case, with the hash of each file."""
    return _documents(session, col(OfficialDocument.application_id) == case_id)


def papers_of_agreement(session: Session, agreement_id: int) -> list[dict[str, Any]]:
    """The same of one agreement's life after its signature."""
    return _documents(session, col(OfficialDocument.agreement_id) == agreement_id)


def _documents(session: Session, of_it: ColumnElement[bool]) -> list[dict[str, Any]]:
    query = select(OfficialDocument).where(of_it)
    return [
        {
            "kind": row.kind,
            "label": DocumentKind(row.kind).label,
            "number": row.number,
            "format": row.file_format,
            "sha256": row.file_sha256,
            "at": row.created_at.astimezone(ZONE).isoformat(),
        }
        for row in session.execute(query.order_by(col(OfficialDocument.id))).scalars()
    ]


def _document(made: Mapping[str, Any]) -> dict[str, Any]:
    return _paper("文书", f"{made['label']}（{made['number']}，{made['format'].upper()}）", made["at"][:10], "")


def _materials(session: Session, ctx: Context, case: Case) -> list[dict[str, Any]]:
    query = select(col(ApplicationMaterial.code), col(ApplicationMaterial.received_at))
    received = dict(session.execute(query.where(col(ApplicationMaterial.application_id) == case.id)).tuples().all())
    scanned = counted(session, case.id)
    return [
        _paper(
            "材料", _named(ctx, one) + _scanned(scanned.get(one.code)), str(local_day(received[one.code])), one.clause
        )
        for one in ctx.policy.materials_of(case.type)
        if one.code in received
    ] + [
        _paper("材料", _named(ctx, one), "尚缺", one.clause)
        for one in gaps(ctx.policy, case.type, case.facts, case.materials)
        if case.state is State.INCOMPLETE
    ]


def _scanned(scans: tuple[int, int] | None) -> str:
    return f"（扫描件 {scans[0]} 份，{scans[1]} 页）" if scans else ""


def _named(ctx: Context, material: Material) -> str:
    """`P1 申请表`; a formal requirement has no number of its own."""
    return material.name if material in ctx.policy.formalities else f"{material.code} {material.name}"


def _notices(session: Session, case_id: int) -> list[dict[str, Any]]:
    query = select(Notice).join(NoticeEntry, col(NoticeEntry.notice_id) == col(Notice.id))
    rows = session.execute(query.where(col(NoticeEntry.application_id) == case_id).order_by(col(Notice.id))).scalars()
    return [
        _paper("公示", f"{NoticeKind(row.kind).label}（第 {row.number} 号）", str(row.starts_on or "尚未起算"), "")
        | {"page": f"notice-{row.id}.html"}
        for row in rows
    ]


def _visits(session: Session, case_id: int) -> list[dict[str, Any]]:
    """The visits to the place: who went, and the minutes."""
    rows = session.execute(
        select(SiteVisit).where(col(SiteVisit.application_id) == case_id, stands(SiteVisit)).order_by(col(SiteVisit.id))
    )
    return [
        _paper(
            "核查笔录", "：".join(filter(None, ("、".join(row.visitors), row.minutes))), str(row.visited_on), "五(一)"
        )
        for row in rows.scalars()
    ]


def _sheets(session: Session, ctx: Context, case_id: int) -> list[dict[str, Any]]:
    """How many score sheets there are, with how many notes and files; and the panel's summary."""
    query = select(ScoreSheet).where(col(ScoreSheet.application_id) == case_id)
    sheets = list(session.execute(query).scalars())
    if not sheets:
        return []
    counted = ((sum(len(one.notes) for one in sheets), "条记录"), (sum(len(one.evidence) for one in sheets), "件佐证"))
    told = "，".join([f"{len(sheets)} 份", *(f"{count} {what}" for count, what in counted if count)])
    papers = [_paper("评分表", told, str(local_day(max(one.recorded_at for one in sheets))), "五(二)")]
    found = session.execute(select(EvaluationSummary).where(col(EvaluationSummary.round_id) == ctx.round.id)).scalar()
    if found:
        signed = f"（签名：{'、'.join(found.signed_by)}）" if found.signed_by else ""
        papers.append(_paper("汇总意见", f"{found.text}{signed}", str(local_day(found.recorded_at)), "五(二)"))
    return papers


def _filed(session: Session, case_id: int) -> list[dict[str, Any]]:
    """Who holds the copies of the dossier, and the county bureau's receipt."""
    copies = session.execute(select(DossierCopy).where(col(DossierCopy.application_id) == case_id))
    held = {row.holder: row for row in copies.scalars()}
    papers = [
        _paper("卷宗", f"{one.label}一份：{held[one].kept_by}", str(held[one].held_since), "四 末")
        for one in CopyHolder
        if one in held
    ]
    receipt = session.execute(select(FilingReceipt).where(col(FilingReceipt.application_id) == case_id)).scalar()
    if receipt:
        title = f"{receipt.number}，{receipt.received_by}接收"
        papers.append(_paper("备案回执", title, str(receipt.received_on), "五(三)"))
    return papers


def _negotiation(session: Session, case_id: int) -> list[dict[str, Any]]:
    row = session.execute(select(Negotiation).where(col(Negotiation.application_id) == case_id)).scalar_one_or_none()
    if row is None:
        return []
    verdict = "达成共识" if row.consensus else f"未达成共识：{row.open_point}"
    return [_paper("谈判", verdict, str(local_day(row.held_at)), "五(三)")]


def _paper(kind: str, title: str, on: str, clause: str) -> dict[str, Any]:
    return {"kind": kind, "title": title, "on": on, "clause": clause}
