"""Another audit key: put before the old one; or, where the old one is lost, begun anew over what stands there."""

from __future__ import annotations

import base64
import os

from sqlalchemy import select
from sqlmodel import Session

from foundation.audit_key import AuditRing, known_ring
from foundation.files import write_file
from foundation.settings import AUDIT_KEY_FILE, KEY_BYTES, Settings, audit_key
from models.database import transaction
from models.journal import JOURNAL, say
from models.noting import key_of, note
from models.row_proof import KEY_LOST, bound_tables
from rules.errors import InputError

KEY_CHANGED = "audit_key_changed"


def new_audit_key(url: str, settings: Settings, by: str, reason: str) -> str:
    """Makes a key, writes it before the old ones and records why. Where the key that signed the newest entry is not
    there any more, every row is bound anew, and the loss stands in the journal for ever. Answers the key's number.

    Raises InputError without a reason, or where the key is given by a setting.
    """
    if not reason.strip():
        raise InputError("更换审计密钥须写明原因（--reason）：它将永久载入变更登记")
    if settings.audit_key.get_secret_value():
        raise InputError("审计密钥由 DINGDIAN_AUDIT_KEY 给定：请把新密钥写在旧密钥前面（“新密钥,旧密钥”）后重启")
    new, old = base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode(), audit_key(settings)
    write_file(settings.var_dir / AUDIT_KEY_FILE, ",".join(filter(None, (new, old))).encode())
    ring = known_ring(settings)
    assert ring is not None
    with transaction(url) as session:
        _record(session, ring, by, reason.strip())
    return ring.current.key_id


def _record(session: Session, ring: AuditRing, by: str, reason: str) -> None:
    newest = session.execute(select(JOURNAL.c.key_id).order_by(JOURNAL.c.seq.desc()).limit(1)).scalar()
    told = {"reason": reason, "key": ring.current.key_id}
    if newest is None or ring.named(newest):
        say(session, KEY_CHANGED, by, **told)
        return
    connection = session.connection()
    for table in bound_tables(connection):
        note(connection, table, connection.execute(select(key_of(table))).scalars().all())
    say(session, KEY_LOST, by, lost=newest, **told)
