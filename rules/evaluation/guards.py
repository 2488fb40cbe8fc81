"""The predicates that the transition table names. Each answers whether its row is taken, or refuses with a sentence."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date

from rules import eligibility, materials
from rules.case import Case, Context, Event, Reason, Refused
from rules.cityanswer import CITY, city_answers
from rules.eligibility import Question
from rules.facts import FACTS
from rules.localtime import local_day
from rules.policy import Material, TermField
from rules.procedure import Answer
from rules.terms import drafted_of, faults_of
from rules.vocabulary import CityDecision, ClockStatus, EvaluationStage, NoticeKind, State, Term

# --- application -----------------------------------------------------------------------------------------------


def before_window(_case: Case, event: Event, ctx: Context) -> Answer:
    """Handed in before the announced window opens (三)."""
    return event.handed_in_at < ctx.round.accept_from


def after_window(_case: Case, event: Event, ctx: Context) -> Answer:
    """Handed in after the announced window has closed; its last moment is still inside (三)."""
    return event.handed_in_at > ctx.round.accept_until


def is_barred(case: Case, event: Event, ctx: Context) -> Answer:
    """A dissolved institution within its three-year bar (六(三)); other ways of leaving do not bar (A7-38). Or one on
    the refusal list (R77)."""
    return bool(kept_out(case, event, ctx))


def kept_out(case: Case, event: Event, ctx: Context) -> tuple[Reason, ...]:
    """Why an institution may not apply at all on the day on which it hands in its dossier."""
    return eligibility.standing_out(replace(question_of(case, event, ctx), applied_on=local_day(event.handed_in_at)))


def found_by_now(_case: Case, event: Event, _ctx: Context) -> Answer:
    """What a visit found has happened: no day of a fact lies after the day of entry."""
    ahead = [day for value in event.fields["findings"].values() for day in _days_of(value) if day > local_day(event.at)]
    if ahead:
        return Refused(f"核查结果中的日期 {min(ahead)} 尚未到来，请核对后重新录入", "五(一)")
    return True


def _days_of(value: object) -> list[date]:
    """The days that a fact names: of each penalty, of a termination."""
    entries = value if isinstance(value, list) else [value]
    return [date.fromisoformat(str(one["date"])) for one in entries if isinstance(one, Mapping) and "date" in one]


def held_after(case: Case, event: Event, ctx: Context) -> frozenset[str]:
    """The codes a dossier holds once this event's materials are in."""
    if event.name == "submit_application":
        return case.materials | materials.handed_in(ctx.policy, event.fields)
    return case.materials | frozenset(event.fields.get("materials", ()))


def missing_after(case: Case, event: Event, ctx: Context) -> tuple[Material, ...]:
    """What the dossier still lacks after this event."""
    return materials.gaps(ctx.policy, case.type, case.facts, held_after(case, event, ctx))


def has_gaps(case: Case, event: Event, ctx: Context) -> Answer:
    """The dossier is not complete (四; A7-37). Refuses codes that are no material of this type."""
    return _unknown_material(case, event, ctx) or bool(missing_after(case, event, ctx))


def again(inner: Callable[[Case, Event, Context], Answer]) -> Callable[[Case, Event, Context], Answer]:
    """Asks the same of who withdrew and applies again: where the county lets it, and only while the window is open."""

    def applies_again(case: Case, event: Event, ctx: Context) -> Answer:
        if not ctx.policy.lets_apply_again:
            return False
        if after_window(case, event, ctx):
            return Refused("受理时间已截止，撤回的申请不能重新提出", "三")
        return inner(case, event, ctx)

    applies_again.__name__ = f"again_{inner.__name__}"
    return applies_again


def still_has_gaps(case: Case, event: Event, ctx: Context) -> Answer:
    """As `has_gaps`, and only while the window is open (A7-37)."""
    return _window_is_over(case, event, ctx) or has_gaps(case, event, ctx)


def is_complete(case: Case, event: Event, ctx: Context) -> Answer:
    """Everything is there: the dossier is accepted on this day (A7-1)."""
    return not missing_after(case, event, ctx)


def names_every_gap(case: Case, event: Event, ctx: Context) -> Answer:
    """One notice names everything that is missing, and nothing that is there (A7-37)."""
    gaps = [material.code for material in materials.gaps(ctx.policy, case.type, case.facts, case.materials)]
    named = set(event.fields["missing"])
    if forgotten := [code for code in gaps if code not in named]:
        return Refused(f"补正材料须一次性告知：还缺 {_spoken(case, ctx, forgotten)}，请一并列入", "令2、令3")
    if surplus := sorted(named - set(gaps)):
        return Refused(
            f"{_spoken(case, ctx, surplus)} 不在所缺材料之列，请核对后只列所缺的 {_spoken(case, ctx, gaps)}",
            "令2、令3",
        )
    return True


def _spoken(case: Case, ctx: Context, codes: Collection[str]) -> str:
    return materials.spoken(ctx.policy, case.type, codes)


def _unknown_material(case: Case, event: Event, ctx: Context) -> Refused | None:
    unknown = materials.unknown_codes(ctx.policy, case.type, event.fields.get("materials", ()))
    return Refused(f"材料代码 {'、'.join(unknown)} 不属于该类机构，请按材料清单填写", "四") if unknown else None


def _window_is_over(case: Case, event: Event, ctx: Context) -> Refused | None:
    clock = case.clock("supplement")
    was_reopened = clock is not None and clock.status == ClockStatus.ENDED
    if event.handed_in_at <= ctx.round.accept_until or was_reopened:
        return None
    return Refused("受理时间已截止，不能再补正材料；系统巡查将作出不予受理的结论", "三")


# --- preliminary review ----------------------------------------------------------------------------------------


def question_of(case: Case, event: Event, ctx: Context) -> Question:
    """What the conditions are tested on: the facts, on the day of the application (A7-30)."""
    applied_on = local_day(case.submitted_at or event.handed_in_at)
    judgements = event.fields.get("judgements", {})
    known = (ctx.round.announcement, judgements, ctx.policy, ctx.workdays, case.bars, case.refusals)
    return Question(case.facts, applied_on, *known)


def is_eligible(case: Case, event: Event, ctx: Context) -> Answer:
    """Every condition holds (二). Refuses while a condition that a person must judge has no reasoned judgement, and,
    where the round requires it, before the site was checked (五(一))."""
    if ctx.round.requires("site_check") and case.site_checked_on is None:
        return Refused("须先到实地核查：请先办理“录入实地核查”，没有不一致的也要录入", "五(一)")
    question = question_of(case, event, ctx)
    if open_points := eligibility.unjudged(question, case.type):
        named = "、".join(f"{FACTS[one.facts[0]].label}（{one.text}，{one.clause}）" for one in open_points)
        return Refused(f"须先对以下事项作出有理由的判断：{named}", "二(一)5")
    kinds = eligibility.doubtful(question, case.type)
    if kinds and ctx.policy.reads("penalty_kind") == "judged_first":
        return Refused(eligibility.in_doubt_sentence(kinds), ctx.policy.readings["penalty_kind"].clause)
    return not eligibility.failures(question, case.type)


# --- evaluation, notices ---------------------------------------------------------------------------------------


def to_county(_case: Case, event: Event, _ctx: Context) -> Answer:
    """The agency asks the county bureau (五(一))."""
    return bool(event.fields["to"] == EvaluationStage.COUNTY_BUREAU)


def to_city(_case: Case, event: Event, _ctx: Context) -> Answer:
    """The county bureau asks the city bureau (五(二))."""
    return bool(event.fields["to"] == EvaluationStage.CITY_BUREAU)


def to_city_at_once(case: Case, event: Event, ctx: Context) -> Answer:
    """As `to_city`; where the round requires it, not before the agency has asked the county bureau (五(一))."""
    if not to_city(case, event, ctx):
        return False
    if ctx.round.requires("county_first"):
        return Refused("须先向县医疗保障局提出评估申请，再由其向市医疗保障局提出", "五(一)、五(二)")
    return True


def below_pass_mark(_case: Case, event: Event, _ctx: Context) -> Answer:
    """The exact mean is below the pass mark (五(二))."""
    return bool(event.fields["standing"] == "below")


def within_quota(_case: Case, event: Event, _ctx: Context) -> Answer:
    """Ranked within the announced number (五(二); A7-18)."""
    return bool(event.fields["standing"] == "within")


def of_results(case: Case, event: Event, ctx: Context) -> Answer:
    """The notice of the results, of a dossier that nothing holds (五(二))."""
    return event.fields["kind"] == NoticeKind.EVALUATION_RESULT and is_not_held(case, event, ctx)


def of_proposals(case: Case, event: Event, ctx: Context) -> Answer:
    """The notice of the proposed agreements, of a dossier that nothing holds (五(三)); where the city determines,
    only of one that it has confirmed (R75)."""
    if event.fields["kind"] != NoticeKind.PROPOSED_AGREEMENTS:
        return False
    if ctx.policy.city_determines and case.state is not State.DETERMINED:
        return Refused("本轮由市级确定：请先办理“上报市级确定”，市级同意后再公示", CITY)
    return is_not_held(case, event, ctx)


def of_final_result(case: Case, event: Event, ctx: Context) -> Answer:
    """The final result, of a dossier that nothing holds (五(四))."""
    return event.fields["kind"] == NoticeKind.FINAL_RESULT and is_not_held(case, event, ctx)


def is_not_held(case: Case, _event: Event, _ctx: Context) -> Answer:
    """No objection that came in time is open (A7-11)."""
    if case.holds:
        return Refused(f"尚有 {case.holds} 件期内异议未核查完结，暂停进入下一环节", "五(二)、五(三)")
    return True


def upholds_objection(_case: Case, event: Event, ctx: Context) -> Answer:
    """A finding against the dossier, on an objection to the first notice (五(二))."""
    return _upholds(event, ctx) and event.fields["notice_kind"] == NoticeKind.EVALUATION_RESULT


def upholds_complaint(_case: Case, event: Event, ctx: Context) -> Answer:
    """A finding against the dossier, on a complaint to the second notice (五(三))."""
    return _upholds(event, ctx) and event.fields["notice_kind"] == NoticeKind.PROPOSED_AGREEMENTS


def _upholds(event: Event, ctx: Context) -> bool:
    counts = event.fields["is_in_time"] or ctx.policy.reads("late_complaint") == "may_stop_before_signing"
    return bool(event.fields["substantiated"]) and counts


# --- the city determines (R75) ---------------------------------------------------------------------------------


def may_report_to_city(case: Case, event: Event, ctx: Context) -> Answer:
    """Reported once consensus is reached, on a day that has come, where the county is not the one to determine."""
    if not ctx.policy.city_determines:
        return Refused("本轮由县级确定（读法 determination），不必上报：请直接发布拟签约名单公示", CITY)
    if isinstance(held := is_not_held(case, event, ctx), Refused):
        return held
    if event.fields["reported_on"] > local_day(event.at):
        return Refused(f"上报日期 {event.fields['reported_on']} 尚未到来，请核对日期", CITY)
    return True


def city_confirms(_case: Case, event: Event, _ctx: Context) -> Answer:
    """The city agrees."""
    return city_answers(event, CityDecision.CONFIRMED)


def city_refuses(_case: Case, event: Event, _ctx: Context) -> Answer:
    """The city refuses, with its reasons: the end of this dossier."""
    return city_answers(event, CityDecision.REFUSED)


def city_returns(_case: Case, event: Event, _ctx: Context) -> Answer:
    """The city has questions: reported again once they are answered."""
    return city_answers(event, CityDecision.RETURNED)


# --- negotiation, agreement ------------------------------------------------------------------------------------


def reached_consensus(case: Case, event: Event, ctx: Context) -> Answer:
    """Consensus on all four topics (五(三))."""
    if isinstance(held := is_not_held(case, event, ctx), Refused):
        return held
    if not event.fields["consensus"]:
        return False
    if missing := [topic for topic in ctx.policy.topics if topic not in event.fields["topics"]]:
        return Refused(f"达成共识须就全部事项协商：缺少 {'、'.join(missing)}", "五(三)")
    return True


def is_a_range(case: Case, event: Event, _ctx: Context) -> Answer:
    """Days that the agency itself cost: from not later than to, after the clock has started (A7-14)."""
    clock, first, last = case.clocks["signing"], event.fields["delay_from"], event.fields["delay_to"]
    if first > last:
        return Refused("占用起始日不能晚于结束日", "五(三)")
    if last > local_day(event.at):
        return Refused(f"占用结束日 {last} 尚未到来：只能登记已经发生的占用，请在占用结束后登记", "五(三)")
    if last <= clock.start_on:
        return Refused(f"签约期限自 {clock.start_on} 次日起算，此前的占用不影响期限", "五(三)")
    if any((one.from_on, one.to_on) == (first, last) for one in clock.suspensions):
        return Refused(f"{first} 至 {last} 已登记为不计入期限的日期，请勿重复登记", "五(三)")
    return True


def fields_for(case: Case, ctx: Context) -> tuple[TermField, ...]:
    """What the agreement of a dossier fixes, by its type and grade."""
    return ctx.policy.terms_of(case.type, str(case.facts.get("grade") or ""))


def may_prepare(case: Case, event: Event, ctx: Context) -> Answer:
    """Every field that applies is filled or waived with a reason (R53, R56, R57, R62)."""
    fields = fields_for(case, ctx)
    if not fields:
        return Refused("本轮规则没有列明协议条款，不用起草；条款写在协议文本中", "五(三)")
    faults = faults_of(fields, drafted_of(event.fields["terms"]), complete=True)
    return Refused("；".join(faults), "五(三)、服务协议附件") if faults else True


def has_passed_test(_case: Case, event: Event, _ctx: Context) -> Answer:
    """On a day that has come (R82)."""
    if event.fields["passed_on"] > local_day(event.at):
        return Refused(f"测试通过日期 {event.fields['passed_on']} 尚未到来，请核对日期", "五(三)")
    return True


def may_sign(case: Case, event: Event, ctx: Context) -> Answer:
    """Signed after the second notice has run out, not later than the last day, not in the future (五(三); A7-15)."""
    signed_on, clock = event.fields["signed_on"], case.clocks["signing"]
    if isinstance(held := is_not_held(case, event, ctx), Refused):
        return held
    if signed_on > local_day(event.at):
        return Refused(f"签订日 {signed_on} 晚于录入日，请核对日期", "五(三)")
    if signed_on <= clock.start_on:
        return Refused(f"拟签约公示至 {clock.start_on} 届满，签订日须在其后", "五(三)")
    if case.released_on and signed_on < case.released_on:
        return Refused(f"异议核查至 {case.released_on} 才完结，此前不能签订，请核对日期", "五(三)")
    if signed_on > clock.last_day_to_act:
        limit = f"至 {clock.due_on} 届满" if clock.due_on else f"最迟不晚于 {clock.latest_on}（暂定）"
        return Refused(f"签约期限{limit}，签订日 {signed_on} 已逾期", "五(三)")
    return True


def may_file(case: Case, event: Event, ctx: Context) -> Answer:
    """No complaint that came in time is open; filed on or after the day of signing, not in the future (五(三))."""
    filed_on = event.fields["filed_on"]
    if isinstance(held := is_not_held(case, event, ctx), Refused):
        return held
    if case.signed_on and filed_on < case.signed_on:
        return Refused(f"备案日 {filed_on} 早于签订日 {case.signed_on}，请核对日期", "五(三)")
    if filed_on > local_day(event.at):
        return Refused(f"备案日 {filed_on} 晚于录入日，请核对日期", "五(三)")
    return True


def has_evidence(_case: Case, event: Event, _ctx: Context) -> Answer:
    """A correction names its reason and its evidence."""
    if not str(event.fields["reason"]).strip() or not str(event.fields["evidence"]).strip():
        return Refused("更正须写明理由和证据", "更正规则")
    return True


def led_from(before: Term) -> Callable[[Case, Event, Context], Answer]:
    """Asks whether what is taken back was done where the case stood in this state."""

    def led_from_there(_case: Case, event: Event, _ctx: Context) -> Answer:
        return bool(event.fields["from_state"] == before)

    return led_from_there
