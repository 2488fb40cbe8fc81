"""The page of the draw: every step can be followed, ties at the quota line, a draw that was annulled."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from flows.forms import FORMS
from models.database import transaction
from rules.case import Event
from rules.draw import draw
from tasks.announce import register_staff
from tasks.perform import perform
from tests.publication.markup import Page
from tests.publication.test_public_site import built, site_of
from tests.support.rounds import replayed, small_round
from tests.tasks.rehearsal import beijing


def test_every_step_of_the_draw_can_be_followed_by_hand(tmp_path: Path) -> None:
    page = Page(site_of(tmp_path, until="drawn")["draw-1.html"])
    steps = [row for row in page.rows if len(row) == 6][1:]
    left = list(range(1, 9))
    for place, row in enumerate(steps):
        mark = place.to_bytes(2, "big")
        number = int(hashlib.md5(mark + b"3.9.14.20.27.33./11./" + mark).hexdigest(), 16)
        remainder = number % len(left)
        told = " ".join(map(str, left))
        assert row == [str(place), str(number), str(len(left)), str(remainder), str(left[remainder]), told]
        left.pop(remainder)
    assert left == []


def test_a_tie_at_the_quota_line_is_shown_with_the_notice_and_not_before(tmp_path: Path) -> None:
    knobs: dict[str, Any] = {"pharmacies": 3, "quota": {"hospital": 1, "pharmacy": 2}}
    scores = {"P01": "90", "P02": "80", "P03": "80"}
    for name in ("before", "after"):
        (tmp_path / name).mkdir()
    before = site_of(tmp_path / "before", scores=scores, until="concluded", **knobs)["draw-1.html"]
    assert "同分抽取" not in before
    page = Page(site_of(tmp_path / "after", scores=scores, until="negotiated", **knobs)["draw-1.html"])
    key = "3.9.14.20.27.33./11./2./2./"
    assert f"零售药店第 2 名起（名额线上）：{key}" in page.text
    first = draw(key, 2, 2)
    order = [("P02", "P03")[number - 1] for number in first.picks]
    ties = [row for row in page.rows if len(row) == 4 and row[0] in ("2", "3") and len(row[3]) == 32]
    assert ties == [["2", order[0], "P02、P03", first.digests[0]], ["3", order[1], "—", first.digests[1]]]


def test_a_draw_that_was_annulled_stays_public_beside_the_one_that_follows(tmp_path: Path) -> None:
    url, _ = replayed(tmp_path, small_round(until="drawn"))
    challenge = {"ref": "Z-1", "via": "online", "content": "x", "received_on": "2025-09-19", "received_time": "18:30"}
    with transaction(url) as session:
        register_staff(session, [{"staff_no": "全能员", "name": "全能员", "roles": ["all"]}])
    _do(url, "2025-09-19 19:00", "challenge_draw", **challenge)
    _do(url, "2025-09-20 10:00", "resolve_draw_challenge", ref="Z-1", upheld=True, finding="名册漏列一人")
    page = Page(built(url, tmp_path / "site")["draw-1.html"])
    assert "本次抽取已撤销：名册漏列一人" in page.text
    assert "Z-1：2025年9月19日收到，质疑期后，成立。名册漏列一人" in page.text
    _do(url, "2025-09-20 11:00", "publish_draw_plan", wanted=3, sources=["双色球第2025110期"])
    site = built(url, tmp_path / "site")
    assert "尚未抽取" in site["draw-1.html"]
    assert "draw-1-annulled-1.json" in Page(site["draw-1.html"]).links
    assert json.loads(site["draw-1-annulled-1.json"])["panel"] == ["Z04", "Z02", "Z07"]


def _do(url: str, at: str, do: str, **fields: Any) -> None:
    perform(url, Event(do, beijing(at), "全能员", FORMS[do].model_validate({"by": "全能员", **fields}).fields()))
