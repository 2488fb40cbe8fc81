"""Who is registered twice: refused across two files, told at the announcement, said on the lists when it is meant."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dingdian.replay import replay
from dingdian.scenario import check
from foundation.secrets import Keyring
from models.database import transaction
from models.migrate import upgrade
from publication.documents.making import facts_of
from publication.site import build_site
from rules.case import Event
from rules.errors import RefusedError
from rules.vocabulary import DocumentKind
from tasks.announce import announce_round, register_applicants, register_staff
from tests.support.rounds import small_round
from tests.tasks.rehearsal import beijing

KEYS = Keyring(b"a secret of these tests")
CODE = "91350100M000100Y43"
AT = beijing("2025-08-18 09:00")


def opened(folder: Path, **changes: Any) -> tuple[str, str, dict[str, Any]]:
    """A round that was just announced: its database, what the announcement said, and its head."""
    url = f"sqlite:///{folder / 'identity.db'}"
    upgrade(url)
    with transaction(url) as session:
        register_staff(session, [{"staff_no": "甲", "name": "甲", "roles": ["all"]}])
    head = check(small_round(2, 1)).head | changes
    return url, announce_round(url, head, Event("announce_round", AT, "甲"), KEYS).summary, head


def test_a_second_file_with_a_code_that_is_registered_is_refused(tmp_path: Path) -> None:
    url, _, head = opened(tmp_path)
    hospital = {**head["applicants"][0], "credit_code": CODE}
    add = Event("register_applicants", AT, "甲")
    register_applicants(url, [{**hospital, "applicant_id": "H08"}], add, KEYS)
    with pytest.raises(RefusedError, match="申请人 H08、H09 的统一社会信用代码相同：同一家医院的几个院区"):
        register_applicants(url, [{**hospital, "applicant_id": "H09"}], add, KEYS)
    register_applicants(url, [{**hospital, "applicant_id": "H09", "campus": "东院区"}], add, KEYS)
    register_applicants(url, [{**hospital, "applicant_id": "H10", "name": "另一医院", "credit_code": ""}], add, KEYS)


def test_the_announcement_tells_who_stands_in_its_registers_twice(tmp_path: Path) -> None:
    head = check(small_round(2, 1)).head
    applicants, library = [dict(one) for one in head["applicants"]], [dict(one) for one in head["expert_library"]]
    applicants[1]["name"] = applicants[0]["name"].replace("县", "县\u2060")
    library[4] |= {"name": library[1]["name"], "employer": f"{library[1]['employer']} "}
    _, said, _ = opened(tmp_path, applicants=applicants, expert_library=library)
    assert "申请人 H01、H02 名称相同，请核对是否重复登记。" in said
    assert "专家 Z02、Z05 姓名和单位相同：是同一人的，公布抽取方案前用“登记专家回避”移出多余的编号" in said


def test_the_lists_say_that_two_campuses_are_one_legal_person(tmp_path: Path) -> None:
    checked = check(small_round(2, 1))
    one, other, *rest = checked.head["applicants"]
    shared = {"name": "样例医院", "credit_code": CODE}
    applicants = [one | shared | {"campus": "总院"}, other | shared | {"campus": "东院区"}, *rest]
    url = f"sqlite:///{tmp_path / 'campuses.db'}"
    replay(replace(checked, head={**checked.head, "applicants": applicants}), url)
    build_site(url, tmp_path / "site", None)
    told = "样例医院（总院）（H01）、样例医院（东院区）（H02）是同一法人的不同院区，统一社会信用代码相同。"
    for page in ("notice-1.html", "results-1.html"):
        assert told in (tmp_path / "site" / page).read_text(encoding="utf-8")
    with transaction(url) as session:
        assert told in str(facts_of(session, DocumentKind.NOTICE, 1))
