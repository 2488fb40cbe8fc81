"""An applicant's contacts and name, changed by a clerk on a page of the gate: never by a form, whose fields Prefect
keeps in clear. What is shown and recorded is masked; its former name stays known for letters and conflicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from foundation import addresses
from foundation.secrets import Contact, Keyring, mask_email, mask_name, mask_phone, seal_contact, unseal_contact
from models import Applicant, Application, FormerName, Notification
from models.database import reading, transaction
from notifications.catalogue import spec_of
from notifications.suppression import index_of
from rules.case import Change, Event, Outcome
from rules.errors import InputError, RefusedError
from rules.phones import own_number
from rules.register import listed_name
from rules.texts import compared
from rules.vocabulary import Audience, Channel, MessageStatus
from tasks.case_loading import context_numbered, load_cases
from tasks.page_fields import LONGEST, Given, evidence_of, line_of
from tasks.perform import again_on_conflict
from tasks.recording import record
from tasks.roles import expect_reach
from tasks.rounds import record_for_round

PLACE = "contacts"
CHANGED = "change_contacts"
AGAIN: Mapping[MessageStatus, str] = {  # what becomes of a letter that failed, once the address is right
    MessageStatus.REJECTED: "retry_notification",
    MessageStatus.FAILED: "retry_notification",
    MessageStatus.UNDELIVERED: "resend_notification",
    MessageStatus.EXPIRED: "resend_notification",
}
MASKS = {"name": mask_name, "phone": mask_phone, "email": mask_email}
TITLES = {"name": "联系人", "phone": "电话", "email": "电子邮箱"}


@dataclass(frozen=True, slots=True)
class Failed:
    """A letter to the applicant that did not arrive, and the act by which it goes out once more."""

    number: int
    title: str
    channel: str
    status: str
    why: str
    again: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows of an applicant: contacts masked, what failed for want of a good one."""

    round_id: int
    round: str
    applicant_id: str
    name: str
    campus: str
    contact: Mapping[str, str]
    failed: tuple[Failed, ...]


def shown(url: str, keys: Keyring, round_id: int, applicant_id: str) -> Shown:
    """An applicant as the page shows it. Raises RefusedError where the round has none of that number."""
    with reading(url) as session:
        ctx, applicant = context_numbered(session, round_id), _applicant(session, round_id, applicant_id)
        contact = asdict(_contact(keys, applicant))
        masked = {name: MASKS[name](value) for name, value in contact.items()}
        about = (round_id, ctx.round.name, applicant.applicant_id, applicant.name, applicant.campus)
        return Shown(*about, masked, _failed(session, applicant))


def change(url: str, keys: Keyring, event: Event) -> list[str]:
    """Changes what `event.fields` name: `name`, `phone`, `email`, `listed_as` (empty: stays), `drop_phone` and
    `drop_email` (no longer known); answers what changed, masked.

    A consent to be served electronically was given for one address: with another one it holds no longer.

    Raises InputError that names the field, RefusedError where nothing would change, where nobody could be reached any
    more, and for the name of another applicant; NotEntitledError for whose roles do not reach the page.
    """
    return again_on_conflict(lambda: _change(url, keys, event))


def _change(url: str, keys: Keyring, event: Event) -> list[str]:
    given: Given = event.fields
    with transaction(url) as session:
        expect_reach(session, event.by, PLACE)
        applicant = _applicant(session, event.round_id, given["applicant_id"], lock=True)
        evidence = evidence_of(given)
        told = _new_contact(keys, applicant, given) + _new_name(session, applicant, event, evidence)
        if not told:
            raise RefusedError("没有要变更的内容：请填写新的联系人、电话、电子邮箱或机构名称（空着的不变更）")
        session.add(applicant)
        session.flush()
        _record(session, applicant, replace(event, name=CHANGED, fields={"changed": told, "evidence": evidence}))
    return told


def contact_of(before: Contact, given: Given) -> tuple[Contact, list[str]]:
    """The contact with what was filled in, and what changed, masked. Raises InputError that names the field."""
    dropped = {name for name in TITLES if given.get(f"drop_{name}")}
    wanted = {
        "name": line_of(TITLES["name"], given.get("name", ""), LONGEST),
        "phone": _phone(given.get("phone", "")),
        "email": _email(given.get("email", "")),
    }
    if both := [TITLES[name] for name in dropped if wanted[name]]:
        raise InputError(f"“{both[0]}”既填了新的又选了“不再使用”：请只选一样")
    now = {name: "" if name in dropped else wanted[name] or old for name, old in asdict(before).items()}
    told = [
        f"{TITLES[name]} {MASKS[name](old) or '（无）'} 改为 {MASKS[name](now[name]) or '（无）'}"
        for name, old in asdict(before).items()
        if now[name] != old
    ]
    return Contact(**now), told


def _new_contact(keys: Keyring, applicant: Applicant, given: Given) -> list[str]:
    before = _contact(keys, applicant)
    contact, told = contact_of(before, given)
    if not told:
        return []
    if not contact.phone and not contact.email:
        raise RefusedError("电话和电子邮箱至少留一样：都没有的，请书面送达，不要删去原来的")
    if applicant.consent_on and addresses.same_address(before.email) != addresses.same_address(contact.email):
        told.append(f"电子送达确认书 {applicant.consent_reference} 是对原邮箱的，不再适用")
        applicant.consent_on, applicant.consent_reference = None, ""
    applicant.contact_sealed = seal_contact(keys, applicant.id or 0, contact)
    applicant.email_masked, applicant.phone_masked = mask_email(contact.email), mask_phone(contact.phone)
    applicant.email_bidx = index_of(keys, Channel.EMAIL, contact.email)
    applicant.phone_bidx = index_of(keys, Channel.SMS, contact.phone)
    return told


def _new_name(session: Session, applicant: Applicant, event: Event, evidence: str) -> list[str]:
    wanted = line_of("机构名称", event.fields.get("listed_as", ""), LONGEST)
    name, before = listed_name(wanted, applicant.campus) if wanted else "", applicant.name
    if not name or name == before:
        return []
    others = select(col(Applicant.applicant_id), col(Applicant.name)).where(
        col(Applicant.round_id) == applicant.round_id, col(Applicant.id) != applicant.id
    )
    if same := [number for number, other in session.execute(others) if compared(other) == compared(name)]:
        raise RefusedError(f"“机构名称”与本轮申请人 {same[0]} 相同：请核对是不是同一家机构，是另一院区的写明院区")
    session.add(former("applicant", applicant.id, before, event, evidence))
    applicant.name = name
    return [f"机构名称 {before} 改为 {name}"]


def former(subject: str, pk: int | None, name: str, event: Event, evidence: str) -> FormerName:
    """The name that an applicant, or the employer of an expert, has had until now."""
    return FormerName(
        subject=subject, subject_id=pk or 0, name=name, changed_at=event.at, changed_by=event.by, evidence=evidence
    )


def _phone(text: str) -> str:
    number = own_number(text)
    if text.strip() and not number:
        raise InputError("“电话”不成立：应为 11 位手机号，或带区号的座机（如 0571-86401737转8001）；请核对后重填")
    return number


def _email(text: str) -> str:
    address = addresses.address_of(text)
    if address and (fault := addresses.fault_of(address)):
        raise InputError(f"“电子邮箱”{fault}；请核对后重填")
    return address


def _contact(keys: Keyring, applicant: Applicant) -> Contact:
    sealed = applicant.contact_sealed
    return unseal_contact(keys, applicant.id or 0, sealed) if sealed else Contact("", "", "")


def _applicant(session: Session, round_id: int, applicant_id: str, *, lock: bool = False) -> Applicant:
    query = select(Applicant).where(col(Applicant.round_id) == round_id, col(Applicant.applicant_id) == applicant_id)
    found: Applicant | None = session.execute(query.with_for_update() if lock else query).scalar_one_or_none()
    if found is None:
        raise RefusedError(f"第 {round_id} 轮次没有申请人“{applicant_id[:20]}”：请核对轮次号和编号（看板可查）")
    return found


def _record(session: Session, applicant: Applicant, event: Event) -> None:
    """On the record of the dossier; of an agreement that was there before, which has none, on that of its round."""
    ctx = context_numbered(session, applicant.round_id)
    cases = load_cases(session, col(Application.applicant_pk) == applicant.id, with_facts=False)
    if cases:
        record(session, ctx, [Change(case, event, Outcome(case.state, "")) for case in cases])
    else:
        about: dict[str, Any] = {**event.fields, "applicant_id": applicant.applicant_id}
        record_for_round(session, ctx, replace(event, fields=about))


def _failed(session: Session, applicant: Applicant) -> tuple[Failed, ...]:
    """The letters that did not arrive and were not sent again, the newest first."""
    ours = col(Notification.applicant_pk) == applicant.id, col(Notification.audience) == Audience.APPLICANT
    again = select(col(Notification.resend_of)).where(*ours, col(Notification.resend_of).is_not(None))
    query = select(Notification).where(*ours, col(Notification.status).in_(AGAIN), col(Notification.id).not_in(again))
    return tuple(
        Failed(
            *(one.id or 0, spec_of(one.event).title, Channel(one.channel).label, MessageStatus(one.status).label),
            *(one.last_detail, AGAIN[MessageStatus(one.status)]),
        )
        for one in session.execute(query.order_by(col(Notification.id).desc())).scalars()
    )
