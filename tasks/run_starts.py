"""Who started a run: the proof that the door gives it, and that the run shows before it acts in somebody's name.

The proof stands in the run's labels, which nobody but the door and machines can write: who, by which session, when,
once, and a keyed hash over these, the deployment and the parameters. Other parameters, another form or a second run
with the same labels are refused. The key is the one that contacts are sealed with: it is not in the database.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.exc import IntegrityError

from foundation.secrets import Keyring
from models import GateSession, RunStart
from models.database import transaction
from rules.errors import NotEntitledError
from rules.vocabulary import WayIn
from tasks import accounts
from tasks.accounts import Person

BY, SESSION, AT, ONCE, PROOF = (f"dingdian.{name}" for name in ("by", "session", "at", "once", "proof"))
NO_PROOF = "本次运行没有登录人的凭据：请登录后从表单提交"
NOT_HIS = "本次运行与登录人提交的内容不一致：请登录后重新提交表单"
TWICE = "登录人的一次提交只能办理一次：请登录后重新提交表单"


@dataclass(frozen=True, slots=True)
class Run:
    """What a run is to Prefect: its number, its deployment, what it was given, its labels."""

    id: str
    deployment_id: str
    parameters: Mapping[str, Any]
    labels: Mapping[str, Any]


def proof_for(person: Person, deployment_id: str, parameters: Mapping[str, Any], keys: Keyring) -> dict[str, str]:
    """The labels of a run that this person starts now."""
    labels = {
        BY: person.staff_no,
        SESSION: str(person.session_id),
        AT: datetime.now(UTC).isoformat(timespec="seconds"),
        ONCE: secrets.token_hex(16),
    }
    return {**labels, PROOF: keys.sign(_said(labels, deployment_id, parameters))}


class StandIn:
    """Starts runs in the names of a rehearsal's people: one session for each, and the proof that the door would give.
    It has to have the key and the database: whoever has both needs no door."""

    def __init__(self, url: str, keys: Keyring) -> None:
        self.url, self.keys = url, keys
        self._people: dict[str, Person] = {}

    def order(self, deployment_id: str, parameters: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """What a run is started with, and its labels. The form's `by` says in whose name; a form without one needs no
        proof. Raises NotEntitledError for a number that is not on the staff list."""
        form = parameters.get("form")
        if not isinstance(form, Mapping) or "by" not in form:
            return dict(parameters), {}
        asked = {**parameters, "form": {name: value for name, value in form.items() if name != "by"}}
        return asked, proof_for(self._person(str(form["by"])), deployment_id, asked, self.keys)

    def _person(self, staff_no: str) -> Person:
        if staff_no not in self._people:
            person = accounts.person_of(self.url, accounts.open_session(self.url, staff_no, WayIn.REHEARSAL))
            assert person is not None
            self._people[staff_no] = person
        return self._people[staff_no]


def starter_of(url: str, run: Run, act: str, keys: Keyring) -> str:
    """The number of whoever started a run; its proof is used up by it. A run that begins once more is the same run.

    Raises NotEntitledError for a run without a proof, with one for something else, or with one that was used.
    """
    labels = {name: str(run.labels.get(name, "")) for name in (BY, SESSION, AT, ONCE)}
    if not all(labels.values()) or PROOF not in run.labels:
        raise NotEntitledError(NO_PROOF)
    if not keys.is_signed(_said(labels, run.deployment_id, run.parameters), str(run.labels[PROOF])):
        raise NotEntitledError(NOT_HIS)
    begun = RunStart(
        nonce=labels[ONCE],
        run_id=run.id,
        staff_no=labels[BY],
        session_id=int(labels[SESSION]),
        act=act,
        submitted_at=datetime.fromisoformat(labels[AT]),
        begun_at=datetime.now(UTC),
    )
    _use(url, begun)
    return labels[BY]


def _use(url: str, begun: RunStart) -> None:
    with transaction(url) as session:
        here = session.get(GateSession, begun.session_id)
        if here is None or here.staff_no != begun.staff_no:
            raise NotEntitledError(NO_PROOF)
        used = session.get(RunStart, begun.nonce)
        if used is not None and used.run_id != begun.run_id:
            raise NotEntitledError(TWICE)
        if used is None:
            session.add(begun)
            try:
                session.flush()
            except IntegrityError:
                raise NotEntitledError(TWICE) from None


def _said(labels: Mapping[str, str], deployment_id: str, parameters: Mapping[str, Any]) -> str:
    told = json.dumps(_plain(parameters), ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256(told.encode()).hexdigest()
    return "\n".join(["run", deployment_id, digest, *(labels[name] for name in (BY, SESSION, AT, ONCE))])


def _plain(value: Any) -> Any:
    """A value as JSON has it, whoever spelled its numbers: a database may keep 85.0 as 85."""
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{Decimal(repr(value)).normalize():f}"
    return value
