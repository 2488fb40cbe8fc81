"""The journal's checkpoints as others keep them: signed, published, and held against what stands in the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from urllib.parse import urlsplit

from sqlalchemy import inspect, select
from sqlmodel import Session, col

from foundation.audit_key import AuditRing, is_signed, known_ring
from foundation.settings import get_settings
from models import SignedCheckpoint
from models.journal import JOURNAL
from rules.errors import InputError, RefusedError
from rules.merkle import GrowingRoot
from rules.tlog import SignedHead, TreeHead, note_key_id, read_note, signed_note, verifier_key

ORIGIN = "dingdian/journal"


def origin() -> str:
    """The name of this installation's journal: under the address of its public pages, where it has one."""
    host = urlsplit(get_settings().public_base_url).hostname
    return f"{host}/journal" if host else ORIGIN


def head_now(session: Session) -> TreeHead:
    """The journal as it stands."""
    return head_of(origin(), session.execute(select(JOURNAL.c.hash).order_by(JOURNAL.c.seq)).scalars().all())


def head_of(name: str, hashes: Sequence[str]) -> TreeHead:
    """The checkpoint over entries, given by their hashes."""
    tree = GrowingRoot()
    for one in hashes:
        tree.add(one.encode())
    return TreeHead(name, tree.size, tree.root())


def note_now(session: Session) -> str:
    """A checkpoint of this moment, signed. Raises RefusedError where there is nothing to sign, or no key."""
    head, ring = head_now(session), known_ring()
    if ring is None or not head.size:
        raise RefusedError("还没有变更登记，无从生成检查点：办理第一件事项后再试")
    return signed_note(head, ring.current.public, ring.current.sign)


def public_key() -> str:
    """The public key that checkpoints are verified with. Raises RefusedError where no key has been made yet."""
    ring = known_ring()
    if ring is None:
        raise RefusedError("还没有审计密钥：首次启动或首次办理时生成")
    return verifier_key(origin(), ring.current.public)


def keep_signed(session: Session, day: date, now: datetime) -> None:
    """The checkpoint of a day that has been bound, in the same transaction; it holds every entry committed so far.
    Reads the hash of each entry: a tenth of a second for a hundred thousand."""
    head, ring = head_now(session), known_ring()
    if ring is None or not head.size:
        return
    note = signed_note(head, ring.current.public, ring.current.sign)
    session.add(SignedCheckpoint(day=day, size=head.size, root=head.root.hex(), note=note, made_at=now))


def head_faults(session: Session, hashes: Sequence[str]) -> Iterator[str]:
    """What is wrong with the signed checkpoints that are kept here, given the journal's entries as they are now."""
    if not inspect(session.connection()).has_table(str(SignedCheckpoint.__tablename__)):
        return
    kept = session.execute(select(SignedCheckpoint).order_by(col(SignedCheckpoint.size), col(SignedCheckpoint.day)))
    tree, ring = GrowingRoot(), known_ring()
    for row in kept.scalars():
        while tree.size < min(row.size, len(hashes)):
            tree.add(hashes[tree.size].encode())
        yield from (f"{row.day} 的签名检查点：{one}" for one in _faults(row, tree, ring))


def _faults(row: SignedCheckpoint, tree: GrowingRoot, ring: AuditRing | None) -> Iterator[str]:
    try:
        signed = read_note(row.note)
    except ValueError:
        yield "不是检查点，被改动"
        return
    if (signed.head.size, signed.head.root.hex()) != (row.size, row.root):
        yield "所记的条数或根哈希与签名的不同，被改动"
    if ring and not _is_ours(signed, ring):
        yield "签名不成立"
    if tree.size < row.size:
        yield f"当时变更登记有 {row.size} 条，现只有 {tree.size} 条"
    elif tree.root().hex() != row.root:
        yield "变更登记与当时的根哈希不符，有登记被改动、删除或重写"


def _is_ours(signed: SignedHead, ring: AuditRing) -> bool:
    return any(
        note_key_id(signed.head.origin, key.public) == number
        and is_signed(key.public, signature, signed.head.text.encode())
        for key in (ring.current, *ring.previous)
        for number, signature in signed.signatures
    )


def compare_kept(session: Session, text: str) -> tuple[SignedHead, list[str]]:
    """A checkpoint that was kept elsewhere, and what in the journal of now contradicts it.

    Raises InputError for a text that is no checkpoint.
    """
    try:
        signed = read_note(text)
    except ValueError:
        raise InputError("所给文件不是检查点：应为 dingdian audit checkpoint 或公示网站给出的原文，一字不改") from None
    hashes = session.execute(select(JOURNAL.c.hash).order_by(JOURNAL.c.seq)).scalars().all()
    ring, faults, size = known_ring(), [], signed.head.size
    if ring is None:
        faults.append("没有审计密钥，不能核对留存检查点的签名：请把 audit.key 放回数据目录")
    elif not _is_ours(signed, ring):
        faults.append("留存的检查点不是本机密钥签名的：请核对它是否出自本单位，密钥是否被更换")
    if len(hashes) < size:
        faults.append(f"留存的检查点记载变更登记有 {size} 条，现只有 {len(hashes)} 条：末尾被删除")
    elif head_of(signed.head.origin, hashes[:size]).root != signed.head.root:
        faults.append(f"前 {size} 条变更登记与留存的检查点不符：有登记被改动、删除或重写")
    return signed, faults
