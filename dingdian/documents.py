"""`dingdian document`, `package` and `check-postings`: documents and publish packages, and a look at posted pages.

With `--by` they are kept and recorded as an act of that person; without, they are written out to look at, and nothing
is recorded.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from dingdian.office import office
from foundation.files import write_file
from models.database import transaction
from publication.documents.making import DOCX, PDF
from publication.package import build_package
from rules.case import Event
from rules.errors import InputError
from rules.vocabulary import DocumentKind
from tasks import surroundings
from tasks.documents import filing, posting_checks
from tasks.documents.filing import Filed
from tasks.documents.making import make_any
from tasks.documents.targets import target_of

LABELS = {
    "file": "文件",
    "folder": "文件夹",
    "files": "内容",
    "number": "发文字号",
    "pages": "页数",
    "sha256": "SHA-256",
}


def run(
    kind: str,
    about: str,
    output: Path | None,
    *,
    round_id: int,
    docx: bool,
    number: str,
    planned_on: str,
    by: str,
    item: str,
    served: str,
    as_json: bool,
) -> None:
    """One document."""
    fields: dict[str, Any] = {
        "kind": _kind(kind),
        "about": about,
        "item": item,
        "served": _kind(served).value if served else "",
        "file_format": DOCX if docx else PDF,
        "number": number,
        "planned_on": _day(planned_on),
    }
    with office() as url:
        event = Event("make_document", surroundings.now(), by, fields, round_id)
        if by:
            filed = filing.make_document(url, event)
            _say_filed(_copied(filed, output), as_json)
            return
        with transaction(url) as session:
            target = target_of(session, fields["kind"], event)
            given = {name: fields[name] for name in ("file_format", "number", "planned_on")}
            paper = make_any(session, fields["kind"], target.ref, **given)
        path = output or Path(paper.name)
        write_file(path, paper.content)
    _say({"file": str(path), "number": paper.number, "pages": paper.pages, "sha256": paper.sha256}, as_json)


def run_package(notice: int, output: Path | None, *, planned_on: str, by: str, as_json: bool) -> None:
    """The publish package of one notice."""
    fields: dict[str, Any] = {"notice": notice, "planned_on": _day(planned_on)}
    with office() as url:
        if by:
            filed = filing.make_package(url, Event("make_package", surroundings.now(), by, fields))
            _say_filed(_copied(filed, output), as_json)
            return
        with transaction(url) as session:
            package = build_package(session, notice, fields["planned_on"])
        folder = output or Path(package.name)
        for name, content in package.files.items():
            write_file(folder / name, content)
    _say({"folder": str(folder), "files": sorted(package.files), "sha256": package.sha256}, as_json)


def run_check(as_json: bool) -> None:
    """A look at every posted page of the running notices."""
    with office() as url:
        report = posting_checks.check_postings(url, surroundings.now())
    if as_json:
        print(json.dumps([_looked(one) for one in report.looked], ensure_ascii=False, indent=1))
        return
    for look in report.looked:
        found = look.finding
        print(f"第 {look.posted.notice_id} 号 {look.posted.channel}：{found.outcome.label}，{found.detail}")
        for one in found.missing:
            print(f"  {one['applicant_id']} {one['name']}：{one['fault']}")
    print(report.summary)


def _looked(look: posting_checks.Looked) -> dict[str, Any]:
    return {
        "notice": look.posted.notice_id,
        "channel": look.posted.channel,
        "url": look.posted.url,
        "outcome": look.finding.outcome.value,
        "detail": look.finding.detail,
        "missing": list(look.finding.missing),
        "is_news": look.is_news,
    }


def _kind(text: str) -> DocumentKind:
    for one in DocumentKind:
        if text in (one.value, one.value.replace("_", "-"), one.label):
            return one
    known = "、".join(f"{one.value}（{one.label}）" for one in DocumentKind)
    raise InputError(f"没有“{text}”这种文书；可用：{known}")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InputError(f"--planned-on 应为日期，如 2026-03-05；现为“{text}”") from None


def _copied(filed: Filed, output: Path | None) -> Filed:
    """What was kept, also where the person asked for it."""
    if output:
        write_file(output, filed.path.read_bytes())
    return filed


def _say_filed(filed: Filed, as_json: bool) -> None:
    _say({"file": str(filed.path), "sha256": filed.sha256, **dict(filed.about)}, as_json)


def _say(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(answer, ensure_ascii=False, indent=1))
        return
    for name, value in answer.items():
        if value is not None:
            print(f"{LABELS.get(name, name)}：{'、'.join(value) if isinstance(value, list) else value}")
