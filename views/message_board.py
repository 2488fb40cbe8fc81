"""What waits, failed, is unknown or paused, and why: for the command line and the operators' page. Masked, always."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, func, select
from sqlmodel import Session, SQLModel

from models.outbox import ChannelState, ManualTask
from notifications.catalogue import spec_of
from notifications.outbox import N, P, urgency
from notifications.reading import masked_party
from rules.vocabulary import Channel, MessageStatus
from rules.wording import minute
from views.markdown import plain, table

S = SQLModel.metadata.tables[str(ChannelState.__tablename__)]
M = SQLModel.metadata.tables[str(ManualTask.__tablename__)]
SHOWN = 200
CONTACTS = "/gate/contacts"  # under the address at which the page itself is read
FEW = 8
A_DAY = timedelta(days=1)
GIVEN_UP = (MessageStatus.REJECTED, MessageStatus.FAILED, MessageStatus.UNDELIVERED, MessageStatus.EXPIRED)
SECTIONS = {
    "held": "待复看",
    "waiting": "待发送",
    "unknown": "结果不明",
    "failed": "未能送出",
    "suppressed": "未外发",
}


def message_board(session: Session, now: datetime) -> dict[str, Any]:
    """The outbox at a glance. Lists hold the first 200, the most urgent first; `counts` hold all."""
    unknown = N.c.status == MessageStatus.UNKNOWN
    pauses = _channels(session, now)
    paused = {one["channel"] for one in pauses if one["paused_until"]}
    return {
        "as_of": _text(now),
        "channels": pauses,
        "counts": _counts(session),
        "held": _list(session, now, paused, N.c.status == MessageStatus.HELD),
        "waiting": _list(session, now, paused, N.c.next_at.is_not(None), ~unknown),
        "unknown": _list(session, now, paused, unknown, N.c.closed_at.is_(None)),
        "failed": _list(session, now, paused, N.c.status.in_(GIVEN_UP)),
        "suppressed": _list(session, now, paused, N.c.status == MessageStatus.SUPPRESSED),
        "by_hand": _tasks(session),
    }


def people_wanted(session: Session, now: datetime) -> dict[str, Any]:
    """What of the messages needs a person: deliveries by hand (the first of them, and how many), messages whose end
    nobody saw, channels that are paused, and what the watch told the office of the service within a day."""
    by_hand = select(func.count()).where(M.c.done_at.is_(None))
    unknown = select(func.count()).where(N.c.status == MessageStatus.UNKNOWN, N.c.closed_at.is_(None))
    return {
        "by_hand": _tasks(session, FEW),
        "by_hand_count": session.execute(by_hand).scalar_one(),
        "unknown": session.execute(unknown).scalar_one(),
        "held": session.execute(select(func.count()).where(N.c.status == MessageStatus.HELD)).scalar_one(),
        "paused": [one for one in _channels(session, now) if one["paused_until"]],
        "faults": _faults(session, now),
    }


def _faults(session: Session, now: datetime) -> list[dict[str, str]]:
    told = select(N.c.params, N.c.created_at).where(
        N.c.dedupe_key.like("watch:%"), N.c.channel == Channel.EMAIL, N.c.created_at > now - A_DAY
    )
    rows = session.execute(told.order_by(N.c.id.desc()).limit(FEW)).tuples()
    return [{"part": params["part"], "found": params["found"], "at": _text(at)} for params, at in rows]


def _channels(session: Session, now: datetime) -> list[dict[str, Any]]:
    rows = session.execute(select(S).order_by(S.c.channel)).mappings()
    return [
        {
            "channel": row["channel"],
            "label": Channel(row["channel"]).label,
            "faults": row["faults"],
            "since": _text(row["since"]),
            "paused_until": _text(row["paused_until"]) if row["paused_until"] and now < row["paused_until"] else "",
            "reason": row["reason"],
        }
        for row in rows
    ]


def _counts(session: Session) -> list[dict[str, Any]]:
    query = select(N.c.channel, N.c.status, func.count()).group_by(N.c.channel, N.c.status)
    return [
        {
            "channel": channel,
            "status": status,
            "label": f"{Channel(channel).label}{MessageStatus(status).label}",
            "count": count,
        }
        for channel, status, count in session.execute(query.order_by(N.c.channel, N.c.status)).tuples()
    ]


def _list(session: Session, now: datetime, paused: set[str], *which: ColumnElement[bool]) -> list[dict[str, Any]]:
    query = select(N, P.c.applicant_id, P.c.email_masked, P.c.phone_masked).outerjoin(P, P.c.id == N.c.applicant_pk)
    rows = session.execute(query.where(*which).order_by(*urgency(now)).limit(SHOWN)).mappings()
    return [_message(row, now, paused) for row in rows]


def _message(row: RowMapping, now: datetime, paused: set[str]) -> dict[str, Any]:
    return {
        "number": row["id"],
        "event": row["event"],
        "title": spec_of(row["event"]).title,
        "channel": row["channel"],
        "applicant_id": row["applicant_id"] or "",
        "to": masked_party(row),
        "status": row["status"],
        "status_label": MessageStatus(row["status"]).label,
        "attempts": row["attempts"],
        "created_at": _text(row["created_at"]),
        "next_at": _text(row["next_at"]),
        "why": _why(row, now, paused),
    }


def _why(row: RowMapping, now: datetime, paused: set[str]) -> str:
    """Why a message stands where it stands, in words."""
    said = str(row["last_detail"])
    if row["status"] == MessageStatus.HELD:
        return "等候办理人以外的另一人看过后放行"
    if row["next_at"] is None or row["status"] == MessageStatus.SENDING:
        return said
    if row["channel"] in paused:
        return f"通道暂停；{said}".rstrip("；")
    if said:
        return said
    return "等候发送时段" if row["next_at"] > now else "排队中"


def _tasks(session: Session, shown: int = SHOWN) -> list[dict[str, Any]]:
    query = (
        select(M, N.c.channel, P.c.applicant_id)
        .join(N, N.c.id == M.c.notification_id)
        .outerjoin(P, P.c.id == N.c.applicant_pk)
        .where(M.c.done_at.is_(None))
        .order_by(M.c.created_at, M.c.id)
        .limit(shown)
    )
    return [
        {
            "task": row["id"],
            "notification": row["notification_id"],
            "applicant_id": row["applicant_id"] or "",
            "title": spec_of(row["event"]).title,
            "since": _text(row["created_at"]),
            "reason": row["reason"],
        }
        for row in session.execute(query).mappings()
    ]


def message_page(board: dict[str, Any]) -> str:
    """The board as Markdown."""
    counts = "　".join(f"{one['label']} **{one['count']}**" for one in board["counts"]) or "待发箱为空"
    parts = [f"# 通知一览\n\n截至 {board['as_of']}　{counts}", "## 通道", _channel_lines(board["channels"])]
    parts += [
        "## 待人工送达",
        table(("任务号", "编号", "文书", "自", "原因"), [_task_cells(one) for one in board["by_hand"]]),
    ]
    titles = ("通知号", "编号", "通知", "方式", "收件", "状态", "次数", "下次", "原因")
    for key, title in SECTIONS.items():
        parts += [f"## {title}", table(titles, [_cells(one) for one in board[key]])]
        if key == "failed" and board[key]:
            parts.append(f"地址有误的，先在[名称和联系方式]({CONTACTS})改正，再办理“60 重试通知”或“62 重发通知”。")
    return "\n\n".join(parts)


def _channel_lines(channels: list[dict[str, Any]]) -> str:
    return "\n".join(f"- {one['label']}：{channel_words(one)}" for one in channels)


def channel_words(one: dict[str, Any]) -> str:
    """How a channel does, in words."""
    if one["paused_until"]:
        return f"**已暂停**至 {one['paused_until']}，自 {one['since']} 起故障：{plain(one['reason'])}"
    return f"连续故障 {one['faults']} 次：{plain(one['reason'])}" if one["faults"] else "正常"


def _cells(one: dict[str, Any]) -> tuple[Any, ...]:
    how = Channel(one["channel"]).label
    about = (one["number"], one["applicant_id"], one["title"], how, one["to"])
    return (*about, one["status_label"], one["attempts"], one["next_at"], one["why"])


def _task_cells(one: dict[str, Any]) -> tuple[Any, ...]:
    return one["task"], one["applicant_id"], one["title"], one["since"], one["reason"]


def _text(at: datetime | None) -> str:
    return minute(at) if at else ""
