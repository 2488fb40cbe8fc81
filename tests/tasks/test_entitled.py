"""Who may submit which form: the gate and the act decide by one table, and every form stands in one."""

from __future__ import annotations

from pathlib import Path

import pytest

from models import Staff
from models.database import reading, transaction
from models.journal import say
from policies import yamlfile
from policies.access import FILE, load_access_rules
from policies.documents import load_document_policy
from policies.loader import load_policy
from policies.messages import load_message_policy
from rules.acts import CATALOGUE
from rules.case import Event
from rules.errors import NotEntitledError, PolicyError
from tasks.entitled import carriers, expect_entitled
from tasks.roles import may_act
from tests.support.stages import Stage
from tests.tasks.rehearsal import beijing

ROLES = tuple(load_policy().roles)
AT = beijing("2025-09-22 10:00")
OF_ACTS = yamlfile.read(Path(__file__).parents[1] / "policies" / "roles.yaml").data["acts"]
OF_ACTS |= {"record_posting": OF_ACTS["publish_notice"], "change_staff": ["director"]}


def everyone(url: str) -> None:
    with transaction(url) as session:
        say(session, "staff_added", "test")
        for role in (*ROLES, "security", "auditor"):
            session.add(Staff(staff_no=role, name="某人", roles=[role]))


def tables() -> dict[str, set[str]]:
    """Who may submit each form, from the files."""
    found = {act: set(roles) for act, roles in OF_ACTS.items()}
    found |= {act: set(roles) for act, roles in load_access_rules().forms.items()}
    for table in (load_message_policy().roles, load_document_policy().roles):
        for role, acts in table.items():
            for act in acts:
                found.setdefault(act, set()).add(role)
    return found


def test_every_form_stands_in_one_table_of_roles() -> None:
    assert set(tables()) == set(CATALOGUE)
    assert not set(load_access_rules().forms) & set(OF_ACTS)


def test_a_form_is_taken_from_those_whose_roles_carry_it_and_from_nobody_else(at_stage: Stage) -> None:
    url = at_stage("drawn").url
    everyone(url)
    found = {act: set[str]() for act in CATALOGUE}
    for act, takers in found.items():
        for who in (*ROLES, "security", "auditor"):
            try:
                expect_entitled(url, act, {"applicant_id": "P01"}, who, AT)
            except NotEntitledError:
                continue
            takers.add(who)
    assert found == tables()
    listed = carriers(CATALOGUE, AT, [load_policy().roles])
    assert {act: set(roles) for act, roles in listed.items()} == found, "what the list of forms says"


@pytest.mark.parametrize(
    ("kind", "takers"),
    [
        ("accept", {"operator"}),
        ("review", {"reviewer"}),
        ("supplement", {"operator"}),
        ("apply_renewals", {"operator"}),
        ("sign_renewals", {"director"}),
        ("assess_fit", {"reviewer", "director"}),
        ("unknown", {"operator", "reviewer", "director"}),
    ],
)
def test_a_batch_is_taken_from_those_who_carry_its_act(at_stage: Stage, kind: str, takers: set[str]) -> None:
    url = at_stage("drawn").url
    everyone(url)
    found = set()
    for who in ROLES:
        try:
            expect_entitled(url, "do_batch", {"kind": kind}, who, AT)
        except NotEntitledError:
            continue
        found.add(who)
    assert found == takers


def test_the_gate_says_what_the_act_would_say(at_stage: Stage) -> None:
    rehearsal = at_stage("drawn")
    everyone(rehearsal.url)
    with pytest.raises(NotEntitledError) as at_the_gate:
        expect_entitled(rehearsal.url, "record_score_sheet", {"applicant_id": " p01"}, "director", AT)
    with pytest.raises(NotEntitledError) as by_the_act, reading(rehearsal.url) as session:
        may_act(session, rehearsal.context(session).policy.roles, Event("record_score_sheet", AT, "director"))
    assert str(at_the_gate.value) == str(by_the_act.value)
    assert "“录入评分表”由经办、复核岗位办理，请交 " in str(by_the_act.value)
    assert "operator 某人" in str(by_the_act.value)


def test_who_has_left_or_is_unknown_submits_nothing(at_stage: Stage) -> None:
    url = at_stage("drawn").url
    for act in ("show_board", "sign_agreement", "make_document"):
        with pytest.raises(NotEntitledError, match="不在在岗人员名单中"):
            expect_entitled(url, act, {}, "nobody", AT)


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("security: [people]", "security: [people, moon]", "没有“moon”"),
        ("  auditor: [desk, board, records]\n", "", "auditor"),
        ("  show_board:", "  show_moon:", "没有表单“show_moon”"),
        ("purge_messages: [director]", "purge_messages: [security]", "没有“security”"),
        ("  codes: 复核登记码\n", "", "codes"),
    ],
)
def test_a_slip_in_the_file_is_refused(tmp_path: Path, before: str, after: str, why: str) -> None:
    whole = FILE.read_text(encoding="utf-8")
    assert before in whole
    file = tmp_path / "access.yaml"
    file.write_text(whole.replace(before, after), encoding="utf-8")
    with pytest.raises(PolicyError, match=why):
        load_access_rules(file)
