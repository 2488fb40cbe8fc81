"""先看通知: the text of every message that an act would send, read before its form is submitted.

The act is done in a transaction that is taken back (`tasks.messages.foretelling`): the page writes nothing, sends
nothing and keeps nothing of what was typed. It needs a transaction that could write, so it stands at the gate: the
board's cannot. Whose act it is, the act itself says, as when the form is submitted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gate.answering import page, pairs_of, sessions_of
from gate.asked import Schema, asked, given
from gate.reach import closed_to
from gate.sessions import LOGIN
from models.database import reading
from rules.case import Case, Event
from rules.errors import ConflictError, InputError, NotEntitledError, RefusedError
from rules.localtime import local_day
from rules.performance.records import AgreementCase
from tasks import surroundings
from tasks.accounts import Person
from tasks.case_loading import the_case
from tasks.labels import LABELS
from tasks.messages.foretelling import FORETOLD, NOT_ASKED, Foretold, foretell
from views.addressed import is_code, is_number
from views.agreement_file import acts_for_agreement, agreement_of
from views.next_steps import for_applicant

PLACE = "start"
LONGEST, FIELDS = 200_000, 500  # bytes and fields: the terms of an agreement are some dozens of lines
NOTHING_READ = "提交的内容过长，没有读取：请缩短后再看"
NO_PAGE = "没有这个页面：请从看板的案卷页或协议页，在可办事项旁点“先看通知”进入"


@dataclass(frozen=True, slots=True)
class Form:
    """The form of an act: what it asks, how its fields are read (raises InputError), how values stand in it."""

    schema: Schema
    read: Callable[[Mapping[str, Any]], dict[str, Any]]
    labelled: Callable[[Mapping[str, Any]], Mapping[str, Any]]


Forms = Mapping[str, Form]


@dataclass(frozen=True, slots=True)
class Subject:
    """The dossier or agreement that the page is about: whose it is, what the board offers its act's form."""

    number: str
    name: str
    applicant_pk: int
    round_id: int
    board_path: str
    fixed: Mapping[str, Any]
    offered: Mapping[str, Any]


async def page_of(request: Request) -> Response:
    """The form, and after it was sent the letters."""
    person = await sessions_of(request).person(request.headers)
    if person is None:
        return RedirectResponse(f"{LOGIN}?next={quote(request.url.path, safe='')}", HTTPStatus.SEE_OTHER)
    if said := closed_to(person.roles, PLACE):
        return page("refused", HTTPStatus.FORBIDDEN, said=said, person=person)
    named, url = dict(request.path_params), sessions_of(request).url
    form = (await anyio.to_thread.run_sync(request.app.state.forms)).get(named["act"])
    kind = AgreementCase.kind if "agreement_id" in named else Case.kind
    if form is None or named["act"] not in FORETOLD[kind] or not _can_be(named):
        return page("refused", HTTPStatus.NOT_FOUND, said=NO_PAGE, person=person)
    try:
        subject = await anyio.to_thread.run_sync(_subject, url, named)
    except RefusedError as unknown:
        return page("refused", HTTPStatus.NOT_FOUND, said=str(unknown), person=person)
    return await _answer(request, form, subject, person)


def _can_be(named: Mapping[str, Any]) -> bool:
    """Whether an address can name something; what no database keeps is not looked for."""
    if "agreement_id" in named:
        return is_number(named["agreement_id"])
    return is_number(named["round_id"]) and is_code(named["number"])


async def _answer(request: Request, form: Form, subject: Subject, person: Person) -> Response:
    act = request.path_params["act"]
    without = (*subject.fixed, *NOT_ASKED.get(act, ()))
    shown: dict[str, Any] = {"act": act, "label": LABELS[act], "subject": subject, "found": None, "said": ""}
    values, status = form.labelled(subject.offered), HTTPStatus.OK
    if request.method == "POST":
        sent = await pairs_of(request, LONGEST, FIELDS)
        values = given(form.schema, sent or (), without=without)
        try:
            if sent is None:
                raise InputError(NOTHING_READ)
            shown["found"] = await _found(request, form, subject, person, values)
        except (InputError, RefusedError, NotEntitledError, ConflictError) as refused:
            shown["said"], status = str(refused), HTTPStatus.FORBIDDEN
    fields = asked(form.schema, values, without=without)
    return page("letters", status, fields=fields, board_url=surroundings.board_url(), **shown)


async def _found(request: Request, form: Form, subject: Subject, person: Person, values: Mapping[str, Any]) -> Foretold:
    fixed = {name: value for name, value in subject.fixed.items() if name in form.schema["properties"]}
    fields = form.read({**values, **fixed, "by": person.staff_no})
    event = Event(request.path_params["act"], surroundings.now(), person.staff_no, fields, subject.round_id)
    do = partial(foretell, sessions_of(request).url, event, subject.applicant_pk)
    return await anyio.to_thread.run_sync(do)


def _subject(url: str, named: Mapping[str, Any]) -> Subject:
    """Raises RefusedError for a dossier or an agreement that is none."""
    with reading(url) as session:
        today, act = local_day(surroundings.now()), named["act"]
        if "agreement_id" in named:
            agreement, _ = agreement_of(session, named["agreement_id"])
            acts = {one.do: one.values for one in acts_for_agreement(session, agreement.id)}
            number, path = agreement.number, f"agreement/{agreement.id}"
            fixed = {"agreement_number": agreement.number, "round": str(agreement.round_id)}
            about = (agreement.name, agreement.applicant_pk, agreement.round_id, path, fixed)
            return Subject(number, *about, acts.get(act, {}))
        round_id, number = named["round_id"], named["number"]
        acts = {one.do: one.values for one in for_applicant(session, round_id, number, today)}
        case = the_case(session, round_id, number)
        fixed = {"applicant_id": number, "round": str(round_id)}
        about = (case.name, case.applicant_pk, round_id, f"case/{round_id}/{number}", fixed)
        return Subject(number, *about, acts.get(act, {}))
