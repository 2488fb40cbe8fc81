"""The facts of what follows the preliminary review: its summary to the county bureau, and that bureau's request to the
city bureau (五(一)、五(二); R26, R28)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Applicant, Application, AuditRecord, SiteVisit
from models.corrections import stands
from publication.documents.head import Facts, day_or, hanzi, head, reasons_of
from publication.documents.source import RoundSource, round_source
from publication.wording import cn_clause
from rules.errors import RefusedError
from rules.localtime import local_day
from rules.vocabulary import ApplicantType, AuditSubject, DocumentKind, EvaluationStage, State
from rules.wording import cn_date

OPINION, REQUEST = "sign_preliminary_opinion", "request_evaluation"
COUNTY, CITY = EvaluationStage.COUNTY_BUREAU, EvaluationStage.CITY_BUREAU
NOT_ACCEPTED = (State.TOO_EARLY, State.NOT_ACCEPTED_LATE, State.NOT_ACCEPTED_INCOMPLETE, State.NOT_ACCEPTED_BAN)
COUNTED = ("申报", "不予受理", "受理", "初审合格", "初审不合格", "尚无初审意见")


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A dossier with its opinion (None: not signed yet), its requests by stage, and the days of its visits."""

    applicant: Applicant
    application: Application
    opinion: AuditRecord | None
    requests: Mapping[str, AuditRecord]
    visited_on: Sequence[date]

    @property
    def has_passed(self) -> bool:
        """Whether the opinion was that it passed."""
        return self.opinion is not None and self.opinion.to_state == State.PRELIM_PASSED


def review_summary(session: Session, round_id: int) -> Facts:
    """五(一): what the preliminary review came to, and that the evaluation is asked for. Raises RefusedError before an
    opinion is signed."""
    view, rows = round_source(session, round_id), _reviewed(session, round_id)
    opinions = [one.opinion for one in rows if one.opinion]
    if not opinions:
        raise RefusedError("尚未签署初审意见，没有可以汇总的初审情况：请先办理“签署初审意见”")
    day = _first_request(rows, COUNTY) or max(local_day(one.at) for one in opinions)
    title = f"{view.county}{view.season}特殊药品定点医药机构{DocumentKind.REVIEW_SUMMARY.label}"
    return {
        **head(DocumentKind.REVIEW_SUMMARY, view, title, day, str(round_id)),
        "addressee": view.bureau,
        "clause": cn_clause(view.policy.clause("preliminary_review")),
        **_outcome(view, [one for one in rows if one.has_passed], rows),
    }


def evaluation_request(session: Session, round_id: int) -> Facts:
    """五(二): the county bureau asks the city bureau for the evaluation. Raises RefusedError before the agency asked
    the county bureau itself."""
    view, rows = round_source(session, round_id), _reviewed(session, round_id)
    day = _first_request(rows, CITY) or _first_request(rows, COUNTY)
    if day is None:
        raise RefusedError("尚未向县医疗保障局提出评估申请：请先办理“提出评估申请”")
    title = f"关于对{view.county}{view.season}特殊药品定点医药机构进行履约能力实地评估的申请"
    return {
        **head(DocumentKind.EVALUATION_REQUEST, view, title, day, str(round_id)),
        "agency": view.bureau,
        "reviewer": view.agency,
        "addressee": CITY.label,
        "clause": cn_clause(view.policy.clause("panel_min")),
        "least": str(view.policy.count("panel_min")),
        "most": str(view.policy.count("panel_max")),
        **_outcome(view, [one for one in rows if one.requests], rows),
    }


def _reviewed(session: Session, round_id: int) -> list[Reviewed]:
    """Every dossier of the round that was handed in, by number."""
    query = select(Applicant, Application).join(Application, col(Application.applicant_pk) == col(Applicant.id))
    of_round = query.where(col(Application.round_id) == round_id, col(Application.submitted_at).is_not(None))
    rows = [(row[0], row[1]) for row in session.execute(of_round.order_by(col(Applicant.applicant_id)))]
    opinions, requests, visits = _opinions(session, round_id), _requests(session, round_id), _visits(session, round_id)
    return [
        Reviewed(applicant, case, opinions.get(case.id), requests.get(case.id, {}), visits.get(case.id, ()))
        for applicant, case in rows
    ]


def _records(session: Session, round_id: int, event: str) -> Sequence[AuditRecord]:
    ids = select(col(Application.id)).where(col(Application.round_id) == round_id)
    about = col(AuditRecord.subject) == AuditSubject.APPLICATION, col(AuditRecord.subject_id).in_(ids)
    query = select(AuditRecord).where(*about, col(AuditRecord.event) == event).order_by(col(AuditRecord.id))
    return session.execute(query).scalars().all()


def _opinions(session: Session, round_id: int) -> dict[int | None, AuditRecord]:
    return {one.subject_id: one for one in _records(session, round_id, OPINION)}


def _requests(session: Session, round_id: int) -> dict[int | None, dict[str, AuditRecord]]:
    found: dict[int | None, dict[str, AuditRecord]] = {}
    for one in _records(session, round_id, REQUEST):
        found.setdefault(one.subject_id, {})[one.detail["fields"]["to"]] = one
    return found


def _visits(session: Session, round_id: int) -> dict[int | None, list[date]]:
    query = select(col(SiteVisit.application_id), col(SiteVisit.visited_on)).join(Application)
    of_round = query.where(col(Application.round_id) == round_id, stands(SiteVisit)).order_by(col(SiteVisit.visited_on))
    found: dict[int | None, list[date]] = {}
    for application_id, day in session.execute(of_round):
        found.setdefault(application_id, []).append(day)
    return found


def _first_request(rows: Sequence[Reviewed], stage: EvaluationStage) -> date | None:
    return min((local_day(one.requests[stage].at) for one in rows if stage in one.requests), default=None)


def _outcome(view: RoundSource, chosen: Sequence[Reviewed], rows: Sequence[Reviewed]) -> Facts:
    """Counts, those that go on with the essentials, and those that failed with every reason."""
    failed = [_failed(one) for one in rows if one.opinion and not one.has_passed]
    return {
        "counts": [_counts(type_, rows) for type_ in ApplicantType],
        "passed": [_group(place, type_, chosen, view) for place, type_ in enumerate(ApplicantType, 1)],
        "passed_count": str(len(chosen)),
        "failed": failed,
        "failed_count": str(len(failed)),
    }


def _counts(type_: ApplicantType, rows: Sequence[Reviewed]) -> list[str]:
    tally = Counter(word for one in rows if one.applicant.type == type_ for word in _standing(one))
    return [type_.label, *(str(tally[word]) for word in COUNTED)]


def _standing(one: Reviewed) -> list[str]:
    if one.application.state in NOT_ACCEPTED:
        return ["申报", "不予受理"]
    words = ["申报", "受理"] if one.application.accepted_on else ["申报"]
    if one.opinion is None:
        return [*words, "尚无初审意见"]
    return [*words, "初审合格" if one.has_passed else "初审不合格"]


def _group(place: int, type_: ApplicantType, chosen: Sequence[Reviewed], view: RoundSource) -> Facts:
    entries = [_essentials(one, view) for one in chosen if one.applicant.type == type_]
    return {"number": hanzi(place), "label": type_.label, "quota": str(view.quota[type_.value]), "entries": entries}


def _essentials(one: Reviewed, view: RoundSource) -> Facts:
    assert one.opinion is not None
    facts: Mapping[str, Any] = {**one.applicant.facts, **one.application.findings}
    is_first = any(facts.get(name) for name in view.policy.priority_facts[one.applicant.type])
    return {
        "applicant_id": one.applicant.applicant_id,
        "name": one.applicant.name,
        "accepted_on": day_or(one.application.accepted_on),
        "visited_on": "、".join(map(cn_date, one.visited_on)) or "—",
        "signed_on": cn_date(local_day(one.opinion.at)),
        "priority": "有" if is_first else "无",
    }


def _failed(one: Reviewed) -> Facts:
    assert one.opinion is not None
    return {
        "applicant_id": one.applicant.applicant_id,
        "name": one.applicant.name,
        "reasons": reasons_of(one.opinion.detail.get("reasons", [])),
    }
