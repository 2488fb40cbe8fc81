"""先纳入、后规范 (R74): agreements that were there before are put on the register as they are, with their term and the
suspensions so far, and assessed by the county's day. They belong to a round of the kind `intake`, which has no
procedure (docs/decisions/0034)."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Agreement, Applicant, Application, Bar, Institution, Round
from models.pinned import pin_policy
from policies.loader import PROCEDURE, newest_text, parse_policy
from rules import creditcode
from rules.case import Change, Context, Event
from rules.errors import RefusedError
from rules.localtime import local_day, local_time
from rules.performance.records import AgreementCase
from rules.performance.states import ENDS
from rules.texts import compared
from rules.vocabulary import AgreementState, Fitness, PinnedBy, RoundKind
from tasks.act_result import Receipt
from tasks.acts.on_agreements import done, receipt, second_person
from tasks.agreements import load_agreements
from tasks.case_loading import context_of
from tasks.decisions import decided
from tasks.institutions import attach
from tasks.recording import record
from tasks.rounds import record_for_round

BATCH = 0  # of a county's year: announced rounds count from 1
NO_PLACES = {"hospital": 0, "pharmacy": 0}
CLAUSE = "定点管理通知二(一)"
SAME = ("effective_on", "expires_on")
TWICE = "该机构本次已登记另一份协议，不能重复登记"
Entry = Mapping[str, Any]


def import_agreements(session: Session, ctx: Context, event: Event) -> Receipt:
    """Each entry becomes an agreement in force, or signed before its first day; the same again changes nothing. Entries
    that cannot be are named, the others are done."""
    assess_by = _assess_by(ctx, event)
    new: list[Entry] = []
    refused: list[tuple[str, str]] = []
    already = 0
    seen: set[str] = set()
    for entry in event.fields["entries"]:
        number, code = entry["agreement_number"], _code(entry)
        twice = "本次重复填写" if number in seen else TWICE if code in {_code(one) for one in new} else ""
        if why := _fault(session, ctx, event, entry, assess_by) or twice:
            refused.append((number, why))
        elif _is_there(session, entry):
            already += 1
        else:
            new.append(entry)
        seen.add(number)
    if not new:
        if refused:
            named = [f"{number}：{why}" for number, why in refused]
            raise RefusedError("；".join(named) if len(named) > 1 else refused[0][1])
        return Receipt(f"此前已登记 {already} 份在册协议，内容相同，没有改变。", ctx.round.id)
    home = _intake_round(session, ctx, event)
    own = context_of(session, home)
    changes = _taken_in(session, own, event, new, assess_by)
    record(session, own, changes)
    record_for_round(session, own, event, {"agreements": len(changes), "assess_by": assess_by})
    ids = tuple(one.case.applicant_id for one in changes)
    before = f"；此前已登记 {already} 份" if already else ""
    said = f"已登记 {len(changes)} 份在册协议，请在 {assess_by} 以前审核{before}。"
    return Receipt(said, own.round.id, ids, tuple(refused))


def assess_migrated(session: Session, ctx: Context, event: Event) -> Receipt:
    """Assessed by two persons: fit, or cancelled with the conditions that are not met, without a bar (L9)."""
    second_person(session, event)
    change = done(session, ctx, event)
    if event.fields["result"] == Fitness.FIT:
        return receipt(ctx, change, "审核合格")
    return receipt(ctx, change, f"审核不合格，自 {event.fields['served_on']} 起取消定点，不受三年限制")


def _assess_by(ctx: Context, event: Event) -> date:
    """The county's day, or the last day of the month that the policy names, in the transitional year."""
    given: date | None = event.fields.get("assess_by")
    today = local_day(event.at)
    year, month = event.fields.get("year") or today.year, ctx.policy.count("migration_assess_by")
    found = given or date(year, month, calendar.monthrange(year, month)[1])
    if found < today:
        raise RefusedError(f"审核截止日 {found} 已经过去，请核对“过渡年度”或“审核截止日”（依据：{CLAUSE}）")
    return found


# --- what may be taken in --------------------------------------------------------------------------------------


def _code(entry: Entry) -> str:
    return str(creditcode.code_of(entry["credit_code"]))


def _fault(session: Session, ctx: Context, event: Event, entry: Entry, assess_by: date) -> str:
    """Why an entry cannot be taken in; empty where it can, or is there already with the same content."""
    code, today = _code(entry), local_day(event.at)
    if doubt := creditcode.fault_of(code) or creditcode.doubt_of(code):
        return f"统一社会信用代码{doubt}；{creditcode.CERTIFICATE}"
    if entry["expires_on"] <= entry["effective_on"]:
        return f"终止日 {entry['expires_on']} 须晚于生效日 {entry['effective_on']}"
    if kept := _numbered(session, entry["agreement_number"]):
        return "" if _is_same(kept, entry) else "协议编号已用于另一份协议，或内容与已登记的不同，请核对"
    if entry["expires_on"] < today:
        return f"协议已于 {entry['expires_on']} 到期，不能登记为在册协议"
    if entry["effective_on"] > assess_by:
        return f"生效日 {entry['effective_on']} 在审核截止日 {assess_by} 之后，不属于在册协议"
    if entry["suspensions"] >= ctx.policy.suspension_limit:
        return f"此前已暂停 {entry['suspensions']} 次，达到规定的 {ctx.policy.suspension_limit} 次，应予解除，不能纳入"
    return _standing_against(session, code, today)


def _standing_against(session: Session, code: str, today: date) -> str:
    """A bar on the institution, or another agreement of its that has not ended."""
    bars = select(col(Bar.last_day)).join(Institution, col(Institution.id) == col(Bar.institution_id))
    running = col(Bar.lifted_on).is_(None), col(Bar.last_day) >= today, col(Institution.credit_code) == code
    if last_day := session.execute(bars.where(*running).order_by(col(Bar.last_day).desc())).scalars().first():
        return f"该机构在三年限制期内（至 {last_day}），不能纳入"
    query = select(col(Agreement.number)).join(Application, col(Application.id) == col(Agreement.application_id))
    query = query.join(Applicant, col(Applicant.id) == col(Application.applicant_pk))
    query = query.join(Institution, col(Institution.id) == col(Applicant.institution_id))
    over = (*ENDS, AgreementState.DRAFT)
    own = col(Institution.credit_code) == code, col(Agreement.state).not_in(over)
    if other := session.execute(query.where(*own)).scalars().first():
        return f"该机构已有履行中的协议 {other}，不能重复登记"
    return ""


def _numbered(session: Session, number: str) -> Any:
    query = select(
        *(col(Agreement.effective_on), col(Agreement.expires_on), col(Agreement.assess_by)),
        *(col(Agreement.suspensions_before), col(Applicant.credit_code), col(Applicant.name), col(Applicant.type)),
    )
    query = query.join(Application, col(Application.id) == col(Agreement.application_id))
    query = query.join(Applicant, col(Applicant.id) == col(Application.applicant_pk))
    return session.execute(query.where(col(Agreement.number) == number)).first()


def _is_same(kept: Any, entry: Entry) -> bool:
    days = all(getattr(kept, name) == entry[name] for name in SAME)
    who = (_code(entry), compared(entry["name"]), entry["type"])
    as_kept = (kept.credit_code, compared(kept.name), kept.type)
    return kept.assess_by is not None and days and who == as_kept and kept.suspensions_before == entry["suspensions"]


def is_kept(session: Session, entry: Entry) -> bool:
    """Whether an agreement of before is on the register with the same content."""
    kept = _numbered(session, entry["agreement_number"])
    return kept is not None and _is_same(kept, entry)


def _is_there(session: Session, entry: Entry) -> bool:
    return _numbered(session, entry["agreement_number"]) is not None


# --- the round, the rows ---------------------------------------------------------------------------------------


def _intake_round(session: Session, ctx: Context, event: Event) -> Round:
    """The round that holds a county's agreements of before, one a year; made with the first of them."""
    year = local_day(event.at).year
    of_it = col(Round.county) == ctx.round.county, col(Round.year) == year, col(Round.batch) == BATCH
    found: Round | None = session.execute(select(Round).where(*of_it)).scalar_one_or_none()
    if found:
        return found
    text, today = newest_text(), local_day(event.at)
    policy = parse_policy(text, today, PROCEDURE)
    announced = {**ctx.round.announcement, "published_on": today.isoformat(), "year": year, "quota": NO_PLACES}
    chosen = {**policy.recommended, **announced.get("readings", {}), "agreement_life": "kept"}
    announced["readings"] = {name: choice for name, choice in chosen.items() if name in policy.readings}
    announced["accept_until_text"] = f"{today} {local_time(event.at):%H:%M}"
    new = Round(
        county=ctx.round.county,
        year=year,
        batch=BATCH,
        kind=RoundKind.INTAKE,
        name=f"{ctx.round.county}{year}年在册协议",
        procedure=policy.identity,
        policy_sha256=policy.sha256,
        workdays_version=ctx.workdays.version,
        announcement=announced,
        rubric={},
        accept_from=event.at - timedelta(minutes=1),
        accept_until=event.at,
    )
    session.add(new)
    session.flush()
    pin_policy(session, new, text, policy, pinned_by=PinnedBy.ANNOUNCEMENT, pinned_at=event.at)
    return new


def _taken_in(
    session: Session, own: Context, event: Event, entries: Sequence[Entry], assess_by: date
) -> list[Change[AgreementCase]]:
    """The rows of the agreements and their first records, decided by the table."""
    held = len(session.execute(select(col(Applicant.id)).where(col(Applicant.round_id) == own.round.id)).all())
    applicants = [_applicant(own, entry, held + nth) for nth, entry in enumerate(entries, 1)]
    attach(session, applicants)
    session.add_all(applicants)
    session.flush()
    dossiers = [Application(round_id=own.round.id, applicant_pk=one.id or 0, type=one.type) for one in applicants]
    session.add_all(dossiers)
    session.flush()
    rows = [
        _agreement(own, event, entry, dossier.id or 0, assess_by)
        for entry, dossier in zip(entries, dossiers, strict=True)
    ]
    session.add_all(rows)
    session.flush()
    cases = load_agreements(session, col(Agreement.id).in_([row.id for row in rows]))
    by_number = {entry["agreement_number"]: entry for entry in entries}
    return [
        decided(case, Event(event.name, event.at, event.by, dict(by_number[case.number]), own.round.id), own)
        for case in cases
    ]


def _applicant(own: Context, entry: Entry, number: int) -> Applicant:
    level = entry.get("level", "")
    return Applicant(
        round_id=own.round.id,
        applicant_id=f"M{number:04}",
        type=entry["type"],
        name=entry["name"],
        credit_code=_code(entry),
        facts={"grade": level} if level else {},
    )


def _agreement(own: Context, event: Event, entry: Entry, application_id: int, assess_by: date) -> Agreement:
    return Agreement(
        application_id=application_id,
        round_id=own.round.id,
        number=entry["agreement_number"],
        signed_on=entry.get("signed_on") or entry["effective_on"],
        signed_by=event.by,
        recorded_at=event.at,
        effective_on=entry["effective_on"],
        expires_on=entry["expires_on"],
        suspension_limit=own.policy.suspension_limit,
        suspensions_before=entry["suspensions"],
        assess_by=assess_by,
    )
