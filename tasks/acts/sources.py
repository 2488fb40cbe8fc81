"""The public results that seed the draw: what the plan announces of each, and what happens when one does not come
(五(二); RFC 3797, sections 3 and 5.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session

from models import DoubleRandomDraw, Draw
from rules.case import Context, Event
from rules.draw import Stratum
from rules.entropy import bits_needed, bits_of, is_enough
from rules.errors import RefusedError
from rules.localtime import local_day
from rules.policy import DrawSource
from rules.vocabulary import SourceFallback, SourceState
from tasks.act_result import Receipt
from tasks.panel import draw_of
from tasks.random_plans import the_plan
from tasks.rounds import record_for_round

Rule = dict[str, Any]


def check_announced(ctx: Context, event: Event, strata: Sequence[Stratum]) -> list[Rule]:
    """The announced rules of the sources, complete and with enough chance in them; none where only names are given
    and the round asks no more. Raises RefusedError with figures when there is too little."""
    rules, names = event.fields["source_rules"], event.fields["sources"]
    if not rules:
        if ctx.round.requires("announced_sources"):
            raise RefusedError("本轮要求逐一公布随机源的种类、公布日和不公布时的办法：请补全后再公布方案")
        return []
    if unsaid := [name for name, rule in zip(names, rules, strict=True) if not rule["kind"]]:
        raise RefusedError(f"随机源“{'、'.join(unsaid)}”没有写明种类，无法计算随机量：请选择种类")
    _check_days(ctx, event, names, rules)
    _check_bits(ctx, names, rules, strata)
    return [{**rule, "state": SourceState.EXPECTED.value, "evidence": ""} for rule in rules]


def _check_days(ctx: Context, event: Event, names: Sequence[str], rules: Sequence[Rule]) -> None:
    earliest = local_day(event.at) + timedelta(days=ctx.policy.count("draw_after_plan"))
    for name, rule in zip(names, rules, strict=True):
        if date.fromisoformat(rule["due_on"]) < earliest:
            raise RefusedError(
                f"随机源“{name}”的公布日 {rule['due_on']} 过早，最早 {earliest}：须为方案公布时尚未产生的结果"
            )


def _check_bits(ctx: Context, names: Sequence[str], rules: Sequence[Rule], strata: Sequence[Stratum]) -> None:
    """Enough with every source; and without any one of those that would count as 0 when they do not come."""
    kinds = [kind_of(ctx, rule) for rule in rules]
    _expect_enough(ctx, kinds, strata, "")
    for place, (name, rule) in enumerate(zip(names, rules, strict=True)):
        if rule["fallback"] == SourceFallback.ZERO:
            without = f"（“{name}”按 0 计入时）"
            _expect_enough(ctx, kinds[:place] + kinds[place + 1 :], strata, without)


def _expect_enough(ctx: Context, kinds: Sequence[DrawSource], strata: Sequence[Stratum], when: str) -> None:
    margin = ctx.policy.count("entropy_margin")
    if is_enough(kinds, strata, margin):
        return
    needed, given = bits_needed(strata), sum(bits_of(kind) for kind in kinds)
    raise RefusedError(
        f"随机源的随机量不足{when}：共 {given:.2f} 比特，抽取需要 {needed:.2f} 比特，另须余量 {margin} 比特；"
        "请增加随机源，或改用号码更多的种类"
    )


def kind_of(ctx: Context, rule: Mapping[str, Any]) -> DrawSource:
    """The kind of an announced source."""
    kinds = {one.code: one for one in ctx.policy.draw_sources}
    if rule["kind"] not in kinds:
        known = "、".join(f"{one.label}（{code}）" for code, one in kinds.items())
        raise RefusedError(f"随机源的种类“{rule['kind']}”不在本轮的规则之列；可用：{known}")
    return kinds[rule["kind"]]


def check_values(ctx: Context, plan: Draw | DoubleRandomDraw, event: Event) -> None:
    """The results are such as the announced kinds can give, and none is used before its day. A source that did not
    come and counts as 0 is 0."""
    today = local_day(event.at)
    for place, (rule, values) in enumerate(zip(plan.source_rules, event.fields["source_values"], strict=False), 1):
        numbers = [int(value) for value in (values if isinstance(values, list) else [values])]
        is_missing = rule["state"] == SourceState.MISSING
        if not is_missing and today < date.fromisoformat(rule["due_on"]):
            raise RefusedError(f"第{place}个随机源应于 {rule['due_on']} 公布，此前不能抽取；延期或不公布的请先登记")
        if is_missing and rule["fallback"] == SourceFallback.ZERO:
            if numbers != [0]:
                raise RefusedError(f"第{place}个随机源未公布，按方案以 0 计入：结果请填 0")
            continue
        _check_numbers(kind_of(ctx, rule), place, numbers)


def _check_numbers(kind: DrawSource, place: int, numbers: Sequence[int]) -> None:
    last = kind.first + kind.of - 1
    fits = all(kind.first <= number <= last for number in numbers)
    if len(numbers) != kind.pick or len(set(numbers)) != len(numbers) or not fits:
        raise RefusedError(
            f"第{place}个随机源（{kind.label}）应为 {kind.pick} 个不同的号码，{kind.first} 至 {last}；请与开奖公告核对"
        )


def record_source_event(session: Session, ctx: Context, event: Event) -> Receipt:
    """A result is put off, or will not come: then what the plan announced for it applies, and nothing else."""
    ref = event.fields.get("plan", "")
    plan = the_plan(session, ctx, ref) if ref else draw_of(session, ctx)
    number, happened = event.fields["number"], event.fields["happened"]
    if plan is None or plan.drawn_at is not None:
        raise RefusedError("没有等待抽取的方案：方案公布之后、抽取之前才能登记随机源的延期或缺失")
    if not plan.source_rules:
        raise RefusedError("本轮方案只公布了随机源的名称，没有公布日和替代办法：请等待结果，或经质疑程序处理")
    if number > len(plan.sources):
        raise RefusedError(f"方案只有 {len(plan.sources)} 个随机源，没有第 {number} 个")
    rule = dict(plan.source_rules[number - 1])
    changed = _postponed(rule, event) if happened == SourceState.POSTPONED else _missing(rule, event)
    plan.source_rules = [*plan.source_rules[: number - 1], changed, *plan.source_rules[number:]]
    session.add(plan)
    record_for_round(session, ctx, event, {"rule": changed})
    return Receipt(f"第{number}个随机源“{plan.sources[number - 1]}”{_said(changed)}。", ctx.round.id)


def _postponed(rule: Rule, event: Event) -> Rule:
    until = event.fields["postponed_to"]
    if until <= date.fromisoformat(rule["due_on"]):
        raise RefusedError(f"延期后的公布日须晚于原定的 {rule['due_on']}")
    evidence = event.fields["evidence"]
    return {**rule, "state": SourceState.POSTPONED.value, "due_on": until.isoformat(), "evidence": evidence}


def _missing(rule: Rule, event: Event) -> Rule:
    if rule["fallback"] == SourceFallback.WAIT:
        raise RefusedError("方案公布的办法是顺延等待：请登记延期，不能按不公布处理")
    if rule["state"] == SourceState.MISSING:
        raise RefusedError("该随机源已登记为不公布，无需重复办理")
    if local_day(event.at) <= date.fromisoformat(rule["due_on"]):
        raise RefusedError(f"公布日 {rule['due_on']} 尚未过去，不能登记为不公布")
    return {**rule, "state": SourceState.MISSING.value, "evidence": event.fields["evidence"]}


def _said(rule: Rule) -> str:
    if rule["state"] == SourceState.POSTPONED:
        return f"已延期至 {rule['due_on']}"
    if rule["fallback"] == SourceFallback.ZERO:
        return "未公布，按方案以 0 计入"
    return f"未公布，按方案改用“{rule['replacement']}”"
