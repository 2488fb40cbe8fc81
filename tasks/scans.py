"""Scans of the materials of a dossier: kept as files by their hash, counted, shown page by page, never public.

Each is on the record of its dossier, with its hash and its pages; who looked at one stands in the journal. One that
was put there by mistake is withdrawn: it is shown no more, and stays on record.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from foundation.files import write_file
from foundation.scans import pages_of, picture_of
from foundation.settings import get_settings
from models import Applicant, Application, ApplicationMaterial, MaterialScan
from models.database import reading, transaction
from models.journal import say
from policies.documents import load_document_policy
from publication.sniffing import kind_of
from rules.case import Case, Change, Context, Event, Outcome
from rules.errors import ConflictError, DingdianError, InputError, RefusedError
from rules.policy import Material
from tasks.case_loading import context_numbered, load_cases
from tasks.perform import again_on_conflict
from tasks.recording import record
from tasks.roles import expect_reach

PLACE, KEEPS = "materials", "scans"  # who looks at them, and who brings and withdraws them
BROUGHT, WITHDRAWN = "bring_scan", "withdraw_scan"
FOLDER = "materials"
KINDS = {"pdf": "PDF", "png": "PNG 图片", "jpg": "JPEG 图片", "webp": "WebP 图片"}
ENDINGS = (".pdf", ".png", ".jpg", ".jpeg", ".webp")
GONE = "没有这份扫描件，或已经撤下：请从案卷的“材料扫描件”进入"
LOOKED = "scan_shown"
Brought = tuple[str, bytes]  # a file as a browser sent it: name and content


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan as it is shown."""

    number: int
    kind: str
    size: int
    pages: int
    at: datetime
    by: str
    withdrawn_at: datetime | None
    withdrawn_by: str | None


@dataclass(frozen=True, slots=True)
class Held:
    """A material that the announcement asks for, when it came in, and its scans."""

    code: str
    name: str
    received_at: datetime | None
    scans: tuple[Scan, ...]

    @property
    def pages(self) -> int:
        """How many pages of it can be looked at."""
        return sum(one.pages for one in self.scans if one.withdrawn_at is None)


@dataclass(frozen=True, slots=True)
class Shown:
    """The materials of a dossier, in the order of the clauses."""

    round_id: int
    round: str
    applicant_id: str
    name: str
    held: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """A scan that somebody looks at, and what it is of."""

    number: int
    round_id: int
    applicant_id: str
    applicant: str
    code: str
    material: str
    kind: str
    pages: int
    path: Path


def shown(url: str, round_id: int, applicant_id: str) -> Shown:
    """A dossier's materials and scans. Raises RefusedError where the round has no such dossier."""
    with reading(url) as session:
        ctx, applicant, case = _dossier(session, round_id, applicant_id)
        received = select(col(ApplicationMaterial.code), col(ApplicationMaterial.received_at))
        came = dict(session.execute(received.where(col(ApplicationMaterial.application_id) == case.id)).tuples().all())
        kept = _scans(session, case.id)
        held = tuple(
            Held(one.code, one.name, came.get(one.code), tuple(map(_shown, kept.get(one.code, ()))))
            for one in _asked(ctx, case)
        )
        return Shown(round_id, ctx.round.name, applicant_id, applicant.name, held)


def counted(session: Session, case_id: int) -> Mapping[str, tuple[int, int]]:
    """Of each material of a dossier that has scans: how many, and how many pages."""
    kept = _scans(session, case_id, col(MaterialScan.withdrawn_at).is_(None))
    return {code: (len(scans), sum(one.pages for one in scans)) for code, scans in kept.items()}


def bring(url: str, event: Event, files: Sequence[Brought]) -> tuple[list[str], list[str]]:
    """Keeps scans of one material (`applicant_id`, `code`), each by itself; answers what was kept, and what was not and
    why, in words.

    Raises InputError where nothing was brought, RefusedError for a dossier or material that the round does not have,
    NotEntitledError for whose roles do not keep scans.
    """
    if not files:
        raise InputError("请先选择扫描件，再按“放入”")
    _expect_wanted(url, event)
    done, faults = [], []
    for name, content in files:
        try:
            done.append(f"“{name}”：{again_on_conflict(lambda content=content: _bring(url, event, content))} 页")  # type: ignore[misc]
        except (ConflictError, DingdianError) as fault:
            faults.append(f"“{name}”{fault}")
    return done, faults


def withdraw(url: str, event: Event) -> None:
    """Takes one scan (`scan`: its number) of a dossier out of sight. Raises RefusedError where it is not there."""
    again_on_conflict(lambda: _withdraw(url, event))


def opened(url: str, number: int, by: str, at_file: bool = False) -> Opened:
    """A scan for somebody who looks at it, or takes the file; the journal says so. Raises RefusedError."""
    with transaction(url) as session:
        found = _opened(session, number)
        say(session, LOOKED, by, scan=number, round_id=found.round_id, applicant_id=found.applicant_id, file=at_file)
    return found


def picture(url: str, number: int, page: int) -> bytes:
    """One page (from 1) as a JPEG. Raises RefusedError where there is none, InputError for what cannot be opened."""
    with reading(url) as session:
        found = _opened(session, number)
    if not 1 <= page <= found.pages:
        raise RefusedError(GONE)
    return picture_of(found.kind, found.path.read_bytes(), page)


def most_bytes() -> int:
    """The largest scan that is kept, in bytes."""
    return load_document_policy().numbers["scan_size"]


def _expect_wanted(url: str, event: Event) -> None:
    with reading(url) as session:
        expect_reach(session, event.by, KEEPS)
        ctx, _, case = _dossier(session, event.round_id, event.fields["applicant_id"])
        _expect_asked(ctx, case, event.fields["code"])


def _expect_asked(ctx: Context, case: Case, code: str) -> None:
    if code not in {one.code for one in _asked(ctx, case)}:
        raise RefusedError("请选择材料：本轮公告对这类申请人没有要求这一项")


def _bring(url: str, event: Event, content: bytes) -> int:
    """Keeps one; answers its pages."""
    kind = kind_of(content)
    if kind not in KINDS:
        raise InputError("不是 PDF 或图片（PNG、JPEG、WebP）：请用扫描程序另存后再放入，不要只改文件名的结尾")
    if len(content) > most_bytes():
        raise InputError(f"超过 {most_bytes() // 1_000_000} MB：请降低分辨率，或分卷扫描")
    pages, most = pages_of(kind, content), load_document_policy().numbers["scan_pages"]
    if not 1 <= pages <= most:
        raise InputError(f"有 {pages} 页，一份不得超过 {most} 页：请分卷扫描")
    digest = hashlib.sha256(content).hexdigest()
    write_file(file_of(get_settings().var_dir, digest, kind), content)
    about = {"code": event.fields["code"], "sha256": digest, "kind": kind, "size": len(content), "pages": pages}
    with transaction(url) as session:
        expect_reach(session, event.by, KEEPS)
        ctx, _, case = _dossier(session, event.round_id, event.fields["applicant_id"])
        same = [one for one in _scans(session, case.id).get(about["code"], ()) if one.sha256 == digest]
        if any(one.withdrawn_at is None for one in same):
            raise RefusedError("已在这项材料里，没有重复放入")
        _record(session, ctx, case, replace(event, name=BROUGHT, fields=about))
        session.add(MaterialScan(application_id=case.id, at=event.at, by=event.by, **about))
    return pages


def _withdraw(url: str, event: Event) -> None:
    with transaction(url) as session:
        expect_reach(session, event.by, KEEPS)
        ctx, _, case = _dossier(session, event.round_id, event.fields["applicant_id"])
        scan = session.get(MaterialScan, event.fields["scan"])
        if scan is None or scan.application_id != case.id or scan.withdrawn_at is not None:
            raise RefusedError(GONE)
        about = {"code": scan.code, "sha256": scan.sha256, "pages": scan.pages}
        _record(session, ctx, case, replace(event, name=WITHDRAWN, fields=about))
        scan.withdrawn_at, scan.withdrawn_by = event.at, event.by
        session.add(scan)


def _record(session: Session, ctx: Context, case: Case, event: Event) -> None:
    """On the record of the dossier; it moves nothing."""
    record(session, ctx, [Change(case, event, Outcome(case.state, ""))])


def _opened(session: Session, number: int) -> Opened:
    scan = session.get(MaterialScan, number)
    if scan is None or scan.withdrawn_at is not None:
        raise RefusedError(GONE)
    application = session.get_one(Application, scan.application_id)
    applicant = session.get_one(Applicant, application.applicant_pk)
    ctx = context_numbered(session, application.round_id)
    material = next((one.name for one in ctx.policy.materials_of(application.type) if one.code == scan.code), scan.code)
    about = (application.round_id, applicant.applicant_id, applicant.name, scan.code, material, scan.kind, scan.pages)
    path = file_of(get_settings().var_dir, scan.sha256, scan.kind)
    if not path.is_file():
        raise RefusedError("这份扫描件的文件不在数据目录里：请告知系统管理员，从备份取回")
    return Opened(number, *about, path)


def _dossier(session: Session, round_id: int, applicant_id: str) -> tuple[Context, Applicant, Case]:
    query = select(Applicant).where(col(Applicant.round_id) == round_id, col(Applicant.applicant_id) == applicant_id)
    applicant: Applicant | None = session.execute(query).scalar_one_or_none()
    cases = load_cases(session, col(Application.applicant_pk) == applicant.id, with_facts=False) if applicant else []
    if applicant is None or not cases:
        raise RefusedError(f"第 {round_id} 轮次没有“{applicant_id[:20]}”的案卷：请核对轮次号和编号（看板可查）")
    return context_numbered(session, round_id), applicant, cases[0]


def _asked(ctx: Context, case: Case) -> Sequence[Material]:
    """The materials that one can scan: a formal requirement (a seal, a binding) is seen on them."""
    return ctx.policy.materials[case.type]


def _scans(session: Session, case_id: int, *conditions: ColumnElement[bool]) -> dict[str, list[MaterialScan]]:
    query = select(MaterialScan).where(col(MaterialScan.application_id) == case_id, *conditions)
    found: dict[str, list[MaterialScan]] = {}
    for one in session.execute(query.order_by(col(MaterialScan.id))).scalars():
        found.setdefault(one.code, []).append(one)
    return found


def _shown(row: MaterialScan) -> Scan:
    times = (row.at, row.by, row.withdrawn_at, row.withdrawn_by)
    return Scan(row.id or 0, KINDS[row.kind], row.size, row.pages, *times)


def file_of(folder: Path, digest: str, kind: str) -> Path:
    """Where a scan lies under `var`, or beside the backups."""
    return folder / FOLDER / f"{digest}.{kind}"
