"""Double random inspections (双随机、一公开; R82): the public plan with its two frozen pools, the draw whose result the
office alone knows, and the revealing of secret, draw and results so that anybody recomputes."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Agreement, Applicant, Application, DoubleRandomDraw, Inspection, Round, Staff
from models.bulk import among
from publication.inspections import inspections_under, numbers_in
from rules import double_random
from rules.audit import sha256
from rules.case import Context, Event
from rules.double_random import Pools, commitment_of
from rules.draw import MAX_POOL
from rules.errors import DatabaseError, RefusedError
from rules.localtime import local_day
from rules.performance.records import AgreementCase
from rules.performance.states import NOT_YET, RUNNING
from rules.periods import due_day
from rules.vocabulary import InspectionKind, InspectorConflict
from tasks import surroundings
from tasks.act_result import Receipt
from tasks.acts.sources import check_announced, check_values
from tasks.agreements import load_agreements
from tasks.random_plans import the_plan
from tasks.rounds import record_for_round
from tasks.staff import on_staff

Row = dict[str, Any]
INSPECT = "record_inspection"
NO_RULES = "本轮的规则还没有双随机检查（numbers.inspector_rotation）：请先办理“采用新规则”"


# --- plan ------------------------------------------------------------------------------------------------------


def plan_inspections(session: Session, ctx: Context, event: Event) -> Receipt:
    """Freezes and publishes both pools, how many are drawn, the public results to come, and the hash of a secret."""
    _expect_rules(ctx)
    fields, today = event.fields, local_day(event.at)
    agreements = _running(session, ctx, today, fields["types"])
    if not agreements:
        raise RefusedError("没有协议正在履行的机构，无从抽取：请核对“检查对象”")
    institutions = [
        {"number": number, "agreement": one.number, "applicant_id": one.applicant_id, "name": one.name}
        for number, one in enumerate(agreements, 1)
    ]
    inspectors = _inspectors(session, ctx, fields["inspectors"])
    conflicts = _conflicts(session, ctx, agreements, inspectors, fields["conflicts"], today)
    wanted = fields["count"] or double_random.share_of(len(institutions), fields["share"])
    pools = _pools(wanted, ctx.policy.count("site_visitors"), institutions, inspectors, conflicts)
    _expect_possible(pools, institutions)
    _expect_days(event)
    rules = check_announced(ctx, event, [double_random.institutions_of(pools)])
    if not rules:
        raise RefusedError("每个随机源都须写明种类、公布日和不公布时的办法：请补全后再公布计划")
    if any(rule["due_on"] >= fields["to_on"].isoformat() for rule in rules):
        raise RefusedError(f"随机源的公布日须早于检查止日 {fields['to_on']}：公布之后才能抽取和检查")
    secret = secrets.randbits(double_random.SECRET_BITS)
    plan = DoubleRandomDraw(
        round_id=ctx.round.id,
        ref=_next_ref(session, ctx),
        from_on=fields["from_on"],
        to_on=fields["to_on"],
        wanted=pools.wanted,
        inspectors_each=pools.each,
        institutions=institutions,
        inspectors=inspectors,
        conflicts=conflicts,
        pools_sha256=sha256(published_pools(institutions, inspectors, conflicts)),
        sources=list(fields["sources"]),
        source_rules=rules,
        commitment=commitment_of(secret),
        published_at=event.at,
        published_by=event.by,
    )
    session.add(plan)
    session.flush()
    plan.secret_sealed = surroundings.keys().seal(str(secret), _context(plan))
    session.add(plan)
    session.flush()
    frozen = {name: getattr(plan, name) for name in ("ref", "wanted", "pools_sha256", "commitment")}
    shown = {**event.fields, "conflicts": len(conflicts)}  # who is whose relative is nobody's business
    record_for_round(session, ctx, Event(event.name, event.at, event.by, shown), frozen)
    return Receipt(
        f"已公布检查计划 {plan.ref}：机构 {len(institutions)} 家抽取 {wanted} 家，检查人员 {len(inspectors)} 名，"
        f"每家 {pools.each} 名，回避 {len(conflicts)} 对；秘密源的 SHA-256 已随计划公布。",
        ctx.round.id,
        detail={"plan": plan.ref},
    )


def _expect_rules(ctx: Context) -> None:
    if "inspector_rotation" not in ctx.policy.numbers or not ctx.policy.keeps_agreements:
        raise RefusedError(NO_RULES)


def _running(session: Session, ctx: Context, today: date, types: Sequence[str]) -> list[AgreementCase]:
    """The agreements of the county that run today, in the order of their numbers; what is due at midnight and was not
    swept yet counts as it will."""
    of_county = col(Agreement.round_id).in_(select(col(Round.id)).where(col(Round.county) == ctx.round.county))
    states = col(Agreement.state).in_([one.value for one in (*RUNNING, *NOT_YET)])
    found = [one for one in load_agreements(session, of_county & states) if _runs(one, today)]
    return sorted(
        (one for one in found if not types or one.type in types), key=lambda one: (len(one.number), one.number)
    )


def _runs(case: AgreementCase, today: date) -> bool:
    return case.effective_on <= today <= min(case.expires_on, case.leaves_on or date.max)


def _inspectors(session: Session, ctx: Context, named: Sequence[str]) -> list[Row]:
    """Those named, else everybody on the staff list whose role may record an inspection, in the order of numbers."""
    if named:
        staff = [on_staff(session, one) for one in dict.fromkeys(named)]
    else:
        everybody = session.execute(select(Staff).where(col(Staff.is_active))).scalars()
        staff = [one for one in everybody if _may_inspect(ctx, one)]
    staff.sort(key=lambda one: one.staff_no)
    return [{"number": number, "staff_no": one.staff_no, "name": one.name} for number, one in enumerate(staff, 1)]


def _may_inspect(ctx: Context, person: Staff) -> bool:
    return any(role == "all" or INSPECT in ctx.policy.roles.get(role, ()) for role in person.roles)


def _conflicts(
    session: Session,
    ctx: Context,
    agreements: Sequence[AgreementCase],
    inspectors: Sequence[Row],
    declared: Sequence[Mapping[str, str]],
    today: date,
) -> list[Row]:
    """The pairs that do not go together, each once with its first reason: declared ones, then those of the records."""
    numbers = {one["staff_no"]: one["number"] for one in inspectors}
    found: dict[tuple[int, int], str] = {}
    for one in declared:
        found.setdefault((_institution(agreements, one["institution"]), _inspector(numbers, one)), one["kind"])
    for agreement, staff_no in _inspected_lately(session, ctx, agreements, today):
        if staff_no in numbers:
            found.setdefault((agreement, numbers[staff_no]), InspectorConflict.LAST_YEAR.value)
    return [{"institution": pair[0], "inspector": pair[1], "kind": found[pair]} for pair in sorted(found)]


def _institution(agreements: Sequence[AgreementCase], named: str) -> int:
    numbers = [number for number, one in enumerate(agreements, 1) if named in (one.number, one.applicant_id)]
    if len(numbers) != 1:
        why = "有几家" if numbers else "没有"
        raise RefusedError(f"回避：检查对象名册中{why}“{named}”，请填协议编号（看板“协议”可查）")
    return numbers[0]


def _inspector(numbers: Mapping[str, int], named: Mapping[str, str]) -> int:
    if named["inspector"] not in numbers:
        raise RefusedError(f"回避：检查人员名册中没有工号“{named['inspector']}”，请核对；名册：{'、'.join(numbers)}")
    return numbers[named["inspector"]]


def _inspected_lately(
    session: Session, ctx: Context, agreements: Sequence[AgreementCase], today: date
) -> Iterable[tuple[int, str]]:
    """Who inspected which institution of the pool within the rotation of the policy (an office rule; 0: not used)."""
    years = ctx.policy.period("inspector_rotation")
    if not ctx.policy.count("inspector_rotation"):
        return
    numbers = {one.applicant_pk: number for number, one in enumerate(agreements, 1)}
    query = select(col(Applicant.id), col(Applicant.institution_id)).where(among(col(Applicant.id), list(numbers)))
    whose = {row.institution_id: numbers[row.id] for row in session.execute(query) if row.institution_id}
    for row in session.execute(_INSPECTED):
        is_lately = due_day(years, row.held_on, ctx.workdays, roll=False).latest >= today
        if is_lately and row.institution_id in whose:
            yield from ((whose[row.institution_id], staff_no) for staff_no in row.inspectors)


def _pools(
    wanted: int, each: int, institutions: Sequence[Row], inspectors: Sequence[Row], conflicts: Sequence[Row]
) -> Pools:
    pairs = frozenset((one["institution"], one["inspector"]) for one in conflicts)
    return Pools(len(institutions), len(inspectors), wanted, each, pairs)


def pools_of(plan: DoubleRandomDraw) -> Pools:
    """The pools of a plan as the rules draw from them."""
    return _pools(plan.wanted, plan.inspectors_each, plan.institutions, plan.inspectors, plan.conflicts)


def published_pools(institutions: Sequence[Row], inspectors: Sequence[Row], conflicts: Sequence[Row]) -> Row:
    """What is public of the pools, and what their hash is taken of: which pairs do not go together, not why."""
    pairs = [[one["institution"], one["inspector"]] for one in conflicts]
    return {"institutions": list(institutions), "inspectors": list(inspectors), "conflicts": pairs}


def _expect_possible(pools: Pools, institutions: Sequence[Row]) -> None:
    if not 1 <= pools.wanted <= pools.institutions <= MAX_POOL:
        raise RefusedError(f"抽取 {pools.wanted} 家须在 1 与名册家数 {pools.institutions} 之间：请更正“抽取家数”")
    if short := double_random.without_enough(pools):
        named = "、".join(institutions[number - 1]["name"] for number in short)
        raise RefusedError(f"{named} 回避后可去的检查人员不足 {pools.each} 名：请在“检查人员”中增加人员")


def _expect_days(event: Event) -> None:
    from_on, to_on, today = event.fields["from_on"], event.fields["to_on"], local_day(event.at)
    if to_on < from_on:
        raise RefusedError(f"检查止日 {to_on} 早于检查起日 {from_on}，请核对日期")
    if from_on <= today:
        raise RefusedError(f"检查起日 {from_on} 须在公布计划之后：先公布计划，再抽取，再检查")


def _next_ref(session: Session, ctx: Context) -> str:
    query = select(col(DoubleRandomDraw.id)).where(col(DoubleRandomDraw.round_id) == ctx.round.id)
    return str(len(session.execute(query).all()) + 1)


def _context(plan: DoubleRandomDraw) -> str:
    """The row that the secret is sealed to."""
    return f"double_random_draw:{plan.id}"


# --- draw ------------------------------------------------------------------------------------------------------


def draw_inspections(session: Session, ctx: Context, event: Event) -> Receipt:
    """Draws institutions and inspectors from the public results and the secret; the result stays in the office."""
    plan = the_plan(session, ctx, event.fields["plan"])
    if plan.drawn_at is not None:
        raise RefusedError(f"检查计划 {plan.ref} 已于 {local_day(plan.drawn_at)} 抽取，只能抽取一次")
    if len(event.fields["source_values"]) != len(plan.sources):
        raise RefusedError(f"计划公布了 {len(plan.sources)} 个随机源，须逐一给出结果：{'、'.join(plan.sources)}")
    check_values(ctx, plan, event)
    secret = _secret_of(plan)
    key = double_random.seed_of(event.fields["source_values"], secret)
    drawn = double_random.assignments(key, pools_of(plan))
    plan.drawn_at, plan.drawn_by = event.at, event.by
    plan.source_values = [[int(v) for v in (s if isinstance(s, list) else [s])] for s in event.fields["source_values"]]
    plan.assigned = [{"institution": one.institution, "inspectors": list(one.inspectors)} for one in drawn]
    session.add(plan)
    # The key holds the secret: its hash binds the record to the draw and tells nobody anything.
    record_for_round(session, ctx, event, {"ref": plan.ref, "key_sha256": sha256(key)})
    return Receipt(
        f"检查计划 {plan.ref} 已抽取 {len(drawn)} 家；结果在看板“双随机”，检查结束以前不得外传。",
        ctx.round.id,
        detail={"plan": plan.ref},
    )


def _secret_of(plan: DoubleRandomDraw) -> int:
    """The secret, as long as it is the one whose hash was published. Raises DatabaseError for another."""
    secret = int(surroundings.keys().unseal(plan.secret_sealed, _context(plan)))
    if commitment_of(secret) != plan.commitment:
        raise DatabaseError(f"检查计划 {plan.ref} 的秘密源与公布的 SHA-256 不符：数据被改动，不能抽取，请核对备份")
    pools = published_pools(plan.institutions, plan.inspectors, plan.conflicts)
    if sha256(pools) != plan.pools_sha256:
        raise DatabaseError(f"检查计划 {plan.ref} 的名册与公布的 SHA-256 不符：数据被改动，不能抽取，请核对备份")
    return secret


# --- inspections that were drawn -------------------------------------------------------------------------------


def drawn_numbers(plan: DoubleRandomDraw) -> dict[str, Row]:
    """The agreements that a plan drew, each with its assignment."""
    return {plan.institutions[one["institution"] - 1]["agreement"]: one for one in plan.assigned}


def of_plan(session: Session, ctx: Context, case: AgreementCase, fields: Mapping[str, Any]) -> DoubleRandomDraw | None:
    """The plan that an inspection says it was drawn by. Raises RefusedError where it was not, where a day lies outside
    the plan, and for somebody who does not go to it."""
    ref = fields.get("plan", "")
    if not ref:
        return None
    if fields["kind"] != InspectionKind.DOUBLE_RANDOM:
        raise RefusedError("填了检查计划的，检查种类须选“双随机检查”：请更正其中一项")
    plan = the_plan_of_county(session, ctx, ref, case)
    chosen, number = drawn_numbers(plan), number_in(session, plan, case)
    if number not in chosen:
        why = "没有抽中该机构" if plan.drawn_at else "尚未抽取，请先办理“抽取检查对象”"
        raise RefusedError(f"检查计划 {ref} {why}：其他检查请另选检查种类，“检查计划”留空")
    if not plan.from_on <= fields["held_on"] <= plan.to_on:
        raise RefusedError(f"检查日期 {fields['held_on']} 不在计划的期间 {plan.from_on} 至 {plan.to_on} 之内")
    if plan.drawn_at and fields["held_on"] < (drawn_on := local_day(plan.drawn_at)):
        raise RefusedError(f"检查日期 {fields['held_on']} 早于抽取之日 {drawn_on}，请核对日期")
    numbers = {one["staff_no"]: one["number"] for one in plan.inspectors}
    out = pools_of(plan).out_of(chosen[number]["institution"])
    for inspector in fields["inspectors"]:
        if inspector not in numbers:
            raise RefusedError(f"工号“{inspector}”不在检查计划 {ref} 的检查人员名册中：请由名册中的人员检查")
        if numbers[inspector] in out:
            raise RefusedError(f"工号“{inspector}”对该机构应当回避：请改由其他检查人员检查")
    return plan


def the_plan_of_county(session: Session, ctx: Context, ref: str, case: AgreementCase) -> DoubleRandomDraw:
    """The plan with a number that an agreement stands in: plans draw from all rounds of the county; newest first."""
    of_county = col(DoubleRandomDraw.round_id).in_(select(col(Round.id)).where(col(Round.county) == ctx.round.county))
    query = select(DoubleRandomDraw).where(of_county, col(DoubleRandomDraw.ref) == ref)
    plans: Sequence[DoubleRandomDraw] = session.execute(query.order_by(col(DoubleRandomDraw.id).desc())).scalars().all()
    for plan in plans:
        if number_in(session, plan, case):
            return plan
    why = "的名册中没有该机构" if plans else "不存在"
    raise RefusedError(f"检查计划 {ref} {why}：请核对编号（看板“双随机”可查）")


def number_in(session: Session, plan: DoubleRandomDraw, case: AgreementCase) -> str:
    """The number under which an institution stands in a plan, also when it was renewed meanwhile; empty where the plan
    does not have it."""
    whose = session.execute(select(col(Agreement.application_id)).where(col(Agreement.id) == case.id)).scalar_one()
    return numbers_in(session, plan).get(whose, "")


def differs_from_draw(session: Session, plan: DoubleRandomDraw, case: AgreementCase, inspectors: Sequence[str]) -> bool:
    """Whether others went than were drawn."""
    drawn = drawn_numbers(plan)[number_in(session, plan, case)]["inspectors"]
    return set(inspectors) != {plan.inspectors[number - 1]["staff_no"] for number in drawn}


# --- revealing -------------------------------------------------------------------------------------------------


def reveal_inspections(session: Session, ctx: Context, event: Event) -> Receipt:
    """Secret, draw and results become public, once the last inspection has ended or the period is over."""
    plan, today = the_plan(session, ctx, event.fields["plan"]), local_day(event.at)
    if plan.revealed_at is not None:
        raise RefusedError(f"检查计划 {plan.ref} 的结果已于 {local_day(plan.revealed_at)} 公开，无需重复办理")
    if plan.drawn_at is None:
        raise RefusedError(f"检查计划 {plan.ref} 尚未抽取，没有结果可以公开：请先办理“抽取检查对象”")
    left = sorted(set(drawn_numbers(plan)) - set(inspections_under(session, plan)))
    if left and today <= plan.to_on:
        raise RefusedError(f"还有 {len(left)} 家没有检查，期间至 {plan.to_on}：全部检查结束或者期间届满之后才能公开")
    secret = _secret_of(plan)
    key = double_random.seed_of(plan.source_values, secret)
    again = double_random.assignments(key, pools_of(plan))
    if [{"institution": one.institution, "inspectors": list(one.inspectors)} for one in again] != plan.assigned:
        raise DatabaseError(f"检查计划 {plan.ref} 的抽取结果不能重算得出：数据被改动，不能公开，请核对备份")
    plan.revealed_at, plan.revealed_by, plan.secret = event.at, event.by, str(secret)
    session.add(plan)
    detail = {"ref": plan.ref, "secret": plan.secret, "key": key, "assigned": plan.assigned, "left": left}
    record_for_round(session, ctx, event, detail)
    missed = f"，{len(left)} 家未检查" if left else ""
    return Receipt(f"检查计划 {plan.ref} 已公开：秘密源、抽取和检查结果{missed}，任何人都可以重算。", ctx.round.id)


_INSPECTED = (
    select(*(col(Inspection.held_on), col(Inspection.inspectors), col(Applicant.institution_id)))
    .join(Agreement, col(Agreement.id) == col(Inspection.agreement_id))
    .join(Application, col(Application.id) == col(Agreement.application_id))
    .join(Applicant, col(Applicant.id) == col(Application.applicant_pk))
    .order_by(col(Inspection.id))
)
