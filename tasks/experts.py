"""An expert's employer, contacts and absences in a round, by a page of the gate. What decides who may be drawn closes
with the plan of the draw: afterwards nothing entered here could change the numbered pool, so it is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import Session

from foundation.secrets import Contact, Keyring, mask_email, mask_phone, seal_contact, unseal_contact
from models import Expert, ExpertAbsence
from models.database import reading, transaction
from rules.case import Context, Event
from rules.errors import InputError, RefusedError
from rules.localtime import local_day
from tasks.case_loading import context_numbered
from tasks.contacts import contact_of, former
from tasks.page_fields import LONGEST, day_field, evidence_of, line_of
from tasks.panel import draw_of, experts_of, standing_of
from tasks.perform import again_on_conflict
from tasks.pooling import absences_of
from tasks.roles import expect_reach
from tasks.rounds import record_for_round

PLACE = "experts"
EXPERT = "expert"


@dataclass(frozen=True, slots=True)
class Absent:
    """Days on which an expert cannot come, as the page shows them."""

    number: int
    from_on: date
    to_on: date
    evidence: str


@dataclass(frozen=True, slots=True)
class Listed:
    """An expert of a round, contacts masked."""

    expert_id: str
    name: str
    specialty: str
    employer: str
    phone: str
    email: str
    absences: tuple[Absent, ...]


@dataclass(frozen=True, slots=True)
class Library:
    """The experts of a round; `closed`: why what decides the pool may not be changed any more, empty while it may."""

    round_id: int
    round: str
    experts: tuple[Listed, ...]
    closed: str


def library(url: str, round_id: int) -> Library:
    """The experts of a round. Raises RefusedError where there is no such round."""
    with reading(url) as session:
        ctx = context_numbered(session, round_id)
        absent: dict[str, list[Absent]] = {}
        for number, one in absences_of(session, ctx):
            absent.setdefault(number, []).append(Absent(one.id or 0, one.from_on, one.to_on, one.evidence))
        found = tuple(
            Listed(
                *(one.expert_id, one.name, one.specialty, one.employer, one.phone_masked, one.email_masked),
                tuple(absent.get(one.expert_id, ())),
            )
            for one in experts_of(session, ctx)
        )
        return Library(round_id, ctx.round.name, found, _closed(session, ctx))


def change(url: str, keys: Keyring, event: Event) -> str:
    """Changes employer, phone or e-mail of an expert (empty: stays; `drop_…`: no longer known).

    Raises InputError that names the field; RefusedError where nothing changes, and for the employer once the plan of
    the draw is published; NotEntitledError for whose roles do not reach the page.
    """
    return _done(url, event, lambda session, ctx, expert: _change(session, ctx, expert, event, keys))


def record_absence(url: str, event: Event) -> str:
    """Notes days (`from_on`, `to_on`) on which an expert cannot come. Raises as `change`; RefusedError for days that
    are over or noted already, and once the plan is published."""
    return _done(url, event, lambda session, ctx, expert: _absence(session, ctx, expert, event))


def withdraw_absence(url: str, event: Event) -> str:
    """Takes back an absence (`absence`: its number) that was entered by mistake, before the plan is published."""
    return _done(url, event, lambda session, ctx, expert: _withdraw(session, ctx, expert, event))


def _done(url: str, event: Event, act: Callable[[Session, Context, Expert], str]) -> str:
    def once() -> str:
        with transaction(url) as session:
            expect_reach(session, event.by, PLACE)
            ctx = context_numbered(session, event.round_id)
            found = [one for one in experts_of(session, ctx) if one.expert_id == event.fields.get("expert_id")]
            if not found:
                raise RefusedError("本轮专家库中没有这个编号：请从“专家”页选择")
            return act(session, ctx, found[0])

    return again_on_conflict(once)


def _change(session: Session, ctx: Context, expert: Expert, event: Event, keys: Keyring) -> str:
    evidence = evidence_of(event.fields)
    asked = {name: event.fields.get(name, "") for name in ("phone", "email", "drop_phone", "drop_email")}
    contact, told = contact_of(_contact(keys, expert), asked)
    employer = line_of("工作单位", event.fields.get("employer", ""), LONGEST)
    if employer and employer != expert.employer:
        _expect_open(session, ctx, "工作单位")
        session.add(former(EXPERT, expert.id, expert.employer, event, evidence))
        told.append(f"工作单位 {expert.employer} 改为 {employer}")
        expert.employer = employer
    if not told:
        raise RefusedError("没有要变更的内容：请填写新的工作单位、电话或电子邮箱（空着的不变更）")
    expert.contact_sealed = seal_contact(keys, expert.id or 0, contact, EXPERT)
    expert.phone_masked, expert.email_masked = mask_phone(contact.phone), mask_email(contact.email)
    session.add(expert)
    session.flush()
    fields = {"expert_id": expert.expert_id, "changed": told, "evidence": evidence}
    record_for_round(session, ctx, replace(event, name="change_expert", fields=fields))
    return f"专家 {expert.expert_id}：{'；'.join(told)}"


def _absence(session: Session, ctx: Context, expert: Expert, event: Event) -> str:
    _expect_open(session, ctx, "缺席")
    evidence = evidence_of(event.fields)
    from_on = day_field("缺席自", event.fields.get("from_on", ""))
    to_on = day_field("缺席至", event.fields.get("to_on", ""))
    if to_on < from_on:
        raise InputError(f"“缺席至”{to_on} 早于“缺席自”{from_on}：请核对")
    if to_on < local_day(event.at):
        raise RefusedError(f"“缺席至”{to_on} 已经过去，不影响抽取，无需登记")
    held = [one for number, one in absences_of(session, ctx) if number == expert.expert_id]
    if any(one.from_on <= to_on and from_on <= one.to_on for one in held):
        raise RefusedError(f"专家 {expert.expert_id} 这些日期已登记缺席：有误的先撤回，再重新登记")
    session.add(
        ExpertAbsence(
            expert_pk=expert.id or 0,
            from_on=from_on,
            to_on=to_on,
            evidence=evidence,
            recorded_at=event.at,
            recorded_by=event.by,
        )
    )
    session.flush()
    fields = {"expert_id": expert.expert_id, "from_on": from_on, "to_on": to_on, "evidence": evidence}
    record_for_round(session, ctx, replace(event, name="record_expert_absence", fields=fields))
    return f"专家 {expert.expert_id} 自 {from_on} 至 {to_on} 缺席；抽取日在其间的不列入名册，方案公布时写明"


def _withdraw(session: Session, ctx: Context, expert: Expert, event: Event) -> str:
    _expect_open(session, ctx, "缺席")
    number = event.fields.get("absence", "")
    held = {str(one.id): one for code, one in absences_of(session, ctx) if code == expert.expert_id}
    if number not in held:
        raise RefusedError("没有这条缺席登记，或者已经撤回：请从“专家”页选择")
    one = held[number]
    one.withdrawn_at, one.withdrawn_by = event.at, event.by
    session.add(one)
    session.flush()
    fields = {"expert_id": expert.expert_id, "from_on": one.from_on, "to_on": one.to_on}
    record_for_round(session, ctx, replace(event, name="withdraw_expert_absence", fields=fields))
    return f"专家 {expert.expert_id} 自 {one.from_on} 至 {one.to_on} 的缺席已撤回"


def _expect_open(session: Session, ctx: Context, what: str) -> None:
    if said := _closed(session, ctx):
        raise RefusedError(f"“{what}”不能再改：{said}")


def _closed(session: Session, ctx: Context) -> str:
    """Why the pool stands; empty while no plan is published and the evaluation is not over."""
    if draw_of(session, ctx) is not None:
        return (
            "抽取方案已公布，名册不再改动（依据：五(二)）。此后有利害关系的办理“10 登记专家回避”，"
            "抽取当天不能到场的在“12 抽取专家”写明并附说明"
        )
    return "评估结果已汇总" if standing_of(session, ctx).is_concluded else ""


def _contact(keys: Keyring, expert: Expert) -> Contact:
    sealed = expert.contact_sealed
    return unseal_contact(keys, expert.id or 0, sealed, EXPERT) if sealed else Contact("", "", "")
