"""The public page that tells the working of a dossier's limit, as far as there is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from foundation.settings import get_settings
from models import Notice, NoticeEntry
from models.bulk import among
from publication.identity import SiteIdentity, site_identity
from publication.limits import BY_DAY, SIGNING, anchor_of
from rules.case import Context
from rules.evaluation.clock_effects import NOTICE_CLOCKS, NOTICE_STATES
from rules.localtime import local_day
from rules.vocabulary import NoticeKind
from rules.working import Limit

Listing = tuple[int, str, date | None]  # number, kind and last day of a notice that names a dossier
SUPPLEMENT = "supplement"
KIND_OF = {NOTICE_CLOCKS[state]: kind for kind, state in NOTICE_STATES.items()}


@dataclass
class PublicPages:
    """Called with a dossier's number and a limit: the page's address, for the dossiers `ids` of one round; empty while
    the site has no public address, and for a limit that no page tells."""

    session: Session
    ctx: Context
    ids: Sequence[int]
    site: SiteIdentity = field(default_factory=lambda: site_identity(get_settings()))
    _listings: dict[int, list[Listing]] | None = None

    def __call__(self, case_id: int, limit: Limit) -> str:
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
                query.where(among(col(NoticeEntry.application_id), self.ids))
            ):
                self._listings.setdefault(case_id, []).append(tuple(listing))
        return self._listings


def _page_of_limits(ctx: Context, limit: Limit) -> str:
    """The page lists the days on which applications are taken; a limit that starts on another stands on no page."""
    page = f"limits-{ctx.round.id}.html"
    if limit.kind == SUPPLEMENT:
        return page
    is_listed = local_day(ctx.round.accept_from) <= limit.start_on <= local_day(ctx.round.accept_until)
    return f"{page}#{anchor_of(limit.kind, limit.start_on)}" if is_listed else ""
