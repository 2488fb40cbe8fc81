"""The office's lists of institutions (R76, R77): put on by two persons for a ground of the policy, by the document of
the authority that found it; taken off by two. Each change is told to the institution, and to nobody else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Applicant, Application, Institution, ListEntry, Notification
from models.bulk import insert_rows
from rules.case import Case, Context, Event, Message
from rules.creditcode import doubt_of, fault_of
from rules.errors import RefusedError
from rules.localtime import local_day
from rules.performance.guards.shared import ALONE, is_alone
from rules.policy import ListGround
from rules.register import identity_of
from rules.vocabulary import InstitutionList
from tasks.act_result import Receipt
from tasks.acts.on_agreements import second_person
from tasks.case_loading import context_numbered, load_cases, the_case
from tasks.institutions import institution_of_code
from tasks.outbox_rows import Outbox
from tasks.procedures import DOSSIERS
from tasks.rounds import record_for_round


def list_add(session: Session, ctx: Context, event: Event) -> Receipt:
    """An institution is put on a list; known by its credit code in every round from then on, as the bar is."""
    fields, today = event.fields, local_day(event.at)
    ground = _ground(ctx, event)
    second = _of_two(session, event)
    until: date | None = fields["until"]
    if until and until < today:
        raise RefusedError(f"截止日期 {until} 已经过去，请核对日期")
    institution, name = _institution(session, ctx, event)
    if _standing(session, institution, fields["on_list"], fields["ground"], today):
        raise RefusedError(f"{name}已因“{ground.text}”在{_called(event)}上，无需重复列入")
    entry = ListEntry(
        institution_id=institution,
        name=name,
        from_on=today,
        until=until,
        recorded_at=event.at,
        recorded_by=event.by,
        confirmed_by=second,
        **{column: fields[column] for column in ("on_list", "ground", "document", "evidence")},
    )
    session.add(entry)
    session.flush()
    said = f"至 {until}" if until else "至移出为止"
    told = _tell(session, event, entry, ground, "")
    record_for_round(session, ctx, event, {"entry": entry.id, "institution": institution})
    return Receipt(f"{name}已列入{_called(event)}（{ground.text}），{said}。{told}", ctx.round.id)


def list_remove(session: Session, ctx: Context, event: Event) -> Receipt:
    """An institution is taken off a list, with reason and evidence."""
    fields, today = event.fields, local_day(event.at)
    ground = _ground(ctx, event, must_be_kept=False)
    second = _of_two(session, event)
    institution, name = _institution(session, ctx, event)
    found = _standing(session, institution, fields["on_list"], fields["ground"], today)
    if not found:
        raise RefusedError(
            f"{name}没有因“{ground.text}”在{_called(event)}上，无从移出：请核对名单和情形（看板“名单”可查）"
        )
    for entry in found:
        entry.removed_on, entry.removed_by, entry.removal_confirmed_by = today, event.by, second
        entry.removed_why, entry.removal_evidence = fields["reason"], fields["evidence"]
        session.add(entry)
    told = _tell(session, event, found[0], ground, fields["reason"])
    record_for_round(session, ctx, event, {"entries": [one.id for one in found], "institution": institution})
    return Receipt(f"{name}已移出{_called(event)}（{ground.text}）。{told}", ctx.round.id)


def _called(event: Event) -> str:
    return InstitutionList(event.fields["on_list"]).label


def _ground(ctx: Context, event: Event, *, must_be_kept: bool = True) -> ListGround:
    """What the ground says. Raises RefusedError for a list that the county does not keep, or another list's ground."""
    on_list, code = event.fields["on_list"], event.fields["ground"]
    if must_be_kept and not ctx.policy.keeps_list(on_list):
        raise RefusedError(f"本轮的规则没有启用{_called(event)}（读法 {on_list}_list），不能列入")
    ground = ctx.policy.list_ground(on_list, code)
    if ground is None:
        known = "、".join(one.code for one in ctx.policy.list_grounds if one.on_list == on_list) or "无"
        raise RefusedError(f"“{code}”不是{_called(event)}的情形；可用：{known}")
    return ground


def _of_two(session: Session, event: Event) -> str:
    if is_alone(event):
        raise RefusedError(ALONE)
    return second_person(session, event)


def _institution(session: Session, ctx: Context, event: Event) -> tuple[int, str]:
    """The institution that an act means, and what it is called: an applicant's, or the one with a credit code, made
    where no register has named it yet."""
    fields = event.fields
    if fields["applicant_id"]:
        case = the_case(session, ctx.round.id, fields["applicant_id"])
        query = select(col(Applicant.institution_id)).where(col(Applicant.id) == case.applicant_pk)
        return int(session.execute(query).scalar_one()), case.name
    code, _ = identity_of(fields["credit_code"], "")
    if fault := fault_of(code):
        raise RefusedError(f"统一社会信用代码“{fields['credit_code']}”{fault}")
    institution = institution_of_code(session, code)
    known = _newest_case(session, institution)
    if known is None and (doubt := doubt_of(code)):
        raise RefusedError(f"统一社会信用代码“{fields['credit_code']}”{doubt}")
    name = known.name if known else fields.get("name") or _listed_name(session, institution)
    if not name:
        raise RefusedError(f"登记簿中没有信用代码 {code} 的机构：请填写“机构名称”")
    return institution, name


def _listed_name(session: Session, institution: int) -> str:
    query = select(col(ListEntry.name)).where(col(ListEntry.institution_id) == institution)
    return session.execute(query.order_by(col(ListEntry.id).desc()).limit(1)).scalar_one_or_none() or ""


def _standing(session: Session, institution: int, on_list: str, ground: str, today: date) -> Sequence[ListEntry]:
    """The entries of an institution on a list for a ground that stand today."""
    of_it = col(ListEntry.institution_id) == institution, col(ListEntry.on_list) == on_list
    stands = col(ListEntry.removed_on).is_(None), col(ListEntry.until).is_(None) | (col(ListEntry.until) >= today)
    query = select(ListEntry).where(*of_it, col(ListEntry.ground) == ground, *stands)
    return session.execute(query.order_by(col(ListEntry.id)).with_for_update()).scalars().all()


def _newest_case(session: Session, institution: int) -> Case | None:
    """The institution's dossier in the newest round that knows it: there its contact stands."""
    query = (
        select(col(Application.id))
        .join(Applicant, col(Applicant.id) == col(Application.applicant_pk))
        .join(Institution, col(Institution.id) == col(Applicant.institution_id))
        .where(col(Institution.id) == institution)
        .order_by(col(Applicant.round_id).desc(), col(Application.id).desc())
        .limit(1)
    )
    found = session.execute(query).scalar_one_or_none()
    return load_cases(session, col(Application.id) == found)[0] if found else None


def _tell(session: Session, event: Event, entry: ListEntry, ground: ListGround, reason: str) -> str:
    """The institution is told of each change. What is said to the office where it has no contact of it."""
    case = _newest_case(session, entry.institution_id)
    if case is None:
        return "登记簿中没有该机构的联系方式，请书面送达。"
    round_id = session.execute(select(col(Application.round_id)).where(col(Application.id) == case.id)).scalar_one()
    params: dict[str, Any] = {
        "listed": event.name == "list_add",
        "list_name": _called(event),
        "what": ground.text,
        "clause": ground.clause,
        "changed_on": local_day(event.at),
        "last_day": entry.until,
        "document": entry.document,
        "reason": reason,
        "refuses": entry.on_list == InstitutionList.REFUSAL,
    }
    about = DOSSIERS.about(context_numbered(session, round_id), case)
    rows = Outbox().owed(about, event.at, Message("list_changed", params), f"list:{entry.id}:{event.name}", by=event.by)
    insert_rows(session.connection(), Notification, rows)
    return "已告知机构。"
