"""What can be wrong in a round's file, found before the round is announced (三; R20): one check for every entrance.

The shape of the file (keys, kinds of values) is the reader's affair; here it is known to have its shape. A fault found
after the announcement would hold the round up when nobody can mend it any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from rules.keepable import Path, dotted
from rules.localtime import local_day
from rules.policy import Policy
from rules.scoring import gives_points

HEAD = "announcement"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where: the path into the file."""

    path: Path
    what: str

    def __str__(self) -> str:
        return f"{dotted(self.path)}：{self.what}"


def faults_of_round(head: Mapping[str, Any], policy: Policy) -> Iterator[Fault]:
    """Every fault of a round's file, as plain data: announcement, rubric, library and applicants."""
    yield from _announcement(head[HEAD], policy)
    yield from _quota(head)
    for type_, items in head["rubric"].items():
        yield from faults_of_rubric(type_, items, policy)
    yield from _experts(head["expert_library"])
    known_until = local_day(datetime.fromisoformat(head[HEAD]["accept_until"]))
    yield from faults_of_applicants(head["applicants"], policy, known_until)


def faults_of_rubric(type_: str, items: Sequence[Mapping[str, Any]], policy: Policy) -> Iterator[Fault]:
    """The scoring standard of a type: each item once, named, worth something, all of them exactly the full mark."""
    place: Path = ("rubric", type_)
    for number, item in enumerate(items):
        yield from _named(item, ("code", "item"), (*place, number))
        if Decimal(str(item["max"])) <= 0:
            yield Fault((*place, number, "max"), "满分须大于 0")
    if repeated := _repeated(str(item["code"]).strip() for item in items):
        yield Fault(place, f"项目代码重复：{'、'.join(repeated)}")
    points = (Decimal(str(item["max"])) for item in items if gives_points(item))
    total, full = sum(points, Decimal(0)), policy.count("full_mark")
    if items and total != full:
        yield Fault(place, f"各项满分合计应为 {full}，现为 {total.normalize():f}")


def faults_of_applicants(
    entries: Sequence[Mapping[str, Any]], policy: Policy, known_until: date, place: str = "applicants"
) -> Iterator[Fault]:
    """What applicants declare: grades of the procedure, and nothing that happened after `known_until`."""
    for number, entry in enumerate(entries):
        yield from _named(entry, ("name",), (place, number))
        yield from _facts(entry["facts"], policy, known_until, (place, number, "facts"))


def _facts(facts: Mapping[str, Any], policy: Policy, known_until: date, place: Path) -> Iterator[Fault]:
    if "grade" in facts and facts["grade"] not in policy.grades:
        yield Fault((*place, "grade"), f"未知的等级；可用：{'、'.join(policy.grades)}")
    happened = [((*place, "penalties", number), one) for number, one in enumerate(facts.get("penalties") or ())]
    if ended := facts.get("prior_termination"):
        happened.append(((*place, "prior_termination"), ended))
    for path, one in happened:
        if date.fromisoformat(str(one["date"])) > known_until:
            yield Fault((*path, "date"), f"日期 {one['date']} 晚于 {known_until}，请核对年份")


def _announcement(said: Mapping[str, Any], policy: Policy) -> Iterator[Fault]:
    yield from _named(said, ("county", "place"), (HEAD,))
    if said["tie_rule"] not in policy.tie_rules:
        yield Fault((HEAD, "tie_rule"), f"未知的同分规则；可用：{'；'.join(policy.tie_rules)}")
    channels = ["".join(str(one).split()) for one in said["channels"]]
    if "" in channels:
        yield Fault((HEAD, "channels"), "渠道名称不能为空")
    if repeated := _repeated(one for one in channels if one):
        yield Fault((HEAD, "channels"), f"两个渠道须不同：{'、'.join(repeated)}")
    yield from _days(said)


def _days(said: Mapping[str, Any]) -> Iterator[Fault]:
    """Planned, then published, then open for applications, then closed (三)."""
    planned, published = (date.fromisoformat(said[name]) for name in ("plan_approved_on", "published_on"))
    opens, closes = (datetime.fromisoformat(said[name]) for name in ("accept_from", "accept_until"))
    if abs(said["year"] - published.year) > 1:
        yield Fault((HEAD, "year"), f"年度 {said['year']} 与发布日期 {published} 不符")
    if planned > published:
        yield Fault((HEAD, "plan_approved_on"), f"规划批准日 {planned} 晚于发布日期 {published}")
    if published > local_day(opens):
        yield Fault((HEAD, "accept_from"), f"受理开始日 {local_day(opens)} 早于发布日期 {published}")
    if opens >= closes:
        yield Fault((HEAD, "accept_until"), "受理开始时间须早于截止时间")


def _quota(head: Mapping[str, Any]) -> Iterator[Fault]:
    for type_, number in head[HEAD]["quota"].items():
        if number < 0:
            yield Fault((HEAD, "quota", type_), "名额不能小于 0")
        if number > 0 and not head["rubric"].get(type_):
            yield Fault(("rubric", type_), "有名额的类型须有评分标准")


def _experts(library: Sequence[Mapping[str, Any]]) -> Iterator[Fault]:
    for number, expert in enumerate(library):
        yield from _named(expert, ("name",), ("expert_library", number))


def _named(entry: Mapping[str, Any], keys: Sequence[str], place: Path) -> Iterator[Fault]:
    yield from (Fault((*place, key), "不能为空") for key in keys if not str(entry[key]).strip())


def _repeated(words: Iterator[str]) -> list[str]:
    return sorted(word for word, times in Counter(words).items() if times > 1 and word)
