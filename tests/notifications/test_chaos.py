"""Delivery under fire, small: four processes, kills, refusals, lost replies, on both databases. The receiving servers
count. `python -m benchmarks.chaos` is the same with two thousand messages."""

from __future__ import annotations

import pytest

from benchmarks.chaos import run
from tests.support.sms_gateway import FakeSms

pytestmark = pytest.mark.long

MESSAGES = 160
KILL_EVERY = 0.7  # seconds; a loaded machine needs that long to start a process


def test_nothing_is_lost_and_nothing_is_delivered_twice(database_url: str) -> None:
    with FakeSms(error_rate=0.1, lost_rate=0.04, seed=1) as gateway:
        figures = run(database_url, MESSAGES, gateway, kill_every=KILL_EVERY, seconds=600)
    mail, sms = figures["mail"], figures["sms"]
    assert (mail["lost"], mail["delivered_twice"]) == (0, 0), figures
    assert (sms["lost"], sms["delivered_twice"]) == (0, 0), figures
    assert (
        mail["delivered"] + mail["not_arrived_and_known"]
        == sms["delivered"] + sms["not_arrived_and_known"]
        == MESSAGES // 2
    )
    assert figures["kills"] >= 3, "the trial was over before anybody was killed"
    assert mail["refused"] > 0, figures
