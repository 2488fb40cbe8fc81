"""What an act would tell, read before it is done: the very act in a transaction that is taken back, and each message
that it owes in the words that would go out. Nothing is written, nobody is told.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, func, select
from sqlmodel import Session, col

from foundation.settings import get_settings
from models import Application
from models.database import engine_for, telling_conflicts
from models.migrate import ensure_current
from notifications.catalogue import spec_of
from notifications.outbox import Claim, N, as_they_stand
from notifications.reading import Written, masked_party, written
from policies.second_persons import load_second_persons
from rules.case import Case, Event
from rules.evaluation import EVALUATION
from rules.localtime import local_day
from rules.performance import PERFORMANCE
from rules.performance.records import AgreementCase
from rules.procedure import Procedure
from rules.vocabulary import Audience, Channel
from tasks.acts import ACTS
from tasks.messages.enclosures import enclosed
from tasks.perform import act_in, swept_within
from tasks.second_persons import second_person_of

# What nobody may try out beforehand, or cannot here; each says why.
LEFT_OUT: Mapping[str, str] = {
    "draw_experts": "抽取专家不能先看：换一个结果、换一个缺席的人试出来的名单，会左右抽取",
    "take_back_act": "撤回办理先用“30-1 试算撤回”看后果和将告知谁",
    "record_inspection": "登记检查要收存现场照片，通知在办理以后看",
    "conclude_assessment": "考核结果一次告知全部机构，先看考核结果通告",
    "publish_notice": "发布公示会占用公示网址里的编号，不试办：名单在办理前用“70 下载表格”核对，通知在办理以后看",
    "import_agreements": "在册协议由文件登记，通知在办理以后看",
}
NOT_ASKED: Mapping[str, tuple[str, ...]] = {"conclude_evaluation": ("tie_source", "tie_values")}  # as the draw's
PAGES: Mapping[str, Procedure[Any, Any]] = {Case.kind: EVALUATION, AgreementCase.kind: PERFORMANCE}


def _tells(procedure: Procedure[Any, Any]) -> tuple[str, ...]:
    """The acts of a person that owe an applicant a message, in the order of the table."""
    rows = (row for row in procedure.table if row.event in ACTS and row.event not in LEFT_OUT)
    told = (row.event for row in rows if any(spec_of(one).audience is Audience.APPLICANT for one in row.tells))
    return tuple(dict.fromkeys(told))


FORETOLD: Mapping[str, tuple[str, ...]] = {kind: _tells(procedure) for kind, procedure in PAGES.items()}


@dataclass(frozen=True, slots=True)
class Foretold:
    """What an act would do (`said`) and tell: `letters` about the dossier or agreement that was asked for, in their
    order; `others` are the numbers of further applicants who would be told. `needs_second`: it would wait for a second
    person first."""

    said: str
    letters: tuple[Written, ...]
    others: tuple[str, ...]
    needs_second: bool


def foretell(url: str, event: Event, applicant_pk: int) -> Foretold:
    """What an act would tell an applicant, and the office about him. Raises as the act does: RefusedError with a
    sentence, NotEntitledError for a person whose act it is not."""
    ensure_current(url)
    with telling_conflicts(), Session(engine_for(url), expire_on_commit=False) as session:
        try:
            return _foretold(session, event, applicant_pk)
        finally:
            session.rollback()


def _foretold(session: Session, event: Event, applicant_pk: int) -> Foretold:
    """What fell due before the act is done first, as before the act itself; its messages are not the act's."""
    event = swept_within(session, event)
    is_asked = event.name in load_second_persons(local_day(event.at)) and second_person_of(session, event) is not None
    newest = session.execute(select(func.max(N.c.id))).scalar() or 0
    receipt = act_in(session, event)
    session.flush()
    owed = as_they_stand(session, N.c.id > newest, N.c.created_at == event.at)
    subjects = _subjects(session, applicant_pk, [row for row, _ in owed])
    mine = [(row, held) for row, held in owed if _is_about(row, applicant_pk, subjects)]
    others = {str(row["applicant_id"]) for row, _ in owed if row["applicant_pk"] not in (None, applicant_pk)}
    letters = tuple(letter(session, row, held) for row, held in mine)
    return Foretold(receipt.summary, letters, tuple(sorted(others)), is_asked)


def _subjects(session: Session, applicant_pk: int, rows: Sequence[RowMapping]) -> set[tuple[str, int]]:
    """What is the applicant's own: the dossier, and whatever else the act tells the applicant of."""
    dossiers = select(col(Application.id)).where(col(Application.applicant_pk) == applicant_pk)
    told = {(row["subject"], row["subject_id"]) for row in rows if row["applicant_pk"] == applicant_pk}
    return told | {(Case.kind, one) for one in session.execute(dossiers).scalars()}


def _is_about(row: RowMapping, applicant_pk: int, subjects: Collection[tuple[str, int]]) -> bool:
    return row["applicant_pk"] == applicant_pk or (
        row["applicant_pk"] is None and (row["subject"], row["subject_id"]) in subjects
    )


def letter(session: Session, row: RowMapping, held: Claim) -> Written:
    """A row of the outbox in words, with its documents as the records stand in this session."""
    channel = Channel(row["channel"])
    documents = enclosed(held, session) if channel is Channel.EMAIL else ()
    return written(channel, held, masked_party(row), documents, get_settings().sms_sign_name)
