"""Makes official documents and publish packages: the file, its row, and the record in the round's chain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from foundation.files import write_file
from foundation.settings import get_settings
from models import OfficialDocument
from models.database import transaction
from models.migrate import ensure_current
from policies.documents import load_document_policy
from publication.documents.making import Made
from publication.package import build_package
from rules.case import Event
from rules.vocabulary import DocumentKind
from tasks.case_loading import context_of, round_numbered
from tasks.documents.making import make_any
from tasks.documents.targets import Target, target_of, the_notice
from tasks.roles import may_act
from tasks.rounds import record_for_round


@dataclass(frozen=True, slots=True)
class Filed:
    """A document or package as it lies in the office's folder. `about` are labels and values for the person."""

    path: Path
    summary: str
    about: tuple[tuple[str, str], ...]
    sha256: str


def make_document(url: str, event: Event) -> Filed:
    """Makes a document from the records as they stand and keeps it with its hashes; the same bytes are kept once.

    Fields: kind, file_format, number, planned_on, and what `target_of` asks (about; item and served). Raises
    RefusedError before there is anything to tell, InputError when it cannot be set; nothing is then kept.
    """
    ensure_current(url)
    kind = DocumentKind(event.fields["kind"])
    with transaction(url) as session:
        may_act(session, load_document_policy().roles, event)
        target = target_of(session, kind, event)
        given = {name: event.fields[name] for name in ("file_format", "number", "planned_on")}
        paper = make_any(session, kind, target.ref, **given)
        path = get_settings().var_dir / "documents" / _file_name(paper)
        write_file(path, paper.content)
        _keep(session, event, target, paper)
    return Filed(path, _said(f"{kind.label}已制作：{path.name}", paper), _about(paper), paper.sha256)


def make_package(url: str, event: Event) -> Filed:
    """Makes the publish package of a notice, as a folder and as one zip beside it, and records its hash.

    Fields: notice, planned_on. Raises as `make_document`.
    """
    ensure_current(url)
    planned_on: date | None = event.fields["planned_on"]
    with transaction(url) as session:
        may_act(session, load_document_policy().roles, event)
        notice = the_notice(session, event.fields["notice"])
        package = build_package(session, notice.id or 0, planned_on)
        folder = get_settings().var_dir / "packages"
        for name, content in package.files.items():
            write_file(folder / package.name / name, content)
        path = folder / f"{package.name}.zip"
        write_file(path, package.zip)
        _keep(session, event, Target(notice.id or 0, notice.round_id, notice_id=notice.id), package.document)
        ctx = context_of(session, round_numbered(session, notice.round_id))
        record_for_round(session, ctx, event, {"sha256": package.sha256})
    shown = package.article
    listed = (("文件", "、".join(sorted(package.files))), ("微信标题", shown.title))
    rows = f"{shown.shown} / {shown.total} 家" + ("（超出限额，正文注明全文所在）" if shown.shown < shown.total else "")
    about = (*listed, ("微信正文名单", rows), ("压缩包", "可重复制作，同样的数据得到同样的文件"))
    summary = _said(f"第 {notice.id} 号公示的发布包已制作：{path.name}", package.document)
    return Filed(path, summary, (*about, *_note(package.document)), package.sha256)


def _said(done: str, made: Made) -> str:
    return f"{done}；{made.note}" if made.note else done


def _note(made: Made) -> tuple[tuple[str, str], ...]:
    return (("缺字", made.note),) if made.note else ()


def _file_name(made: Made) -> str:
    """`notice-3-7c5b12d0.pdf`: a later version never takes the place of an earlier one."""
    stem, _, suffix = made.name.rpartition(".")
    return f"{stem}-{made.sha256[:8]}.{suffix}"


def _keep(session: Session, event: Event, target: Target, made: Made) -> None:
    """The row and the audit record of a document, once for the same bytes."""
    same = select(OfficialDocument).where(
        col(OfficialDocument.kind) == made.kind,
        col(OfficialDocument.ref) == made.ref,
        col(OfficialDocument.file_format) == made.file_format,
        col(OfficialDocument.file_sha256) == made.sha256,
    )
    ctx = context_of(session, round_numbered(session, target.round_id))
    if session.execute(same).first():
        return
    session.add(OfficialDocument(**_row(event, target, made)))
    about = {"kind": made.kind.value, "ref": made.ref, "number": made.number, "sha256": made.sha256}
    record_for_round(session, ctx, Event("make_document", event.at, event.by, about))


def _row(event: Event, target: Target, made: Made) -> dict[str, Any]:
    copied = ("ref", "file_format", "number", "title", "template_version", "pages", "data_sha256")
    return {
        **{name: getattr(made, name) for name in copied},
        "kind": made.kind.value,
        "fonts": dict(made.fonts),
        "file_sha256": made.sha256,
        "round_id": target.round_id,
        "application_id": target.application_id,
        "notice_id": target.notice_id,
        "agreement_id": target.agreement_id,
        "created_at": event.at,
        "created_by": event.by,
    }


def _about(made: Made) -> tuple[tuple[str, str], ...]:
    fonts = "；".join(dict.fromkeys(made.fonts.values()))
    return (
        ("标题", made.title),
        ("发文字号", made.number or "—"),
        ("成文日期", made.day.isoformat()),
        ("页数", str(made.pages) if made.pages else "—"),
        ("数据 SHA-256", made.data_sha256),
        ("字体", fonts or "由打开文件的电脑提供"),
        *_note(made),
    )
