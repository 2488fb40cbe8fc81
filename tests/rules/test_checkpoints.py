"""What the checkpoint of a day binds, and which day a record counts to."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from rules.checkpoints import bound_on, checkpoint_of, days_between, faults_of

MONDAY, TUESDAY, WEDNESDAY = date(2025, 9, 22), date(2025, 9, 23), date(2025, 9, 24)


def test_a_stranger_recomputes_it_with_a_line_of_json() -> None:
    made = checkpoint_of(MONDAY, ["aa", "bb"], "cc")
    told = '{"day":"2025-09-22","previous":"cc","records":2,"root":"' + made.root + '"}'
    assert made.hash == hashlib.sha256(told.encode()).hexdigest()
    assert json.loads(told)["root"] == hashlib.sha256(b"\x01" + leaf(b"aa") + leaf(b"bb")).hexdigest()


def leaf(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def test_a_day_without_records_has_a_checkpoint_too() -> None:
    made = checkpoint_of(MONDAY, [], "cc")
    assert (made.records, made.root) == (0, hashlib.sha256(b"").hexdigest())


@pytest.mark.parametrize(
    ("written", "counted"),
    [
        ([MONDAY, MONDAY, TUESDAY], [MONDAY, MONDAY, TUESDAY]),
        ([TUESDAY, MONDAY, TUESDAY], [MONDAY, MONDAY, TUESDAY]),  # the second came late: the first counts with it
        ([WEDNESDAY, MONDAY, WEDNESDAY, TUESDAY], [MONDAY, MONDAY, TUESDAY, TUESDAY]),
        ([], []),
    ],
)
def test_the_order_of_writing_decides_the_day(written: list[date], counted: list[date]) -> None:
    assert bound_on(written) == counted


def test_days_are_counted_with_both_ends() -> None:
    assert list(days_between(MONDAY, WEDNESDAY)) == [MONDAY, TUESDAY, WEDNESDAY]
    assert list(days_between(TUESDAY, MONDAY)) == []


@pytest.mark.parametrize(
    ("changes", "now", "said"),
    [
        ({}, ["aa", "bb"], []),
        ({}, ["aa"], ["应有 2 条审计记录，缺 1 条"]),
        ({}, ["aa", "bb", "dd"], ["应有 2 条审计记录，多 1 条"]),
        ({}, ["aa", "bc"], ["当日审计记录与根哈希不符，有记录被改动"]),
        ({}, ["bb", "aa"], ["当日审计记录与根哈希不符，有记录被改动"]),
        ({"hash": "00"}, ["aa", "bb"], ["内容与其哈希不符，检查点被改动"]),
        (
            {"root": "00"},
            ["aa", "bb"],
            ["内容与其哈希不符，检查点被改动", "当日审计记录与根哈希不符，有记录被改动"],
        ),
        (
            {"previous": "00"},
            ["aa", "bb"],
            ["没有接在前一天的检查点之后", "内容与其哈希不符，检查点被改动"],
        ),
        ({"day": WEDNESDAY}, ["aa", "bb"], ["之前缺 2 天的检查点", "内容与其哈希不符，检查点被改动"]),
    ],
)
def test_each_fault_has_its_sentence(changes: dict[str, Any], now: list[str], said: list[str]) -> None:
    found = replace(checkpoint_of(MONDAY, ["aa", "bb"], "cc"), **changes)
    assert list(faults_of(found, checkpoint_of(found.day, now, "cc"), MONDAY)) == said
