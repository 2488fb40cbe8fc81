"""案卷封面 and 卷内目录: what stands before a dossier when it goes to the archive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from models import Agreement
from publication.documents.casefacts import Dossier, dossier_of
from publication.documents.head import Facts, day_or
from publication.wording import cn_clause
from rules.evaluation.states import ENDS
from rules.localtime import local_day
from rules.vocabulary import ApplicantType, DocumentKind, State
from tasks.absences import handler_of
from tasks.documents.contents import Entry, contents_of, counted
from tasks.institutions import earlier_rounds, former_names, names_before
from tasks.ledger import called
from tasks.staff import staff_names

SHOWN = 12  # of a hash: enough to tell one paper from another


def dossier_cover(session: Session, application_id: int) -> Facts:
    """Whose dossier it is, when it was opened and closed, what became of it. Raises RefusedError when there is none."""
    one = dossier_of(session, application_id)
    entries = contents_of(session, one)
    return {
        **one.head(DocumentKind.DOSSIER_COVER, _day_of(one, entries)),
        "subject": f"{one.applicant.name}申请{one.view.county}{one.view.season}特殊药品定点医药机构案卷",
        "told": _told(session, one, entries),
        "blank": ["归档号", "保管期限", "归档日期"],
    }


def dossier_index(session: Session, application_id: int) -> Facts:
    """Every entry of the dossier, numbered. Raises RefusedError when there is no such dossier."""
    one = dossier_of(session, application_id)
    entries = contents_of(session, one)
    rows = [
        [str(place), entry.on.isoformat(), entry.kind.value, entry.title, entry.number, entry.sha256[:SHOWN]]
        for place, entry in enumerate(entries, 1)
    ]
    return {
        **one.head(DocumentKind.DOSSIER_INDEX, _day_of(one, entries)),
        "counted": counted(entries),
        "rows": rows,
    }


def _day_of(one: Dossier, entries: Sequence[Entry]) -> date:
    """The day of the last thing in the dossier; of an empty one, that of the announcement."""
    said = one.view.announcement["published_on"]
    announced = local_day(one.view.announced_at) if one.view.announced_at else date.fromisoformat(said)
    return max((entry.on for entry in entries), default=announced)


def _told(session: Session, one: Dossier, entries: Sequence[Entry]) -> list[list[str]]:
    application, state = one.application, State(one.application.state)
    is_over = state in ENDS
    closed_on = local_day(application.entered_at) if is_over and application.entered_at else None
    opened_on = local_day(application.submitted_at) if application.submitted_at else None
    handler = handler_of(session, application.id or 0)
    return [
        ["轮次", one.view.name],
        ["申请人编号", one.applicant.applicant_id],
        ["机构名称", one.applicant.name],
        ["曾用名", _former(session, one)],
        ["类型", ApplicantType(one.applicant.type).label],
        ["申请日期", day_or(opened_on, "（未申请）")],
        ["受理日期", day_or(application.accepted_on, "（未受理）")],
        ["办结日期", day_or(closed_on, "（未办结）")],
        ["处理结果" if is_over else "现处", state.label],
        *([["理由和依据", _reasons(one)]] if application.reasons else []),
        *([["协议编号", number]] if (number := _agreement(session, one)) else []),
        ["卷内目录", counted(entries)],
        ["负责人", called(handler, staff_names(session, [handler])) or "（未指定）"],
    ]


def _former(session: Session, one: Dossier) -> str:
    id_ = one.applicant.id or 0
    renamed = names_before(session, "applicant", [id_]).get(id_, [])
    found = former_names(one.applicant.name, earlier_rounds(session, id_), renamed)
    return "；".join(f"{before['name']}（{before['round']}）" for before in found) or "（无）"


def _reasons(one: Dossier) -> str:
    return "；".join(f"{reason['text']}（{cn_clause(reason['clause'])}）" for reason in one.application.reasons)


def _agreement(session: Session, one: Dossier) -> str:
    """The number of the agreement that the procedure ended with."""
    first = col(Agreement.application_id) == one.application.id, col(Agreement.previous_id).is_(None)
    return str(session.execute(select(col(Agreement.number)).where(*first)).scalar() or "")
