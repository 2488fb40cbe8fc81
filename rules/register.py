"""What may stand in registers beside each other: one legal person once, one expert once (三; 五(二); GB 32100).

The campuses (院区) of one hospital are one legal person and have one credit code: they may apply each for itself where
the register says so, by naming the campus. Two numbers of one expert would be two places in the draw.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rules.creditcode import code_of
from rules.texts import compared

ONE_PERSON = "是同一人的，公布抽取方案前用“登记专家回避”移出多余的编号；确属不同的人，公布抽取方案时打开“同名者已核对”"


@dataclass(frozen=True, slots=True)
class Listed:
    """An institution as far as its identity goes. `campus` is empty where it stands for the whole of it."""

    applicant_id: str
    type: str
    credit_code: str
    campus: str = ""


def identity_of(credit_code: str, campus: str) -> tuple[str, str]:
    """Who an institution is across rounds: its code and its campus, however either was typed. Without a code nothing
    tells: the code is empty, and no two such are one."""
    return code_of(credit_code), compared(campus)


def shared_codes(listed: Iterable[Listed]) -> list[tuple[Listed, ...]]:
    """Those who share a credit code without being campuses that are told apart, each group once."""
    by_code: dict[str, list[Listed]] = defaultdict(list)
    for one in listed:
        if one.credit_code:
            by_code[code_of(one.credit_code)].append(one)
    return [tuple(group) for group in by_code.values() if not _are_campuses(group)]


def same_names(listed: Iterable[tuple[str, str]]) -> list[tuple[str, ...]]:
    """The numbers of institutions (number, name as listed) that have one name, each name once."""
    return same_people((number, name, "") for number, name in listed)


def shared_sentence(group: Sequence[Listed]) -> str:
    """What is wrong with such a group, and how to say that it is meant."""
    numbers, is_mixed = "、".join(one.applicant_id for one in group), len({one.type for one in group}) > 1
    todo = (
        "医院和药店不能是同一法人，请核对代码"
        if is_mixed
        else "同一家医院的几个院区分别申请的，用 campus（院区）写明各是哪个院区；否则请核对代码"
    )
    return f"申请人 {numbers} 的统一社会信用代码相同：{todo}"


def campuses_told(entries: Iterable[Mapping[str, Any]]) -> str:
    """What a list says of those of its entries that are one legal person; empty where there are none."""
    by_code: dict[str, list[str]] = defaultdict(list)
    for one in entries:
        by_code[str(one.get("credit_code") or "")].append(f"{one['name']}（{one['applicant_id']}）")
    groups = [names for code, names in by_code.items() if code and len(names) > 1]
    return "".join(f"{'、'.join(names)}是同一法人的不同院区，统一社会信用代码相同。" for names in groups)


def listed_name(name: str, campus: str) -> str:
    """The name as lists print it: with its campus, unless the name says it."""
    return name if not campus or compared(campus) in compared(name) else f"{name}（{campus}）"


def names_of(name: str, campus: str) -> frozenset[str]:
    """Everything that somebody's employer may be called: as listed, the whole institution, and with the campus."""
    whole = name.removesuffix(f"（{campus}）") if campus else name
    return frozenset({name, whole, f"{whole}{campus}"})


def evaluated_names(name: str, campus: str) -> frozenset[str]:
    """The names under which an institution was evaluated: a campus as itself only, not as the whole institution."""
    return names_of(name, campus) - ({name.removesuffix(f"（{campus}）")} if campus else set())


def same_people(people: Iterable[tuple[str, str, str]]) -> list[tuple[str, ...]]:
    """The numbers under which one person (number, name, employer) stands more than once, each person once."""
    by_person: dict[tuple[str, str], list[str]] = defaultdict(list)
    for number, name, employer in people:
        by_person[compared(name), compared(employer)].append(number)
    return [tuple(numbers) for numbers in by_person.values() if len(numbers) > 1]


def _are_campuses(group: Sequence[Listed]) -> bool:
    """Of one type, and no two of one campus (the whole of it counts as one)."""
    return len({one.type for one in group}) == 1 and len({compared(one.campus) for one in group}) == len(group)
