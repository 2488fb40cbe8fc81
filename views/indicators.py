"""A month of all agreements of a round, and the months of one, for the board (R70, R72, R83)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import Agreement, EventReport, IndicatorWarning, Round
from rules.case import Context
from rules.indicators import Compared, compare, owed, running, worst
from rules.months import first_day, last_day, month_after, month_of, months_up_to
from rules.performance.records import AgreementCase
from rules.periods import due_day
from rules.policy import TermField
from rules.terms import UNITS, told
from rules.vocabulary import AgreementState, ApplicantType, EventKind
from rules.wording import minute
from tasks.agreed_terms import terms_of_all_on, terms_on
from tasks.agreements import load_agreements
from tasks.case_loading import context_numbered, round_or_newest
from tasks.indicators import compared_in, values_of

YEAR = 12  # months in a year's picture


def month_before(today: date) -> str:
    """The month that is analysed now: the last one that is over."""
    return month_after(month_of(today), -1)


def month_page(session: Session, round_id: int, month: str, today: date) -> dict[str, Any]:
    """Every institution of a round with its values of a month: beyond a limit, the worst tenth, months running, missing
    data, warnings. Raises RefusedError for an unknown round, ValueError for what is no month."""
    the_round: Round = round_or_newest(session, round_id)
    ctx = context_numbered(session, the_round.id or 0)
    cases = _ran_in(session, ctx, month)
    compared = compared_in(session, ctx.policy, cases, month)
    tenth = worst(
        ((one.number, each) for one in cases for each in compared[one.id]), ctx.policy.office_count("worst_share")
    )
    streaks = _streaks(session, ctx, cases, month)
    missing = _missing(session, ctx, cases, month)
    lines = {one.value: _lines(one, cases, compared, tenth, streaks, missing, today) for one in ApplicantType}
    due = _due(ctx, month)
    return {
        "round_id": ctx.round.id,
        "round": ctx.round.name,
        "month": month,
        "before": month_after(month, -1),
        "after": month_after(month, 1),
        "due": due.isoformat() if due else "",
        "is_late": bool(due and today > due and missing),
        "groups": [
            {"label": one.label, "heads": _heads(ctx, one), "lines": lines[one.value]}
            for one in ApplicantType
            if lines[one.value]
        ],
        "beyond": [line for group in lines.values() for line in group if line["beyond"]],
        "missing": [
            {"number": one.number, "id": one.id, "name": one.name, "fields": "、".join(missing[one.id])}
            for one in cases
            if missing.get(one.id)
        ],
        "priority": [line for group in lines.values() for line in group if line["running"]],
        "unanswered": [line for group in lines.values() for line in group if line["unanswered"]],
    }


def _ran_in(session: Session, ctx: Context, month: str) -> list[AgreementCase]:
    """The agreements of the round that ran on a day of the month."""
    first, last = first_day(month), last_day(month)
    kept = (col(Agreement.round_id) == ctx.round.id) & (col(Agreement.state) != AgreementState.DRAFT)
    found = load_agreements(session, kept)
    return [one for one in found if one.effective_on <= last and first <= one.expires_on]


def _due(ctx: Context, month: str) -> date | None:
    """The day by which the office analyses the month; None where the county sets none."""
    if not ctx.policy.office_count("analysis_day"):
        return None
    return due_day(ctx.policy.period("analysis_day"), last_day(month), ctx.workdays).latest


def _streaks(session: Session, ctx: Context, cases: Sequence[AgreementCase], month: str) -> dict[int, set[str]]:
    """By agreement the fields that are beyond their limit in the last months running."""
    count = ctx.policy.office_count("running_months")
    by_month = {one: compared_in(session, ctx.policy, cases, one) for one in months_up_to(month, count)}
    return {
        case.id: running(
            {name: {each.field.code for each in found[case.id] if each.is_beyond} for name, found in by_month.items()},
            month,
            count,
        )
        for case in cases
    }


def _missing(session: Session, ctx: Context, cases: Sequence[AgreementCase], month: str) -> dict[int, list[str]]:
    """By agreement the fields with an agreed limit and no value of the month."""
    ids = [one.id for one in cases]
    terms, values = terms_of_all_on(session, ids, last_day(month)), values_of(session, ids, [month])
    return {
        one.id: [
            each.label
            for each in owed(ctx.policy.compared_of(one.type), terms.get(one.id, {}))
            if each.code not in values.get((one.id, month), {})
        ]
        for one in cases
    }


def _heads(ctx: Context, type_: str) -> list[dict[str, str]]:
    fields = ctx.policy.compared_of(type_)
    return [{"code": one.code, "label": f"{one.label}（{UNITS[one.unit]}）"} for one in fields]


def _lines(
    type_: str,
    cases: Sequence[AgreementCase],
    compared: Mapping[int, Sequence[Compared]],
    tenth: Mapping[str, set[str]],
    streaks: Mapping[int, set[str]],
    missing: Mapping[int, Sequence[str]],
    today: date,
) -> list[dict[str, Any]]:
    found = []
    for one in sorted((case for case in cases if case.type == type_), key=lambda case: case.applicant_id):
        cells = {each.field.code: _cell(each, one, tenth) for each in compared[one.id]}
        labels = {each.field.code: each.field.label for each in compared[one.id]}
        found.append(
            {
                **{"id": one.id, "number": one.number, "applicant_id": one.applicant_id, "name": one.name},
                "cells": cells,
                "beyond": [each.told for each in compared[one.id] if each.is_beyond],
                "running": "、".join(labels[code] for code in sorted(streaks[one.id])),
                "missing": len(missing[one.id]),
                "warnings": "、".join(f"{each.month} 第 {each.ref} 号" for each in one.warnings),
                "unanswered": "、".join(each.month for each in one.warnings if each.is_unanswered(today)),
            }
        )
    return found


def _cell(one: Compared, case: AgreementCase, tenth: Mapping[str, set[str]]) -> dict[str, Any]:
    is_worst = case.number in tenth.get(one.field.code, set())
    note = "、".join(filter(None, (one.told["over"], "靠后" if is_worst else "")))
    return {"value": one.value.value, "limit": one.told["limit"], "note": note, "is_beyond": one.is_beyond}


def of_agreement(session: Session, agreement_id: int, today: date) -> dict[str, Any]:
    """What one agreement fixes today, the last twelve months against it, its warnings and reports of occurrences.
    Raises RefusedError for an unknown one."""
    [case] = load_agreements(session, col(Agreement.id) == agreement_id)
    ctx = context_numbered(session, case.round_id)
    return {
        "terms": _terms(session, ctx, case, today),
        "year": _year_of(session, ctx, case, today),
        "warnings": _warnings(session, case, today),
        "events": _events(session, case),
        "month": month_before(today),
    }


def _terms(session: Session, ctx: Context, case: AgreementCase, today: date) -> list[dict[str, str]]:
    found = terms_on(session, case.id, max(today, case.effective_on))
    labels = {one.code: one for one in reversed(ctx.policy.terms) if case.type in one.types}
    return [
        {
            **{"label": one.label, "told": told(one, found[code])},
            **{"since": f"{found[code].valid_from}", "document": found[code].document_no},
        }
        for code, one in reversed(labels.items())
        if code in found
    ]


def _warnings(session: Session, case: AgreementCase, today: date) -> list[dict[str, Any]]:
    query = select(IndicatorWarning).where(col(IndicatorWarning.agreement_id) == case.id)
    rows = session.execute(query.order_by(col(IndicatorWarning.id))).scalars()
    return [
        {
            "ref": one.ref,
            "month": one.month,
            "what": "；".join(f"{each['label']}：{each['value']}，{each['over']}" for each in one.exceeded),
            "served": one.served_on.isoformat(),
            "due": one.answer_due.isoformat() if one.answer_due else "未设期限",
            "state": _answer(one, today),
        }
        for one in rows
    ]


def _answer(one: IndicatorWarning, today: date) -> str:
    if one.answered_on:
        is_late = bool(one.answer_due and one.answered_on > one.answer_due)
        return f"{one.answered_on} 答复{'（逾期）' if is_late else ''}：{one.measures}"
    return "逾期未答复，建议检查" if one.answer_due and one.answer_due < today else "待答复"


def _events(session: Session, case: AgreementCase) -> list[dict[str, Any]]:
    query = select(EventReport).where(col(EventReport.agreement_id) == case.id).order_by(col(EventReport.id))
    return [
        {
            "kind": EventKind(one.kind).label,
            "described": one.described,
            "occurred": minute(one.occurred_at),
            "reported": f"{minute(one.reported_at)}{'（超过规定的小时数）' if one.is_late else ''}",
        }
        for one in session.execute(query).scalars()
    ]


def _year_of(session: Session, ctx: Context, case: AgreementCase, today: date) -> list[dict[str, Any]]:
    """The last twelve months, a field each: value, limit and by how much it is beyond, month by month."""
    months = months_up_to(month_before(today), YEAR)
    values = values_of(session, [case.id], months)
    fields = ctx.policy.compared_of(case.type)
    by_field: dict[str, list[dict[str, Any]]] = {}
    for month in months:
        terms = terms_on(session, case.id, last_day(month))
        for one in compare(fields, terms, values.get((case.id, month), {})):
            by_field.setdefault(one.field.code, []).append(_point(month, one))
    return [
        {"label": _title(one), "code": one.code, "points": by_field[one.code]} for one in fields if one.code in by_field
    ]


def _point(month: str, one: Compared) -> dict[str, Any]:
    limit = one.term.number
    return {"month": month, "value": one.value.value, "limit": str(limit), "over": one.told["over"]}


def _title(field: TermField) -> str:
    return f"{field.label}（{UNITS[field.unit]}）"


def year_of_all(session: Session, round_id: int, today: date) -> list[dict[str, Any]]:
    """The last twelve months of a round, from the first that was reported: how many institutions reported and how many
    were beyond a limit."""
    ctx = context_numbered(session, round_or_newest(session, round_id).id or 0)
    found = []
    for month in months_up_to(month_before(today), YEAR):
        cases = _ran_in(session, ctx, month)
        compared = compared_in(session, ctx.policy, cases, month)
        reported = [each for each in compared.values() if each]
        beyond = sum(any(one.is_beyond for one in each) for each in reported)
        found.append({"month": month, "reported": len(reported), "beyond": beyond})
    first = next((place for place, one in enumerate(found) if one["reported"]), len(found))
    return found[first:]
