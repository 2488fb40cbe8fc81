"""The Prefect tasks: each one transaction or one network call, and thin. Flows call these; a replay without Prefect
calls what they call. Arguments are ids, days and decisions, never contacts: Prefect shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from prefect import runtime, task
from prefect.cache_policies import NO_CACHE

from notifications.delivery import DeliveryReport
from publication.site import SiteReport, build_site
from rules.case import Event
from rules.errors import RefusedError
from tasks import announce, batch, surroundings
from tasks.act_result import Receipt
from tasks.batch import BatchReport
from tasks.labels import LABELS
from tasks.messages import sending
from tasks.perform import perform
from tasks.preview import objection_effect
from tasks.sweep import SweepReport, sweep


def _task_name() -> str:
    return LABELS[runtime.task_run.parameters["do"]]


@task(name="办理", task_run_name=_task_name, cache_policy=NO_CACHE)
def carry_out(do: str, by: str, fields: dict[str, Any], round_id: int = 0) -> Receipt | RefusedError:
    """One act, in one transaction. A refusal is a value: nothing was written and there is nothing to retry."""
    try:
        return perform(surroundings.database_url(), Event(do, surroundings.now(), by, fields, round_id))
    except RefusedError as refused:
        return refused


@task(name="批量办理一段", cache_policy=NO_CACHE)
def do_chunk(kind: str, ids: list[str], by: str, round_id: int) -> BatchReport:
    """A portion of a batch, in one transaction; a bad dossier is named in the report."""
    portion = batch.Portion(kind, round_id, tuple(ids), by, surroundings.now())
    return batch.do_chunk(surroundings.database_url(), portion)


@task(name="发布公告", cache_policy=NO_CACHE)
def open_round(head: dict[str, Any], by: str) -> Receipt | RefusedError:
    """A round with everything that comes with its announcement, in one transaction."""
    event = Event("announce_round", surroundings.now(), by)
    try:
        return announce.announce_round(surroundings.database_url(), head, event, surroundings.keys())
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


@task(name="巡查期限", cache_policy=NO_CACHE)
def sweep_deadlines(as_of: datetime, dry_run: bool) -> SweepReport:
    """Everything that is due as of an instant, in transactions of its own."""
    return sweep(surroundings.database_url(), as_of, dry_run=dry_run)


@task(name="发送通知", cache_policy=NO_CACHE)
def deliver_notifications(worker: str) -> DeliveryReport:
    """Messages that are due go out; each is claimed, sent and settled on its own."""
    return sending.deliver_all(worker)


@task(name="更新公示网站", cache_policy=NO_CACHE)
def rebuild_site() -> SiteReport:
    """The public pages, from the database; only what changed is read, rendered and written."""
    return build_site(surroundings.database_url(), surroundings.site(), surroundings.now())
