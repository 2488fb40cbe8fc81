"""Every counted date in every letter comes with its working: over a whole round with supplements, a delay, an objection
that nobody resolves and a limit that runs out, across the National Day week, its make-up days and the year's end."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import html5lib
import pytest
from icalendar import Calendar
from sqlalchemy import select
from sqlmodel import col

from foundation.settings import reset_settings
from models import Agreement, Applicant, Application, Deadline, Notification
from models.database import transaction
from models.subjects import is_of_dossier
from notifications import outbox
from notifications.catalogue import EVENTS
from notifications.channels import MailChannel
from notifications.digest import fold
from notifications.html import WORKINGS_TITLE
from notifications.mailsettings import MailSettings, Mode
from notifications.outbox import Claim
from notifications.outcome import Letter
from notifications.rendering import cn_date, cn_day, render_email
from notifications.retry_policy import PACE
from publication.site import build_site
from rules.localtime import local_day
from rules.vocabulary import Channel
from tasks import surroundings
from tasks.messages.enclosures import enclosed
from tests.support.rounds import MATERIALS, replayed, small_round
from tests.support.stages import Stage
from tests.tasks.rehearsal import KEYS, Rehearsal, beijing, posted
from tests.tasks.test_workday_schedules import YEAR, signing_from_november

Params = Mapping[str, Any]
SITE = "https://example.invalid/gs"
# The counted dates that a letter prints, in the order of its workings. A letter of any other kind prints none.
PRINTED: Mapping[str, Callable[[Params], list[str | None]]] = {
    "application_accepted": lambda told: [told["preliminary_review_due"], told["whole_procedure_due"]],
    "supplement_wanted": lambda told: [told["until"][:10]],
    "supplement_reminder": lambda told: [told["due_on"]],
    "notice_started": lambda told: [told["last_day"]],
    "signing_opened": lambda told: [told["starts_on"], told["due_on"]],
    "signing_reminder": lambda told: [told["due_on"]],
    "deemed_abandoned": lambda told: [told["due_on"]],
    "deadline_moved": lambda told: [told["old_due"], told["new_due"]],
    "authority_reminder": lambda told: [told["due_on"]],
    "authority_breach": lambda told: [told["due_on"]],
    "finding_proposed": lambda told: [told["statement_due"]],
    "rectification_reminder": lambda told: [told["due_on"]],
    "expiry_reminder": lambda told: [told["due_on"]],
}
# The day that an order or a list names itself; the days without an answer of the city.
FIXED = {"order_to_rectify", "order_late", "list_changed", "city_reminder"}
DIGESTS = {"reminder_digest", "authority_digest"}


def eventful_round() -> dict[str, Any]:
    """P03 has a gap; P02 is objected to and nobody resolves it; P01 is delayed by the agency and never signs."""
    made = small_round(1, 3, objections={"P02": None}, unsigned=["P01"], until="2026-11-10T18:00:00+08:00")
    events = made["events"]
    hospital = {"by": "复核员乙", "applicant_id": "H01"}
    found = {"code": "V7", "facts": "重复收费", "evidence": "检查记录"}
    order = {"findings": ["1"], "items": ["退还"], "served_on": "2025-12-16"}
    events += [
        {"at": "2025-12-01T09:00:00+08:00", "do": "record_finding", **hospital, **found},
        {"at": "2025-12-16T09:00:00+08:00", "do": "confirm_finding", **hospital, "by": "中心主任", "finding": "1"},
        {"at": "2025-12-16T10:00:00+08:00", "do": "order_rectification", **hospital, **order},
    ]
    own = {"by": "经办员甲", "applicant_id": "P03"}
    for event in events:
        if event.get("applicant_id") == "P03" and event["do"] == "submit_application":
            event["materials"] = [one for one in MATERIALS["pharmacy"] if one != "P4"]
        if event.get("applicant_id") == "P03" and event["do"] == "sign_preliminary_opinion":
            event["at"] = "2025-09-13T09:00:00+08:00"
    delay = {"delay_from": "2025-11-10", "delay_to": "2025-11-14", "cause": "经办机构系统停机"}
    events += [
        {"at": "2025-09-02T09:00:00+08:00", "do": "request_supplement", "missing": ["P4"], **own},
        {"at": "2025-09-12T16:00:00+08:00", "do": "supplement_materials", "materials": ["P4"], **own},
        {"at": "2025-11-17T09:00:00+08:00", "do": "record_agency_delay", **own, **delay, "applicant_id": "P01"},
    ]
    events.sort(key=lambda event: str(event["at"]))
    return made


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the database in which the round was played."""
    url, outcome = replayed(tmp_path_factory.mktemp("workings"), eventful_round())
    assert outcome["refused"] == []
    return url


def letters(url: str) -> list[Notification]:
    with transaction(url) as session:
        mails = select(Notification).where(col(Notification.channel) == Channel.EMAIL)
        return list(session.execute(mails.order_by(col(Notification.id))).scalars())


def section(text: str) -> str:
    """What a letter says below the heading, up to its closing remark."""
    return text.partition(f"\n{WORKINGS_TITLE}\n")[2].partition("\n（本邮件")[0]


def last_days(text: str) -> list[str]:
    """The last day of each numbered entry of the section."""
    entries = re.split(r"\n?　　\d+．", section(text))[1:]
    found = [re.findall(r"(\d{4}年\d{1,2}月\d{1,2}日（星期.）)(?:届满。|，不另行推算)", entry) for entry in entries]
    assert all(len(days) == 1 for days in found), entries
    return [day for [day] in found]


def rendered(row: Notification) -> str:
    return render_email(row.event, row.params, local_day(row.created_at), edition=row.template_version).text


def test_the_last_day_of_each_working_is_the_date_that_the_letter_prints(played: str) -> None:
    rows = [row for row in letters(played) if row.event in PRINTED]
    assert {row.event for row in rows} == set(PRINTED)
    for row in rows:
        printed = [cn_day(date.fromisoformat(day or "")) for day in PRINTED[row.event](row.params)]
        text = rendered(row)
        assert last_days(text) == printed, (row.event, row.params)
        assert all(day in text.partition(WORKINGS_TITLE)[0] for day in printed) or row.event == "supplement_wanted"


def test_a_letter_without_counted_dates_has_no_section(played: str) -> None:
    rows = [row for row in letters(played) if row.event not in PRINTED]
    assert {"preliminary_opinion", "panel_drawn", "agreement_signed", "objection_received"} < {
        row.event for row in rows
    }
    assert [row.event for row in rows if row.params.get("workings") or WORKINGS_TITLE in rendered(row)] == []


def test_every_event_of_the_catalogue_is_known_to_count_or_not() -> None:
    days = {"until", "due_on", "last_day", "preliminary_review_due", "whole_procedure_due", "old_due", "new_due"}
    counted = {name for name, spec in EVENTS.items() if {*days, "statement_due"} & spec.model.model_fields.keys()}
    assert counted - FIXED == set(PRINTED)
    assert {name for name, spec in EVENTS.items() if "first_due" in spec.model.model_fields} == DIGESTS


def test_the_last_word_on_each_limit_is_the_stored_deadline(played: str) -> None:
    told: dict[tuple[str, str], str] = {}
    for row in letters(played):
        told |= {(row.params["applicant_id"], one["limit"]): one["due_on"] for one in row.params["workings"]}
    labels = {"signing": "签约期限", "supplement": "补正期限", "objection_inquiry": "异议核查期限"}
    labels |= {"preliminary_review": "初审期限", "whole_procedure": "全程期限"}
    labels |= {"hearing": "陈述期限", "rectification": "整改期限", "agreement_term": "协议有效期"}
    labels |= {"result_notice": "评估结果公示期", "proposed_notice": "拟签约名单公示期"}
    with transaction(played) as session:
        query = select(col(Applicant.applicant_id), col(Deadline.kind), col(Deadline.due_on))
        joined = query.select_from(Deadline).join(Application, is_of_dossier(Deadline, Application.id)).join(Applicant)
        on_agreement = (col(Deadline.subject) == "agreement") & (col(Deadline.subject_id) == col(Agreement.id))
        of_agreements = (
            query.select_from(Deadline)
            .join(Agreement, on_agreement)
            .join(Application, col(Application.id) == col(Agreement.application_id))
            .join(Applicant, col(Applicant.id) == col(Application.applicant_pk))
        )
        rows = [*session.execute(joined), *session.execute(of_agreements)]
        stored = {(row[0], labels.get(row[1])): row[2].isoformat() for row in rows}
    assert told == {key: stored[key] for key in told}
    assert {limit for _, limit in told} == set(labels.values())


def test_no_working_names_a_person(played: str) -> None:
    said = "".join(section(rendered(row)) for row in letters(played))
    people = [value for one in eventful_round()["applicants"] for value in one["contact"].values()]
    names = [one["name"] for one in eventful_round()["applicants"]]
    assert [one for one in (*people, *names, "举报人赵某某", "经办员甲", "@") if one in said] == []


def test_a_delay_shows_the_days_before_and_after_with_their_cause(played: str) -> None:
    [row] = [row for row in letters(played) if row.event == "deadline_moved"]
    old, new = row.params["workings"]
    assert (old["which"], old["due_on"], old.get("suspended")) == ("原定", "2026-01-16", None)
    assert (new["which"], new["due_on"]) == ("现定", "2026-01-23")
    said = section(rendered(row))
    assert "2025年11月10日至14日暂停计算：经办机构系统停机（五(三)）" in said
    assert "2026年1月1日至3日元旦放假（国办发明电〔2025〕7号）" in said
    assert "另计：2026年1月4日调休上班（国办发明电〔2025〕7号）" in said


def test_a_digest_tells_each_working_once_with_all_whom_it_concerns(at_stage: Stage) -> None:
    office = at_stage("accepted")
    office.sweep("2025-09-17 01:00")
    reminded = [row for row in letters(office.url) if row.event == "authority_reminder"]
    assert fold(office.url, beijing("2025-09-17 09:00")) == len(reminded) > 1
    digest = letters(office.url)[-1]
    text = rendered(digest)
    items = {(one["deadline"], one["due_on"]) for one in digest.params["items"]}
    assert {(one["limit"], one["due_on"]) for one in digest.params["workings"]} == items
    assert len(digest.params["workings"]) == len(items)
    assert last_days(text) == [cn_day(date.fromisoformat(one["due_on"])) for one in digest.params["workings"]]
    assert "（申请编号H01、P01、P02、P03）" in section(text)


def test_a_provisional_day_says_so_and_the_schedule_that_ends_it_shows_both(at_stage: Stage) -> None:
    office = signing_from_november(at_stage)
    opened = [row for row in letters(office.url) if row.event == "signing_opened"][-1]
    assert "暂定：2027年1月1日以后的放假安排尚未公布，届满日在" in section(rendered(opened))
    office.act("2026-11-25 09:00", "load_workdays", **YEAR)
    moved = letters(office.url)[-1]
    old, new = moved.params["workings"]
    assert (old["which"], old["due_on"], old["unpublished_from"]) == ("原定", None, "2027-01-01")
    assert (new["which"], new["due_on"]) == ("现定", office.deadline("P01", "signing")[1].isoformat())  # type: ignore[union-attr]
    assert "2027年2月5日至12日春节放假（国办发明电〔2026〕9号）" in section(rendered(moved))


def test_a_short_message_carries_no_working(at_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DINGDIAN_SMS_PROVIDER", "simulated")
    reset_settings()
    office = at_stage("signing")
    office.sweep("2026-01-17 00:05")
    rows = [row for row in office.rows(Notification) if row.event == "deemed_abandoned"]
    assert {(row.channel, len(row.params["workings"])) for row in rows} == {("email", 1), ("sms", 0)}


# --- pages and tries -------------------------------------------------------------------------------------------


@pytest.fixture
def _public(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DINGDIAN_PUBLIC_BASE_URL", SITE)
    reset_settings()


def claimed(office: Rehearsal, event: str, now: datetime) -> Claim:
    """The last message of a kind, as a delivery run holds it."""
    held = outbox.claim(office.url, Channel.EMAIL, "w", now, PACE, 500)
    return [one for one in held if one.event == event][-1]


@pytest.mark.usefixtures("_public")
@pytest.mark.parametrize(
    ("stage", "event", "pages"),
    [
        (
            "accepted",
            "application_accepted",
            ["limits-1.html#preliminary_review-2025-09-01", "limits-1.html#whole_procedure-2025-09-01"],
        ),
        ("result_notice", "notice_started", ["notice-1.html#working"]),
        ("signing", "signing_opened", ["notice-2.html#working", "notice-2.html#signing"]),
    ],
)
def test_below_each_working_stands_the_public_page_that_tells_it(
    tmp_path: Path, stage: str, event: str, pages: list[str]
) -> None:
    until = {"accepted": "2025-09-02", "result_notice": "2025-09-24", "signing": "2025-10-24"}[stage]
    url, _ = replayed(tmp_path, small_round(1, 1, until=f"{until}T09:00:00+08:00"))
    row = [row for row in letters(url) if row.event == event][-1]
    addresses = [f"{SITE}/{page}" for page in pages]
    assert [one["link"] for one in row.params["workings"]] == addresses
    build_site(url, tmp_path)
    for one, page in zip(row.params["workings"], pages, strict=True):
        name, _, place = page.partition("#")
        told = html5lib.parse((tmp_path / name).read_bytes(), namespaceHTMLElements=False).find(f".//*[@id='{place}']")
        assert cn_date(date.fromisoformat(one["due_on"])) in "".join(told.itertext()), page
    email = render_email(row.event, row.params, local_day(row.created_at))
    assert re.findall(r'href="([^"]*)"', email.html) == addresses
    assert [line.strip("　") for line in email.text.splitlines() if "://" in line] == addresses


@pytest.mark.usefixtures("_public")
def test_the_calendar_file_leads_where_the_letter_does(at_stage: Stage) -> None:
    office = at_stage("proposed_notice")
    office.sweep("2025-10-24 00:05")
    held = claimed(office, "signing_opened", beijing("2025-10-24 09:00"))
    with surroundings.surrounded(database_url=office.url):
        [file] = enclosed(held)
    [entry] = Calendar.from_ical(file.content).walk("VEVENT")
    assert str(entry["url"]) == f"{SITE}/notice-2.html#signing"


def test_every_try_of_a_letter_says_the_same_whatever_happened_meanwhile(
    at_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = at_stage("consensus")
    office.act("2025-10-16 09:05", "publish_notice", kind="proposed_agreements", postings=posted("2025-10-16 09:00"))
    office.sweep("2025-10-24 00:05")
    now = beijing("2025-10-24 09:00")
    held = claimed(office, "signing_opened", now)
    channel = MailChannel(MailSettings(mode=Mode.LIVE, mail_from="office@example.cn"), enclosed)

    def tried() -> Letter:
        with surroundings.surrounded(database_url=office.url):
            letter = channel.prepare(held, KEYS, now)
        assert isinstance(letter, Letter)
        return letter

    first = tried()
    amended = {"year": 2026, "notice": "国办发明电〔2026〕1号", "off": ["2026-01-01..2026-01-09"], "working": []}
    office.act("2025-10-25 09:00", "load_workdays", **amended)
    about = {"applicant_id": held.params["applicant_id"], "cause": "经办机构系统停机"}
    office.act("2025-11-17 09:00", "record_agency_delay", delay_from="2025-11-10", delay_to="2025-11-14", **about)
    monkeypatch.setenv("DINGDIAN_PUBLIC_BASE_URL", SITE)
    reset_settings()
    assert WORKINGS_TITLE in first.text
    assert tried() == first
