"""One act for many dossiers: acceptance, preliminary opinions, notices of what is missing.

The ids are worked off in chunks, each decided by the same rules as a single act and written in one transaction by the
one writer. What was done before is said to be done and not done again, so a batch that was broken off is simply run
again. A dossier that cannot be done is named and holds up no other.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col

from models import Applicant, Application, AuditRecord
from models.bulk import among
from models.database import transaction
from models.migrate import ensure_current
from rules.case import Case, Context, Event, Refused
from rules.decide import decide
from rules.eligibility import doubtful
from rules.errors import ConflictError, InputError, RefusedError
from rules.guards import held_after, question_of
from rules.materials import gaps, needed
from rules.texts import half_width, hyphened, latin
from rules.vocabulary import AuditSubject, State
from tasks.acts.intake import TAKEN_IN, keep_materials
from tasks.advance import Change, advance
from tasks.casebook import context_of, current_round, load_cases
from tasks.decisions import sentence
from tasks.labels import LABELS
from tasks.perform import TRIES, may_act
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


def to_do(url: str, kind: str, given: Sequence[str]) -> list[str]:
    """The ids of a batch: those given, or everybody who waits for the act.

    Raises InputError when nobody is given and the system cannot know who waits; RefusedError when nobody waits.
    """
    batch = BATCHES[kind]
    if given:
        return list(given)
    if batch.waits is None:
        raise InputError(f"{batch.label}须列明申请人编号：谁已交来齐全的材料，系统无从知道")
    ensure_current(url)
    with transaction(url) as session:
        waiting = _waiting(session, current_round(session).id or 0, batch)
    if not waiting:
        raise RefusedError(f"没有等候{LABELS[batch.act]}的申请人")
    return waiting


def _waiting(session: Session, round_id: int, batch: Batch) -> list[str]:
    query = select(col(Application.id), col(Applicant.applicant_id)).join(Applicant)
    query = query.where(col(Application.round_id) == round_id, col(Application.state) == batch.waits)
    rows = session.execute(query.order_by(col(Applicant.applicant_id))).all()
    had = _had(session, [row[0] for row in rows], batch)
    return [applicant_id for case_id, applicant_id in rows if case_id not in had]


def chunks(ids: Sequence[str], size: int = CHUNK) -> Iterator[list[str]]:
    """The ids in portions, in order."""
    for first in range(0, len(ids), size):
        yield list(ids[first : first + size])


def do_chunk(url: str, kind: str, ids: Sequence[str], by: str, at: datetime) -> BatchReport:
    """Carries a portion out in one transaction. What fell due before happens first, as with a single act.

    Raises RefusedError when the person may not do the act, OperationalError when the database is gone. A chunk that
    fails for another reason than the rules is halved until the bad dossier stands alone; that one is named.
    """
    ensure_current(url)
    with transaction(url) as session:
        the_round = current_round(session)
        cases = [case.id for case in _cases(session, the_round.id or 0, ids)]
    sweep(url, at, only=cases)
    return _tried(url, kind, ids, by, at)


def _tried(url: str, kind: str, ids: Sequence[str], by: str, at: datetime) -> BatchReport:
    for remaining in range(TRIES - 1, -1, -1):
        try:
            with transaction(url) as session:
                return _written(session, BATCHES[kind], ids, by, at)
        except ConflictError as conflict:
            if not remaining and len(ids) == 1:
                return BatchReport(BATCHES[kind].label, refused=[(ids[0], str(conflict))])
        except (RefusedError, OperationalError):
            raise
        except Exception as error:  # noqa: BLE001 - a bad dossier may fail in any way: it is named, the others go on
            if len(ids) == 1:
                return BatchReport(BATCHES[kind].label, refused=[(ids[0], str(error) or type(error).__name__)])
            break
    return _halved(url, kind, ids, by, at)


def _halved(url: str, kind: str, ids: Sequence[str], by: str, at: datetime) -> BatchReport:
    report, half = BatchReport(BATCHES[kind].label), (len(ids) + 1) // 2
    for part in (ids[:half], ids[half:]):
        report.add(_tried(url, kind, part, by, at))
    return report


def _written(session: Session, batch: Batch, ids: Sequence[str], by: str, at: datetime) -> BatchReport:
    ctx = context_of(session, current_round(session))
    may_act(session, ctx.policy, Event(batch.act, at, by))
    cases = {case.applicant_id: case for case in _cases(session, ctx.round.id, ids)}
    had = _had(session, [case.id for case in cases.values()], batch)
    report, changes = BatchReport(batch.label), []
    for applicant_id in ids:
        case = cases.get(applicant_id)
        if case is None:
            report.refused.append((applicant_id, "本轮没有这个申请人，请核对编号"))
        elif case.id in had:
            report.already.append(applicant_id)
        else:
            changes += _decided(case, Event(batch.act, at, by, _fields(batch, case, ctx)), ctx, report)
    advance(session, ctx, changes)
    _keep_what_came_in(session, ctx, changes, at)
    return report


def _cases(session: Session, round_id: int, ids: Sequence[str]) -> list[Case]:
    return load_cases(session, (col(Application.round_id) == round_id) & col(Applicant.applicant_id).in_(list(ids)))


def _had(session: Session, case_ids: Sequence[int], batch: Batch) -> set[int]:
    """The dossiers for which the act was done before: those whose record says so. A submission counts once accepted."""
    query = select(col(AuditRecord.subject_id)).where(
        col(AuditRecord.subject) == AuditSubject.APPLICATION,
        among(session, col(AuditRecord.subject_id), case_ids),
    )
    if batch.act == "submit_application":
        return set(session.execute(query.where(col(AuditRecord.to_state) == State.ACCEPTED)).scalars())
    return set(session.execute(query.where(col(AuditRecord.event) == batch.act)).scalars())


def _fields(batch: Batch, case: Case, ctx: Context) -> dict[str, Any]:
    return {"applicant_id": case.applicant_id, **batch.fields(case, ctx)}


def _decided(case: Case, event: Event, ctx: Context, report: BatchReport) -> list[Change]:
    if event.name == "sign_preliminary_opinion" and (kinds := doubtful(question_of(case, event, ctx), case.type)):
        named = "、".join(kinds)
        report.refused.append((case.applicant_id, f"“{named}”是否属于行政处罚须由人判断，请用“签署初审意见”逐家办理"))
        return []
    outcome = decide(case, event, ctx)
    if isinstance(outcome, Refused):
        report.refused.append((case.applicant_id, sentence(outcome)))
        return []
    report.done.append((case.applicant_id, outcome.to.label))
    return [Change(case, event, outcome)]


def _keep_what_came_in(session: Session, ctx: Context, changes: Sequence[Change], at: datetime) -> None:
    taken = [one for one in changes if one.event.name == "submit_application" and one.outcome.to in TAKEN_IN]
    keep_materials(session, [(one.case, held_after(one.case, one.event, ctx)) for one in taken], at)


def expect_confirmed(kind: str, confirmed: bool, where: str) -> None:
    """A batch of acceptances says of every dossier that a person saw it complete: somebody must say so."""
    if kind == "accept" and not confirmed:
        raise InputError(f"批量受理须先逐家核对材料、份数、印章和原件均已齐全，并以“{where}”确认")
