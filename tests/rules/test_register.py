"""One legal person once, or campuses that are told apart; one expert under one number; all through one comparison."""

from __future__ import annotations

from datetime import date

import pytest

from rules.conflicts import Person, conflicts
from rules.register import Listed, campuses_told, listed_name, names_of, same_people, shared_codes, shared_sentence
from rules.vocabulary import ConflictKind

CODE = "91350100M000100Y43"


@pytest.mark.parametrize("other", [CODE, CODE.lower(), " 91350100 M000100Y43", "９１350100M000100Y43", f"{CODE}\u200b"])
def test_one_code_twice_is_a_clash_however_it_is_written(other: str) -> None:
    group = shared_codes([Listed("H01", "hospital", CODE), Listed("H02", "hospital", other)])
    assert [[one.applicant_id for one in each] for each in group] == [["H01", "H02"]]


@pytest.mark.parametrize(
    ("one", "other", "clash"), [("", "东院区", 0), ("西院区", "东院区", 0), ("东院区", "东 院区", 1), ("", "", 1)]
)
def test_campuses_are_told_apart_by_name(one: str, other: str, clash: int) -> None:
    listed = [Listed("H01", "hospital", CODE, one), Listed("H02", "hospital", CODE, other)]
    assert len(shared_codes(listed)) == clash


def test_a_hospital_and_a_pharmacy_are_no_campuses() -> None:
    (group,) = shared_codes([Listed("H01", "hospital", CODE, "东院区"), Listed("P01", "pharmacy", CODE, "西院区")])
    assert shared_sentence(group) == "申请人 H01、P01 的统一社会信用代码相同：医院和药店不能是同一法人，请核对代码"


def test_nobody_without_a_code_clashes() -> None:
    assert shared_codes([Listed("H01", "hospital", ""), Listed("H02", "hospital", "")]) == []


def test_lists_print_the_campus_and_say_that_it_is_one_legal_person() -> None:
    assert listed_name("样例医院", "东院区") == "样例医院（东院区）"
    assert listed_name("样例医院（东院区）", "东院区") == "样例医院（东院区）"
    rows = [
        {"applicant_id": "H01", "name": "样例医院", "credit_code": CODE},
        {"applicant_id": "H02", "name": "样例医院（东院区）", "credit_code": CODE},
        {"applicant_id": "P01", "name": "样例药房", "credit_code": ""},
    ]
    assert (
        campuses_told(rows) == "样例医院（H01）、样例医院（东院区）（H02）是同一法人的不同院区，统一社会信用代码相同。"
    )
    assert campuses_told(rows[1:]) == ""


@pytest.mark.parametrize("employer", ["样例医院", "样例医院（东院区）", "样例医院东院区", "样例 医院(东院区)"])
def test_who_works_at_any_campus_is_in_conflict_with_each(employer: str) -> None:
    applicants = {"H02": names_of("样例医院（东院区）", "东院区")}
    (found,) = conflicts([Person("Z01", employer, ())], applicants, [], must_declare=False, on=date(2025, 9, 17))
    assert found.kind is ConflictKind.EMPLOYER


def test_one_person_under_two_numbers_is_found_however_written() -> None:
    people = [
        ("Z01", "阿不都·艾力", "样例市医院"),
        ("Z02", "阿不都•艾力", "样例市 医院"),
        ("Z03", "阿不都・艾力", "另一医院"),
        ("Z04", "样例专家", "样例市医院"),
    ]
    assert same_people(people) == [("Z01", "Z02")]
