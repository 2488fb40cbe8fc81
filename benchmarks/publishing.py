"""Rounds with everything published of them, written by plain inserts: what the site's benchmark builds pages from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select, update
from sqlmodel import Session, col

from benchmarks.seed import HEAD
from models import Agreement, Applicant, Application, Notice, Posting, Round
from models.bulk import Row, insert_rows
from models.database import transaction
from models.migrate import upgrade
from rules.audit import sha256
from rules.creditcode import check_character
from tasks.rounds import create_round

ISSUED = datetime(2025, 9, 23, 1, tzinfo=UTC)
LAST_DAY = date(2025, 9, 30)
KINDS = (("evaluation_result", 1), ("proposed_agreements", 1), ("final_result", 1), ("evaluation_result", 2))
CHANNELS = ("县政府网站", "“医保”公众号")


@dataclass(frozen=True)
class Published:
    """What was written. The last notice of each round still waits for its second channel."""

    url: str
    notices: int
    institutions: int
    waiting: tuple[int, ...]

    def post(self, change: int) -> None:
        """A posting as the office records it: the second channel of a waiting notice, whose period starts."""
        notice_id = self.waiting[change]
        with transaction(self.url) as session:
            notice = session.get_one(Notice, notice_id)
            session.add(Posting(notice_id=notice_id, channel=CHANNELS[1], posted_at=ISSUED, by="测速员"))
            notice.starts_on, notice.last_day = ISSUED.date(), LAST_DAY
            session.execute(
                update(Round).where(col(Round.id) == notice.round_id).values(audit_head=sha256([notice_id, change]))
            )


def publish(url: str, notices: int, institutions: int) -> Published:
    """Fills an empty database: rounds of four notices each, every notice with as many institutions."""
    upgrade(url)
    waiting: list[int] = []
    with transaction(url) as session:
        for number in range(notices // len(KINDS)):
            round_id = _round(session, number)
            entries = _institutions(session, round_id, institutions)
            waiting.append(_notices(session, round_id, entries))
    return Published(url, len(waiting) * len(KINDS), institutions, tuple(waiting))


def _round(session: Session, number: int) -> int:
    head = {**HEAD, "announcement": {**HEAD["announcement"], "county": f"测速县{number:03}"}}  # type: ignore[dict-item]
    return create_round(session, head, announced_at=ISSUED - timedelta(days=36)).id or 0


def _institutions(session: Session, round_id: int, count: int) -> list[Row]:
    """Applicants that signed and filed, half hospitals, half pharmacies; gives what a notice lists of them."""
    entries = [_entry(round_id, place) for place in range(count)]
    columns = ("applicant_id", "name", "credit_code", "type")
    registered = [{name: one[name] for name in columns} | {"round_id": round_id, "facts": {}} for one in entries]
    empty = {"contact_sealed": "", "email_masked": "", "phone_masked": ""}
    insert_rows(session.connection(), Applicant, [{**one, **empty} for one in registered])
    numbers = select(col(Applicant.id)).where(col(Applicant.round_id) == round_id).order_by(col(Applicant.id))
    session.add_all(
        Application(round_id=round_id, applicant_pk=number, type=one["type"], signed_on=LAST_DAY, state="PUBLISHED")
        for number, one in zip(session.execute(numbers).scalars().all(), entries, strict=True)
    )
    session.flush()
    _agreements(session, round_id)
    return entries


def _entry(round_id: int, place: int) -> Row:
    code = f"91350100M{round_id:04}{place:04}"
    return {
        "applicant_id": f"{'PH'[place % 2]}{place:03}",
        "name": f"测速医药连锁有限公司第{place}特殊药品专业药房",
        "credit_code": code + check_character(code),
        "type": ("pharmacy", "hospital")[place % 2],
        "mean_score": f"{95 - place / 10:.2f}",
        "rank": place // 2 + 1,
    }


def _agreements(session: Session, round_id: int) -> None:
    of = select(col(Application.id)).where(col(Application.round_id) == round_id)
    days = {"signed_on": LAST_DAY, "filed_on": LAST_DAY, "effective_on": LAST_DAY, "expires_on": date(2026, 9, 30)}
    by = {"signed_by": "测速员", "filed_by": "测速员", "recorded_at": ISSUED}
    rows = [
        {"application_id": id_, "number": f"测速〔{round_id}〕{id_}号", **days, **by}
        for id_ in session.execute(of).scalars()
    ]
    insert_rows(session.connection(), Agreement, rows)


def _notices(session: Session, round_id: int, entries: Sequence[Row]) -> int:
    """The four notices of a round; gives the number of the last, which one channel has not posted yet."""
    written = [_notice(round_id, kind, number, entries) for kind, number in KINDS]
    session.add_all(written)
    session.flush()
    for notice in written:
        channels = CHANNELS if notice.starts_on else CHANNELS[:1]
        session.add_all(
            Posting(notice_id=notice.id or 0, channel=one, posted_at=ISSUED, by="测速员") for one in channels
        )
    session.flush()
    return written[-1].id or 0


def _notice(round_id: int, kind: str, number: int, entries: Sequence[Row]) -> Notice:
    snapshot = {"kind": kind, "content_since": ISSUED.isoformat(), "number": number, "entries": list(entries)}
    is_first = number == 1
    return Notice(
        round_id=round_id,
        kind=kind,
        number=number,
        created_at=ISSUED,
        created_by="测速员",
        snapshot=snapshot,
        snapshot_sha256=sha256(snapshot),
        starts_on=ISSUED.date() if is_first else None,
        last_day=LAST_DAY if is_first and kind != "final_result" else None,
    )
