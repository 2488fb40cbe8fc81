"""Public notices on a real database: when the clock starts, and whom the notice names."""

from __future__ import annotations

from datetime import date

from models import Deadline, Notice
from tests.support.stages import Stage
from tests.tasks.rehearsal import CHANNELS, TOPICS, Rehearsal, beijing, posted


def publish(rehearsal: Rehearsal, at: str, channel: int, posted_at: str) -> str:
    posting = {"channel": CHANNELS[channel], "posted_at": beijing(posted_at).isoformat()}
    return rehearsal.act(at, "publish_notice", kind="evaluation_result", postings=[posting]).summary


def test_the_period_starts_with_the_later_channel_even_when_it_is_proved_first(at_stage: Stage) -> None:
    rehearsal = at_stage("concluded")
    first = publish(rehearsal, "2025-09-24 10:00", 1, "2025-09-24 09:30")
    assert first == "评估结果公示（第1号，3 家）：尚缺县政府网站的发布凭证，公示期未起算。"
    second = publish(rehearsal, "2025-09-24 11:00", 0, "2025-09-23 09:00")
    assert second == "评估结果公示（第1号，3 家）：自 2025-09-24 起，至 2025-10-09 届满。"
    assert rehearsal.deadline("P01", "result_notice") == ("running", date(2025, 10, 9), None)


def test_with_one_channel_nothing_starts_however_long_it_takes(at_stage: Stage) -> None:
    rehearsal = at_stage("concluded")
    publish(rehearsal, "2025-09-23 09:05", 0, "2025-09-23 09:00")
    rehearsal.sweep("2025-10-20 00:05")
    assert rehearsal.state("P01") == "NOTICE_RESULT"
    assert [one for one in rehearsal.rows(Deadline) if one.kind == "result_notice"] == []


def test_who_withdrew_before_the_second_channel_gets_no_clock_and_the_snapshot_stays(at_stage: Stage) -> None:
    rehearsal = at_stage("concluded")
    publish(rehearsal, "2025-09-23 09:05", 0, "2025-09-23 09:00")
    before = rehearsal.rows(Notice)[0].snapshot_sha256
    rehearsal.act("2025-09-23 10:00", "withdraw_application", applicant_id="P02", reason="自愿")
    publish(rehearsal, "2025-09-23 11:00", 1, "2025-09-23 10:30")
    notice = rehearsal.rows(Notice)[0]
    assert [one["applicant_id"] for one in notice.snapshot["entries"]] == ["H01", "P01", "P02"]
    assert notice.snapshot_sha256 == before
    rehearsal.sweep("2025-10-09 00:05")
    assert rehearsal.states() == {"H01": "NEGOTIATING", "P01": "NEGOTIATING", "P02": "WITHDRAWN", "P03": "OUT_OF_QUOTA"}


def test_a_posting_is_early_only_when_not_even_the_first_dossier_was_there(at_stage: Stage) -> None:
    rehearsal = at_stage("negotiating")
    agreed = {"topics": TOPICS, "consensus": True, "open_point": ""}
    for at, applicant_id in (("2025-10-15 09:00", "P01"), ("2025-10-15 11:00", "P02")):
        rehearsal.act(at, "record_negotiation", applicant_id=applicant_id, **agreed)
    notice = {"kind": "proposed_agreements"}
    early = posted("2025-10-15 10:00", "2025-10-15 08:59:59")
    assert rehearsal.refused("2025-10-15 12:00", "publish_notice", **notice, postings=early) == (
        "“医保”公众号的发布时间早于拟签约名单公示内容形成的时间（2025-10-15 09:00），请核对"
    )
    between = posted("2025-10-15 10:00", "2025-10-15 09:00")
    rehearsal.act("2025-10-15 12:00", "publish_notice", **notice, postings=between)
    snapshot = rehearsal.rows(Notice)[-1].snapshot
    assert [one["applicant_id"] for one in snapshot["entries"]] == ["P01", "P02"]
    assert snapshot["content_since"] == "2025-10-15T09:00:00+08:00"
    assert rehearsal.deadline("P02", "proposed_notice") == ("running", date(2025, 10, 22), None)
