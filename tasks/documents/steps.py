"""The Prefect tasks about documents and postings: thin, arguments are numbers and decisions: Prefect shows them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from sqlalchemy import select
from sqlmodel import col

from models import Notice
from models.database import transaction
from rules.case import Event
from rules.errors import DingdianError, RefusedError
from rules.vocabulary import NoticeKind
from tasks import surroundings
from tasks.act_result import Receipt
from tasks.addressing import in_its_round
from tasks.development import record_plan
from tasks.documents import filing, posting_checks
from tasks.documents.evidence import keep_evidence, kept_evidence
from tasks.documents.filing import Filed
from tasks.documents.posting_checks import CheckReport
from tasks.perform import perform


@task(name="制作文书", cache_policy=NO_CACHE)
def make_document(by: str, fields: dict[str, Any], round_id: int) -> Filed | DingdianError:
    """One document, in one transaction. A refusal is a value: nothing was kept and there is nothing to retry."""
    try:
        return filing.make_document(surroundings.database_url(), _event("make_document", by, fields, round_id))
    except DingdianError as refused:
        return refused


@task(name="制作发布包", cache_policy=NO_CACHE)
def make_package(by: str, fields: dict[str, Any]) -> Filed | DingdianError:
    """The publish package of a notice, in one transaction."""
    try:
        return filing.make_package(surroundings.database_url(), _event("make_package", by, fields))
    except DingdianError as refused:
        return refused


@task(name="登记发布凭证", cache_policy=NO_CACHE)
def record_posting(by: str, kind: str, posting: dict[str, Any], file: str, round_id: int) -> Receipt | DingdianError:
    """Proof that a frozen notice stood in a channel; a file of the inbox is hashed by us and kept."""
    try:
        return _record_posting(_event("publish_notice", by, {"kind": kind}, round_id), posting, file)
    except DingdianError as refused:
        return refused


@task(name="登记年度发展计划", cache_policy=NO_CACHE)
def record_development_plan(by: str, fields: dict[str, Any], file: str) -> Receipt | DingdianError:
    """The yearly plan, in one transaction; a file of the inbox is hashed by us and kept."""
    try:
        told = fields | ({"evidence_sha256": keep_evidence(file)} if file else {})
        return record_plan(surroundings.database_url(), _event("record_development_plan", by, told))
    except DingdianError as refused:
        return refused


@task(name="留存佐证", cache_policy=NO_CACHE)
def keep_evidence_of_items(evidence: dict[str, str]) -> dict[str, str] | DingdianError:
    """Files of the inbox by item, kept: their hashes by item."""
    try:
        return kept_evidence(evidence)
    except DingdianError as refused:
        return refused


@task(name="核对已发布页面", cache_policy=NO_CACHE)
def check_postings() -> CheckReport:
    """Every posted page of the running notices is looked at once."""
    return posting_checks.check_postings(surroundings.database_url(), surroundings.now())


def _event(name: str, by: str, fields: dict[str, Any], round_id: int = 0) -> Event:
    return Event(name, surroundings.now(), by, fields, round_id)


def _record_posting(event: Event, posting: dict[str, Any], file: str) -> Receipt:
    url, kind = surroundings.database_url(), event.fields["kind"]
    with transaction(url) as session:
        event = in_its_round(session, event)
        waits = select(Notice).where(
            col(Notice.round_id) == event.round_id, col(Notice.kind) == kind, col(Notice.starts_on).is_(None)
        )
        if session.execute(waits).first() is None:
            label = NoticeKind(kind).label
            raise RefusedError(f"没有等待发布凭证的{label}：请先办理“发布公示”冻结名单（发布凭证可以留空）")
    row = {**posting, "sha256": keep_evidence(file) if file else ""}
    return perform(url, replace(event, fields={"kind": kind, "postings": [row]}))
