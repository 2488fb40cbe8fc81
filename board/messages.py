"""The page of one message, and the way from it to the forms."""

from __future__ import annotations

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from board.asked import number_in, office_of
from board.rendering import page
from models.database import reading
from views.message_file import message_file, offered_for


def message_page(request: Request) -> Response:
    """One message: its text, whether it has gone out, every try, and what can be done about it."""
    office = office_of(request)
    with reading(office.database_url) as session:
        file = message_file(session, number_in(request, "number"))
    acts = [act for act in file["acts"] if act["do"] in office.forms.acts]
    return page("letter", file=file, acts=acts, forms=office.forms)


def form_on_message(request: Request) -> Response:
    """Leads to the form of an act on a message, with its number."""
    office, number, act = office_of(request), number_in(request, "number"), request.path_params["act"]
    with reading(office.database_url) as session:
        offered = {one["do"]: one["values"] for one in offered_for(session, number)}
    if act not in office.forms.acts or act not in offered:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return RedirectResponse(office.forms.form_of(act, offered[act]), HTTPStatus.SEE_OTHER)
