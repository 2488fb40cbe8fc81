"""Who may do what, and the numbers and duties of messages: held to tables of their own."""

from __future__ import annotations

from pathlib import Path

from policies import yamlfile
from policies.loader import FOLDER, load_policy

MESSAGES = yamlfile.read(FOLDER / "messages.yaml").data
NUMBERS = {
    "near_deadline": (3, "days"),
    "give_up_after": (120, "hours"),
    "sms_spacing": (60, "seconds"),
    "sms_daily": (5, "messages"),
    "faults_before_pause": (3, "faults"),
    "first_pause": (10, "minutes"),
    "longest_pause": (60, "minutes"),
    "receipt_wait": (72, "hours"),
    "purge_after": (180, "days"),
    "attachments_size": (8192, "kilobytes"),
    "second_look_wait": (24, "hours"),
}
WINDOWS = {
    "email": ("08:00", "20:00", True),
    "sms": ("08:00", "20:00", False),
    "staff": ("08:00", "20:00", True),
}
HEAR = {"authority": ["operator", "reviewer"], "supervisor": ["director", "discipline"]}
IN_THE_OFFICE = {
    *("authority_reminder", "authority_digest", "authority_breach", "objection_open", "decision_review"),
    *("channel_paused", "posting_alert", "service_fault", "city_reminder", "morning_digest"),
}
MERELY_TOLD = {  # what the procedure does not owe: reminders, news, and what stays in the office
    *("supplement_reminder", "signing_reminder", "reminder_digest", "panel_drawn", "notice_started"),
    *("agreement_signed", "agreement_filed", "agreement_in_force", "agreement_expired", "agreement_left"),
    *("expiry_reminder", "rectification_reminder", "inspection_held", "finding_overturned", "rectification_result"),
    *("agreement_resumed", "renewal_applied", "renewal_signed", "change_noted", "grade_effect"),
    *("terms_draft", "migration_assess_by", "supplement_signed", "stock_list_recorded", "annual_signed"),
    *IN_THE_OFFICE,
}
TELLS_A_DECISION = {
    *("application_accepted", "application_not_accepted", "preliminary_opinion", "evaluation_result"),
    *("objection_received", "objection_rejudged", "objection_resolved", "negotiation_result"),
    *("deemed_abandoned", "disqualified", "finding_confirmed", "finding_overturned", "order_late"),
    *("rectification_result", "agreement_suspended", "agreement_resumed", "dissolution_due", "agreement_dissolved"),
    *("renewal_applied", "assessment_result", "assessment_corrected", "grade_effect", "cost_decision", "list_changed"),
    *("city_returned", "city_refused", "agreement_cancelled"),
}
ASKS_FOR_AN_ACT = {
    *("supplement_wanted", "supplement_reminder", "negotiation_opened", "signing_opened", "signing_reminder"),
    *("effect_reversed", "deadline_moved", "reminder_digest", "expiry_reminder", "rectification_reminder"),
    *("finding_proposed", "order_to_rectify", "warning"),
}


def test_every_act_is_for_those_who_may_do_it_and_for_nobody_else() -> None:
    table = yamlfile.read(Path(__file__).with_name("roles.yaml")).data["acts"]
    roles = load_policy().roles
    acts = sorted({act for names in roles.values() for act in names})
    assert {act: [role for role, names in roles.items() if act in names] for act in acts} == dict(sorted(table.items()))


def test_the_numbers_of_messages() -> None:
    assert {name: (one["value"], one["unit"]) for name, one in MESSAGES["numbers"].items()} == NUMBERS


def test_the_quiet_hours() -> None:
    told = {
        name: (one["opens"], one["closes"], one["urgent_goes_at_once"]) for name, one in MESSAGES["windows"].items()
    }
    assert told == WINDOWS
    assert MESSAGES["staff"] == HEAR


def test_what_the_procedure_owes_must_arrive_and_what_asks_for_an_act_goes_first() -> None:
    events = MESSAGES["events"]
    assert {name for name, one in events.items() if not one["mandatory"]} == MERELY_TOLD
    for priority, named in ((1, ASKS_FOR_AN_ACT), (2, TELLS_A_DECISION), (4, IN_THE_OFFICE)):
        assert {name for name, one in events.items() if one["priority"] == priority} == named
