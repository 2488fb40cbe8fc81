"""The documents that go with an e-mail, found when it is sent, from what its row of the outbox says.

`PROVIDERS` is the registry: for each event the functions that make its documents. Equal rows make equal documents, so
that every try of one message carries the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlmodel import Session

from models.database import transaction
from notifications.attachments import Attachment
from notifications.outbox import Claim
from publication.calendar import CalendarEntry, icalendar
from publication.documents.head import Facts
from publication.documents.making import compose, gather
from rules.case import Case
from rules.vocabulary import DocumentKind
from tasks import surroundings

Provider = Callable[[Claim, Session | None], Sequence[Attachment]]
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
SUPPLEMENT, SIGNING = "补正期限", "签约期限"
LIMITS = {SUPPLEMENT: "supplement", SIGNING: "signing"}  # an applicant's own; the name makes the entry's id
CALENDAR = "text/calendar; charset=utf-8"
USE = "打开即可把该日期记入手机或电脑的日历"


def enclosed(held: Claim, session: Session | None = None) -> tuple[Attachment, ...]:
    """The documents of a message, in the order of the registry; none where its event has none. Made from the records
    as `session` sees them, where one is given: a look beforehand reads what is not committed.

    Raises:
        InputError: one that must be there cannot be made.
    """
    return tuple(one for provider in PROVIDERS.get(held.event, ()) for one in provider(held, session))


def _calendar(held: Claim, _session: Session | None) -> Sequence[Attachment]:
    """The applicant's limits that a message speaks of, as a file for their calendar. A limit has the same id in every
    message, so that a later message moves the entry that is there; a provisional day makes none."""
    limits = [one for one in _limits(held) if one["deadline"] in LIMITS and one["due_on"]]
    if not limits:
        return ()
    [*names] = dict.fromkeys(one["deadline"] for one in limits)
    content = icalendar("、".join(names), [_entry(held, one) for one in limits], held.created_at)
    return (Attachment(f"{'、'.join(names)}.ics", content, CALENDAR, USE),)


def _page(held: Claim, limit: Mapping[str, Any]) -> str:
    """The public page with the working of a limit, as the letter itself names it; empty where it names none."""
    told = [one for one in held.params.get("workings", ()) if one["limit"] == limit["deadline"] and "link" in one]
    whose = limit["applicant_id"]
    return next((one["link"] for one in told if whose in one.get("applicants", [whose])), "")


def _document(held: Claim, session: Session | None) -> Sequence[Attachment]:
    """The official document that a message brings, made from the records. Raises InputError when it cannot be set."""
    kind = DOCUMENTS[held.event]
    assert held.subject == Case.kind
    facts = gather(session, kind, held.subject_id) if session else _gathered(kind, held.subject_id)
    made = compose(kind, held.subject_id, facts)
    return (Attachment(f"{made.title}.pdf", made.content, made.media_type, f"{made.number}，{made.pages}页"),)


def _gathered(kind: DocumentKind, case_id: int) -> Facts:
    with transaction(surroundings.database_url()) as session:
        return gather(session, kind, case_id)


def _limits(held: Claim) -> Sequence[Mapping[str, Any]]:
    """Which limit of whom ends when, as the items of a digest have it."""
    told = held.params
    if held.event == "reminder_digest":
        items: Sequence[Mapping[str, Any]] = told["items"]
        return items
    due_on = DUE[held.event](told)
    return ({**told, "deadline": told.get("deadline") or LIMIT_OF[held.event], "due_on": due_on},)


def _entry(held: Claim, limit: Mapping[str, Any]) -> CalendarEntry:
    told, due_on = held.params, date.fromisoformat(limit["due_on"])
    return CalendarEntry(
        uid=f"{held.round_id}-{limit['applicant_id']}-{LIMITS[limit['deadline']]}",
        title=f"{limit['deadline']}届满（{limit['applicant_name']}，申请编号{limit['applicant_id']}）",
        first_day=due_on,
        last_day=due_on,
        note=f"{told['round_name']}。办理地点：{told['place']}。联系：{told['agency']}。以书面告知书为准。",
        link=_page(held, limit),
        sequence=held.id,
    )


def _until(told: Mapping[str, Any]) -> str | None:
    """The day of a moment in figures; None where it is in other words."""
    found = MOMENT.match(told["until"])
    return found[0] if found else None


DUE: Mapping[str, Callable[[Mapping[str, Any]], str | None]] = {
    "supplement_wanted": _until,
    "supplement_reminder": lambda told: told["due_on"],
    "signing_opened": lambda told: told["due_on"],
    "signing_reminder": lambda told: told["due_on"],
    "deadline_moved": lambda told: told["new_due"],
}
LIMIT_OF = {
    "supplement_wanted": SUPPLEMENT,
    "supplement_reminder": SUPPLEMENT,
    "signing_opened": SIGNING,
    "signing_reminder": SIGNING,
}
DOCUMENTS: Mapping[str, DocumentKind] = {
    "preliminary_opinion": DocumentKind.PRELIMINARY_OPINION,
    "evaluation_result": DocumentKind.RESULT_LETTER,
}
PROVIDERS: Mapping[str, tuple[Provider, ...]] = {
    **dict.fromkeys((*DUE, "reminder_digest"), (_calendar,)),
    **dict.fromkeys(DOCUMENTS, (_document,)),
}
