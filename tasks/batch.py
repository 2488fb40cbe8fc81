"""One act for many dossiers: acceptance, preliminary opinions, notices of what is missing.

The ids are worked off in chunks, each decided by the same rules as a single act and written in one transaction by the
one writer. What was done before is said to be done and not done again, so a batch that was broken off is simply run
again. A dossier that cannot be done is named and holds up no other.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Applicant, Application, AuditRecord
from models.bulk import among
from models.database import transaction
from models.migrate import ensure_current
from rules.case import Case, Change, Context, Event, Refused
from rules.eligibility import doubtful, in_doubt_sentence
from rules.errors import InputError, RefusedError
from rules.evaluation.guards import held_after, question_of
from rules.materials import gaps, needed
from rules.texts import half_width, hyphened, latin
from rules.vocabulary import AuditSubject, State
from tasks.acts.intake import TAKEN_IN, keep_materials
from tasks.addressing import addressed
from tasks.case_loading import context_of, load_cases, round_numbered
from tasks.decisions import asked, sentence
from tasks.halving import in_halves
from tasks.labels import LABELS
from tasks.recording import record
from tasks.roles import may_act
from tasks.second_persons import CHECKED_BY_ONESELF, checked_alone
from tasks.sweep import sweep

CHUNK = 40
NAMED = 20
SEPARATORS = re.compile(r"[^A-Za-z0-9-]+")


@dataclass(frozen=True, slots=True)
class Batch:
    """A kind of batch: the act, where a dossier waits for it, and what its form would say for each dossier.

    `waits` None: the system cannot know who waits, the ids must be given.
    """

    act: str
    label: str
    waits: State | None
    fields: Callable[[Case, Context], dict[str, Any]]


@dataclass
class BatchReport:
    """What a batch did: the dossiers done with their new state, those done before, those refused with the sentence."""

    label: str
    done: list[tuple[str, str]] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)

    def add(self, other: BatchReport) -> None:
        """Takes in what another chunk did."""
        self.done += other.done
        self.already += other.already
        self.refused += other.refused

    @property
    def summary(self) -> str:
        """One sentence; of many refused dossiers the first are named, the page names them all."""
        counted = "、".join(f"{state} {count}" for state, count in Counter(state for _, state in self.done).items())
        done = f"办理 {len(self.done)} 家" + (f"（{counted}）" if counted else "")
        said = f"{self.label}：{done}，此前已办 {len(self.already)} 家"
        if not self.refused:
            return f"{said}。"
        named = "；".join(f"{applicant_id}：{why}" for applicant_id, why in self.refused[:NAMED])
        more = f"；另有 {len(self.refused) - NAMED} 家见结果页" if len(self.refused) > NAMED else ""
        return f"{said}，未办理 {len(self.refused)} 家：{named}{more}。"

    def as_json(self) -> dict[str, Any]:
        """The report as plain data."""
        return {
            "batch": self.label,
            "done": [{"applicant_id": one, "state": state} for one, state in self.done],
            "already": self.already,
            "refused": [{"applicant_id": one, "reason": why} for one, why in self.refused],
        }


def _everything(case: Case, ctx: Context) -> dict[str, Any]:
    """All that the dossier owes was handed in, and seen to be in order by whoever runs the batch (四)."""
    owed = {material.code for material in needed(ctx.policy, case.type, case.facts)}
    formal = {material.code for material in ctx.policy.formalities}
    seen = {"official_seal": True, "legal_rep_seal": True, "originals_shown": True}
    return {"materials": sorted(owed - formal), "copies": ctx.policy.count("dossier_copies"), **seen}


def _no_judgements(_case: Case, _ctx: Context) -> dict[str, Any]:
    """A dossier that a person must judge is refused by the rules, and named (A7-32)."""
    return {"judgements": {}}


def _every_gap(case: Case, ctx: Context) -> dict[str, Any]:
    """One notice of everything that is missing (A7-37)."""
    return {"missing": [material.code for material in gaps(ctx.policy, case.type, case.facts, case.materials)]}


BATCHES: Mapping[str, Batch] = {
    "accept": Batch("submit_application", "批量受理", None, _everything),
    "review": Batch("sign_preliminary_opinion", "批量初审", State.ACCEPTED, _no_judgements),
    "supplement": Batch("request_supplement", "批量告知补正", State.INCOMPLETE, _every_gap),
}


def ids_in(text: str) -> list[str]:
    """The numbers of applicants in pasted text, whatever stands between them, full-width ones too, each once."""
    parts = SEPARATORS.split(latin(hyphened(half_width(text))))
    return list(dict.fromkeys(part for part in parts if part))


@dataclass(frozen=True, slots=True)
class Portion:
    """What is to be done in one go: the kind of batch, the round, the numbers in it, who asks and when. Without a round
    it is the one that the numbers stand in; without numbers, everybody who waits for the act."""

    kind: str
    round_id: int
    ids: tuple[str, ...]
    by: str
    at: datetime

    @property
    def batch(self) -> Batch:
        """What the kind means."""
        return BATCHES[self.kind]

    def of(self, ids: Sequence[str]) -> Portion:
        """The same for some of the numbers."""
        return replace(self, ids=tuple(ids))


def to_do(url: str, wish: Portion) -> Portion:
    """The batch with its round and its numbers.

    Raises InputError when nobody is given and the system cannot know who waits; RefusedError when nobody waits, or the
    round cannot be told.
    """
    if not wish.ids and wish.batch.waits is None:
        raise InputError(f"{wish.batch.label}须列明申请人编号：谁已交来齐全的材料，系统无从知道")
    ensure_current(url)
    with transaction(url) as session:
        named = {"applicant_ids": list(wish.ids)}
        round_id = addressed(session, Event(wish.batch.act, wish.at, wish.by, named, wish.round_id)).id or 0
        ids = wish.ids or tuple(_waiting(session, round_id, wish.batch))
    if not ids:
        raise RefusedError(f"没有等候{LABELS[wish.batch.act]}的申请人")
    return replace(wish, round_id=round_id, ids=ids)


def _waiting(session: Session, round_id: int, batch: Batch) -> list[str]:
    query = select(col(Application.id), col(Applicant.applicant_id)).join(Applicant)
    query = query.where(col(Application.round_id) == round_id, col(Application.state) == batch.waits)
    rows = session.execute(query.order_by(col(Applicant.applicant_id))).all()
    had = _had(session, [row[0] for row in rows], batch)
    return [applicant_id for case_id, applicant_id in rows if case_id not in had]


def chunks(whole: Portion, size: int = CHUNK) -> Iterator[Portion]:
    """The batch in portions, in order."""
    for first in range(0, len(whole.ids), size):
        yield whole.of(whole.ids[first : first + size])


def do_chunk(url: str, portion: Portion) -> BatchReport:
    """Carries a portion out in one transaction. What fell due before happens first, as with a single act.

    Raises NotEntitledError when the person may not do the act, ConflictError or OperationalError when the database
    stays busy or away (`tasks.halving`). A dossier that is at fault itself is named, the others go through.
    """
    ensure_current(url)
    with transaction(url) as session:
        cases = [case.id for case in _cases(session, portion)]
    sweep(url, portion.at, only=cases)
    report = BatchReport(portion.batch.label)
    for done in in_halves(lambda ids: _done(url, portion.of(ids)), portion.ids, partial(_not_done, portion)):
        report.add(done)
    return report


def _done(url: str, portion: Portion) -> BatchReport:
    with transaction(url) as session:
        return _written(session, portion)


def _not_done(portion: Portion, applicant_id: str, why: str) -> BatchReport:
    return BatchReport(portion.batch.label, refused=[(applicant_id, why)])


def _written(session: Session, portion: Portion) -> BatchReport:
    ctx, batch = context_of(session, round_numbered(session, portion.round_id)), portion.batch
    act = Event(batch.act, portion.at, portion.by, round_id=portion.round_id)
    may_act(session, ctx.policy.roles, act)
    cases = {case.applicant_id: case for case in _cases(session, portion)}
    had = _had(session, [case.id for case in cases.values()], batch)
    alone = checked_alone(session, act)
    report, changes = BatchReport(batch.label), []
    for applicant_id in portion.ids:
        case = cases.get(applicant_id)
        if case is None:
            report.refused.append((applicant_id, "本轮没有这个申请人，请核对编号"))
        elif case.id in had:
            report.already.append(applicant_id)
        elif applicant_id in alone:
            report.refused.append((applicant_id, CHECKED_BY_ONESELF))
        else:
            changes += _decided(case, replace(act, fields=_fields(batch, case, ctx)), ctx, report)
    record(session, ctx, changes)
    _keep_what_came_in(session, ctx, changes, portion.at)
    return report


def _cases(session: Session, portion: Portion) -> list[Case]:
    of_round = col(Application.round_id) == portion.round_id
    return load_cases(session, of_round & col(Applicant.applicant_id).in_(list(portion.ids)))


def _had(session: Session, case_ids: Sequence[int], batch: Batch) -> set[int]:
    """The dossiers for which the act was done before: those whose record says so. A submission counts once accepted."""
    query = select(col(AuditRecord.subject_id)).where(
        col(AuditRecord.subject) == AuditSubject.APPLICATION,
        among(col(AuditRecord.subject_id), case_ids),
    )
    if batch.act == "submit_application":
        return set(session.execute(query.where(col(AuditRecord.to_state) == State.ACCEPTED)).scalars())
    return set(session.execute(query.where(col(AuditRecord.event) == batch.act)).scalars())


def _fields(batch: Batch, case: Case, ctx: Context) -> dict[str, Any]:
    return {"applicant_id": case.applicant_id, **batch.fields(case, ctx)}


def _decided(case: Case, event: Event, ctx: Context, report: BatchReport) -> list[Change[Case]]:
    if event.name == "sign_preliminary_opinion" and (kinds := doubtful(question_of(case, event, ctx), case.type)):
        report.refused.append((case.applicant_id, in_doubt_sentence(kinds)))
        return []
    answer = asked(case, event, ctx)
    if isinstance(answer, Refused):
        report.refused.append((case.applicant_id, sentence(answer)))
        return []
    report.done.append((case.applicant_id, answer.outcome.to.label))
    return [answer]


def _keep_what_came_in(session: Session, ctx: Context, changes: Sequence[Change[Case]], at: datetime) -> None:
    taken = [one for one in changes if one.event.name == "submit_application" and one.outcome.to in TAKEN_IN]
    keep_materials(session, [(one.case, held_after(one.case, one.event, ctx)) for one in taken], at)


def expect_confirmed(kind: str, confirmed: bool, where: str) -> None:
    """A batch of acceptances says of every dossier that a person saw it complete: somebody must say so."""
    if kind == "accept" and not confirmed:
        raise InputError(f"批量受理须先逐家核对材料、份数、印章和原件均已齐全，并以“{where}”确认")
