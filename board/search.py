"""查找: what was found in every round, as pages and as a workbook; and the page of one institution."""

from __future__ import annotations

import io
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from board.asked import number_in, office_of, person_of
from board.list_query import round_of, visible
from board.rendering import page
from models.database import reading
from policies.access import load_access_rules
from rules.errors import InputError
from rules.localtime import local_day
from views.addressed import DIGITS
from views.board import rounds
from views.institution_file import institution_file
from views.search import FEW, KINDS, PAGE, STATES, Hits, Sought, search, years
from workbooks.exports import Table, workbook

PLACE = "expert_names"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDTH = 24


def search_page(request: Request) -> Response:
    """The form, and what was found: the first few of each kind, or a page of one kind."""
    office, sought = office_of(request), _sought(request.query_params)
    with reading(office.database_url) as session:
        found = search(session, sought, sees_experts=_sees_experts(request))
        known, of_years = rounds(session), years(session)
    size = PAGE if sought.kind else FEW
    first = (sought.page - 1) * size
    parts = [
        {"hits": one, "rows": one.rows[first : first + size], "more": len(one.rows) > first + size} for one in found
    ]
    offered = {"rounds": known, "years": of_years, "kinds": KINDS, "states": STATES}
    return page("search", here=sought, parts=parts, offered=offered, address=address, forms=office.forms)


def search_workbook(request: Request) -> Response:
    """Everything that was found, a sheet for each kind; texts stay texts."""
    office, sought = office_of(request), _sought(request.query_params)
    with reading(office.database_url) as session:
        found = search(session, sought, sees_experts=_sees_experts(request))
    if not any(one.rows for one in found):
        raise InputError("没有可以导出的查找结果：请先查到内容，再导出")
    book = workbook("", "查找结果", [_table(one) for one in found if one.rows], office.now())
    content = io.BytesIO()
    book.save(content)
    name = quote(f"查找结果-{local_day(office.now())}.xlsx")
    return Response(
        content.getvalue(), media_type=XLSX, headers={"Content-Disposition": f"attachment; filename*=utf-8''{name}"}
    )


def institution_page(request: Request) -> Response:
    """One institution: its names, dossiers, agreements, bars and lists in every round."""
    office, number = office_of(request), number_in(request, "institution_id")
    with reading(office.database_url) as session:
        file = institution_file(session, number, local_day(office.now()))
    return page("institution", file=file, forms=office.forms)


def address(sought: Sought, path: str = "/search", **changed: object) -> str:
    """The address of a search, with some parts changed."""
    parts = {
        "q": sought.text,
        "kind": sought.kind,
        "round": str(sought.round_id or ""),
        "year": str(sought.year or ""),
        "state": sought.state,
    } | {name: str(value) for name, value in changed.items()}
    return f"{path}?{urlencode({name: value for name, value in parts.items() if value})}"


def _sought(asked: Mapping[str, str]) -> Sought:
    """Raises InputError that names the part that cannot be used."""
    return Sought(
        text=visible(asked.get("q", "")),
        kind=asked.get("kind", ""),
        round_id=round_of(asked),
        year=_number(asked, "year", "年度"),
        state=asked.get("state", ""),
        page=max(_number(asked, "page", "页"), 1),
    )


def _number(asked: Mapping[str, str], name: str, label: str) -> int:
    text = asked.get(name, "") or "0"
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS):
        raise InputError(f"“{label}”应为数字，现为“{text[:20]}”")
    return int(text)


def _sees_experts(request: Request) -> bool:
    """By the roles of whoever has logged in; nobody else does."""
    person = person_of(request)
    return person is not None and load_access_rules().may(person.roles, PLACE)


def _table(found: Hits) -> Table:
    headings = tuple((heading, WIDTH) for heading in found.headings)
    return Table(found.label, headings, tuple(tuple(row["cells"]) for row in found.rows))
