"""A round on a real database, driven act by act through the same function that the flows call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session, SQLModel, col

from dingdian.scenario import check
from flows.forms import FORMS
from foundation.secrets import Keyring
from models import Applicant, Application, Deadline, Notification, Staff
from models.database import transaction
from models.subjects import is_of_dossier
from rules.case import Case, Context, Event
from rules.clocks import ONE_DAY
from rules.errors import RefusedError
from rules.localtime import ZONE
from tasks.act_result import Receipt
from tasks.announce import announce_round, register_staff
from tasks.case_loading import context_of, newest_round, round_or_newest, the_case
from tasks.panel import panel_of
from tasks.perform import perform
from tasks.sweep import SweepReport, sweep
from tests.support.database import broken_chains, changed, dump
from tests.support.rounds import small_round

KEYS = Keyring(bytes(range(32)))
OFFICE = "经办员甲"
BOSS = "全能员"
TOPICS = ["服务人群", "服务范围", "服务内容", "结算方式"]
CHANNELS = ("县政府网站", "“医保”公众号")

# Where a round may stand when a test begins. Of three pharmacies two are within the quota. The first notice runs from
# 23 to 30 September 2025, the second from 16 to 23 October; signing is due on 16 January 2026.
STAGES: Mapping[str, str] = {
    "announced": "2025-08-20T09:00:00+08:00",
    "accepted": "2025-09-02T09:00:00+08:00",
    "passed": "2025-09-11T09:00:00+08:00",
    "evaluating": "2025-09-16T12:00:00+08:00",
    "planned": "2025-09-17T18:00:00+08:00",
    "drawn": "2025-09-19T12:00:00+08:00",
    "scored": "2025-09-22T17:00:00+08:00",
    "concluded": "2025-09-22T18:00:00+08:00",
    "result_notice": "2025-09-24T09:00:00+08:00",
    "negotiating": "2025-10-14T18:00:00+08:00",
    "consensus": "2025-10-15T18:00:00+08:00",
    "proposed_notice": "2025-10-17T09:00:00+08:00",
    "signing": "2025-10-24T09:00:00+08:00",
    "signed": "2025-11-03T18:00:00+08:00",
    "filed": "2025-11-04T18:00:00+08:00",
    "published": "2025-11-06T09:00:00+08:00",
}
VARIANTS: Mapping[str, dict[str, Any]] = {
    "": {},
    "next_in_rank": {"announcement": {"substitution": "next_in_rank"}},
    "employer applies": {"names": {"P01": "样例市单位03"}},
    "safeguards": {
        "beyond": {
            "safeguards": {
                **{"expert_declarations": True, "announced_sources": True},
                **{"draw_challenge_days": 2, "objection_preview": True},
            }
        }
    },
    "guarded": {
        "beyond": {
            "safeguards": {"announced_sources": True, "guarded_draw": True, "draw_challenge_days": 2},
        }
    },
    "judged first": {"announcement": {"readings": {"penalty_kind": "judged_first"}}},
    "again": {"announcement": {"readings": {"reapplication": "within_window"}}},
    "inquiry days": {"announcement": {"readings": {"inquiry_days": "added_by_themselves"}}},
    "veto": {"veto_items": [{"code": "P-v", "item": "处方留存", "veto": True}]},
    "in order": {"beyond": {"safeguards": {"site_check": True, "county_first": True}}},
    "city": {"announcement": {"readings": {"determination": "city", "agreement_life": "kept"}}},
    "kept": {"announcement": {"readings": {"agreement_life": "kept", "term_last_day": "day_before"}}},
    "assessed": {
        "announcement": {
            "readings": {"agreement_life": "kept", "term_last_day": "day_before", "yearly_assessment": "kept"}
        }
    },
    "terms asked": {
        "announcement": {
            "readings": {
                **{"agreement_life": "kept", "term_last_day": "day_before"},
                **{"terms_required": "required", "system_test": "asked", "event_reports": "asked"},
            }
        }
    },
    "yearly": {
        "announcement": {
            "readings": {
                **{"agreement_life": "kept", "term_last_day": "day_before"},
                **{"terms_required": "required", "annual_agreement": "yearly"},
            }
        }
    },
    "terms signed": {
        "announcement": {
            "readings": {"agreement_life": "kept", "term_last_day": "day_before", "event_reports": "asked"}
        }
    },
    "listed": {"announcement": {"readings": {"refusal_list": "kept"}}},
    "preview": {"beyond": {"safeguards": {"objection_preview": True}}},
    "group": {"beyond": {"groups": [{"name": "样例医药集团", "members": ["P01", "样例市单位03"]}]}},
}

BESIDE_KNOBS = ("announcement", "beyond", "veto_items")


def scenario_until(stage: str, variant: str = "") -> dict[str, Any]:
    """The round of these tests up to a stage, as a scenario file."""
    changes = VARIANTS[variant]
    knobs = {name: values for name, values in changes.items() if name not in BESIDE_KNOBS}
    made = small_round(1, 3, quota={"hospital": 1, "pharmacy": 2}, until=STAGES[stage], **knobs)
    made["announcement"] |= changes.get("announcement", {})
    made["rubric"]["pharmacy"] += changes.get("veto_items", [])
    return made


def play(url: str, scenario: Mapping[str, Any], variant: str = "", keys: Keyring = KEYS) -> None:
    """Plays a scenario into a migrated, empty database: its acts, and one sweep at its end. What a round file may say
    beside a scenario comes with the variant."""
    checked = check(scenario)
    head = checked.head | VARIANTS[variant].get("beyond", {})
    with transaction(url) as session:
        known = session.execute(select(col(Staff.staff_no))).scalars()
        names = sorted({*checked.staff, OFFICE, BOSS}.difference(known))
        register_staff(session, [{"staff_no": one, "name": one, "roles": ["all"]} for one in names])
    round_id = 0
    for one in checked.happenings:
        if one.at > checked.until:
            break
        if one.form is None:
            announce_round(url, head, Event(one.do, one.at, one.by), keys)
            with transaction(url) as session:
                round_id = newest_round(session).id or 0
        else:
            perform(url, Event(one.do, one.at, one.by, one.form.fields(), round_id))
    sweep(url, checked.until)


class Rehearsal:
    """A round under test, the newest unless one is named: acts, refusals, sweeps, what became of each applicant."""

    def __init__(self, url: str, round_id: int = 0) -> None:
        self.url, self.round_id = url, round_id

    def act(self, at: str, do: str, *, by: str = BOSS, **fields: Any) -> Receipt:
        """Carries out an act as the form would give it. `at` is Beijing time, `2025-10-24 09:00`."""
        named = {"round": str(self.round_id)} if self.round_id else {}
        form = FORMS[do].model_validate({"by": by, **named, **fields})
        return perform(self.url, Event(do, beijing(at), by, form.fields(), form.round_id))

    def refused(self, at: str, do: str, *, by: str = BOSS, **fields: Any) -> str:
        """The sentence with which an act is refused; and not one row of any table has changed."""
        before = dump(self.url)
        with pytest.raises(RefusedError) as caught:
            self.act(at, do, by=by, **fields)
        assert changed(before, dump(self.url)) == {}
        return str(caught.value)

    def sweep(self, at: str, **options: Any) -> SweepReport:
        """A sweep as of an instant; nothing fails unnoticed."""
        report = sweep(self.url, beijing(at), **options)
        assert report.failed == {}
        return report

    def case(self, applicant_id: str) -> Case:
        """The case as the rules see it."""
        with transaction(self.url) as session:
            return the_case(session, self.context(session).round.id, applicant_id)

    def state(self, applicant_id: str) -> str:
        """Where a case stands."""
        return self.case(applicant_id).state.value

    def states(self) -> dict[str, str]:
        """Where every case of the round stands."""
        query = select(col(Applicant.applicant_id), col(Application.state)).join(Application)
        with transaction(self.url) as session:
            of_round = query.where(col(Application.round_id) == self.context(session).round.id)
            return {row[0]: row[1] for row in session.execute(of_round.order_by(col(Applicant.applicant_id)))}

    def reasons(self, applicant_id: str) -> list[str]:
        """The codes of the reasons that a case carries."""
        query = select(col(Application.reasons)).join(Applicant).where(col(Applicant.applicant_id) == applicant_id)
        with transaction(self.url) as session:
            return [one["code"] for one in session.execute(query).scalar_one()]

    def deadline(self, applicant_id: str, kind: str) -> tuple[str, date | None, date | None]:
        """Status, due day and day of closing of a clock."""
        query = select(Deadline).join(Application, is_of_dossier(Deadline, Application.id)).join(Applicant)
        with transaction(self.url) as session:
            found = session.execute(
                query.where(col(Applicant.applicant_id) == applicant_id, col(Deadline.kind) == kind)
            ).scalar_one()
            return found.status, found.due_on, found.closed_on

    def panel(self, applicant_id: str = "") -> tuple[str, ...]:
        """Who sits: for the round, or for one applicant."""
        case = self.case(applicant_id) if applicant_id else None
        with transaction(self.url) as session:
            return panel_of(session, self.context(session), case.id if case else None)

    def context(self, session: Session) -> Context:
        """The round, its rules and its calendar."""
        return context_of(session, round_or_newest(session, self.round_id))

    def messages(self, applicant_id: str) -> list[str]:
        """The events of the messages owed about a case, in order."""
        query = select(col(Notification.event)).join(Application, is_of_dossier(Notification, Application.id))
        with transaction(self.url) as session:
            rows = session.execute(
                query.join(Applicant, col(Applicant.id) == col(Application.applicant_pk))
                .where(col(Applicant.applicant_id) == applicant_id)
                .order_by(col(Notification.id))
            )
            return list(rows.scalars())

    def rows(self, model: type[SQLModel]) -> list[Any]:
        """Every row of a table."""
        with transaction(self.url) as session:
            return list(session.execute(select(model).order_by(model.id)).scalars())  # type: ignore[attr-defined]

    def own(self, model: type[SQLModel]) -> list[Any]:
        """The rows of a table that belong to the round by themselves."""
        return [one for one in self.rows(model) if self.round_id in (0, one.round_id)]  # type: ignore[attr-defined]

    def score(self, at: str, applicant_id: str, total: int = 80) -> None:
        """Every seated expert hands in a sheet of the same total."""
        for expert_id in self.panel(applicant_id):
            self.act(
                at,
                "record_score_sheet",
                applicant_id=applicant_id,
                expert_id=expert_id,
                items=items(applicant_id, total),
            )

    def is_sound(self) -> None:
        """The audit chains hold."""
        assert broken_chains(dump(self.url)) == []

    def session(self) -> Any:
        """A transaction on the round's database."""
        return transaction(self.url)


def beijing(at: str) -> datetime:
    """`2025-10-24 09:00` as an aware instant."""
    return datetime.fromisoformat(at).replace(tzinfo=ZONE)


def items(applicant_id: str, total: int = 80) -> dict[str, str]:
    """A sheet of that total, the first items filled up first."""
    rubric = {"H": {"H-a": 30, "H-b": 25, "H-c": 25, "H-d": 20}, "P": {"P-a": 30, "P-b": 30, "P-c": 20, "P-d": 20}}
    sheet: dict[str, str] = {}
    for code, most in rubric[applicant_id[0]].items():
        sheet[code] = str(min(most, total))
        total -= min(most, total)
    return sheet


def posted(first: str, second: str = "") -> list[dict[str, str]]:
    """Postings in both channels; `2025-10-24 09:00`."""
    return [
        {"channel": channel, "posted_at": beijing(at).isoformat()}
        for channel, at in zip(CHANNELS, (first, second or first), strict=True)
    ]


def crowd(url: str, count: int, due_on: date = date(2026, 1, 16), holds: int = 0) -> list[str]:
    """Adds dossiers that wait for a signature, all due on one day, without any history; their numbers."""
    with transaction(url) as session:
        round_id = newest_round(session).id or 0
        first = len(session.execute(select(col(Applicant.id))).all())
        ids = [f"M{number:04}" for number in range(first, first + count)]
        for applicant_id in ids:
            session.add(
                Applicant(round_id=round_id, applicant_id=applicant_id, type="pharmacy", name=f"药房{applicant_id}")
            )
        session.flush()
        waiting = {"round_id": round_id, "type": "pharmacy", "state": "SIGNING", "holds": holds}
        keys = session.execute(select(col(Applicant.id)).where(col(Applicant.applicant_id).in_(ids))).scalars()
        cases = [Application(applicant_pk=key, **waiting) for key in keys]
        session.add_all(cases)
        session.flush()
        about: dict[str, Any] = {
            "holder": "applicant",
            "period": "60wd",
            "start_on": date(2025, 10, 23),
            "check_on": due_on + ONE_DAY,
        }
        days = {"due_on": due_on, "nominal_on": due_on, "earliest_on": due_on, "latest_on": due_on}
        about |= {"subject": Case.kind, "kind": "signing"}
        session.add_all([Deadline(subject_id=case.id or 0, **about, **days) for case in cases])
    return ids
