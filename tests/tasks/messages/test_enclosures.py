"""The calendar files that go with messages about an applicant's limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from icalendar import Calendar

from notifications.attachments import Attachment
from notifications.catalogue import EVENTS
from notifications.outbox import Claim
from tasks.messages.enclosures import PROVIDERS, enclosed

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WHERE = {"round_name": "样例县2025年度评估", "county": "样例县", "agency": "样例县经办中心", "place": "2号窗口"}
ONE = {**WHERE, "applicant_id": "H01", "applicant_name": "样例县人民医院"}
ITEM = {"applicant_id": "P01", "applicant_name": "样例大药房", "deadline": "签约期限", "working_days_left": 2}


def claim(event: str, **params: Any) -> Claim:
    return Claim(
        id=70, token=1, event=event, audience="applicant", applicant_pk=1, contact_sealed="", params=params,
        created_at=NOW, dedupe_key="k", message_ref="", attempts=0, unknowns=0, lost=0, lease_until=NOW,
        has_consent=False, is_mandatory=False, generation=0, provider_ref="", last_detail="", template_version="1",
        round_id=4, subject="application", subject_id=9,
    )  # fmt: skip


def entries(made: tuple[Attachment, ...]) -> list[tuple[str, date, str, int]]:
    [file] = made
    return [
        (str(one["uid"]), one.decoded("dtstart"), str(one["summary"]), int(one["sequence"]))
        for one in Calendar.from_ical(file.content).walk("VEVENT")
    ]


SIGNING = ("4-H01-signing@dingdian", date(2026, 3, 31), "签约期限届满（样例县人民医院，申请编号H01）", 70)
SUPPLEMENT = ("4-H01-supplement@dingdian", date(2026, 3, 31), "补正期限届满（样例县人民医院，申请编号H01）", 70)


@pytest.mark.parametrize(
    ("event", "told", "entry"),
    [
        ("supplement_wanted", {"until": "2026-03-31 17:30"}, SUPPLEMENT),
        ("supplement_reminder", {"due_on": "2026-03-31"}, SUPPLEMENT),
        ("signing_opened", {"due_on": "2026-03-31"}, SIGNING),
        ("signing_reminder", {"due_on": "2026-03-31"}, SIGNING),
        ("deadline_moved", {"deadline": "签约期限", "new_due": "2026-03-31"}, SIGNING),
    ],
)
def test_a_limit_has_one_entry_whatever_message_tells_it(event: str, told: dict[str, str], entry: Any) -> None:
    made = enclosed(claim(event, **ONE, **told))
    assert entries(made) == [entry]
    assert (made[0].name, made[0].media_type) == (f"{entry[2][:4]}.ics", "text/calendar; charset=utf-8")


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ("signing_opened", {"due_on": None}),
        ("deadline_moved", {"deadline": "签约期限", "new_due": None}),
        ("deadline_moved", {"deadline": "初审期限", "new_due": "2026-03-31"}),
        ("supplement_wanted", {"until": "另行告知的日期"}),
        ("agreement_signed", {"signed_on": "2026-03-31"}),
    ],
)
def test_no_entry_for_a_day_that_is_open_or_not_the_applicant_s(event: str, told: dict[str, Any]) -> None:
    assert enclosed(claim(event, **ONE, **told)) == ()


def test_a_digest_has_an_entry_for_each_of_its_limits() -> None:
    items = [{**ITEM, "due_on": "2026-03-31"}, {**ITEM, "applicant_id": "P02", "due_on": "2026-04-01"}]
    made = enclosed(claim("reminder_digest", **WHERE, items=items, first_due="2026-03-31"))
    assert [(uid, day) for uid, day, _, _ in entries(made)] == [
        ("4-P01-signing@dingdian", date(2026, 3, 31)),
        ("4-P02-signing@dingdian", date(2026, 4, 1)),
    ]


def test_equal_rows_make_equal_files() -> None:
    one = claim("signing_reminder", **ONE, due_on="2026-03-31")
    assert enclosed(one) == enclosed(replace(one, token=9, attempts=3))


def test_the_registry_names_events_of_the_catalogue_only() -> None:
    assert PROVIDERS.keys() <= EVENTS.keys()
