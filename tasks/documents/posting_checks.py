"""Looks at the posted pages of running notices again, records what was found, and tells the office once per change.

The clock of a notice is never changed here: the procedure says how long a notice stands open, not what follows when
it was interrupted; that is for a person to decide (`READING`).
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlmodel import Session, col

from foundation.settings import get_settings
from models import Notice, OfficialDocument, Posting, PostingCheck, Round
from models.database import transaction
from models.migrate import ensure_current
from publication.fetching import FetchError, fetch
from publication.posted import Finding, compare
from rules.localtime import local_day
from rules.vocabulary import NoticeKind, PostingOutcome
from rules.wording import minute
from tasks.outbox_rows import owe_to_office

READING = (
    "程序办法五(二)、五(三)规定公示的渠道和天数，没有规定公示中断的后果；公示期不因本次核对自动变化。"
    "是否补足天数或者重新公示，由负责人书面决定，并保留截图。"
)
FAULT = "核对这个网页时程序出错（{}），不能核对，请用浏览器打开查看"
ALERT = "posting_alert"
logger = logging.getLogger("dingdian.postings")


@dataclass(frozen=True, slots=True)
class Posted:
    """One posting to look at, with what it is compared with."""

    id: int
    round_id: int
    notice_id: int
    kind: NoticeKind
    channel: str
    url: str
    entries: tuple[dict[str, Any], ...]
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look found. `is_news`: it differs from the look before (the first one is news when something is wrong)."""

    posted: Posted
    finding: Finding
    is_news: bool


@dataclass(frozen=True, slots=True)
class CheckReport:
    """All looks of one run; `without_url` counts postings that have no address to look at."""

    looked: tuple[Looked, ...]
    without_url: int

    @property
    def summary(self) -> str:
        """One sentence with the counts."""
        counts = [(one, sum(look.finding.outcome is one for look in self.looked)) for one in PostingOutcome]
        said = "，".join(f"{one.label} {count} 处" for one, count in counts if count) or "没有需要核对的页面"
        rest = f"；另有 {self.without_url} 处没有登记网址" if self.without_url else ""
        worst = any(look.finding.outcome is not PostingOutcome.PRESENT for look in self.looked)
        return f"已核对：{said}{rest}。" + (READING if worst else "")


def check_postings(url: str, now: datetime) -> CheckReport:
    """Looks at every posted page of the notices whose period runs or waits for a channel; network calls stand outside
    any transaction. Running it again records a new look, and tells nobody twice."""
    ensure_current(url)
    with transaction(url) as session:
        wanted = _wanted(session, now)
    looked = []
    for posted in (one for one in wanted if one.url):
        finding, digest = look_at(posted)
        with transaction(url) as session:
            looked.append(_record(session, posted, finding, digest, now))
    return CheckReport(tuple(looked), sum(not one.url for one in wanted))


def look_at(posted: Posted) -> tuple[Finding, str]:
    """One look at one page, and the SHA-256 of what came; a page that cannot be had is a finding too, and so is one
    that our own program stumbles over: a stranger's page never keeps the others from being looked at."""
    allowed = frozenset(part.strip() for part in get_settings().check_hosts.split(",") if part.strip())
    try:
        page = fetch(posted.url, allowed)
    except FetchError as error:
        return Finding(PostingOutcome.UNREACHABLE, str(error)), ""
    except Exception as error:  # noqa: BLE001 - whatever a page does to our program
        return _stumbled(error), ""
    digest = hashlib.sha256(page.content).hexdigest()
    try:
        return compare(page, posted.entries, posted.files, digest), digest
    except Exception as error:  # noqa: BLE001 - whatever a page does to our program
        return _stumbled(error), digest


def _stumbled(error: Exception) -> Finding:
    """The page's words may stand in the error's: only its kind is told."""
    logger.error("核对网页时出错：%s", type(error).__name__)
    return Finding(PostingOutcome.UNREACHABLE, FAULT.format(type(error).__name__))


def _wanted(session: Session, now: datetime) -> list[Posted]:
    today = local_day(now)
    still_open = or_(col(Notice.last_day).is_(None), col(Notice.last_day) >= today)
    query = (
        select(Posting, Notice)
        .join(Notice, col(Notice.id) == col(Posting.notice_id))
        .where(col(Notice.kind) != NoticeKind.FINAL_RESULT, still_open)
        .order_by(col(Posting.notice_id), col(Posting.id))
    )
    return [_posted(session, posting, notice) for posting, notice in session.execute(query)]


def _posted(session: Session, posting: Posting, notice: Notice) -> Posted:
    made = select(col(OfficialDocument.file_sha256), col(OfficialDocument.title))
    rows = session.execute(made.where(col(OfficialDocument.notice_id) == notice.id))
    return Posted(
        id=posting.id or 0,
        round_id=notice.round_id,
        notice_id=notice.id or 0,
        kind=NoticeKind(notice.kind),
        channel=posting.channel,
        url=posting.url,
        entries=tuple(notice.snapshot["entries"]),
        files={row[0]: row[1] for row in rows},
    )


def _record(session: Session, posted: Posted, finding: Finding, digest: str, now: datetime) -> Looked:
    newest = select(col(PostingCheck.outcome)).where(col(PostingCheck.posting_id) == posted.id)
    before = session.execute(newest.order_by(col(PostingCheck.id).desc()).limit(1)).scalar()
    is_news = finding.outcome != (before or PostingOutcome.PRESENT)
    row = PostingCheck(
        posting_id=posted.id,
        checked_at=now,
        outcome=finding.outcome,
        detail=finding.detail,
        missing=list(finding.missing),
        content_sha256=digest,
    )
    session.add(row)
    session.flush()
    if is_news:
        _tell(session, posted, finding, row.id or 0, now)
    return Looked(posted, finding, is_news)


def _tell(session: Session, posted: Posted, finding: Finding, check_id: int, now: datetime) -> None:
    the_round = session.get(Round, posted.round_id)
    assert the_round is not None
    about = {
        "notice": f"{posted.kind.label}（第 {posted.notice_id} 号）",
        "channel": posted.channel,
        "url": posted.url,
        "outcome": finding.outcome.label,
        "is_restored": finding.outcome is PostingOutcome.PRESENT,
        "found": finding.detail,
        "checked_at": minute(now),
        "reading": READING,
    }
    owe_to_office(session, the_round, ALERT, about, now, f"posting:{posted.id}:check:{check_id}")
