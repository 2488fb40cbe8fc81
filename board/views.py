"""The pages: each reads once, in one read-only transaction, and shows what it read."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

from sqlmodel import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from board.asked import case_in, number_in, office_of, person_of
from board.list_query import address, round_of, wanted
from board.pictures import (
    bars_of,
    field_picture,
    months_picture,
    pipeline_picture,
    words_of,
    words_of_field,
    words_of_months,
)
from board.rendering import STATIC, page
from models.database import reading
from rules.errors import InputError, RefusedError
from rules.localtime import local_day
from rules.months import MONTH
from rules.second_persons import EVERY_ROLE
from rules.vocabulary import AgreementState
from tasks import files
from tasks.roles import label_of
from views.agreement_file import acts_for_agreement, agreement_file, agreement_lines, agreement_of
from views.annexes import lacks_a_year, stock_on
from views.assessment import assessment_year
from views.board import overview, pipeline, rounds
from views.casefile import case_file
from views.dossiers import Wanted
from views.form_list import form_list
from views.indicators import month_before, month_page, of_agreement, year_of_all
from views.listing import listing
from views.load import load_of_office
from views.message_file import held_messages
from views.my_tasks import how_many, my_tasks
from views.next_steps import for_applicant
from views.oversight import inspection_plans, on_the_lists
from views.proposals import open_proposals, proposals

YEARS = range(2018, 2101)  # as the forms have it
PLAN = re.compile(r"[0-9]{0,9}")
OVERSIGHT = ("plan_inspections", "draw_inspections", "reveal_inspections", "list_add", "list_remove")
CONFIRM = "confirm_proposal"
SVG = "image/svg+xml"
NO_ROUND = "请先在经办界面用“发布公告”建立本轮评估。"
FAULTS = {
    HTTPStatus.NOT_FOUND: "没有这个页面；请从总览或搜索进入。",
    HTTPStatus.FORBIDDEN: "“我的待办”按登录人显示；请先登录。",
    HTTPStatus.METHOD_NOT_ALLOWED: "看板只供查看，不能在这里办理；请在 Prefect 的表单中办理。",
}


def overview_page(request: Request) -> Response:
    """总览: the round at a glance."""
    office = office_of(request)
    with reading(office.database_url) as session:
        known = rounds(session)
        if not known:
            return page("message", title="还没有轮次", text=NO_ROUND, forms=office.forms)
        data = overview(session, office.now(), round_of(request.query_params) or known[0]["id"])
        data["proposals"] = open_proposals(session)
        person = person_of(request)
        mine = how_many(session, person.staff_no, person.roles, office.now()).total if person else None
    bars = bars_of(data["pipeline"])
    here = Wanted(round_id=data["round_id"])
    return page(
        "overview", data=data, mine=mine, here=here, address=address, picture=words_of(bars), forms=office.forms
    )


def my_page(request: Request) -> Response:
    """我的待办: what waits for whoever has logged in."""
    office, person = office_of(request), person_of(request)
    if person is None:
        raise HTTPException(HTTPStatus.FORBIDDEN)
    only_mine = request.query_params.get("whose") == "mine"
    with reading(office.database_url) as session:
        data = my_tasks(session, person.staff_no, person.roles, office.now(), only_mine=only_mine)
    told = {"staff_no": person.staff_no, "name": person.name, "roles_told": label_of(person.roles)}
    return page("mine", data=data, person=told, only_mine=only_mine, forms=office.forms)


def load_page(request: Request) -> Response:
    """工作量: what each member of the office has."""
    office = office_of(request)
    with reading(office.database_url) as session:
        data = load_of_office(session, office.now())
    return page("load", data=data, forms=office.forms)


def forms_page(request: Request) -> Response:
    """经办表单: what waits for whoever has logged in, then the forms of his roles by step, then those of others."""
    office, person = office_of(request), person_of(request)
    roles = person.roles if person else (EVERY_ROLE,)
    with reading(office.database_url) as session:
        data = form_list(session, office.forms.acts, roles, office.now())
    return page("forms", data=data, roles_told=label_of(roles), forms=office.forms)


def form_by_name(request: Request) -> Response:
    """Leads to an act's form in Prefect, empty."""
    office, act = office_of(request), request.path_params["act"]
    if act not in office.forms.acts:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return RedirectResponse(office.forms.form_of(act, {}), HTTPStatus.SEE_OTHER)


def dossiers_page(request: Request) -> Response:
    """案卷: the list, filtered, searched and sorted, a page at a time."""
    office = office_of(request)
    with reading(office.database_url) as session:
        known = rounds(session)
        what = wanted(request.query_params, known[0]["id"] if known else 0)
        data = listing(session, office.now(), what)
    return page("dossiers", data=data, here=what, address=address, forms=office.forms)


def case_page(request: Request) -> Response:
    """One dossier: where it stands, what can be done, its limits with their working, everything that happened."""
    office, (round_id, applicant_id) = office_of(request), case_in(request)
    with reading(office.database_url) as session:
        file = case_file(session, applicant_id, round_id, at=office.now())
        offered = for_applicant(session, round_id, applicant_id, local_day(office.now()))
    acts = [act for act in offered if act.do in office.forms.acts]
    return page("case", file=file, acts=acts, forms=office.forms, site_url=office.site_url)


def form_of_act(request: Request) -> Response:
    """Leads to the form of an act in Prefect, filled in as the dossier's page offers it; of an act that cannot be done
    now, with the dossier's number alone."""
    office, (round_id, applicant_id) = office_of(request), case_in(request)
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
    office, state = office_of(request), request.query_params.get("state", "")
    if state and state not in list(AgreementState):
        raise InputError(f"没有“{state}”这个状态：请从协议清单选择")
    with reading(office.database_url) as session:
        data = agreement_lines(session, state)
    return page("agreements", data=data, state=state, year=local_day(office.now()).year - 1, forms=office.forms)


def assessment_page(request: Request) -> Response:
    """年度考核: who is done and who is missing, with the figures of the records."""
    office, year = office_of(request), int(request.path_params["year"])
    if year not in YEARS:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    with reading(office.database_url) as session:
        data = assessment_year(session, year)
    return page("assessment", data=data, forms=office.forms)


def agreement_page(request: Request) -> Response:
    """One agreement: its term, the count of its suspensions, everything on its record, what can be done."""
    office, agreement_id = office_of(request), number_in(request, "agreement_id")
    with reading(office.database_url) as session:
        file = agreement_file(session, agreement_id)
        offered = acts_for_agreement(session, agreement_id)
        months = of_agreement(session, agreement_id, local_day(office.now()))
        today = local_day(office.now())
        stock = stock_on(session, agreement_id, today)
        case, ctx = agreement_of(session, agreement_id)
        lacks = lacks_a_year(session, ctx, case, today)
    acts = [act for act in offered if act.do in office.forms.acts]
    told: dict[str, Any] = {
        "file": file,
        "months": months,
        "stock": stock,
        "lacks_a_year": lacks,
        "words": words_of_field,
    }
    return page("agreement", **told, acts=acts, forms=office.forms)


def indicators_page(request: Request) -> Response:
    """月度指标: a month of all agreements of a round, against what was agreed."""
    office, round_id = office_of(request), round_of(request.query_params)
    today = local_day(office.now())
    month = request.query_params.get("month") or month_before(today)
    if not MONTH.fullmatch(month):
        raise InputError("“月份”应如 2026-03：请从月度指标页选择")
    with reading(office.database_url) as session:
        data = month_page(session, round_id, month, today)
        year = year_of_all(session, data["round_id"], today)
    return page("indicators", data=data, year=year, words=words_of_months(year), forms=office.forms)


def months_svg(request: Request) -> Response:
    """The picture of the months of a round."""
    office = office_of(request)
    with reading(office.database_url) as session:
        year = year_of_all(session, round_of(request.query_params), local_day(office.now()))
    return Response(months_picture(year), media_type=SVG)


def indicator_svg(request: Request) -> Response:
    """The picture of one indicator of one agreement over the months."""
    office, agreement_id = office_of(request), number_in(request, "agreement_id")
    with reading(office.database_url) as session:
        agreement_file(session, agreement_id)
        year = of_agreement(session, agreement_id, local_day(office.now()))["year"]
    found = next((one for one in year if one["code"] == request.path_params["code"]), None)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return Response(field_picture(found), media_type=SVG)


def form_on_agreement(request: Request) -> Response:
    """Leads to the form of an act on an agreement, filled in with its number."""
    office, agreement_id = office_of(request), number_in(request, "agreement_id")
    act = request.path_params["act"]
    with reading(office.database_url) as session:
        offered = {one.do: one.values for one in acts_for_agreement(session, agreement_id)}
    if act not in office.forms.acts or act not in offered:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return RedirectResponse(office.forms.form_of(act, offered[act]), HTTPStatus.SEE_OTHER)


def inspections_page(request: Request) -> Response:
    """双随机: the plans of inspections, whom they drew, who was inspected."""
    office = office_of(request)
    with reading(office.database_url) as session:
        plans, round_id = inspection_plans(session, local_day(office.now())), _newest(session)
    return page("inspections", plans=plans, round_id=round_id, forms=office.forms)


def lists_page(request: Request) -> Response:
    """名单: who may not apply today, by the bar or by a list."""
    office, today = office_of(request), local_day(office_of(request).now())
    with reading(office.database_url) as session:
        data = on_the_lists(session, today)
    return page("lists", data=data, today=today, forms=office.forms)


def proposals_page(request: Request) -> Response:
    """复核: what waits for a second person, acts and notices, and what became of it."""
    office = office_of(request)
    with reading(office.database_url) as session:
        data, held = proposals(session), held_messages(session)
    return page("proposals", data=data, held=held, forms=office.forms)


def form_on_proposal(request: Request) -> Response:
    """Leads to the form of the second person, with the number of the proposal."""
    office, number = office_of(request), number_in(request, "number")
    if CONFIRM not in office.forms.acts:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return RedirectResponse(office.forms.form_of(CONFIRM, {"number": number}), HTTPStatus.SEE_OTHER)


def form_on_round(request: Request) -> Response:
    """Leads to the form of an act on plans of inspections or on lists, with its round and, where one is named, its
    plan."""
    office, act = office_of(request), request.path_params["act"]
    round_id, plan = number_in(request, "round_id"), request.query_params.get("plan", "")
    if act not in OVERSIGHT or act not in office.forms.acts or not PLAN.fullmatch(plan):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    values = {"round": str(round_id)} | ({"plan": plan} if plan else {})
    return RedirectResponse(office.forms.form_of(act, values), HTTPStatus.SEE_OTHER)


def form_with_file(request: Request) -> Response:
    """Leads to a form that asks for a file of the inbox, with the name of one that is there."""
    office, act, name = office_of(request), request.path_params["act"], request.path_params["name"]
    there = {one.name for one in files.on_shelf(files.IN) if act in one.forms}
    if name not in there or act not in office.forms.acts:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return RedirectResponse(office.forms.form_of(act, {"file": name}), HTTPStatus.SEE_OTHER)


def pipeline_svg(request: Request) -> Response:
    """The picture of the overview, in an answer of its own: the page does not wait for it."""
    office = office_of(request)
    with reading(office.database_url) as session:
        steps = pipeline(session, office.now(), round_of(request.query_params) or _newest(session))
    return Response(pipeline_picture(bars_of(steps)), media_type=SVG)


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
    return page("message", status, headers, title=title, text=text, forms=office_of(request).forms)


def _newest(session: Session) -> int:
    return int(next(iter(rounds(session)), {"id": 0})["id"])
