"""The record of the draw: what it says, and when there is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.database import transaction
from publication.records import draw_record
from rules.audit import sha256
from rules.errors import RefusedError
from tests.support.rounds import SOURCES, replayed, small_round

KEY = "3.9.14.20.27.33./11./"


def test_the_record_of_a_plain_draw(tmp_path: Path) -> None:
    url, outcome = replayed(tmp_path, small_round(until="drawn"))
    with transaction(url) as session:
        record = draw_record(session, 1)
    assert (record["key"], record["picks"], record["panel"]) == (KEY, [4, 2, 7, 5, 6, 8, 1, 3], ["Z04", "Z02", "Z07"])
    assert record["panel"] == outcome["panel"]
    assert record["sources"] == list(SOURCES)
    assert record["source_values"] == [[3, 9, 14, 20, 27, 33], [11]]
    assert record["pool"][0] == {"number": 1, "expert_id": "Z01", "name": "样例专家01", "specialty": "药学"}
    assert record["pool_sha256"] == sha256(record["pool"])
    assert record["record_sha256"] == sha256({name: record[name] for name in record if name != "record_sha256"})
    assert (record["published_at"], record["drawn_at"]) == ("2025-09-17T15:00:00+08:00", "2025-09-19T09:30:00+08:00")
    assert json.loads(json.dumps(record)) == record


def test_who_stands_aside_after_the_plan_is_skipped_and_keeps_the_number(tmp_path: Path) -> None:
    url, outcome = replayed(tmp_path, small_round(recused=["Z02"], unavailable=[7], until="drawn"))
    with transaction(url) as session:
        record = draw_record(session, 1)
    assert (record["skipped"], record["unavailable"], record["panel"]) == ([2], [7], ["Z04", "Z05", "Z06"])
    assert record["panel"] == outcome["panel"]
    assert [entry["number"] for entry in record["pool"]] == list(range(1, 9))


def test_standing_aside_for_one_applicant_leaves_the_panel(tmp_path: Path) -> None:
    one = {"at": "2025-09-18T10:00:00+08:00", "do": "recuse_expert", "by": "经办员甲", "reason": "亲属任职"}
    extra = [one | {"expert_id": "Z02", "applicant_id": "P01"}]
    url, _ = replayed(tmp_path, small_round(extra=extra, until="drawn"))
    with transaction(url) as session:
        record = draw_record(session, 1)
    assert (record["skipped"], record["panel"]) == ([], ["Z04", "Z02", "Z07"])


def test_who_stood_aside_before_the_plan_is_not_in_the_pool(tmp_path: Path) -> None:
    early = {"at": "2025-09-16T11:00:00+08:00", "do": "recuse_expert", "by": "经办员甲"}
    url, _ = replayed(tmp_path, small_round(extra=[early | {"expert_id": "Z02", "reason": "亲属"}], until="drawn"))
    with transaction(url) as session:
        record = draw_record(session, 1)
    assert [entry["expert_id"] for entry in record["pool"]] == ["Z01", *(f"Z{number:02}" for number in range(3, 9))]
    assert record["skipped"] == []


@pytest.mark.parametrize("until", ["announced", "planned"])
def test_there_is_no_record_before_the_draw(tmp_path: Path, until: str) -> None:
    url, _ = replayed(tmp_path, small_round(until=until))
    with transaction(url) as session, pytest.raises(RefusedError, match="轮次 1 尚未抽取专家"):
        draw_record(session, 1)
