"""The way from a round and from a dossier to the form that makes their papers: ledger, cover, index."""

from __future__ import annotations

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from board.asked import case_in, number_in, office_of
from models.database import reading
from rules.vocabulary import DocumentKind
from tasks.case_loading import round_numbered, the_case

MAKE = "make_document"
OF_A_ROUND = (DocumentKind.WORK_LEDGER,)
OF_A_CASE = (DocumentKind.DOSSIER_COVER, DocumentKind.DOSSIER_INDEX)


def form_of_round(request: Request) -> Response:
    """Leads to the form that makes a paper of a round, with its kind and the round."""
    round_id = number_in(request, "round_id")
    with reading(office_of(request).database_url) as session:
        round_numbered(session, round_id)
    return _form(request, OF_A_ROUND, round_id)


def form_of_case(request: Request) -> Response:
    """Leads to the form that makes a paper of a dossier, with its kind and the dossier's number."""
    round_id, applicant_id = case_in(request)
    with reading(office_of(request).database_url) as session:
        the_case(session, round_id, applicant_id)
    return _form(request, OF_A_CASE, round_id, applicant_id)


def _form(request: Request, kinds: tuple[DocumentKind, ...], round_id: int, about: str = "") -> Response:
    forms = office_of(request).forms
    found = next((one for one in kinds if one == request.path_params["kind"]), None)
    if found is None or MAKE not in forms.acts:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    values = {"kind": found.label, "round": str(round_id)} | ({"about": about} if about else {})
    return RedirectResponse(forms.form_of(MAKE, values), HTTPStatus.SEE_OTHER)
