"""The workings that the messages of one batch tell: each made once, with the address of the public page that tells it.

They are made in the commit that owes the message, from the clocks as that commit leaves them, and stored with it: a
letter says at every try what was so when it was queued.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Notice, NoticeEntry
from models.bulk import among
from models.settings import get_settings
from notifications.workings import stored
from publication.identity import SiteIdentity, site_identity
from publication.limits import BY_DAY, SIGNING, anchor_of
from rules.case import Clock, Context
from rules.clocks import running_rule
from rules.evaluation.clock_effects import NOTICE_CLOCKS, NOTICE_STATES
from rules.localtime import local_day
from rules.vocabulary import NoticeKind
from rules.workdays import Workdays
from rules.working import Limit, working_of

Row = dict[str, Any]
Listing = tuple[int, str, date | None]  # number, kind and last day of a notice that names a dossier
SUPPLEMENT = "supplement"
BEFORE, NOW = "原定", "现定"
KIND_OF = {NOTICE_CLOCKS[state]: kind for kind, state in NOTICE_STATES.items()}


@dataclass
class Workings:
    """Makes the workings for the cases `ids` of one round; `before` are the schedules that held until this batch."""

    session: Session
    ctx: Context
    ids: Sequence[int]
    before: Workdays | None = None
    site: SiteIdentity = field(default_factory=lambda: site_identity(get_settings()))
    _made: dict[Any, Row] = field(default_factory=dict)
    _listings: dict[int, list[Listing]] | None = None

    def of(self, case_id: int, limits: Sequence[Limit]) -> list[Row]:
        """The workings of a case's limits, in their order."""
        return [self._one(limit, link=self._page(case_id, limit)) for limit in limits]

    def of_move(self, case_id: int, old: Limit, new: Limit) -> list[Row]:
        """The working of a day that was moved, and of the day it was moved to. Public pages tell only the new one."""
        was = self._one(old, BEFORE)
        return [was, self._one(new, NOW, self._page(case_id, new))]

    def _one(self, limit: Limit, which: str = "", link: str = "") -> Row:
        key = (limit, which, link)
        if key not in self._made:
            workdays = self.before if self.before and which == BEFORE else self.ctx.workdays
            working = working_of(running_rule(self.ctx.policy.clocks[limit.kind], limit.begun_with), limit, workdays)
            self._made[key] = stored({**asdict(working), "which": which, "link": link})
        return self._made[key]

    def _page(self, case_id: int, limit: Limit) -> str:
        """The public page with the working of a limit; empty while the site has no public address, and for a limit
        that no page tells."""
        if not self.site.base_url:
            return ""
        is_by_day = limit.kind in BY_DAY or limit.kind == SUPPLEMENT
        page = _page_of_limits(self.ctx, limit) if is_by_day else self._page_of_notice(case_id, limit)
        return self.site.address(page) if page else ""

    def _page_of_notice(self, case_id: int, limit: Limit) -> str:
        kind = KIND_OF.get(limit.kind, NoticeKind.PROPOSED_AGREEMENTS)
        named = [one for one in self._notices().get(case_id, ()) if one[1] == kind]
        if not named or limit.kind not in (*KIND_OF, SIGNING):
            return ""
        number, _, last_day = named[-1]
        if limit.kind in KIND_OF:
            return f"notice-{number}.html#working"
        return f"notice-{number}.html#signing" if last_day == limit.start_on else ""

    def _notices(self) -> Mapping[int, list[Listing]]:
        """The notices that name each case, the newest last; asked for once, and only when a page is wanted."""
        if self._listings is None:
            self._listings = {}
            columns = (col(NoticeEntry.application_id), col(Notice.id), col(Notice.kind), col(Notice.last_day))
            query = select(*columns).join(Notice, col(Notice.id) == col(NoticeEntry.notice_id)).order_by(col(Notice.id))
            for case_id, *listing in self.session.execute(
                query.where(among(self.session, col(NoticeEntry.application_id), self.ids))
            ):
                self._listings.setdefault(case_id, []).append(tuple(listing))
        return self._listings


def limit_of(clock: Clock) -> Limit:
    """A clock as it stands in the records."""
    days = (clock.start_on, clock.due_on, clock.earliest_on, clock.latest_on)
    return Limit(clock.kind, *days, clock.suspensions, clock.begun_with)


def _page_of_limits(ctx: Context, limit: Limit) -> str:
    """The page lists the days on which applications are taken; a limit that starts on another stands on no page."""
    page = f"limits-{ctx.round.id}.html"
    if limit.kind == SUPPLEMENT:
        return page
    is_listed = local_day(ctx.round.accept_from) <= limit.start_on <= local_day(ctx.round.accept_until)
    return f"{page}#{anchor_of(limit.kind, limit.start_on)}" if is_listed else ""
