"""No contact, complainant, allegation or clerk anywhere on the site of a whole round, by their very words."""

from __future__ import annotations

from pathlib import Path

import pytest

from publication.site import build_site
from tests.support.offices import office_round
from tests.support.rounds import small_round

pytestmark = pytest.mark.long
STAGES = ("announced", "planned", "drawn", "concluded", "2025-09-24T18:00:00+08:00", "proposed", "filed", "finished")
CLERKS = ("经办员", "监察员", "稽核员", "组长", "局业务科", "中心主任")


@pytest.mark.parametrize("stage", STAGES)
def test_nothing_private_of_a_whole_round_is_on_any_file_of_its_site(tmp_path: Path, stage: str) -> None:
    scenario = small_round(2, 4, objections={"P01": True, "P02": False, "P03": None}, recused=["Z02"], until=stage)
    build_site(office_round(tmp_path, scenario), tmp_path / "site")
    secrets = {value for one in scenario["applicants"] for value in one["contact"].values()} | set(CLERKS)
    for event in scenario["events"]:
        secrets |= {event.get(name) for name in ("complainant", "allegation", "finding", "reason")} - {None}
    assert len(secrets) >= 3 * 6 + len(CLERKS) + 4
    site = {path.name: path.read_bytes().decode() for path in (tmp_path / "site").iterdir()}
    assert len(site) >= 6
    assert [(name, one) for name, text in site.items() for one in secrets if one in text] == []
