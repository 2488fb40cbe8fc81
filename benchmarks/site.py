"""The public site: a full build, and a rebuild after one posting, beside the time of rendering one page of a notice.

A full build makes every page of every round (four notices and a register each); a rebuild after one posting should cost
a few pages, whatever stands beside them.
"""

from __future__ import annotations

import statistics
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.beside import Figures, beside, timed
from benchmarks.publishing import ISSUED, Published, publish
from models.database import transaction
from publication.change_scan import survey
from publication.identity import SiteIdentity
from publication.pages import render
from publication.reading import read_notice
from publication.site import SiteReport, build_site

RUNS = 5
SITE = SiteIdentity(base_url="https://example.invalid/")
ONE_PAGE = "rendering one notice's page"


def measure(url: str, database: str, notices: int, institutions: int) -> list[Figures]:
    """Three figures: everything, after one posting, and with nothing changed. Raises AssertionError when a rebuild
    rendered another number of parts than it should have."""
    published = publish(url, notices, institutions)
    page = statistics.median(_page(published))
    with tempfile.TemporaryDirectory(prefix="dingdian-site-") as name:
        folder = Path(name) / "site"
        fulls = [timed(partial(_built, url, folder / str(run), None)) for run in range(3)]
        _built(url, folder, None)
        ones, nothings = [], []
        for run in range(RUNS):
            published.post(run)
            ones.append(timed(partial(_built, url, folder, 3)))
            nothings.append(timed(partial(_built, url, folder, 0)))
    about = {"database": database, "live": published.notices, "institutions": institutions}
    return [
        _figures("site, full build", about, fulls, page),
        _figures("site, after one posting", about, ones, page),
        _figures("site, nothing changed", about, nothings, page),
    ]


def _built(url: str, folder: Path, parts: int | None) -> SiteReport:
    """A build that renders so many parts: after a posting the index, the notice and its round's register."""
    report = build_site(url, folder, ISSUED, SITE)
    if parts is not None and report.rendered != parts:
        raise AssertionError(f"{report.rendered} parts were rendered where {parts} had changed")
    return report


def _page(published: Published) -> list[float]:
    """The page of one notice that was read before, rendered again and again."""
    with transaction(published.url) as session:
        found = survey(session, ISSUED)
        of = found.rounds[0]
        notice = read_notice(session, of.round, of.notices[0], found.workdays)
    return [
        timed(lambda: render("notice.html", site=SITE, round=of.round, notice=notice, code=None)) for _ in range(20)
    ]


def _figures(bench: str, about: Figures, seconds: list[float], page: float) -> Figures:
    return {"bench": bench, **about, **beside(seconds, ONE_PAGE, [page] * len(seconds))}
