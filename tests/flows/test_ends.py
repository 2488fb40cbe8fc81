"""How a run ends that did not do what it was asked, and whom a record is told of: what no running flow shows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from prefect.client.schemas.objects import StateType

from flows import follow
from flows.act_flow import ended
from flows.instants import split_instant
from rules.errors import ConflictError, DatabaseError, DingdianError, InputError, RefusedError
from views.changes_since import Recorded

REFUSALS = (RefusedError("x"), InputError("x"), ConflictError("x"))


@pytest.mark.parametrize("why", REFUSALS, ids=lambda one: type(one).__name__)
def test_a_refusal_is_cancelled_and_a_refusal_by_the_clock_failed(why: DingdianError) -> None:
    assert ended(why, by_the_clock=False).type is StateType.CANCELLED
    assert ended(why, by_the_clock=True).type is StateType.FAILED


@pytest.mark.parametrize("why", [DatabaseError("x"), DingdianError("x"), "x"], ids=["database", "any", "said"])
def test_a_fault_is_failed(why: DingdianError | str) -> None:
    state = ended(why, by_the_clock=False)
    assert (state.type, state.message) == (StateType.FAILED, "未办理：x")


def test_an_event_is_told_of_a_dossier_or_an_agreement_and_not_of_a_round(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[dict[str, Any]] = []
    monkeypatch.setattr(follow, "emit_event", lambda **event: told.append(event))
    common = ("sign_agreement", "SIGNING", "SIGNED", datetime(2026, 3, 5, tzinfo=UTC), "00")
    follow.emit([Recorded(1, "", *common, "round"), Recorded(1, "H01", *common, "application")])
    assert [one["event"] for one in told] == ["dingdian.case.signed"]


def test_an_instant_is_split_to_the_second() -> None:
    given = {"received_at": "2026-03-05T15:59:58Z", "via": "online"}
    split = split_instant(given, "received_at", "on", "clock")
    assert {name: str(value) for name, value in split.items()} == {
        **{"via": "online", "on": "2026-03-05", "clock": "23:59:58"},
    }
