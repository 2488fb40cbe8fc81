"""Lives of agreements at random: acts that are possible or nearly so, waiting, and what must hold after every step.

A life is a list of steps that name findings and orders by keys of their own, so that it can be lived again in another
database without one of the findings (`without`): overturning a finding must give what would have been without it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import col

from models import Agreement, AgreementEnding, Bar
from models.database import transaction
from rules.errors import RefusedError
from rules.performance.clock_table import CLOCKS
from rules.performance.records import AgreementCase, state_by_records
from rules.performance.states import ENDS
from rules.vocabulary import AgreementState, ClockKind
from tasks.agreements import load_agreements
from tasks.sweep import sweep
from tests.support.database import Dump, broken_chains, changed, dump
from tests.tasks.rehearsal import BOSS, OFFICE, Rehearsal

PUSHES = ("V7", "V1", "D1")  # of the violations that a person may find: an order's, another, a ground
OVERTURNINGS = ("overturn_finding", "overturn_ending")
# Which clock of an agreement waits for what on its record.
WATCHED = {
    "hearing": lambda case, today: [one for one in case.findings if _is_heard(one, today)],
    "rectification": lambda case, _today: [one for one in case.orders if one.awaits_report],
    "re_inspection": lambda case, _today: [one for one in case.orders if one.awaits_inspection],
    "dissolution": lambda case, _today: case.grounds,
    "leaving": lambda case, today: [case.leaves_on] if case.leaves_on and case.leaves_on >= today else [],
}


def _is_heard(one: Any, today: date) -> bool:
    waits = one.heard_until and one.heard_until >= today
    return bool(waits and not one.established_on and not one.overturned_on)


@dataclass(frozen=True)
class Step:
    """One step: an act at an instant, on the nth agreement of the institution; or a sweep (`do` empty). `made` is the
    key of the finding or order that it makes; `finding`, `findings` and `order` name such keys."""

    at: datetime
    do: str = ""
    nth: int = 0
    by: str = BOSS
    fields: dict[str, Any] = field(default_factory=dict)
    made: str = ""


@dataclass
class Life:
    """The agreements of one institution in a database, with the keys of what was found and ordered."""

    office: Rehearsal
    applicant_id: str = "P01"
    refs: dict[str, str] = field(default_factory=dict)

    def agreements(self) -> list[AgreementCase]:
        """All of them, the oldest first."""
        with transaction(self.office.url) as session:
            every = load_agreements(session, col(Agreement.round_id) == 1)
        return [one for one in every if one.applicant_id == self.applicant_id]

    def take(self, step: Step) -> None:
        """Carries a step out. Raises RefusedError when the act is refused."""
        at = f"{step.at:%Y-%m-%d %H:%M}"
        if not step.do:
            self.office.sweep(at)
            return
        case = self.agreements()[step.nth]
        self.office.act(at, step.do, by=step.by, agreement_number=case.number, **self._resolved(step.fields))
        if step.made:
            after = self.agreements()[step.nth]
            grown = after.findings if step.do == "record_finding" else after.orders
            self.refs[step.made] = grown[-1].ref

    def _resolved(self, fields: dict[str, Any]) -> dict[str, Any]:
        told = dict(fields)
        for name in ("finding", "order"):
            if name in told:
                told[name] = self._ref(told[name])
        if "findings" in told:
            told["findings"] = [self._ref(one) for one in told["findings"]]
        return told

    def _ref(self, key: str) -> str:
        """The number of a finding or an order in this database; of a ground that the system derived, by what it was
        derived from (`D4b@1:o3`)."""
        if "@" not in key:
            return self.refs[key]
        code, rest = key.split("@")
        nth, order = rest.split(":")
        case = self.agreements()[int(nth)]
        found = [one for one in case.findings if one.code == code and one.overturned_on is None]
        if order:
            found = [one for one in found if f"order:{self.refs[order]}" in one.stands_on]
        if not found:
            raise RefusedError(f"there is no {key} here")
        return found[-1].ref

    def key_of(self, nth: int, finding: Any) -> str:
        """The key of a finding."""
        if finding.code.startswith("D4"):
            orders = [one.split(":")[1] for one in finding.stands_on if one.startswith("order:")]
            of = [key for key, ref in self.refs.items() if key.startswith(f"o{nth}.") and ref in orders]
            return f"{finding.code}@{nth}:{of[0] if of else ''}"
        return next(k for k, ref in self.refs.items() if k.startswith(f"f{nth}.") and ref == finding.ref)

    def order_key(self, nth: int, ref: str) -> str:
        """The key of an order."""
        return next(k for k, found in self.refs.items() if k.startswith(f"o{nth}.") and found == ref)


def without(steps: list[Step], key: str) -> list[Step]:
    """The steps of a life, without a finding and without what could only be done because of it."""
    gone, left = {key}, []
    for step in steps:
        fields = dict(step.fields)
        if step.made in gone or fields.get("finding") in gone or fields.get("order") in gone:
            continue
        if "findings" in fields:
            fields["findings"] = [one for one in fields["findings"] if one not in gone]
            if not fields["findings"]:
                gone |= {step.made} - {""}
                continue
        left.append(Step(step.at, step.do, step.nth, step.by, fields, step.made))
    return left


# --- what is tried ---------------------------------------------------------------------------------------------------


def possible(life: Life, chance: random.Random, at: datetime, number: int) -> Iterator[Step]:
    """Acts that may be possible now, with their fields as a person would fill them in, sometimes wrongly."""
    today = at.date()
    for nth, case in enumerate(life.agreements()):
        for do, fields, made in _of(life, chance, case, nth, today, number):
            yield Step(at, do, nth, chance.choice((BOSS, BOSS, OFFICE)), fields, made)


def _of(
    life: Life, chance: random.Random, case: AgreementCase, nth: int, today: date, number: int
) -> Iterator[tuple[str, dict[str, Any], str]]:
    on = today.isoformat()
    second = {"confirmed_by": chance.choice((OFFICE, OFFICE, BOSS))}
    back = (today - timedelta(days=chance.choice((0, 0, 1, 4)))).isoformat()
    code = chance.choice(PUSHES)
    found = {"code": code, "facts": "重复收费三笔", "evidence": "检查记录", "served_on": back}
    yield "record_finding", found, f"f{nth}.{number}"
    known = [life.key_of(nth, one) for one in case.findings if not one.overturned_on]
    standing = [life.key_of(nth, one) for one in case.findings if one.stands and not one.is_ground]
    for key in chance.sample(known, min(2, len(known))):
        yield "confirm_finding", {"finding": key, "statement_on": chance.choice((on, ""))}, ""
        undo = {"finding": key, "reason": "复核不成立", "evidence": "复核决定1号", **second}
        yield "overturn_finding", undo, ""
    if standing:
        some = chance.sample(standing, chance.randint(1, min(2, len(standing))))
        due = (today + timedelta(days=chance.choice((1, 5, 20)))).isoformat()
        ordered = {"findings": some, "items": ["退还"], "served_on": back, "due_on": due}
        yield "order_rectification", ordered, f"o{nth}.{number}"
        first = (today + timedelta(days=chance.choice((0, 0, 3)))).isoformat()
        until = chance.choice(("", "", (today + timedelta(days=chance.choice((3, 10)))).isoformat()))
        pause = {"findings": some, "decision_no": f"暂停{number}.{nth}号", "from_on": first, "to_on": until}
        yield "suspend_agreement", {**pause, **second}, ""
    for order in chance.sample(case.orders, min(2, len(case.orders))):
        key = life.order_key(nth, order.ref)
        report = {"handed_in_at": f"{back}T08:30:00+08:00", "via": "online"}
        yield "hand_in_rectification", {"order": key, **report}, ""
        result = chance.choice(("done", "insufficient"))
        yield "re_inspect", {"order": key, "inspected_on": on, "result": result}, ""
    yield "resume_agreement", {"reason": "整改到位"}, ""
    yield "dissolve_agreement", {"decision_no": f"解除{number}.{nth}号", **second}, ""
    yield "record_service", {"served_on": on, "how": "直接送达", "proof": "回证1号"}, ""
    yield "overturn_ending", {"reason": "判决撤销", "evidence": "判决书1号", **second}, ""
    yield "apply_renewal", {"applied_on": on}, ""
    yield "sign_renewal", {"signed_on": on, "new_number": f"续{number}.{nth}号"}, ""
    leaves = (today + timedelta(days=chance.choice((95, 100)))).isoformat()
    yield "leave_agreement", {"notice_on": on, "leaves_on": leaves, "is_public_hospital": False}, ""


# --- what must hold --------------------------------------------------------------------------------------------------


def wrong(life: Life, today: date) -> Iterator[str]:
    """What must hold after a sweep and does not."""
    yield from broken_chains(dump(life.office.url))
    cases = life.agreements()
    bars = _bars(life.office)
    for nth, case in enumerate(cases):
        name = f"agreement {nth} ({case.state})"
        if case.state is not (by_records := state_by_records(case, today)):
            yield f"{name}: the records say {by_records}"
        if case.count > case.limit:
            yield f"{name}: {case.count} suspensions of {case.limit}"
        if case.count == case.limit and not case.grounds:
            yield f"{name}: the limit is reached and no ground stands"
        has_effect = bool(case.ending and case.ending.has_effect)
        if has_effect is not (case.id in bars):
            yield f"{name}: served {has_effect}, barred {case.id in bars}"
        if case.state not in ENDS and not any(one.is_open for one in case.clocks.values()):
            yield f"{name}: nothing will ever happen to it"
        if has_effect and case.state is not AgreementState.DISSOLVED:
            yield f"{name}: a decision was served"
        yield from _clocks_wrong(name, case, today)
    yield from _together_wrong(cases)


def _bars(office: Rehearsal) -> set[int]:
    endings = {one.id: one.agreement_id for one in office.rows(AgreementEnding)}
    return {endings[one.ending_id] for one in office.rows(Bar) if one.lifted_on is None}


def _clocks_wrong(name: str, case: AgreementCase, today: date) -> Iterator[str]:
    for kind, clock in case.clocks.items():
        if clock.is_open and case.state in ENDS:
            yield f"{name}: {kind} is open at the end"
        if clock.is_open and kind in WATCHED and not WATCHED[kind](case, today):
            yield f"{name}: {kind} waits for nothing"
        late = clock.is_open and clock.due_on and clock.due_on < today
        if late and CLOCKS[kind].holder is not ClockKind.AUTHORITY:
            yield f"{name}: {kind} ran out on {clock.due_on} and goes on"
    for kind, waiting in WATCHED.items():
        clock = case.clock(kind)
        if case.state not in ENDS and waiting(case, today) and not (clock and clock.is_open):
            yield f"{name}: nobody watches {kind}"


def _together_wrong(cases: list[AgreementCase]) -> Iterator[str]:
    states = [one.state for one in cases]
    is_out = states[0] in (AgreementState.DISSOLVED, AgreementState.LEFT)
    if is_out and any(state not in ENDS for state in states[1:]):
        yield f"the institution is out, and goes on: {states}"
    if sum(state in (AgreementState.IN_FORCE, AgreementState.SUSPENDED) for state in states) > 1:
        yield f"two in force: {states}"


def look(life: Life, today: date) -> list[Any]:
    """What two lives are compared by: state, count, grounds, and which clocks are open until when."""
    return [
        (
            case.state.value,
            case.count,
            sorted(one.code for one in case.grounds),
            sorted((kind, one.due_on) for kind, one in case.clocks.items() if one.is_open and kind != "dissolution"),
        )
        for case in life.agreements()
    ]


def refused_without_a_trace(life: Life, step: Step) -> str | None:
    """None when the step was carried out; else the sentence, and it left nothing behind (what was due came first)."""
    sweep(life.office.url, step.at)
    before: Dump = dump(life.office.url)
    try:
        life.take(step)
    except RefusedError as error:
        assert changed(before, dump(life.office.url)) == {}, step
        return str(error)
    return None
