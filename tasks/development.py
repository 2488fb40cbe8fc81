"""The yearly development plan (三; R19), and that the announcements of the year agree with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Application, DevelopmentPlan, Round
from models.database import transaction
from models.development import plans_of
from models.migrate import ensure_current
from policies.loader import load_policy
from rules.case import Event
from rules.errors import RefusedError
from rules.evaluation.states import UNDER_WAY
from rules.localtime import local_day
from rules.vocabulary import ApplicantType
from tasks.act_result import Receipt
from tasks.case_loading import context_of
from tasks.quota import places_taken
from tasks.roles import may_act
from tasks.rounds import record_for_round

KEPT = ("title", "number", "approved_on", "approved_by", "quota", "evidence", "evidence_sha256")
MEND = "请核对后改正公告文件或计划"


def record_plan(url: str, event: Event) -> Receipt:
    """Records a plan, on the chain of every round of the year that is announced already.

    A round that is announced later takes it into its own chain. Raises RefusedError when there is one of that day, or
    an announcement of the year says otherwise; nothing is then written.
    """
    ensure_current(url)
    county, year = event.fields["county"], event.fields["year"]
    with transaction(url) as session:
        may_act(session, load_policy().roles, event)
        plan = keep_plan(session, county, year, event.fields, event)
        expect_agreement(session, county, year)
        for one in _rounds(session, county, year):
            record_for_round(session, context_of(session, one), event)
        return Receipt(f"已登记《{plan.title}》（{plan.approved_on} 批准）：{_places(plan)}。", 0)


def keep_plan(session: Session, county: str, year: int, told: Mapping[str, Any], event: Event) -> DevelopmentPlan:
    """The row of a plan. One that is recorded already with the same content stands; with another it is refused."""
    given = {name: told[name] for name in KEPT}
    if given["approved_on"] > local_day(event.at):
        raise RefusedError(f"计划批准日期 {given['approved_on']} 晚于录入日，请核对日期（依据：三）")
    there = plans_of(session, county, year).get(given["approved_on"])
    if there is not None:
        if {name: getattr(there, name) for name in KEPT} != given:
            raise RefusedError(
                f"{county}{year}年度 {given['approved_on']} 批准的发展计划已登记为《{there.title}》，内容不同："
                "请核对；调整后的计划按调整的批准日期另行登记"
            )
        return there
    plan = DevelopmentPlan(county=county, year=year, **given, recorded_at=event.at, recorded_by=event.by)
    session.add(plan)
    session.flush()
    return plan


def expect_agreement(session: Session, county: str, year: int) -> None:
    """Where plans of the year are recorded, every announcement rests on one of them, and within its places: those that
    it announced, or, once nobody can sign any more, those that were taken; what a batch left vacant the next may offer.
    """
    plans = plans_of(session, county, year)
    counts = {day: dict.fromkeys((one.value for one in ApplicantType), 0) for day in plans}
    for one in _rounds(session, county, year) if plans else ():
        day = date.fromisoformat(one.announcement["plan_approved_on"])
        if day not in plans:
            known = "、".join(f"《{plan.title}》{plan.approved_on} 批准" for plan in plans.values())
            raise RefusedError(f"公告写明计划于 {day} 批准，与已登记的发展计划（{known}）不一致：{MEND}（依据：三）")
        is_settled = _is_settled(session, one)
        for type_, count in one.announcement["quota"].items():
            counts[day][type_] += places_taken(session, one.id or 0, type_) if is_settled else count
    for day, plan in plans.items():
        _expect_within(plan, counts[day])


def _is_settled(session: Session, the_round: Round) -> bool:
    """Concluded, and no dossier on its way to an agreement."""
    of_it = col(Application.round_id) == the_round.id, col(Application.state).in_(UNDER_WAY)
    return bool(the_round.concluded_at) and session.execute(select(col(Application.id)).where(*of_it)).first() is None


def _expect_within(plan: DevelopmentPlan, counts: Mapping[str, int]) -> None:
    for type_, count in counts.items():
        if count > (most := plan.quota.get(type_, 0)):
            label = ApplicantType(type_).label
            said = f"公告的{label}名额合计 {count} 家（已办结的批次按实有家数）"
            raise RefusedError(f"{said}，超过《{plan.title}》的 {most} 家：{MEND}（依据：三）")


def _rounds(session: Session, county: str, year: int) -> list[Round]:
    query = select(Round).where(col(Round.county) == county, col(Round.year) == year)
    return list(session.execute(query.order_by(col(Round.id))).scalars())


def _places(plan: DevelopmentPlan) -> str:
    return "，".join(f"{one.label} {plan.quota.get(one.value, 0)} 家" for one in ApplicantType)
