"""Keys by which machines of ours come in at the gate: each machine has its own, by name, and each can be withdrawn.

The key itself is shown once; its SHA-256 is kept (a key is 256 bits of chance: nothing is gained by guessing).
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import UTC, datetime

from sqlalchemy import select
from sqlmodel import Session, col

from models import MachineKey
from models.database import reading, transaction
from models.journal import say
from rules.errors import InputError, RefusedError

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,39}")


def give_key(url: str, name: str, by: str) -> str:
    """A new key for a machine.

    Raises InputError for a name that no machine has, RefusedError while the machine has one that is good.
    """
    if not NAME.fullmatch(name):
        raise InputError(f"机器名“{name[:40]}”应为字母、数字、短横线和点，至多 40 个")
    key = secrets.token_urlsafe(32)
    with transaction(url) as session:
        if _good_one(session, name) is not None:
            raise RefusedError(f"机器“{name}”已有钥匙：更换的，先收回（dingdian machine-key {name} --withdraw）再发")
        session.add(MachineKey(name=name, key_hash=_hash(key), made_by=by, made_at=datetime.now(UTC)))
        say(session, "machine_key_given", by, machine=name)
    return key


def withdraw(url: str, name: str, by: str) -> None:
    """The machine's key opens nothing any more. Raises RefusedError where it has none."""
    with transaction(url) as session:
        found = _good_one(session, name)
        if found is None:
            raise RefusedError(f"机器“{name}”没有可收回的钥匙：请核对名称（dingdian machine-key 列出全部）")
        found.withdrawn_by, found.withdrawn_at = by, datetime.now(UTC)
        session.add(found)
        say(session, "machine_key_withdrawn", by, machine=name)


def is_good(url: str, key: str) -> bool:
    """Whether a machine of ours shows this key."""
    good = col(MachineKey.key_hash) == _hash(key), col(MachineKey.withdrawn_at).is_(None)
    with reading(url) as session:
        return session.execute(select(col(MachineKey.id)).where(*good)).first() is not None


def all_keys(url: str) -> list[MachineKey]:
    """Every key there ever was, the newest last."""
    with reading(url) as session:
        return list(session.execute(select(MachineKey).order_by(col(MachineKey.id))).scalars())


def _good_one(session: Session, name: str) -> MachineKey | None:
    good = col(MachineKey.name) == name, col(MachineKey.withdrawn_at).is_(None)
    found: MachineKey | None = session.execute(select(MachineKey).where(*good).with_for_update()).scalar_one_or_none()
    return found


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
