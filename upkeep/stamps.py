"""Time stamps (RFC 3161) of an outside authority over the signed checkpoints: from then on nobody can make another one
for that day, not even with our own key."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from datetime import datetime

import httpx
from cryptography.x509 import Certificate, load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from sqlalchemy import inspect, select
from sqlmodel import Session, col

from foundation.settings import get_settings
from models import CheckpointStamp, SignedCheckpoint
from models.database import transaction
from rules.errors import DatabaseError, InputError

PATIENCE_SECONDS = 20
MOST_BYTES = 100_000  # an answer with a few certificates has some thousands
AT_ONCE = 10  # days that one run makes up for
HEADERS = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}


def stamp_days(url: str) -> int:
    """Gets the stamps that are missing, the newest day first; nothing where no authority is set. Each is asked for
    outside of any transaction and verified before it is kept. Answers how many were got.

    Raises DatabaseError when the authority does not give one: the next run tries again.
    """
    authority = get_settings().tsa_url
    if not authority:
        return 0
    with transaction(url) as session:
        stamped = select(col(CheckpointStamp.day))
        missing = select(SignedCheckpoint).where(col(SignedCheckpoint.day).not_in(stamped))
        days = session.execute(missing.order_by(col(SignedCheckpoint.day).desc()).limit(AT_ONCE)).scalars().all()
    for one in days:
        answer = _asked(authority, one.note.encode())
        with transaction(url) as session:
            if session.get(CheckpointStamp, one.day) is None:
                session.add(_kept(one, authority, answer))
    return len(days)


def _kept(day: SignedCheckpoint, authority: str, answer: bytes) -> CheckpointStamp:
    stamped_at = decode_timestamp_response(answer).tst_info.gen_time
    kept = base64.b64encode(answer).decode()
    return CheckpointStamp(day=day.day, authority=authority, stamped_at=stamped_at, answer=kept)


def _asked(authority: str, message: bytes) -> bytes:
    request = TimestampRequestBuilder().data(message).hash_algorithm(HashAlgorithm.SHA256).build()
    try:
        with httpx.stream(
            "POST", authority, content=request.as_bytes(), headers=HEADERS, timeout=PATIENCE_SECONDS
        ) as reply:
            reply.raise_for_status()
            answer = _limited(reply)
    except httpx.HTTPError as error:
        raise DatabaseError(f"时间戳机构 {authority} 没有应答（{type(error).__name__}）：下次巡查再试") from None
    if why := _refuted(answer, message, request.nonce):
        raise DatabaseError(f"时间戳机构 {authority} 的应答不能用（{why}）：请核对 DINGDIAN_TSA_ROOT，下次巡查再试")
    return answer


def _limited(reply: httpx.Response) -> bytes:
    answer = b""
    for part in reply.iter_bytes():
        answer += part
        if len(answer) > MOST_BYTES:
            raise httpx.ReadError("too long")
    return answer


def _refuted(answer: bytes, message: bytes, nonce: int | None = None) -> str:
    """Why an answer is no stamp over a message; empty where it is one."""
    try:
        decoded = decode_timestamp_response(answer)
        _verifier(nonce).build().verify_message(decoded, message)
    except (ValueError, VerificationError) as error:
        return str(error)
    return ""


def _verifier(nonce: int | None) -> VerifierBuilder:
    builder = VerifierBuilder(nonce=nonce, roots=[], intermediates=[])
    for one in _roots():
        builder = builder.add_root_certificate(one)
    return builder


def _roots() -> list[Certificate]:
    path = get_settings().tsa_root
    try:
        return load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError):
        raise InputError(f"{path} 不是证书文件（PEM）：请用 DINGDIAN_TSA_ROOT 指明时间戳机构的根证书") from None


def stamp_faults(session: Session) -> Iterator[str]:
    """What is wrong with the stamps that are kept: each must be of the authority, and over the note of its day. Whether
    they are of the authority can be told only where its root is set."""
    if not inspect(session.connection()).has_table(str(CheckpointStamp.__tablename__)):
        return
    notes = dict(session.execute(select(col(SignedCheckpoint.day), col(SignedCheckpoint.note))).tuples().all())
    has_root = get_settings().tsa_root.is_file()
    for row in session.execute(select(CheckpointStamp).order_by(col(CheckpointStamp.day))).scalars():
        if row.day not in notes:
            yield f"{row.day} 有时间戳，却没有检查点"
        elif why := _wrong(row, notes[row.day].encode(), has_root):
            yield f"{row.day} 的时间戳不成立：{why}"


def _wrong(row: CheckpointStamp, note: bytes, has_root: bool) -> str:
    try:
        answer = base64.b64decode(row.answer, validate=True)
        decoded: TimeStampResponse = decode_timestamp_response(answer)
        stamped_at: datetime = decoded.tst_info.gen_time
    except ValueError:
        return "不是时间戳机构的应答，被改动"
    if stamped_at != row.stamped_at:
        return "所记的时刻与时间戳不同，被改动"
    if decoded.tst_info.message_imprint.message != hashlib.sha256(note).digest():
        return "不是为当日的检查点盖的"
    return _refuted(answer, note) if has_root else ""
