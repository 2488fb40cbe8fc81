"""What a finding on an objection would do to ranking, places and notices, shown before anybody confirms it.

It is the very act, done in a transaction that is taken back; what differs between before and after is the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Applicant, Application, Deadline, Notice, NoticeEntry, Notification
from models.subjects import is_of_dossier
from notifications.catalogue import spec_of
from rules.audit import sha256
from rules.case import Context
from rules.evaluation.states import HOLDS_A_PLACE
from rules.vocabulary import ApplicantType, ClockStatus, NoticeKind, State

# A dossier that waits in one of these states needs a notice that has not been published.
NEEDS_NOTICE = {
    **{State.SELECTED: NoticeKind.EVALUATION_RESULT, State.CONSENSUS: NoticeKind.PROPOSED_AGREEMENTS},
    State.DETERMINED: NoticeKind.PROPOSED_AGREEMENTS,
}
OUT = (State.DISQUALIFIED_PUBLICITY_1, State.DISQUALIFIED_PUBLICITY_2)


@dataclass(frozen=True, slots=True)
class Standing:
    """One dossier at a moment."""

    name: str
    type: str
    state: State
    rank: int | None
    holds: int
    limits: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Picture:
    """A round at a moment: every dossier, the notices that name each, and how many messages are owed."""

    quota: Mapping[str, int]
    standings: Mapping[str, Standing]
    notices: Mapping[str, tuple[str, ...]]
    last_message: int


def look(session: Session, ctx: Context) -> Picture:
    """The round as it stands inside this transaction."""
    session.flush()
    named = (col(Applicant.applicant_id), col(Application.id), col(Applicant.name), col(Application.type))
    standing = (col(Application.state), col(Application.rank), col(Application.holds))
    query = select(*named, *standing).join(Application).where(col(Application.round_id) == ctx.round.id)
    limits = _limits(session, ctx)
    standings = {
        one: Standing(name, type_, State(state), rank, holds, limits.get(id_, {}))
        for one, id_, name, type_, state, rank, holds in session.execute(query.order_by(col(Applicant.applicant_id)))
    }
    newest = session.execute(select(col(Notification.id)).order_by(col(Notification.id).desc()).limit(1)).scalar()
    return Picture(ctx.round.quota, standings, _notices(session, ctx), newest or 0)


def _limits(session: Session, ctx: Context) -> dict[int, dict[str, str]]:
    query = select(col(Deadline.subject_id), col(Deadline.kind), col(Deadline.due_on), col(Deadline.status))
    found: dict[int, dict[str, str]] = {}
    of_the_round = query.join(Application, is_of_dossier(Deadline, Application.id))
    for row in session.execute(of_the_round.where(col(Application.round_id) == ctx.round.id)):
        found.setdefault(row[0], {})[ctx.policy.clocks[row[1]].label] = (
            f"{row[2] or '暂定'} {ClockStatus(row[3]).label}"
        )
    return found


def _notices(session: Session, ctx: Context) -> dict[str, tuple[str, ...]]:
    query = (
        select(col(Applicant.applicant_id), col(Notice.kind), col(Notice.number))
        .join(Application, col(Application.applicant_pk) == col(Applicant.id))
        .join(NoticeEntry, col(NoticeEntry.application_id) == col(Application.id))
        .join(Notice, col(Notice.id) == col(NoticeEntry.notice_id))
        .where(col(Notice.round_id) == ctx.round.id)
        .order_by(col(Notice.id))
    )
    found: dict[str, tuple[str, ...]] = {}
    for applicant_id, kind, number in session.execute(query):
        found[applicant_id] = (*found.get(applicant_id, ()), f"{NoticeKind(kind).label}第{number}号")
    return found


def consequences(session: Session, before: Picture, after: Picture) -> dict[str, Any]:
    """What differs: who is out, who moves up, places, what must be published (again), limits, who is told."""
    moved = {one: now for one, now in after.standings.items() if now.state is not before.standings[one].state}
    out = [one for one, now in moved.items() if now.state in OUT]
    up = [one for one, now in moved.items() if now.state is State.SELECTED]
    return {
        "disqualified": [_member(one, before, after) for one in out],
        "moves_up": [_member(one, before, after) for one in up],
        "released": _released(before, after),
        "places": [_places(type_, before, after) for type_ in ApplicantType],
        "ranking": {type_.value: _ranking(type_, after) for type_ in ApplicantType},
        "notices_to_publish": _to_publish(moved),
        "notices_to_annotate": sorted({notice for one in out for notice in before.notices.get(one, ())}),
        "limits": _changed_limits(before, after),
        "messages": _messages(session, before),
        "code": preview_code(before, after),
    }


def moved(before: Picture, after: Picture) -> list[dict[str, Any]]:
    """Every dossier that would stand elsewhere."""
    others = (one for one, now in after.standings.items() if now.state is not before.standings[one].state)
    return [_member(one, before, after) for one in others]


def _released(before: Picture, after: Picture) -> list[str]:
    """Who is held by fewer objections than before, and goes on."""
    fewer = [one for one, now in after.standings.items() if now.holds < before.standings[one].holds]
    return [one for one in fewer if after.standings[one].state not in OUT]


def preview_code(before: Picture, after: Picture) -> str:
    """Eight signs that stand for these consequences and no others: quoted when the finding is confirmed."""
    changes = {
        one: [was.state.value, now.state.value, was.holds, now.holds, was.rank]
        for one, now in after.standings.items()
        if (was := before.standings[one]) and (was.state, was.holds) != (now.state, now.holds)
    }
    taken = [_places(type_, before, after) for type_ in ApplicantType]
    return sha256({"changes": changes, "places": taken})[:8]


def _member(one: str, before: Picture, after: Picture) -> dict[str, Any]:
    was, now = before.standings[one], after.standings[one]
    return {"applicant_id": one, "name": now.name, "rank": now.rank, "from": was.state.label, "to": now.state.label}


def _places(type_: ApplicantType, before: Picture, after: Picture) -> dict[str, Any]:
    taken = [
        sum(one.type == type_ and one.state in HOLDS_A_PLACE for one in picture.standings.values())
        for picture in (before, after)
    ]
    quota = after.quota[type_.value]
    vacant = [max(quota - count, 0) for count in taken]
    about = {"type": type_.value, "label": type_.label, "quota": quota}
    return {**about, "taken": taken[0], "taken_then": taken[1], "vacant": vacant[0], "vacant_then": vacant[1]}


def _ranking(type_: ApplicantType, after: Picture) -> list[dict[str, Any]]:
    ranked = [(one, now) for one, now in after.standings.items() if now.type == type_ and now.rank is not None]
    return [
        {"rank": now.rank, "applicant_id": one, "name": now.name, "state": now.state.label}
        for one, now in sorted(ranked, key=lambda pair: pair[1].rank or 0)
    ]


def _to_publish(moved: Mapping[str, Standing]) -> list[dict[str, Any]]:
    needed: dict[NoticeKind, list[str]] = {}
    for one, now in moved.items():
        if kind := NEEDS_NOTICE.get(now.state):
            needed.setdefault(kind, []).append(one)
    return [{"kind": kind.value, "label": kind.label, "applicants": names} for kind, names in needed.items()]


def _changed_limits(before: Picture, after: Picture) -> list[dict[str, str]]:
    return [
        {"applicant_id": one, "limit": label, "was": before.standings[one].limits.get(label, "—"), "then": then}
        for one, now in after.standings.items()
        for label, then in now.limits.items()
        if before.standings[one].limits.get(label) != then
    ]


def _messages(session: Session, before: Picture) -> list[dict[str, str]]:
    query = (
        select(col(Applicant.applicant_id), col(Notification.event), col(Notification.audience))
        .join(Application, is_of_dossier(Notification, Application.id))
        .join(Applicant, col(Applicant.id) == col(Application.applicant_pk))
        .where(col(Notification.id) > before.last_message)
        .order_by(col(Notification.id))
    )
    return [{"about": row[0], "message": spec_of(row[1]).title, "audience": row[2]} for row in session.execute(query)]
