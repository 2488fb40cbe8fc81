"""The public site follows the flows, and a site that cannot be written never makes an act look undone."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from dingdian.replay_prefect import PrefectEngine, with_prefect
from dingdian.scenario import Happening, check
from flows.sweep_deadlines import sweep_deadlines
from foundation.secrets import Keyring
from models import Posting
from models.database import transaction
from rules.errors import RefusedError
from tasks.surroundings import surrounded
from tests.support.rounds import replayed, small_round

AT = "2025-09-24T18:00:00+08:00"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[PrefectEngine]:
    """The real flows on a round whose notice waits for its second channel; its site is `tmp_path/site`."""
    scenario = small_round(until=AT)
    del next(event for event in scenario["events"] if event["do"] == "publish_notice")["postings"][1]
    url, _ = replayed(tmp_path, scenario)
    keys = Keyring(secrets.token_bytes(32))
    with with_prefect(url, keys) as loop, surrounded(site=tmp_path / "site"):
        yield PrefectEngine(url, loop)


def second_channel() -> Happening:
    scenario = check(small_round(second_channel_on="2025-09-24"))
    publish = next(one for one in scenario.happenings if one.do == "publish_notice")
    form = publish.form.model_copy(update={"postings": publish.form.postings[1:]})  # type: ignore[union-attr,attr-defined]
    return Happening(0, datetime.fromisoformat(AT), "publish_notice", "经办员甲", form, "", "")


def test_a_posting_and_a_sweep_bring_the_site_up_to_date_and_a_failing_site_hides_nothing(
    engine: PrefectEngine, tmp_path: Path
) -> None:
    engine.run(sweep_deadlines, datetime.fromisoformat("2025-09-24T18:05:00+08:00"), {})
    assert "尚未起算" in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    with transaction(engine.url) as session:
        session.execute(text("UPDATE notice SET snapshot = replace(snapshot, '95.00', '96.00')"))
    with pytest.raises(RefusedError, match=r"^评估结果公示（第1号，3 家）：.*但公示网站未能更新：公示 1（"):
        engine.act(second_channel(), 1)
    with transaction(engine.url) as session:
        assert len(session.execute(select(col(Posting.id))).all()) == 2  # the act was done
        session.execute(text("UPDATE notice SET snapshot = replace(snapshot, '96.00', '95.00')"))
    engine.run(sweep_deadlines, datetime.fromisoformat("2025-09-24T19:05:00+08:00"), {})
    assert "公示中" in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    with transaction(engine.url) as session:
        session.execute(text("UPDATE notice SET snapshot = replace(snapshot, '95.00', '96.00'), last_day = starts_on"))
    with pytest.raises(RefusedError, match="但公示网站未能更新"):
        engine.run(sweep_deadlines, datetime.fromisoformat("2025-09-24T20:05:00+08:00"), {})
