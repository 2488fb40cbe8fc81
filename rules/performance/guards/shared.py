"""What the guards of several subjects ask: two persons, a day that has come, findings that stand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from rules.case import Event, Refused
from rules.localtime import local_day
from rules.performance.records import AgreementCase, Finding

ALONE = "复核人须是另一名工作人员，不能与经办人相同：请更正“复核人工号”"


def is_alone(event: Event) -> bool:
    """Whether whoever acts names himself as the second person."""
    return bool(event.fields.get("confirmed_by", "") == event.by)


def of_two(event: Event) -> Refused | None:
    return Refused(ALONE, "两人办理") if is_alone(event) else None


def not_ahead(event: Event, day: date, what: str) -> Refused | None:
    if day > local_day(event.at):
        return Refused(f"{what} {day} 尚未到来，请核对日期", "六(二)")
    return None


def finding_of(case: AgreementCase, ref: str) -> Finding | Refused:
    found = case.finding(ref)
    if found is None:
        known = "、".join(one.ref for one in case.findings) or "无"
        return Refused(f"没有第 {ref} 号认定；已登记：{known}", "六(二)")
    return found


def all_stand(case: AgreementCase, refs: Iterable[str]) -> Refused | None:
    """Every finding named is established and was not overturned."""
    for ref in refs:
        found = finding_of(case, ref)
        if isinstance(found, Refused):
            return found
        if not found.stands:
            why = "已撤销" if found.overturned_on else "尚未认定，请先办理“认定违规事实”"
            return Refused(f"第 {ref} 号认定{why}", "六(二)")
    return None


def performed(case: AgreementCase) -> str:
    return f"{case.effective_on} 至 {case.performed_until}"
