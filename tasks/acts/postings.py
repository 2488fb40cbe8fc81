"""A posting that was recorded with a wrong time, address or channel is taken back while its notice runs (更正规则)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Application, Notice, NoticeEntry, Posting, Round
from policies.corrections import load_corrections
from rules.audit import sha256
from rules.case import Case, Change, ClockSet, Context, Event, Message, Outcome
from rules.errors import RefusedError
from rules.evaluation.clock_effects import NOTICE_CLOCKS, NOTICE_STATES
from rules.evaluation.states import AT_AN_END
from rules.localtime import local_day
from rules.vocabulary import AuditSubject, ClockStatus, NoticeKind
from tasks.act_result import Receipt
from tasks.acts.corrections import CLAUSE, expect_entitled
from tasks.case_loading import load_cases
from tasks.consequences import Picture, look, preview_code
from tasks.recording import record
from tasks.rounds import record_for_round
from tasks.set_aside import set_aside

POSTED = "record_posting"  # the act whose row of the policy says who may ask for it


@dataclass(frozen=True, slots=True)
class PostingMeant:
    """The posting that is to be taken back, with its notice as it stands."""

    posting: Posting
    notice: Notice
    starts_on: date | None
    last_day: date | None

    @property
    def kind(self) -> NoticeKind:
        """The kind of the notice."""
        return NoticeKind(self.notice.kind)

    @property
    def label(self) -> str:
        """`评估结果公示（第1号）在县政府网站的发布凭证`."""
        return f"{self.kind.label}（第{self.notice.number}号）在{self.posting.channel}的发布凭证"

    def code(self, before: Picture, after: Picture) -> str:
        """Eight signs that stand for taking back this very posting with these consequences."""
        about = [self.notice.snapshot_sha256, self.posting.channel, self.posting.posted_at.isoformat()]
        return sha256({"posting": about, "starts_on": self.starts_on, "effects": preview_code(before, after)})[:8]


def take_back_posting(session: Session, ctx: Context, event: Event) -> Receipt:
    """Takes the proof of one channel back. A notice that ran on it runs no longer, until the true one is recorded: its
    period is then counted from there, and objections are judged by it.

    Raises RefusedError where there is no such posting, where the notice has run out or was the last one, and where the
    consequences are not those that were looked at; NotEntitledError for a role that may not ask for it.
    """
    before = look(session, ctx)
    expect_entitled(session, event, load_corrections()[POSTED])
    meant = which_posting(session, ctx, event)
    receipt = undo_posting(session, ctx, meant, event)
    if meant.code(before, look(session, ctx)) != event.fields["preview_code"]:
        raise RefusedError("后果与试算时不同，或者试算码不是这一次的：请重新运行“试算撤回”，核对后填入新的试算码")
    return receipt


def which_posting(session: Session, ctx: Context, event: Event) -> PostingMeant:
    """The posting of the newest notice of a kind in a channel. Raises RefusedError where there is none, or the notice
    is over."""
    kind, channel = NoticeKind(event.fields["kind"]), event.fields["channel"]
    of_kind = select(Notice).where(col(Notice.round_id) == ctx.round.id, col(Notice.kind) == kind)
    found = (
        of_kind.add_columns(Posting.__table__.c.id)  # type: ignore[attr-defined]
        .join(Posting, col(Posting.notice_id) == col(Notice.id))
        .where(col(Posting.channel) == channel)
        .order_by(col(Notice.id).desc())
        .limit(1)
    )
    row = session.execute(found).first()
    if row is None:
        raise RefusedError(f"{kind.label}没有在“{channel}”登记过发布凭证：请核对种类和渠道")
    notice: Notice = row[0]
    posting = session.get_one(Posting, row[1])
    session.expunge(posting)  # it is told about after its row is gone
    meant = PostingMeant(posting, notice, notice.starts_on, notice.last_day)
    _expect_running(session, ctx, meant)
    return meant


def _expect_running(session: Session, ctx: Context, meant: PostingMeant) -> None:
    if meant.starts_on is None:
        return
    if meant.kind is NoticeKind.FINAL_RESULT:
        raise RefusedError(f"{meant.kind.label}已经公布，各机构已经告知，不能撤回：请报主管领导（依据：{CLAUSE}）")
    beyond = [case for case in _named(session, meant) if case.state not in (*AT_AN_END, NOTICE_STATES[meant.kind])]
    if beyond:
        named = "、".join(case.applicant_id for case in beyond)
        raise RefusedError(
            f"{meant.kind.label}已经届满，{named} 已进入下一环节，不能撤回发布凭证：请报主管领导（依据：{CLAUSE}）"
        )
    unfinished = col(Notice.round_id) == ctx.round.id, col(Notice.kind) == meant.kind, col(Notice.starts_on).is_(None)
    if session.execute(select(col(Notice.id)).where(*unfinished)).first():
        raise RefusedError(f"另有一份{meant.kind.label}尚未起算：请先登记其发布凭证，再撤回这一份的")


def _named(session: Session, meant: PostingMeant) -> list[Case]:
    entries = select(col(NoticeEntry.application_id)).where(col(NoticeEntry.notice_id) == meant.notice.id)
    return load_cases(session, col(Application.id).in_(entries), with_facts=False)


def undo_posting(session: Session, ctx: Context, meant: PostingMeant, event: Event) -> Receipt:
    """The act itself, whoever asks for it."""
    stopped = _stop(session, ctx, meant, event) if meant.starts_on else []
    the_round = session.get_one(Round, ctx.round.id)
    about = AuditSubject.ROUND, ctx.round.id, the_round.audit_seq + 1
    posted = {"posted_at": meant.posting.posted_at, "url": meant.posting.url, "sha256": meant.posting.sha256}
    set_aside(session, about, event.at, Posting, col(Posting.id) == meant.posting.id)
    record_for_round(session, ctx, event, {"notice": meant.notice.number, "taken_back": posted})
    then = "公示期停止计算，登记正确的发布凭证后重新起算" if stopped else "公示期尚未起算"
    return Receipt(
        f"已撤回{meant.label}，原记录保留；{then}。", ctx.round.id, tuple(one.case.number for one in stopped)
    )


def _stop(session: Session, ctx: Context, meant: PostingMeant, event: Event) -> list[Change[Case]]:
    """The notice does not run: its clocks are no longer asked for, whom it names is told."""
    state = NOTICE_STATES[meant.kind]
    changes = [_stopped(case, meant, event) for case in _named(session, meant) if case.state is state]
    meant.notice.starts_on = meant.notice.last_day = None
    session.add(meant.notice)
    session.flush()
    record(session, ctx, changes)
    return changes


def _stopped(case: Case, meant: PostingMeant, event: Event) -> Change[Case]:
    today = local_day(event.at)
    until = f"至 {meant.last_day} " if meant.last_day else ""
    told: dict[str, Any] = {
        "what": f"{meant.kind.label}自 {meant.starts_on} 起{until}的公示期",
        "reason": f"发布时间登记有误，已于 {today} 撤回；公示期自正确的发布时间起算，另行告知",
        "clause": "五(二)" if meant.kind is NoticeKind.EVALUATION_RESULT else "五(三)",
    }
    over = ClockSet(NOTICE_CLOCKS[NOTICE_STATES[meant.kind]], ClockStatus.ENDED, today)
    own = Event(event.name, event.at, event.by, {"kind": meant.kind.value, "channel": meant.posting.channel})
    return Change(case, own, Outcome(case.state, CLAUSE, sets=(over,), messages=(Message("effect_reversed", told),)))
