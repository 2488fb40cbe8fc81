"""Agreements that were there before (R74): rows to `导入在册协议`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from foundation.secrets import Contact, Keyring, mask_email, mask_phone, seal_contact
from models import Agreement, Applicant, Application
from notifications.suppression import index_of
from rules.case import Context
from rules.vocabulary import Channel
from tasks.acts.migration import is_kept
from workbooks.findings import Checked, Item, is_untouched, values_of
from workbooks.reading import Returned

TAKE_IN = "import_agreements"
DAYS = ("signed_on", "effective_on", "expires_on")
CONTACT = ("name", "phone", "email")


def check(session: Session, _ctx: Context, _keys: Keyring, book: Returned) -> Checked:
    """The agreements that the rows bring; one that is there with the same content is there already."""
    checked = Checked()
    seen: set[str] = set()
    for sheet in book.sheets:
        for row in sheet.rows:
            if is_untouched(row, sheet.plan.answers):
                checked.blank += 1
                continue
            checked.rows += 1
            values = values_of(checked, sheet, row, sheet.plan.answers)
            if values is None:
                continue
            number = values["agreement_number"]
            if number in seen:
                checked.fault(sheet, row.number, "agreement_number", f"“{number}”重复", "每份协议只写一行")
                continue
            seen.add(number)
            entry = _entry(values)
            if is_kept(session, entry):
                checked.already.append(number)
                continue
            about = {"entries": [entry], "year": None, "assess_by": None}
            personal = {name: str(values[f"contact.{name}"] or "") for name in CONTACT}
            checked.items.append(Item(sheet, row.number, number, TAKE_IN, about, personal))
    return checked


def _entry(values: Mapping[str, Any]) -> dict[str, Any]:
    """A row as the form would give it."""
    entry = {name: value for name, value in values.items() if not name.startswith("contact.")}
    days = {name: date.fromisoformat(str(entry[name])) if entry[name] else None for name in DAYS}
    return entry | days | {"level": entry["level"] or "", "suspensions": int(entry["suspensions"])}


def keep_contact(session: Session, keys: Keyring, number: str, personal: Mapping[str, str]) -> None:
    """Seals the contact of an agreement's institution to its row, where the sheet gives one; only masks are legible."""
    if not any(personal.values()):
        return
    contact = Contact(**personal)
    query = select(Applicant).join(Application, col(Application.applicant_pk) == col(Applicant.id))
    query = query.join(Agreement, col(Agreement.application_id) == col(Application.id))
    one: Applicant = session.execute(query.where(col(Agreement.number) == number)).scalar_one()
    one.contact_sealed = seal_contact(keys, one.id or 0, contact)
    one.email_masked, one.phone_masked = mask_email(contact.email), mask_phone(contact.phone)
    one.email_bidx = index_of(keys, Channel.EMAIL, contact.email)
    one.phone_bidx = index_of(keys, Channel.SMS, contact.phone)
    session.add(one)
