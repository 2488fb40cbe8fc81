"""What the city bureau answers where it determines who is designated, and who is out (R75; A7-27)."""

from __future__ import annotations

from rules.case import Event, Refused
from rules.localtime import local_day
from rules.vocabulary import CityDecision

CITY = "定点管理通知二(二)"


def city_answers(event: Event, answer: CityDecision | None) -> bool | Refused:
    """Whether the city's answer is this one (None: any); on a day that has come, and reasoned unless it agrees."""
    fields = event.fields
    if fields["decided_on"] > local_day(event.at):
        return Refused(f"市级意见日期 {fields['decided_on']} 尚未到来，请核对日期", CITY)
    if fields["decision"] != CityDecision.CONFIRMED and not str(fields["reason"]).strip():
        return Refused("市级退回或不同意的，须写明“问题或理由”", CITY)
    return answer is None or fields["decision"] == answer
