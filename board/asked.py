"""What every page of the board asks of a request: which office, which number stands in the address, who looks."""

from __future__ import annotations

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request

from board.office import Office
from tasks.accounts import Person
from views.addressed import is_code, is_number


def office_of(request: Request) -> Office:
    """The installation that the board shows."""
    office: Office = request.app.state.office
    return office


def number_in(request: Request, name: str) -> int:
    """The number in an address. Raises HTTPException for one that no database keeps."""
    given = str(request.path_params[name])
    if not is_number(given):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return int(given)


def case_in(request: Request) -> tuple[int, str]:
    """The round and the applicant of an address. Raises HTTPException for what cannot be either."""
    applicant_id = str(request.path_params["applicant_id"])
    if not is_code(applicant_id):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return number_in(request, "round_id"), applicant_id


def person_of(request: Request) -> Person | None:
    """Who has logged in; None where the board stands before no login (in a folder of a rehearsal)."""
    person: Person | None = request.scope.get("person")
    return person
