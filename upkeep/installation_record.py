"""What an installation runs with: a changed setting, template or policy file leaves a record, at the next start."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Text, cast, select
from sqlmodel import Session

from foundation.audit_key import AuditKey
from foundation.settings import Settings
from models.database import transaction
from models.journal import JOURNAL, ring_for, say

HOUSE = Path(__file__).resolve().parent.parent
FOLDERS = {
    "templates": ("notifications", "publication"),
    "policies": ("policies",),
    "program": ("dingdian", "flows", "board", "views", "workbooks", "upkeep", "tasks", "models", "foundation", "rules"),
}
KINDS = {
    "templates": (".j2", ".yaml", ".docx", ".css", ".typ"),
    "policies": (".yaml",),
    "program": (".py",),
}
EVENT = "installation"


def record_installation(url: str, settings: Settings, by: str) -> tuple[str, ...]:
    """Compares settings and files with what the newest record says, and records what differs: names of settings and
    digests, no values. Answers the names of what changed; nothing where all is as before. Raises InputError as
    `ring_for`."""
    with transaction(url) as session:
        is_begun = session.execute(select(JOURNAL.c.seq).limit(1)).first() is not None
        now = {**_settings(settings, ring_for(is_begun=is_begun).current), **dict(_files())}
        before = _newest(session)
        changed = tuple(sorted(name for name in {*now, *before} if now.get(name) != before.get(name)))
        if changed:
            say(session, EVENT, by, changed=list(changed) if before else [], stands=now)
    return changed


def _newest(session: Session) -> Mapping[str, str]:
    query = select(JOURNAL.c.said).where(cast(JOURNAL.c.said, Text) != "[]").order_by(JOURNAL.c.seq.desc())
    for said in session.execute(query).scalars():
        for one in said:
            if one.get("event") == EVENT:
                return dict(one["stands"])
    return {}


def _settings(settings: Settings, key: AuditKey) -> dict[str, str]:
    values = settings.model_dump()
    return {f"DINGDIAN_{name.upper()}": key.cell(f"setting:{name}", _plain(values[name])) for name in sorted(values)}


def _plain(value: Any) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


def _files() -> Iterator[tuple[str, str]]:
    for name, folders in FOLDERS.items():
        digest = hashlib.sha256()
        found = (one for folder in folders for one in (HOUSE / folder).rglob("*") if one.suffix in KINDS[name])
        for file in sorted(found):
            digest.update(f"{file.relative_to(HOUSE).as_posix()}\n".encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
        yield name, digest.hexdigest()
