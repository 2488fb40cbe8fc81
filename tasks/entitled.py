"""Whether the roles of whoever submits a form carry its act: asked by the gate before there is a run, and decided by
the same tables as the act itself decides by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from models.database import reading
from models.pinned import policy_of
from policies.access import load_access_rules
from policies.documents import load_document_policy
from policies.loader import load_policy
from policies.messages import load_message_policy
from policies.second_persons import load_second_persons
from rules.case import Event
from rules.errors import RefusedError
from rules.localtime import local_day
from rules.texts import half_width
from tasks.addressing import addressed
from tasks.agreement_batches import AGREEMENT_BATCHES
from tasks.batch import BATCHES
from tasks.labels import ROLES
from tasks.roles import ActsByRole, may_act

BEFORE_A_ROUND = ("announce_round", "record_development_plan")  # judged by today's rules, whatever rounds there are
STANDS_FOR = {"record_posting": "publish_notice"}  # a form that does another one's act
IN_A_BATCH = {
    **{kind: one.act for kind, one in BATCHES.items()},
    **{kind: one.act for kind, one in AGREEMENT_BATCHES.items()},
}
ROUND = re.compile(r"[0-9]{1,9}")  # as the forms have it


def expect_entitled(url: str, act: str, form: Mapping[str, Any], by: str, at: datetime) -> None:
    """Raises NotEntitledError for somebody whose roles do not carry the act of a form, and for a form that no table of
    roles names."""
    typed = {name: half_width(value).strip() if isinstance(value, str) else value for name, value in form.items()}
    event = Event(_act_of(act, typed), at, by, typed, round_named(typed))
    with reading(url) as session:
        may_act(session, _table_of(session, event), event)


def carriers(acts: Iterable[str], at: datetime, tables: Sequence[ActsByRole]) -> dict[str, list[str]]:
    """By act: the roles that carry it under these tables of rounds, in the order of the roles. An act that a table of
    the whole office names is carried by that one."""
    return {act: _carried(_act_of(act, {}), at, tables) for act in acts}


def _carried(act: str, at: datetime, tables: Sequence[ActsByRole]) -> list[str]:
    office = _office_table(Event(act, at, ""))
    deciding = tables if office is None else [office]
    return [role for role in ROLES if any(act in table.get(role, ()) for table in deciding)]


def _act_of(act: str, form: Mapping[str, Any]) -> str:
    return IN_A_BATCH.get(str(form.get("kind")), act) if act == "do_batch" else STANDS_FOR.get(act, act)


def round_named(form: Mapping[str, Any]) -> int:
    """The round that a form names as it was typed; 0 where it names none, or nothing that is a round's number."""
    number = str(form.get("round") or "")
    return int(number) if ROUND.fullmatch(number) else 0


def _table_of(session: Session, event: Event) -> ActsByRole:
    """The table of roles that the act decides by; of a form that none names an empty one."""
    return _office_table(event) or _of_its_round(session, event)


def _office_table(event: Event) -> ActsByRole | None:
    """The table that names an act whatever the round; None for an act of a round's own rules."""
    for table in (load_message_policy().roles, load_document_policy().roles, _forms(), _proposers(event)):
        if any(event.name in acts for acts in table.values()):
            return table
    return load_policy().roles if event.name in BEFORE_A_ROUND else None


def _forms() -> ActsByRole:
    forms = load_access_rules().forms
    return {role: [act for act, roles in forms.items() if role in roles] for role in load_policy().roles}


def _proposers(event: Event) -> ActsByRole:
    rule = load_second_persons(local_day(event.at)).get(event.name)
    return dict.fromkeys(rule.by, (event.name,)) if rule else {}


def _of_its_round(session: Session, event: Event) -> ActsByRole:
    """Those that the act's round runs on; today's where it cannot be told, which the act itself says better."""
    try:
        return policy_of(session, addressed(session, event)).roles
    except RefusedError:
        return load_policy().roles
