"""A round takes over the rules as the file says them today (R20): a director's act, with a reason, in public."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from models import Notice, Round
from models.pinned import newest_pin, pin_policy, text_of
from policies.difference import differences
from policies.loader import PROCEDURE, newest_text, parse_policy
from rules.announcing import faults_of_rubric
from rules.case import Context, Event
from rules.errors import RefusedError
from rules.policy import Policy
from rules.vocabulary import NoticeKind, PinnedBy
from tasks.act_result import Receipt
from tasks.rounds import record_for_round

SAME = (
    "今日的规则文件在公告之日有效的内容与本轮固定的规则没有不同，无须采用；"
    "修改自以后某日生效的，只适用于该日以后公告的轮次（dingdian policy diff 可查）"
)


def adopt_policy(session: Session, ctx: Context, event: Event) -> Receipt:
    """Pins the round to the newest file, as it reads on the day of the announcement.

    What differs goes into the record and onto the public page. Clocks that were started keep their length and day.
    Raises RefusedError where nothing differs, or the round cannot go on under the new text.
    """
    the_round = session.get_one(Round, ctx.round.id, with_for_update=True)
    before = newest_pin(session, the_round)
    on, text = date.fromisoformat(ctx.round.announcement["published_on"]), newest_text()
    found = differences(text_of(session, before.sha256), text, on)
    if not found:
        raise RefusedError(SAME)
    policy = parse_policy(text, on, PROCEDURE)
    if faults := [*_unsettled(session, ctx), *_misfits(ctx, policy)]:
        raise RefusedError(f"本轮不能采用今日的规则文件：{'；'.join(faults)}")
    difference = [asdict(one) for one in found]
    why = {"acted_by": event.by, "reason": event.fields["reason"], "difference": difference}
    pin_policy(session, the_round, text, policy, pinned_by=PinnedBy.ADOPTION, pinned_at=event.at, **why)
    the_round.procedure = policy.identity
    session.add(the_round)
    hashes = {"policy_sha256": policy.sha256, "policy_sha256_before": before.sha256, "procedure": policy.identity}
    record_for_round(session, ctx, event, {**hashes, "difference": difference})
    return Receipt(
        f"本轮已采用新规则（{policy.identity}），不同之处 {len(found)} 项：{'；'.join(map(str, found))}。", ctx.round.id
    )


def _unsettled(session: Session, ctx: Context) -> Iterator[str]:
    """Notices whose last day the rules still decide: what the public was told must not change under it."""
    waiting = select(col(Notice.id)).where(col(Notice.round_id) == ctx.round.id, col(Notice.last_day).is_(None))
    for number in session.execute(waiting.where(col(Notice.kind) != NoticeKind.FINAL_RESULT)).scalars():
        yield f"公示 {number} 尚未起算或末日暂定，请待其末日确定后再办理"


def _misfits(ctx: Context, policy: Policy) -> Iterator[str]:
    """What the round has announced, or is in the middle of, and the new text does not know."""
    said = ctx.round.announcement
    if said["tie_rule"] not in policy.tie_rules:
        yield f"公告的同分规则“{said['tie_rule']}”不在其中"
    for name, choice in said.get("readings", {}).items():
        if name not in policy.recommended or choice not in policy.readings[name].choices:
            yield f"公告选择的读法 {name}（{choice}）不在其中"
    for section, old, new in (
        ("期限", ctx.policy.clocks, policy.clocks),
        ("数字", ctx.policy.numbers, policy.numbers),
        ("读法", ctx.policy.readings, policy.readings),
    ):
        if missing := [name for name in old if name not in new]:
            yield f"缺少{section} {'、'.join(missing)}"
    for type_, items in ctx.round.rubric.items():
        yield from map(str, faults_of_rubric(type_, items, policy))
