"""The pages: each reads once, in one read-only transaction, and shows what it read."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

from sqlmodel import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from board.list_query import DIGITS, address, round_of, wanted
from board.office import Office
from board.pictures import bars_of, pipeline_picture, words_of
from board.rendering import STATIC, page
from models.database import reading
from rules.errors import InputError, RefusedError
from rules.localtime import local_day
from rules.vocabulary import AgreementState
from views.agreement_file import acts_for_agreement, agreement_file, agreement_lines
from views.board import overview, pipeline, rounds
from views.casefile import case_file
from views.dossiers import Wanted
from views.listing import listing
from views.next_steps import for_applicant

APPLICANT_ID = re.compile(r"[A-Za-z0-9-]{1,20}")  # as the forms have it
NO_ROUND = "请先在经办界面用“发布公告”建立本轮评估。"
FAULTS = {
    HTTPStatus.NOT_FOUND: "没有这个页面；请从总览或搜索进入。",
    HTTPStatus.METHOD_NOT_ALLOWED: "看板只供查看，不能在这里办理；请在 Prefect 的表单中办理。",
}


def overview_page(request: Request) -> Response:
    """总览: the round at a glance."""
    office = _office(request)
    with reading(office.database_url) as session:
        known = rounds(session)
        if not known:
            return page("message", title="还没有轮次", text=NO_ROUND, forms=office.forms)
        data = overview(session, office.now(), round_of(request.query_params) or known[0]["id"])
    bars = bars_of(data["pipeline"])
    here = Wanted(round_id=data["round_id"])
    return page("overview", data=data, here=here, address=address, picture=words_of(bars), forms=office.forms)


def dossiers_page(request: Request) -> Response:
    """案卷: the list, filtered, searched and sorted, a page at a time."""
    office = _office(request)
    with reading(office.database_url) as session:
        known = rounds(session)
        what = wanted(request.query_params, known[0]["id"] if known else 0)
        data = listing(session, office.now(), what)
    return page("dossiers", data=data, here=what, address=address, forms=office.forms)


def case_page(request: Request) -> Response:
    """One dossier: where it stands, what can be done, its limits with their working, everything that happened."""
    office, (round_id, applicant_id) = _office(request), _named(request)
    with reading(office.database_url) as session:
        file = case_file(session, applicant_id, round_id, at=office.now())
        offered = for_applicant(session, round_id, applicant_id, local_day(office.now()))
    acts = [act for act in offered if act.do in office.forms.acts]
    return page("case", file=file, acts=acts, forms=office.forms, site_url=office.site_url)


def form_of_act(request: Request) -> Response:
    """Leads to the form of an act in Prefect, filled in as the dossier's page offers it; of an act that cannot be done
    now, with the dossier's number alone."""
    office, (round_id, applicant_id) = _office(request), _named(request)
    act = request.path_params["act"]
    if act not in office.forms.acts:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    with reading(office.database_url) as session:
        acts = for_applicant(session, round_id, applicant_id, local_day(office.now()))
    offered = {one.do: one.values for one in acts}
    named = {"applicant_id": applicant_id, "round": str(round_id)}
    return RedirectResponse(office.forms.form_of(act, offered.get(act, named)), HTTPStatus.SEE_OTHER)


def agreements_page(request: Request) -> Response:
    """协议: those whose life is kept, what is due first at the top."""
    office, state = _office(request), request.query_params.get("state", "")
    if state and state not in list(AgreementState):
        raise InputError(f"没有“{state}”这个状态：请从协议清单选择")
    with reading(office.database_url) as session:
        data = agreement_lines(session, state)
    return page("agreements", data=data, state=state, forms=office.forms)


def agreement_page(request: Request) -> Response:
    """One agreement: its term, the count of its suspensions, everything on its record, what can be done."""
    office, agreement_id = _office(request), _agreement(request)
    with reading(office.database_url) as session:
        file = agreement_file(session, agreement_id)
        offered = acts_for_agreement(session, agreement_id)
    acts = [act for act in offered if act.do in office.forms.acts]
    return page("agreement", file=file, acts=acts, forms=office.forms)


def form_on_agreement(request: Request) -> Response:
    """Leads to the form of an act on an agreement, filled in with its number."""
    office, agreement_id = _office(request), _agreement(request)
    act = request.path_params["act"]
    with reading(office.database_url) as session:
        offered = {one.do: one.values for one in acts_for_agreement(session, agreement_id)}
    if act not in office.forms.acts or act not in offered:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return RedirectResponse(office.forms.form_of(act, offered[act]), HTTPStatus.SEE_OTHER)


def pipeline_svg(request: Request) -> Response:
    """The picture of the overview, in an answer of its own: the page does not wait for it."""
    office = _office(request)
    with reading(office.database_url) as session:
        steps = pipeline(session, office.now(), round_of(request.query_params) or _newest(session))
    return Response(pipeline_picture(bars_of(steps)), media_type="image/svg+xml")


def static_file(request: Request) -> Response:
    """The style sheet, and the picture in the browser's tab; only paths that have a route come here."""
    return FileResponse(STATIC / request.url.path.removeprefix("/"))


def http_fault(request: Request, fault: Exception) -> Response:
    """A page that does not exist, or a method that the board does not have."""
    status = fault.status_code if isinstance(fault, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    headers = fault.headers if isinstance(fault, HTTPException) else None
    return _message(request, status, FAULTS.get(HTTPStatus(status), "请求无法处理。"), headers)


def refused(request: Request, fault: Exception) -> Response:
    """What our own rules say about a request: nothing of the kind, or a part of it that cannot be used."""
    statuses: dict[type[Exception], int] = {RefusedError: HTTPStatus.NOT_FOUND, InputError: HTTPStatus.BAD_REQUEST}
    return _message(request, statuses.get(type(fault), HTTPStatus.SERVICE_UNAVAILABLE), str(fault))


def failed(request: Request, _fault: Exception) -> Response:
    """Anything else; the traceback goes to the log."""
    return _message(request, HTTPStatus.INTERNAL_SERVER_ERROR, "看板出错，详情见运行日志；数据没有改动，可稍后重试。")


def _message(request: Request, status: int, text: str, headers: Any = None) -> Response:
    titles = {404: "找不到", 405: "不能在这里办理", 400: "请求有误"}
    title = titles.get(status, "暂时无法显示")
    return page("message", status, headers, title=title, text=text, forms=_office(request).forms)


def _named(request: Request) -> tuple[int, str]:
    """The round and the applicant of an address. Raises HTTPException for what cannot be either."""
    round_id, applicant_id = str(request.path_params["round_id"]), str(request.path_params["applicant_id"])
    if len(round_id) > DIGITS or not APPLICANT_ID.fullmatch(applicant_id):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return int(round_id), applicant_id


def _agreement(request: Request) -> int:
    """The agreement of an address. Raises HTTPException for what cannot be one."""
    given = str(request.path_params["agreement_id"])
    if len(given) > DIGITS:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return int(given)


def _office(request: Request) -> Office:
    office: Office = request.app.state.office
    return office


def _newest(session: Session) -> int:
    return int(next(iter(rounds(session)), {"id": 0})["id"])
