"""The Prefect tasks: each one transaction or one network call, and thin. Flows call these; a replay without Prefect
calls what they call. Arguments are ids, days and decisions, never contacts: Prefect shows them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from prefect import runtime, task
from prefect.cache_policies import NO_CACHE

from notifications.delivery import DeliveryReport
from publication.site import SiteReport, build_site
from rules.case import Event
from rules.errors import RefusedError
from tasks import agreement_batches, announce, batch, proposing, surroundings
from tasks.act_result import Receipt, Submitted
from tasks.batch import BatchReport
from tasks.labels import LABELS
from tasks.messages import sending
from tasks.preview import objection_effect, take_back_effect
from tasks.proposals import Shown
from tasks.sweep import SweepReport, sweep_until


def _task_name() -> str:
    return LABELS[runtime.task_run.parameters["do"]]


@task(name="办理", task_run_name=_task_name, cache_policy=NO_CACHE)
def carry_out(
    do: str, by: str, fields: dict[str, Any], round_id: int = 0, shown: Shown = ()
) -> Receipt | Submitted | RefusedError:
    """One act, in one transaction; or the proposal of one that wants a second person, with what its form `shown`. A
    refusal is a value: nothing was written and there is nothing to retry."""
    url, event = surroundings.database_url(), Event(do, surroundings.now(), by, fields, round_id)
    second = surroundings.second()
    try:
        if second is not None:
            return proposing.perform_as_filed(url, event, second)
        return proposing.submit(url, event, surroundings.keys(), shown)
    except RefusedError as refused:
        return refused


@task(name="登记人员变更", cache_policy=NO_CACHE)
def change_staff(by: str, fields: dict[str, Any], shown: Shown) -> Submitted | RefusedError:
    """A change of the staff list, as a proposal."""
    event = Event("change_staff", surroundings.now(), by, fields)
    try:
        return proposing.submit_staff_change(surroundings.database_url(), event, surroundings.keys(), shown)
    except RefusedError as refused:
        return refused


@task(name="复核", cache_policy=NO_CACHE)
def confirm(number: int, by: str) -> tuple[str, Receipt] | RefusedError:
    """The second person's word: the act is carried out, in one transaction. Answers the act and what it did."""
    try:
        return proposing.confirm(surroundings.database_url(), number, by, surroundings.now(), surroundings.keys())
    except RefusedError as refused:
        return refused


@task(name="退回", cache_policy=NO_CACHE)
def send_back(number: int, by: str, reason: str) -> Receipt | RefusedError:
    """A proposal goes back to whoever made it; nothing else happens."""
    try:
        return proposing.send_back(surroundings.database_url(), number, by, surroundings.now(), reason)
    except RefusedError as refused:
        return refused


@task(name="批量办理一段", cache_policy=NO_CACHE)
def do_chunk(kind: str, ids: list[str], by: str, round_id: int) -> BatchReport:
    """A portion of a batch, in one transaction; a bad dossier is named in the report."""
    portion = batch.Portion(kind, round_id, tuple(ids), by, surroundings.now())
    return batch.do_chunk(surroundings.database_url(), portion)


@task(name="批量办理协议", cache_policy=NO_CACHE)
def do_agreements(kind: str, numbers: list[str], on: date, by: str, second: str) -> BatchReport:
    """A batch of agreements, each in a transaction of its own; a bad one is named in the report."""
    wish = agreement_batches.AgreementWish(kind, tuple(numbers), on, by, surroundings.now(), second)
    return agreement_batches.do_agreements(surroundings.database_url(), wish, _at_the_desk)


def _at_the_desk(url: str, event: Event) -> Receipt | Submitted:
    return proposing.submit(url, event, surroundings.keys())


@task(name="发布公告", cache_policy=NO_CACHE)
def open_round(head: dict[str, Any], by: str, shown: Shown) -> Receipt | Submitted | RefusedError:
    """A round with everything that comes with its announcement, in one transaction; at the desk, its proposal."""
    event, url, keys = Event("announce_round", surroundings.now(), by), surroundings.database_url(), surroundings.keys()
    second = surroundings.second()
    try:
        if second is None:
            return proposing.submit_announcement(url, head, event, keys, shown)
        return proposing.announce_as_filed(url, head, event, second, keys)
    except RefusedError as refused:
        return refused


@task(name="登记机构", cache_policy=NO_CACHE)
def add_applicants(entries: list[dict[str, Any]], by: str, round_id: int) -> Receipt | RefusedError:
    """Applicants that come after the announcement: all of the file, or none."""
    event = Event("register_applicants", surroundings.now(), by, round_id=round_id)
    try:
        return announce.register_applicants(surroundings.database_url(), entries, event, surroundings.keys())
    except RefusedError as refused:
        return refused


@task(name="试算异议后果", cache_policy=NO_CACHE)
def try_objection(ref: str, round_id: int) -> dict[str, Any] | RefusedError:
    """What either finding would do, in a transaction that is taken back."""
    try:
        return objection_effect(surroundings.database_url(), ref, surroundings.now(), round_id)
    except RefusedError as refused:
        return refused


@task(name="试算撤回", cache_policy=NO_CACHE)
def try_take_back(asked: dict[str, Any], round_id: int) -> dict[str, Any] | RefusedError:
    """What taking an act back would do, in a transaction that is taken back."""
    try:
        return take_back_effect(surroundings.database_url(), asked, surroundings.now(), round_id)
    except RefusedError as refused:
        return refused


@task(name="巡查期限", cache_policy=NO_CACHE)
def sweep_deadlines(as_of: datetime | None, dry_run: bool) -> SweepReport:
    """Everything that is due as of an instant, now at the latest, in transactions of its own."""
    return sweep_until(surroundings.database_url(), as_of, surroundings.now(), dry_run=dry_run)


@task(name="发送通知", cache_policy=NO_CACHE)
def deliver_notifications(worker: str) -> DeliveryReport:
    """Messages that are due go out; each is claimed, sent and settled on its own."""
    return sending.deliver_all(worker)


@task(name="更新公示网站", cache_policy=NO_CACHE)
def rebuild_site() -> SiteReport:
    """The public pages, from the database; only what changed is read, rendered and written."""
    return build_site(surroundings.database_url(), surroundings.site(), surroundings.now())
