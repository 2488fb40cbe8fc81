"""What applicants see: `python docs/message_pictures.py FOLDER SCENARIO` plays a round (a file of `dingdian replay`)
in a database of its own and draws every kind of message that it caused: the e-mail as a wide screen and a telephone
show it, the short message as a telephone does, with its number of segments. `FOLDER/index.html` shows all of them.

Kinds that did not occur are drawn with what they usually say (tests/notifications/messages.yaml). Needs the machine's
Chromium; nothing is sent.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import select

from dingdian.replay import replay
from dingdian.scenario import load
from foundation.settings import reset_settings
from models.database import transaction
from models.people import Applicant
from notifications.catalogue import EVENTS, TEMPLATE_VERSION, validate
from notifications.outbox import SAME, Claim, N
from notifications.rendering import render_email
from notifications.sms.wording import SMS_TEMPLATES, render_sms, segments
from rules.localtime import ZONE, local_day
from rules.vocabulary import Audience, Channel
from tasks import surroundings
from tasks.messages.enclosures import enclosed

TYPICAL = Path(__file__).resolve().parent.parent / "tests" / "notifications" / "messages.yaml"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WIDTHS = {"wide": 820, "phone": 390}
SIGNATURE = "样例县医保中心"
HEAD = """<div style="font:14px/1.6 sans-serif;padding:12px 16px;background:#fff;border-bottom:1px solid #ccc">
<b style="font-size:17px">{subject}</b><br>发件人 {agency}{papers}</div>"""
BUBBLE = """<!DOCTYPE html><meta charset="utf-8"><body style="margin:0;padding:20px 16px;background:#f2f2f7;
font:16px/1.5 'Noto Sans CJK SC',sans-serif"><div style="max-width:280px;padding:10px 14px;background:#fff;
border-radius:18px">{text}</div>
<p style="margin:8px 4px;font-size:12px;color:#667">{characters} 字，计 {segments} 条</p>"""


@dataclass(frozen=True)
class Shown:
    """A message to draw; `origin` says where its words come from."""

    held: Claim
    origin: str

    @property
    def event(self) -> str:
        """Which kind it is."""
        return self.held.event


def of_round(scenario: Path, url: str) -> dict[str, Shown]:
    """The first message of each kind that a round causes."""
    os.environ["DINGDIAN_SMS_PROVIDER"] = "simulated"
    reset_settings()
    replay(load(scenario), url)
    with transaction(url) as session:
        query = select(N, Applicant.consent_on).outerjoin(Applicant, Applicant.id == N.c.applicant_pk)  # type: ignore[arg-type,call-overload]
        rows = session.execute(query.where(N.c.channel == Channel.EMAIL).order_by(N.c.id.desc())).mappings()
        return {row["event"]: Shown(claim(dict(row)), "本轮") for row in rows}


def claim(row: dict[str, Any]) -> Claim:
    """A row as a delivery run would hold it."""
    same = {name: row[name] for name in SAME}
    state = {"token": 1, "contact_sealed": "", "unknowns": 0, "lost": 0, "lease_until": row["created_at"]}
    return Claim(**same, **state, has_consent=row["consent_on"] is not None)


def usual(event: str, pattern: Claim) -> Shown:
    """A message of a kind that did not occur."""
    given = yaml.safe_load(TYPICAL.read_text(encoding="utf-8"))
    about = next(params for name, params in given["messages"] if name == event)
    common = {name: text for name, text in given["common"].items() if name in EVENTS[event].model.model_fields}
    at = datetime.combine(given["issued_on"], datetime.min.time(), ZONE)
    params = validate(event, common | about)
    held = replace(pattern, event=event, params=params, created_at=at, template_version=TEMPLATE_VERSION[event])
    return Shown(held, "常见内容")


def draw(browser: Browser, shown: Shown, folder: Path) -> Iterator[str]:
    """Draws a message. Gives the names of the pictures."""
    held = shown.held
    papers = [one.words for one in enclosed(held)]
    email = render_email(held.event, held.params, local_day(held.created_at), enclosed=papers)
    about = {"subject": escape(email.subject), "agency": escape(held.params["agency"])}
    head = HEAD.format(**about, papers=f"<br>附件 {escape('；'.join(papers))}" if papers else "")
    for name, width in WIDTHS.items():
        yield _picture(browser, head + email.html, width, folder / f"{held.event}.{name}.png")
    if EVENTS[held.event].audience is Audience.APPLICANT and held.event in SMS_TEMPLATES:
        text = f"【{SIGNATURE}】{render_sms(held.event, held.params, SIGNATURE).text}"
        counted = segments(text.removeprefix(f"【{SIGNATURE}】"), SIGNATURE)
        page = BUBBLE.format(text=escape(text), characters=len(text), segments=counted)
        yield _picture(browser, page, WIDTHS["phone"], folder / f"{held.event}.sms.png")


def _picture(browser: Browser, html: str, width: int, path: Path) -> str:
    page = browser.new_page(viewport={"width": width, "height": 200}, device_scale_factor=1.5)
    page.route("**/*", lambda route: route.abort())
    page.set_content(html)
    if page.evaluate("document.documentElement.scrollWidth") > width:
        raise AssertionError(f"{path.name} is wider than its screen")
    page.screenshot(path=path, full_page=True)
    page.close()
    return path.name


def index(drawn: dict[str, tuple[Shown, list[str]]]) -> str:
    """All pictures on one page."""
    parts = ["<!DOCTYPE html><meta charset='utf-8'><title>申请人看到的通知</title><h1>申请人看到的通知</h1>"]
    for event, (shown, names) in drawn.items():
        parts.append(f"<h2>{escape(EVENTS[event].title)}（{event}，{shown.origin}）</h2>")
        parts += [f"<img src='{name}' alt='{name}' style='vertical-align:top;max-width:48%'>" for name in names]
    return "\n".join(parts)


def main(folder: Path, scenario: Path) -> None:
    """Draws everything, while the round's database is there: documents are made from its records."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="dingdian-pictures-") as kept:
        url = f"sqlite:///{kept}/round.db"
        there = of_round(scenario, url)
        with surroundings.surrounded(database_url=url):
            _draw_all(folder, there)


def _draw_all(folder: Path, there: dict[str, Shown]) -> None:
    pattern = next(iter(there.values())).held
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        everything = {event: there.get(event) or usual(event, pattern) for event in EVENTS}
        drawn = {event: (one, list(draw(browser, one, folder))) for event, one in everything.items()}
        browser.close()
    (folder / "index.html").write_text(index(drawn), encoding="utf-8")
    print(f"{sum(len(names) for _, names in drawn.values())} 张图：{folder / 'index.html'}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
