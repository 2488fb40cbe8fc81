"""The feed and the calendars: what a reader program finds, and that an entry keeps its name when its days move."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from models.database import transaction
from publication.assessments import Assessments
from publication.change_scan import loaded_while, survey
from publication.feed import SHOWN, recent
from publication.identity import SiteIdentity
from publication.site import build_site
from publication.site_pages import site_parts
from rules.case import Event
from tasks.perform import perform
from tests.support.rounds import CHANNELS, replayed, small_round

SITE = SiteIdentity("样例县 <医保> & 公开", "https://yb.sample.example/teyao/")
ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = "\u202e<甲>&\u0007"


def files(url: str, folder: Path, site: SiteIdentity = SITE, as_of: datetime | None = None) -> dict[str, bytes]:
    build_site(url, folder, as_of, site)
    return {path.name: path.read_bytes() for path in folder.glob("[!.]*")}


def events(content: bytes) -> dict[str, Any]:
    return {str(one["summary"]): one for one in Calendar.from_ical(content).walk("VEVENT")}


def days(one: Any) -> tuple[date, date]:
    return one.decoded("dtstart"), one.decoded("dtend")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return replayed(tmp_path_factory.mktemp("feed"), small_round())[0]


def test_the_feed_names_everything_published_the_newest_first(url: str, tmp_path: Path) -> None:
    feed = ElementTree.fromstring(files(url, tmp_path)["feed.atom"])
    entries = [[one.findtext(f"{ATOM}{name}") for name in ("title", "published")] for one in feed.iter(f"{ATOM}entry")]
    assert entries == [
        ["关于公布样例县2025年度特殊药品定点医药机构名单的通告", "2025-11-05T09:00:00+08:00"],
        ["关于样例县2025年度特殊药品定点医药机构拟签约名单的公示", "2025-10-16T09:00:00+08:00"],
        ["关于样例县2025年度特殊药品定点医药机构评估结果的公示", "2025-09-23T09:00:00+08:00"],
        ["样例县2025年度特殊药品定点医药机构评估：评估专家抽取方案与抽取记录", "2025-09-17T15:00:00+08:00"],
    ]
    assert feed.findtext(f"{ATOM}title") == SITE.name
    assert feed.findtext(f"{ATOM}updated") == "2025-11-05T09:05:00+08:00"  # when it was recorded
    links = [one.find(f"{ATOM}link").get("href") for one in feed.iter(f"{ATOM}entry")]  # type: ignore[union-attr]
    assert links == [SITE.address(name) for name in ("notice-3.html", "notice-2.html", "notice-1.html", "draw-1.html")]


def test_an_entry_keeps_its_name_when_the_site_moves(url: str, tmp_path: Path) -> None:
    ids = [
        [one.text for one in ElementTree.fromstring(files(url, tmp_path / name, site)["feed.atom"]).iter(f"{ATOM}id")]
        for name, site in (("here", SITE), ("there", SiteIdentity()))
    ]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 5


def test_an_empty_site_has_a_feed_and_a_calendar(tmp_path: Path, database: str) -> None:
    found = files(database, tmp_path)
    feed = ElementTree.fromstring(found["feed.atom"])
    assert list(feed.iter(f"{ATOM}entry")) == []
    assert feed.findtext(f"{ATOM}updated") == "1970-01-01T08:00:00+08:00"
    assert events(found["dates.ics"]) == {}


def test_names_with_markup_and_controls_stay_text(tmp_path: Path) -> None:
    scenario = small_round(until="2025-09-24T18:00:00+08:00")
    scenario["announcement"]["county"] = scenario["announcement"]["place"] = HOSTILE
    for applicant in scenario["applicants"]:
        applicant["facts"]["county"] = HOSTILE
    found = files(replayed(tmp_path, scenario)[0], tmp_path / "site")
    titles = [one.findtext(f"{ATOM}title") for one in ElementTree.fromstring(found["feed.atom"]).iter(f"{ATOM}entry")]
    assert titles[0] == "关于<甲>&2025年度特殊药品定点医药机构评估结果的公示"
    assert len(events(found["dates.ics"])) == 3


def test_the_feed_shows_the_newest_only(url: str) -> None:
    with transaction(url) as session:
        rounds = survey(session).rounds
    many = recent(list(rounds) * SHOWN, Assessments(), SITE)["entries"]
    assert len(many) == SHOWN
    assert many == sorted(many, key=lambda one: one.published, reverse=True)


def test_the_calendar_holds_every_public_date(url: str, tmp_path: Path) -> None:
    found = files(url, tmp_path)
    told = {title: days(one) for title, one in events(found["dates.ics"]).items()}
    name = "样例县2025年度特殊药品定点医药机构评估"
    notice = f"公示期：关于{name}结果的公示"
    assert told == {
        f"{name}：受理申报": (date(2025, 9, 1), date(2025, 9, 13)),
        f"{name}：公开抽取评估专家": (date(2025, 9, 19), date(2025, 9, 20)),
        notice: (date(2025, 9, 23), date(2025, 10, 1)),
        "公示期：关于样例县2025年度特殊药品定点医药机构拟签约名单的公示": (date(2025, 10, 16), date(2025, 10, 24)),
    }
    own = events(found["notice-1.ics"])[notice]
    assert own == events(found["dates.ics"])[notice] | {"dtstamp": own["dtstamp"]}
    assert str(own["url"]) == SITE.address("notice-1.html")
    assert str(own["description"]) == "对名单有异议的，请在2025年9月30日（星期二）届满前提出。"


def test_an_entry_keeps_its_uid_and_its_sequence_rises_when_its_day_comes(tmp_path: Path) -> None:
    url, _ = replayed(tmp_path, small_round(until="planned"))
    planned = events(files(url, tmp_path / "site")["dates.ics"])
    fields = {"source_values": [[3, 9, 14, 20, 27, 33], 11], "unavailable": []}
    at = datetime.fromisoformat("2025-09-22T09:30:00+08:00")
    perform(url, Event("draw_experts", at, "纪检监察员", fields))
    drawn = events(files(url, tmp_path / "site")["dates.ics"])
    before = next(one for title, one in planned.items() if "抽取" in title)
    after = next(one for title, one in drawn.items() if "抽取" in title)
    assert (days(before)[0], days(after)[0]) == (date(2025, 9, 18), date(2025, 9, 22))
    assert (before["uid"], before["sequence"], after["sequence"]) == (after["uid"], 0, 1)


def test_a_second_channel_raises_the_sequence_of_a_period(tmp_path: Path) -> None:
    scenario = small_round(second_channel_on="2025-09-24", until="2025-09-24T18:00:00+08:00")
    with transaction(replayed(tmp_path, scenario)[0]) as session:
        found = survey(session)
    assert [head.sequence for of in found.rounds for head in of.notices] == [len(CHANNELS)]
    assert [part.key for part in site_parts(found, SITE)] == ["index", "audit", "limits-1", "notice-1", "draw-1"]


@pytest.mark.parametrize(
    ("loaded", "counts"),
    [
        *(("2025-09-23T09:00:00", False), ("2025-09-23T09:00:01", True)),
        *(("2025-09-30T23:59:59", True), ("2025-10-01T00:00:00", False)),
    ],
)
def test_a_schedule_moves_a_day_from_after_it_was_told_until_it_is_over(loaded: str, counts: bool) -> None:
    told, at = datetime.fromisoformat("2025-09-23T09:00:00+08:00"), datetime.fromisoformat(f"{loaded}+08:00")
    assert loaded_while([at], told, date(2025, 9, 30)) == ([at] if counts else [])
