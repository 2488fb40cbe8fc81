"""One act for many agreements (令2、令3第41条; R74): a county renews all of them in one week. Each is carried out as a
single act, in a transaction of its own; one that cannot be is named and holds up no other. What was done before is said
to be done and not done again, so that a batch which was broken off is simply run again."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import col

from models import Agreement
from models.database import transaction
from models.migrate import ensure_current
from rules.case import Event
from rules.errors import InputError, NotEntitledError, RefusedError
from rules.performance.records import AgreementCase
from rules.texts import compared
from rules.vocabulary import AgreementState, Fitness
from tasks.act_result import Receipt, Submitted
from tasks.agreements import load_agreements
from tasks.batch import BatchReport
from tasks.perform import perform

Act = Callable[[str, Event], Receipt | Submitted]
BETWEEN = re.compile(r"[\s,，;；、]+")  # an agreement's number holds neither


@dataclass(frozen=True, slots=True)
class AgreementBatch:
    """A kind of batch: the act, its fields on the day that the form names and with the second person, whether it was
    done before, and who waits for it (None: the system cannot know, the numbers must be given)."""

    act: str
    label: str
    fields: Callable[[date, str], dict[str, Any]]
    is_done: Callable[[AgreementCase], bool]
    waits: Callable[[AgreementCase], bool] | None = None


def _waits_for_signature(case: AgreementCase) -> bool:
    return case.state is AgreementState.IN_FORCE and case.renewal_accepted and not case.successor


AGREEMENT_BATCHES: Mapping[str, AgreementBatch] = {
    "apply_renewals": AgreementBatch(
        "apply_renewal",
        "批量登记续签申请",
        lambda on, _second: {"applied_on": on},
        lambda case: case.renewal_accepted,
    ),
    "sign_renewals": AgreementBatch(
        "sign_renewal",
        "批量续签",
        lambda on, _second: {"signed_on": on, "new_number": "", "expires_on": None},
        lambda case: bool(case.successor),
        _waits_for_signature,
    ),
    "assess_fit": AgreementBatch(
        "assess_migrated",
        "批量审核合格",
        lambda on, second: {
            **{"result": Fitness.FIT, "assessed_on": on, "criteria": [], "decision_no": "", "served_on": None},
            "confirmed_by": second,
        },
        lambda case: case.assessed_on is not None,
    ),
}


@dataclass(frozen=True, slots=True)
class AgreementWish:
    """What is to be done: the kind, the numbers (none: everybody who waits), the day, who asks, the second person."""

    kind: str
    numbers: tuple[str, ...]
    on: date
    by: str
    at: datetime
    second: str = ""


def numbers_in(text: str) -> list[str]:
    """The numbers of agreements in pasted text, one a line or set apart, each once."""
    return list(dict.fromkeys(part for part in BETWEEN.split(text) if part))


def do_agreements(url: str, wish: AgreementWish, act: Act = perform) -> BatchReport:
    """Carries the batch out, each by `act`. Raises InputError when nobody is given and the system cannot know who
    waits, or a second person is wanted; RefusedError when nobody waits; NotEntitledError when the person may not do
    the act."""
    ensure_current(url)
    batch = AGREEMENT_BATCHES[wish.kind]
    if wish.kind == "assess_fit" and not wish.second:
        raise InputError("批量审核须两人办理：请填写“复核人工号”")
    cases = _cases(url)
    named = [*wish.numbers] or _waiting(batch, cases)
    report = BatchReport(batch.label)
    for number in named:
        _one(url, wish, batch, cases.get(compared(number)), number, report, act)
    return report


def _cases(url: str) -> dict[str, AgreementCase]:
    with transaction(url) as session:
        found = load_agreements(session, col(Agreement.state) != AgreementState.DRAFT)
    return {compared(one.number): one for one in found}


def _waiting(batch: AgreementBatch, cases: Mapping[str, AgreementCase]) -> Sequence[str]:
    if batch.waits is None:
        raise InputError(f"{batch.label}须列明协议编号：哪些机构已经提出或审核，系统无从知道")
    waiting = [one.number for one in cases.values() if batch.waits(one)]
    if not waiting:
        raise RefusedError(f"没有等候{batch.label.removeprefix('批量')}的协议")
    return waiting


def _one(
    url: str,
    wish: AgreementWish,
    batch: AgreementBatch,
    case: AgreementCase | None,
    number: str,
    report: BatchReport,
    act: Act,
) -> None:
    if case is None:
        report.refused.append((number, "没有这个编号的协议，请核对编号（看板“协议”可查）"))
        return
    if batch.is_done(case):
        report.already.append(case.number)
        return
    fields = {"agreement_number": case.number, "applicant_id": "", **batch.fields(wish.on, wish.second)}
    try:
        receipt = act(url, Event(batch.act, wish.at, wish.by, fields, case.round_id))
    except NotEntitledError:
        raise
    except (RefusedError, InputError) as why:
        report.refused.append((case.number, str(why)))
        return
    if isinstance(receipt, Submitted):
        report.done.append((case.number, "已提交复核"))
    elif batch.is_done(_read(url, case.id)):
        report.done.append((case.number, batch.label.removeprefix("批量")))
    else:  # on record, and not granted: a renewal whose conditions are no longer met
        report.refused.append((case.number, receipt.summary))


def _read(url: str, agreement_id: int) -> AgreementCase:
    with transaction(url) as session:
        [found] = load_agreements(session, col(Agreement.id) == agreement_id)
    return found
